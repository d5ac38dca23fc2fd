//===- Extremes.cpp - The largest and the smallest of windows -------------===//
//
// A minimum is a maximum of negated integers: sums that are still open take
// negated weights, any other integers are turned, n to constant - n. Candidates
// of different scales are brought to the scales' common grid.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Evaluate.h"
#include "passes/onnx_to_lowbit/FloatBounds.h"
#include "passes/onnx_to_lowbit/GraphLowering.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

LogicalResult GraphLowering::lowerExtreme(onnx::Elementwise node,
                                          bool isSmallest) {
  Value result = node->getResult(0);
  SmallVector<const IntegerTensor *> operands;
  SmallVector<onnx::Scalars> constants(node->getNumOperands());
  for (auto [i, operand] : llvm::enumerate(node->getOperands())) {
    operands.push_back(nullptr);
    if (onnx::isNoValue(operand))
      continue;
    if (DenseElementsAttr constant = onnx::getConstant(operand)) {
      constants[i] = onnx::getScalars(constant);
      continue;
    }
    FailureOr<const IntegerTensor *> tensor = describe(operand);
    if (failed(tensor))
      return failure();
    operands.back() = *tensor;
  }
  Windows windows;
  SmallVector<onnx::Source> sources;
  for (int64_t i = 0, count = getCount(result); i < count; ++i) {
    sources.clear();
    node.getSources(i, sources);
    windows.emplace_back();
    for (auto [operand, element] : sources) {
      if (operand < 0)
        continue;
      Candidate candidate{operands[operand], element, Rational()};
      if (!candidate.tensor) {
        auto value = onnx::getExact(constants[operand][element]);
        if (!value)
          return node->emitOpError("compares with a NaN");
        candidate.constant = *value;
      }
      windows.back().push_back(std::move(candidate));
    }
    if (windows.back().empty())
      return node->emitOpError("has a window that is all padding");
  }
  return lowerWindows(result, node.getLoc(), windows, isSmallest);
}

LogicalResult GraphLowering::lowerWindows(Value result, Location loc,
                                          const Windows &windows,
                                          bool isSmallest) {
  IntegerTensor tensor(loc);
  tensor.shape.assign(onnx::getShape(result));
  tensor.isDefined = true;
  const IntegerTensor *only = windows.front().front().tensor;
  bool isAlike = true;
  SmallVector<int64_t> sizes;
  for (ArrayRef<Candidate> window : windows) {
    sizes.push_back(window.size());
    for (const Candidate &it : window) {
      isAlike &= it.tensor && it.tensor == only && it.getScale().sign() != 0 &&
                 it.getScale() == window.front().getScale() &&
                 it.getOffset() == window.front().getOffset();
      // What begins here takes values for the floats nearest to them.
      if (it.tensor)
        tensor.isDefined &=
            it.tensor->isDefined &&
            llvm::all_of(it.tensor->rounding, [](const Rounding &rounding) {
              return rounding.absolute == 0 && rounding.relative <= kFloatUnit;
            });
    }
  }
  for (ArrayRef<Candidate> window : windows) {
    double error = 0;
    Rounding rounding;
    for (auto [input, element, constant] : window) {
      if (!input)
        continue;
      error =
          std::max(error, input->error.empty() ? boundRounding(*input, element)
                                               : input->error[element]);
      if (input->rounding.empty())
        continue;
      const Rounding &it = input->rounding[element];
      rounding = {std::max(rounding.absolute, it.absolute),
                  std::max(rounding.relative, it.relative)};
    }
    tensor.rounding.push_back(rounding);
    if (!tensor.isDefined)
      tensor.error.push_back(error);
  }
  SmallVector<int64_t> indices;
  FailureOr<Value> integers =
      isAlike ? compareInTensor(loc, windows, isSmallest, tensor, indices)
              : compareOnGrid(loc, windows, isSmallest, tensor, indices);
  if (failed(integers))
    return failure();
  tensor.value =
      emitter.emitMaxPool(loc, *integers, indices, sizes, tensor.shape);
  tensor.ranges = emitter.getRanges(tensor.value);
  setKnown(result, std::move(tensor));
  return success();
}

FailureOr<Value>
GraphLowering::compareInTensor(Location loc, const Windows &windows,
                               bool isSmallest, IntegerTensor &tensor,
                               SmallVectorImpl<int64_t> &indices) {
  const IntegerTensor &input = *windows.front().front().tensor;
  SmallVector<bool> turned(input.scale.size(), false);
  for (ArrayRef<Candidate> window : windows)
    for (const Candidate &it : window) {
      turned[it.element] = (it.getScale().sign() < 0) != isSmallest;
      indices.push_back(it.element);
    }
  SmallVector<int64_t> turn(input.scale.size(), 0);
  FailureOr<Value> integers = llvm::is_contained(turned, true)
                                  ? negate(input, turned, turn)
                                  : close(input);
  for (ArrayRef<Candidate> window : windows) {
    const Candidate &first = window.front();
    Rational scale = first.getScale();
    bool isTurned = turned[first.element];
    tensor.scale.push_back(isTurned ? -scale : scale);
    tensor.offset.push_back(first.getOffset() +
                            scale * Rational(turn[first.element]));
  }
  return integers;
}

