//===- InputSource.h - Where a layer's inputs come from ---------*- C++ -*-===//
//
// Bytes in RAM; or values that are taken one after the other: the stream of
// <name>_next_input, or packed elements in RAM. With what is done to each raw
// value on its way.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_INPUTSOURCE_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_INPUTSOURCE_H

#include "passes/lowbit_to_pdk/support/PackedElements.h"
#include "passes/lowbit_to_pdk/support/StepFunctions.h"
#include "passes/lowbit_to_pdk/support/Storage.h"

namespace pdkc {

/// The values of one of the model's inputs, as C hands them over: the low byte
/// in A, the high one, where there are two, in p.
struct StreamedInput {
  int64_t bytes; ///< of a value: 1 or 2

  explicit StreamedInput(mlir::Value stream)
      : bytes(lowbit::getStorage(stream).getBytes()) {}

  /// Takes the next one; its low byte is in A.
  void takeLow(CodeBuilder &code) const;
  /// Puts the value that was just taken there.
  void store(CodeBuilder &code, Cell value) const;
  void take(CodeBuilder &code, Cell value) const {
    takeLow(code);
    store(code, value);
  }
  /// Takes `count` values that nobody reads.
  void discard(CodeBuilder &code, int64_t count) const;
};

/// What turns a raw value, a byte in A or as it is streamed, into the byte that
/// is used, in A.
struct Preprocessing {
  /// A requantisation that is a few instructions in place.
  lowbit::RequantOp requant;
  /// Else a function for each element, and the raw value that is its 0:
  int64_t lowest = 0;
  /// routines,
  llvm::SmallVector<StepFunctions::Callee> functions;
  llvm::SmallVector<int64_t> numbers; ///< by element; empty: all the first
  /// or one piece of code for all, which knows itself whose turn it is.
  struct Sequence {
    std::function<void(int64_t element)> seek; ///< says which one is next
    std::function<void()> apply;               ///< A = f(A) for that one
    std::string routine;   ///< `apply` as one, written where
    bool isCalled = false; ///< this is set
  };
  std::shared_ptr<Sequence> sequence;
  /// Of values of two bytes: where the functions' argument goes.
  std::optional<Cell> argument;
  std::optional<StreamedInput> stream;

  int64_t getNumber(int64_t element) const {
    return numbers.empty() ? 0 : numbers[element];
  }
  void emit(CodeBuilder &code, int64_t element) const;
};

struct InputSource {
  /// In RAM: bytes. Absent: they are taken in their order.
  std::optional<Storage> stored;
  /// What reads packed elements; absent where there is a stream.
  std::optional<PackedReader> packed;
  std::optional<Preprocessing> preprocessing;
  std::optional<StreamedInput> stream;
  /// Inputs, whether the layer reads them or not, and their range.
  int64_t size = 0;
  lowbit::Interval range;

  bool isSequential() const { return !stored; }

  /// Before the first value is taken; they are at so many places of the code.
  void begin(CodeBuilder &code, int64_t places) const;
  /// The value that is taken, or preprocessed, next is another than the one
  /// behind the last; and before the first one.
  void seek(int64_t element) const;
  /// Takes the next value, the given element, and leaves it, preprocessed, in
  /// A.
  void take(CodeBuilder &code, int64_t element) const;
  /// Preprocesses the raw value in A.
  void preprocess(CodeBuilder &code, int64_t element) const;
  /// Takes `count` values that nobody reads.
  void discard(CodeBuilder &code, int64_t count) const;
};

/// Whether preprocessing can be done on one byte in place: an added constant, a
/// right shift and clips.
bool canPreprocess(lowbit::RequantOp op);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_INPUTSOURCE_H
