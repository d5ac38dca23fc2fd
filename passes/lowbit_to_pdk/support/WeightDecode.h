//===- WeightDecode.h - Shift/add code for a codebook -----------*- C++ -*-===//
//
// How the code bits of a packed weight become weight x input in the
// accumulator. The code is a skeleton that the codebook determines: A starts as
// one multiple of the input, then each bit of the weight's code decides over
// one step (take another multiple, add one, double, negate).
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_WEIGHTDECODE_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_WEIGHTDECODE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <optional>

namespace pdkc {

/// A multiple of the input that is kept in a cell while its weights are
/// decoded: (coefficient x input + bias) modulo 256.
struct Multiple {
  int64_t coefficient;
  int64_t bias;

  bool operator==(const Multiple &other) const {
    return coefficient == other.coefficient && bias == other.bias;
  }
};

/// One conditional step: executed when the code bit is set.
struct DecodeStep {
  enum Kind { Take, Add, Double, Negate, Exchange } kind;
  unsigned multiple = 0; ///< of Take, Add and Exchange: which cell
};

/// How weights are coded in a byte.
enum class WeightCodes {
  Bits,    ///< bits that each decide over a step
  Digits,  ///< digits of such bits, to a base that is no power of two
  Relative ///< bits, over steps from the weight before
};

/// The program for a codebook: A = multiples[first]; then for each bit of the
/// code its step; then A += finalOffset. A ends as bias + weight x input.
struct WeightDecode {
  llvm::SmallVector<Multiple> multiples;
  unsigned first = 0;
  llvm::SmallVector<DecodeStep> steps; ///< by bit, executed in this order
  int64_t finalOffset = 0;
  int64_t bias = 0;
  llvm::SmallVector<int64_t> values; ///< the weight that each code means
  /// Codes are digits of this base, several a byte; 0: they are bits.
  unsigned radix = 0;
  /// A stays what it was for the weight before, and so does the cell that it is
  /// exchanged with: a code says what changes. Only before the first weight A is
  /// multiples[first].
  bool isRelative = false;

  unsigned getBits() const { return steps.size(); }
  /// Digits in a byte.
  unsigned getDigits() const;
  /// The code that means the weight; the weight must be in the codebook.
  unsigned getCode(int64_t weight) const;
  /// The codes of weights that are decoded one after the other.
  llvm::SmallVector<unsigned> getCodes(llvm::ArrayRef<int64_t> weights) const;
  /// Largest input for which bias + weight x input stays within a byte for
  /// every weight of the codebook; 0 when there is none.
  int64_t getMaxInput(llvm::ArrayRef<int64_t> codebook) const;
};

/// The cheapest program for a codebook: fewest bits, then fewest cells. None
/// for codebooks that would need more than a byte a weight.
std::optional<WeightDecode> findDecode(llvm::ArrayRef<int64_t> codebook);

/// The same with digits for codes: 5 weights of 3 values in a byte, or 3 of 5
/// or 6. None for codebooks of which bits hold as many.
std::optional<WeightDecode> findRadixDecode(llvm::ArrayRef<int64_t> codebook);

/// The same for weights of two magnitudes or one, with codes that are relative
/// to the weight before: fewer steps, since A need not begin anew. None for
/// other codebooks.
std::optional<WeightDecode>
findRelativeDecode(llvm::ArrayRef<int64_t> codebook);

/// The byte that holds the digits, of which the first comes out first when the
/// byte is multiplied by the base again and again and what exceeds a byte is
/// taken off as a digit.
uint8_t packDigits(llvm::ArrayRef<unsigned> digits, unsigned radix);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_WEIGHTDECODE_H
