//===- PackedBackground.cpp - Inputs as differences from the first --------===//
//
// Pictures have a background, whatever its value: with b the first input,
//
//   sum of w_i x_i = sum of w_i (x_i - b) + b (sum of w_i),
//
// for any input, and what equals b costs no pass. The product of b and a row's
// sum of weights is taken by Horner's rule in the sums themselves, all rows at
// once: they are doubled, and b is passed with a digit for each row. Digits are
// weights, so each is one more entry of the tables.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/PackedEngine.h"
#include "passes/lowbit_to_pdk/support/Elementwise.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

/// Digits, the highest first, of which `doubled` are doublings apart, and
/// `plain` more count once, whose sum is the number; false where the codebook
/// has none.
static bool findDigits(int64_t number, size_t doubled, size_t plain,
                       ArrayRef<int64_t> codebook,
                       SmallVectorImpl<int64_t> &digits) {
  if (doubled + plain == 0)
    return number == 0;
  // What the digits reach at most.
  int64_t most = std::max(std::abs(codebook.front()), codebook.back());
  if (std::abs(number) >
      most * ((int64_t(1) << doubled) - 1 + int64_t(plain)))
    return false;
  for (int64_t digit : codebook) {
    int64_t rest = number - digit;
    bool isFound =
        plain ? findDigits(rest, doubled, plain - 1, codebook, digits)
              : rest % 2 == 0 &&
                    findDigits(rest / 2, doubled - 1, 0, codebook, digits);
    if (!isFound)
      continue;
    digits.push_back(digit);
    return true;
  }
  return false;
}

bool PackedLayer::findBackground(ArrayRef<int64_t> codebook) {
  // Sums that are there would be doubled too.
  if (accumulates || inputs == 0)
    return false;
  SmallVector<int64_t> sums(rows, 0);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t input = 0; input < inputs; ++input)
      sums[row] += getWeight(row, input);
  // As many doublings as a byte counts the passes of. Odd weights alone have no
  // even sums without one more digit.
  constexpr size_t kMostDigits = 7;
  for (size_t number = 1; number <= kMostDigits; ++number) {
    for (size_t plain = 0; plain < 2 && plain < number; ++plain) {
      digits.assign(number, SmallVector<int64_t>(rows));
      doubledDigits = int64_t(number - plain);
      bool areFound = llvm::all_of(llvm::seq<int64_t>(0, rows), [&](int64_t row) {
        SmallVector<int64_t> found;
        if (!findDigits(sums[row], number - plain, plain, codebook, found))
          return false;
        for (auto [i, digit] : llvm::enumerate(found))
          digits[i][row] = digit;
        return true;
      });
      if (!areFound)
        continue;
      int64_t span = inputRange.max - inputRange.min;
      inputRange = {std::min(inputRange.min, -span),
                    std::max(inputRange.max, span)};
      return true;
    }
  }
  return false;
}

SmallVector<SmallVector<int64_t>> PackedLayer::getColumns() const {
  SmallVector<SmallVector<int64_t>> columns(digits);
  bool isFirst = hasBackground;
  for (int64_t input = 0; input < inputs; ++input) {
    if (!reads[input])
      continue;
    if (!isFirst) {
      columns.emplace_back();
      for (int64_t row = 0; row < rows; ++row)
        columns.back().push_back(getWeight(row, input));
    }
    isFirst = false;
  }
  return columns;
}

void PackedEngine::emitBackground(CodeBuilder &code, const PackedLayer &layer) {
  Cell sums = accumulators.at(getFirstRow(layer) * bytes);
  code(MOV_M_A, background);
  auto pass = [&] {
    code(MOV_A_M, background);
    code.call(signedPassName, 1);
    code(INC_M, entry);
  };
  std::string loop = code.unique("digits");
  code.label(loop, layer.doubledDigits);
  for (int64_t at = 0; at < layer.rows * bytes; ++at)
    code(at % bytes == 0 ? SL_M : SLC_M, sums.at(at));
  pass();
  code(MOV_A_M, entry);
  code(CEQSN_A_K, layer.firstEntry + layer.doubledDigits);
  code(GOTO_K, loop);
  for (size_t i = layer.doubledDigits; i < layer.digits.size(); ++i)
    pass();
  // What the passes have on top was doubled with the rest.
  code(MOV_A_K, layer.getBackgroundPasses());
  code(MOV_M_A, passes);
  for (int64_t row = 0; row < layer.rows; ++row)
    addConstant(code, layer.bias[row] + layer.offset, sums.at(row * bytes),
                bytes);
}
