//===- IntegerForm.cpp - Functions as a requantisation or steps -----------===//

#include "passes/onnx_to_lowbit/IntegerForm.h"

#include "passes/onnx_to_lowbit/LineFit.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

/// Bits that the functions' values take.
static unsigned getWidth(ArrayRef<IntegerSteps> functions) {
  Interval range{0, 0};
  for (const IntegerSteps &function : functions)
    for (const Piece<int64_t> &piece : function.pieces)
      range = lowbit::hull(range, {piece.value, piece.value});
  return lowbit::getWidth(range);
}

std::optional<RequantFit> pdkc::findRequant(ArrayRef<IntegerSteps> functions,
                                            bool isSum) {
  std::optional<RequantFit> fit = fitRequant(functions, isSum);
  // Steps can be split into bytes, a product cannot.
  constexpr int64_t kByte = 255;
  if (fit && fit->multiplier != 1 && fit->max - fit->min > kByte)
    return std::nullopt;
  return fit;
}

std::optional<IntegerForm> pdkc::toIntegerForm(ArrayRef<RealSteps> functions,
                                               ArrayRef<Rational> slopes,
                                               bool isSum) {
  std::optional<IntegerForm> best;
  unsigned fewestBits = 0;
  for (bool isShared : {true, false}) {
    IntegerForm form;
    Grid shared = findGrid(functions);
    for (const RealSteps &function : functions) {
      form.grids.push_back(isShared ? shared : findGrid(function));
      std::optional<IntegerSteps> steps =
          toIntegers(function, form.grids.back());
      if (!steps)
        break;
      form.functions.push_back(std::move(*steps));
    }
    if (form.functions.size() != functions.size())
      continue;
    form.fit = findRequant(form.functions, isSum);
    // A grid for all if it is no finer than theirs, and one requantisation.
    // Of what a byte holds the weights behind need not be multiples, nor does
    // padding differ.
    constexpr unsigned kByteBits = 8;
    unsigned bits = std::max(getWidth(form.functions), kByteBits);
    if (!best ||
        std::pair(bits, !form.fit) < std::pair(fewestBits, !best->fit)) {
      best = std::move(form);
      fewestBits = bits;
    }
    if (functions.size() == 1 || best->fit)
      break;
  }
  for (size_t i = 0; best && !best->fit && i < functions.size(); ++i)
    best->lines.push_back(
        fitLine(best->functions[i], slopes[i] / best->grids[i].scale));
  return best;
}