/// The requantisation before any that turns its results n into turn - n, as
/// one; none where ties or what float32 makes of it stand against that.
static std::optional<RequantFit> turnRequant(lowbit::RequantOp op,
                                             int64_t turn) {
  if (op.getTies() != lowbit::Ties::Up || op->hasAttr(lowbit::kFloatReach))
    return std::nullopt;
  // turn - floor(a / 2^k) is floor((turn * 2^k - a + 2^k - 1) / 2^k).
  int64_t one = int64_t(1) << op.getShift(), offset;
  if (llvm::MulOverflow(turn + 1, one, offset) ||
      llvm::SubOverflow(offset, op.getOffset() + 1, offset))
    return std::nullopt;
  RequantFit fit;
  fit.multiplier = -op.getMultiplier();
  fit.offset = offset;
  fit.shift = op.getShift();
  fit.min = turn - op.getMax();
  fit.max = turn - op.getMin();
  return fit;
}

FailureOr<Value> GraphLowering::negate(const IntegerTensor &tensor,
                                       ArrayRef<bool> turned,
                                       SmallVectorImpl<int64_t> &turn) {
  if (tensor.isOpen() && !closed.lookup(&tensor)) {
    IntegerTensor negated = tensor;
    for (auto [row, isTurned] : llvm::zip_equal(negated.weights, turned))
      for (int64_t &weight : row)
        weight = isTurned ? -weight : weight;
    return emitter.emitSums(negated, SmallVector<int64_t>(turned.size(), 0));
  }
  FailureOr<Value> integers = close(tensor);
  if (failed(integers))
    return failure();
  Interval range = lowbit::getRange(*integers);
  // Bytes stay bytes, and 0 stays 0 where that goes: it pads convolutions.
  constexpr int64_t kLowest = -128, kHighest = 127;
  bool keepsZero = -range.max >= kLowest && -range.min <= kHighest;
  int64_t constant = keepsZero ? 0 : range.min + range.max;
  for (auto [each, isTurned] : llvm::zip_equal(turn, turned))
    each = isTurned ? constant : 0;
  if (!tensor.error.empty() || llvm::is_contained(turned, false)) {
    SmallVector<int64_t> multiplier;
    for (bool isTurned : turned)
      multiplier.push_back(isTurned ? -1 : 1);
    return emitter.emitScale(tensor.loc, *integers, multiplier, turn);
  }
  if (auto requant = integers->getDefiningOp<lowbit::RequantOp>())
    if (std::optional<RequantFit> fit = turnRequant(requant, constant)) {
      Value value = emitter.emitRequant(tensor.loc, requant.getInput(), *fit,
                                        /*isKept=*/true);
      if (Attribute steps = requant->getAttr(lowbit::kFloatSteps))
        value.getDefiningOp()->setDiscardableAttr(lowbit::kFloatSteps, steps);
      return value;
    }
  RequantFit fit;
  fit.multiplier = -1;
  fit.offset = constant;
  fit.min = constant - range.max;
  fit.max = constant - range.min;
  return emitter.emitRequant(tensor.loc, *integers, fit);
}

FailureOr<Value>
GraphLowering::compareOnGrid(Location loc, const Windows &windows,
                             bool isSmallest, IntegerTensor &tensor,
                             SmallVectorImpl<int64_t> &indices) {
  // All tensors one after the other.
  DenseMap<const IntegerTensor *, int64_t> columns;
  SmallVector<Value> values;
  int64_t width = 0;
  for (ArrayRef<Candidate> window : windows)
    for (const Candidate &it : window)
      if (it.tensor && columns.try_emplace(it.tensor, width).second) {
        FailureOr<Value> integers = close(*it.tensor);
        if (failed(integers))
          return failure();
        values.push_back(*integers);
        width += it.tensor->scale.size();
      }
  SmallVector<int64_t> elements, multiplier, bias;
  bool isPlain = true;
  for (ArrayRef<Candidate> window : windows) {
    Rational unit;
    // Through 0 if an offset is 0.
    const Candidate &reference =
        *llvm::min_element(window, [](const Candidate &a, const Candidate &b) {
          return abs(a.getOffset()) < abs(b.getOffset());
        });
    Rational offset = reference.getOffset();
    for (const Candidate &it : window)
      unit = gcd(gcd(unit, it.getScale()), it.getOffset() - offset);
    if (unit.sign() == 0)
      unit = 1;
    if (isSmallest)
      unit = -unit;
    tensor.scale.push_back(unit);
    tensor.offset.push_back(offset);
    for (const Candidate &it : window) {
      indices.push_back(elements.size());
      elements.push_back(it.tensor ? columns.lookup(it.tensor) + it.element
                                   : 0);
      std::optional<int64_t> factor = (it.getScale() / unit).getInteger();
      std::optional<int64_t> constant =
          ((it.getOffset() - offset) / unit).getInteger();
      // Products and what is added to them fit the device's 32 bits.
      constexpr int64_t kMostFactor = 1 << 12, kMostConstant = 1 << 24;
      if (!factor || !constant || std::abs(*factor) > kMostFactor ||
          std::abs(*constant) > kMostConstant)
        return emitError(loc)
               << "takes the " << (isSmallest ? "smallest" : "largest")
               << " of values whose scales or offsets have no coarse common "
                  "grid; quantise them alike before";
      multiplier.push_back(*factor);
      bias.push_back(*constant);
      isPlain &= *factor == 1 && *constant == 0;
    }
  }
  Value all = emitter.emitConcat(loc, values);
  all = emitter.emitSelect(loc, all, elements, {int64_t(elements.size())});
  return isPlain ? all : emitter.emitScale(loc, all, multiplier, bias);
}
