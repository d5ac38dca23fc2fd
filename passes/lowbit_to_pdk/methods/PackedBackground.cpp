//===- PackedBackground.cpp - Inputs as differences from the first --------===//
//
// Pictures have a background, whatever its value: with b the first input,
//
//   sum of w_i x_i = sum of w_i (x_i - b) + b (sum of w_i),
//
// for any input, and what equals b costs no pass. The product of b and a row's
// sum of weights is taken in a few passes of b and of its doubles, with a digit
// for each row. Digits are weights, so each is one more entry of the tables.
// Instead of b it is b - m that is passed, with m the middle of its range, so
// that its doubles are bytes; m (sum of w_i) is a constant.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/PackedEngine.h"
#include "passes/lowbit_to_pdk/support/Elementwise.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

/// Digits of the codebook, one for each shift, whose sum, each shifted to the
/// left, is the number; false where there are none.
static bool findDigits(int64_t number, ArrayRef<int64_t> shifts,
                       ArrayRef<int64_t> codebook,
                       SmallVectorImpl<int64_t> &digits) {
  if (shifts.empty())
    return number == 0;
  // What the digits reach at most.
  int64_t most = 0;
  for (int64_t shift : shifts)
    most += std::max(std::abs(codebook.front()), std::abs(codebook.back()))
            << shift;
  if (std::abs(number) > most)
    return false;
  for (int64_t digit : codebook) {
    if (!findDigits(number - digit * (int64_t(1) << shifts.back()),
                    shifts.drop_back(), codebook, digits))
      continue;
    digits.push_back(digit);
    return true;
  }
  return false;
}

bool PackedLayer::findBackground(ArrayRef<int64_t> codebook) {
  if (accumulates || inputs == 0)
    return false;
  SmallVector<int64_t> sums(rows, 0);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t input = 0; input < inputs; ++input)
      if (hasEntry(input))
        sums[row] += getWeight(row, input);
  middle = (inputRange.min + inputRange.max) >> 1;
  auto fits = [&](int64_t shift) {
    return llvm::all_of(codebook, [&](int64_t weight) {
      auto isByte = [&](int64_t input) {
        int64_t product = weight * (input - middle) * (int64_t(1) << shift);
        return product >= -128 && product <= 127;
      };
      return isByte(inputRange.min) && isByte(inputRange.max);
    });
  };
  if (!fits(0))
    return false;
  int64_t mostShift = 0;
  while (mostShift < 6 && fits(mostShift + 1))
    ++mostShift;
  // As few digits as there are, with as few shifts: shifts that fall, in the
  // order of their sums.
  constexpr size_t kMostDigits = 7;
  for (size_t number = 1; number <= kMostDigits; ++number) {
    shifts.assign(number, 0);
    while (true) {
      digits.assign(number, SmallVector<int64_t>(rows));
      bool areFound = llvm::all_of(llvm::seq<int64_t>(0, rows), [&](int64_t row) {
        SmallVector<int64_t> found;
        if (!findDigits(sums[row], shifts, codebook, found))
          return false;
        for (auto [i, digit] : llvm::enumerate(found))
          digits[i][row] = digit;
        return true;
      });
      if (areFound) {
        for (int64_t row = 0; row < rows; ++row)
          bias[row] += middle * sums[row];
        int64_t span = inputRange.max - inputRange.min;
        inputRange = {std::min(inputRange.min, -span),
                      std::max(inputRange.max, span)};
        return true;
      }
      // The next falling sequence: the last shift that may grow does.
      size_t at = number;
      while (at > 0 && shifts[at - 1] == (at > 1 ? shifts[at - 2] : mostShift))
        --at;
      if (at == 0)
        break;
      ++shifts[at - 1];
      for (; at < number; ++at)
        shifts[at] = 0;
    }
  }
  return false;
}

SmallVector<SmallVector<int64_t>, 0> PackedLayer::getColumns() const {
  SmallVector<SmallVector<int64_t>, 0> columns(digits);
  bool isFirst = hasBackground;
  for (int64_t input = 0; input < inputs; ++input) {
    if (!hasEntry(input))
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
  code(MOV_M_A, background);
  auto name = piecePassNames.find(getEntryRow(layer));
  for (auto [i, shift] : llvm::enumerate(layer.shifts)) {
    if (i > 0)
      code(MOV_A_M, background);
    if (layer.middle)
      code(SUB_A_K, layer.middle & 255);
    for (int64_t doubled = 0; doubled < shift; ++doubled)
      code(SL_A);
    code.call(name == piecePassNames.end() ? piecePassNames[0] : name->second,
              1);
    code(DEC_M, entry);
  }
}
