//===- ClippedLines.cpp - Outputs that are clipped sums -------------------===//
//
// A Relu or Clip of sums that nothing quantises is a line of the sum's integer,
// clipped. Neither the clip's bounds nor the sum's offset need lie on the
// integer's grid. Then values are given on a grid that is finer by 2^12 or
// more, as 32 bits allow, which a remark says.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/GraphLowering.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

namespace {
/// scale * (2^shift * n + bias), clamped: what becomes of an integer n.
struct FineLine {
  Rational scale;
  int64_t multiplier = 1, bias = 0;
  Interval clamp;
};
} // namespace

/// The nearest integer.
static std::optional<int64_t> getNearest(const Rational &value) {
  return floor(value + Rational(1) / Rational(2)).getInteger();
}

/// The line on a grid of 2^bits points a step; none where they leave 32 bits.
static std::optional<FineLine> refine(const Rational &slope,
                                      const Rational &start, Interval range,
                                      const Rational &low, const Rational &high,
                                      unsigned bits) {
  FineLine line;
  int64_t sign = slope.sign();
  line.multiplier = sign * (int64_t(1) << bits);
  line.scale = slope / Rational(line.multiplier);
  auto bias = getNearest(start / line.scale);
  auto least = getNearest(low / line.scale);
  auto most = getNearest(high / line.scale);
  if (!bias || !least || !most)
    return std::nullopt;
  line.bias = *bias;
  line.clamp = {*least, *most};
  __int128 ends[] = {__int128(line.multiplier) * range.min + *bias,
                     __int128(line.multiplier) * range.max + *bias};
  for (__int128 end : {ends[0], ends[1], __int128(*least), __int128(*most)})
    if (end < INT32_MIN || end > INT32_MAX)
      return std::nullopt;
  return line;
}

FailureOr<const IntegerTensor *> GraphLowering::describeClipped(Value value) {
  SmallVector<ElementProgram, 0> programs;
  SmallVector<std::array<Rational, 4>, 0> lines; // slope, start, least, most
  for (int64_t i = 0, count = getCount(value); i < count; ++i) {
    FailureOr<ElementProgram> program =
        ElementProgram::build(value, i, known, movements);
    if (failed(program))
      return failure();
    auto line = program->findClippedLine();
    if (!line || (i && &program->getBase() != &programs.front().getBase()))
      return failure();
    Interval range = program->getRange();
    FailureOr<Rational> first = program->evaluate(range.min);
    FailureOr<Rational> last = program->evaluate(range.max);
    if (failed(first) || failed(last))
      return failure();
    bool rises = line->slope.sign() > 0;
    lines.push_back({line->slope, line->start, rises ? *first : *last,
                     rises ? *last : *first});
    programs.push_back(std::move(*program));
  }
  IntegerTensor tensor = select(value, onnx::getShape(value), programs);
  // As fine as 32 bits allow; no finer than the sums where all is on their
  // grid.
  SmallVector<FineLine, 0> fine;
  auto refineAll = [&](unsigned bits) {
    fine.clear();
    for (auto [line, range] : llvm::zip_equal(lines, tensor.ranges)) {
      auto &[slope, start, low, high] = line;
      auto one = refine(slope, start, range, low, high, bits);
      if (!one)
        return false;
      fine.push_back(*one);
    }
    return true;
  };
  auto isExact = [&](size_t i) {
    auto &[slope, start, low, high] = lines[i];
    return fine[i].scale * Rational(fine[i].bias) == start &&
           fine[i].scale * Rational(fine[i].clamp.min) == low &&
           fine[i].scale * Rational(fine[i].clamp.max) == high;
  };
  constexpr unsigned kFinest = 28, kCoarsest = 12;
  unsigned bits = 0;
  if (!refineAll(0))
    return failure();
  if (!llvm::all_of(llvm::seq<size_t>(0, fine.size()), isExact)) {
    for (bits = kFinest; bits >= kCoarsest && !refineAll(bits); --bits)
      ;
    if (bits < kCoarsest)
      return failure();
    emitRemark(value.getLoc())
        << "has values between those of the sum's grid: it is rounded to 1/"
        << (1 << bits) << " of the sum's steps";
  }
  if (tensor.isOpen()) {
    FailureOr<Value> sums = close(programs.front().getBase());
    if (failed(sums))
      return failure();
    SmallVector<int64_t> elements;
    for (const ElementProgram &program : programs)
      elements.push_back(program.getBaseElement());
    tensor.value =
        emitter.emitSelect(value.getLoc(), *sums, elements, tensor.shape);
  }
  // Elements of one clamp after the other, then each in its place.
  SmallVector<Value> parts;
  SmallVector<int64_t> place(fine.size());
  SmallVector<bool> isDone(fine.size());
  int64_t placed = 0;
  Location loc = value.getLoc();
  for (size_t i = 0; i < fine.size(); ++i) {
    if (isDone[i])
      continue;
    SmallVector<int64_t> indices, multiplier, bias;
    for (size_t k = i; k < fine.size(); ++k) {
      if (isDone[k] || !(fine[k].clamp == fine[i].clamp))
        continue;
      isDone[k] = true;
      place[k] = placed++;
      indices.push_back(k);
      multiplier.push_back(fine[k].multiplier);
      bias.push_back(fine[k].bias);
    }
    Value part = emitter.emitSelect(loc, tensor.value, indices,
                                    {int64_t(indices.size())});
    parts.push_back(emitter.emitScaledShift(loc, part, multiplier, bias,
                                            /*shift=*/0, fine[i].clamp));
  }
  IntegerTensor result(loc);
  result.shape = tensor.shape;
  for (const FineLine &line : fine) {
    result.scale.push_back(line.scale);
    result.offset.push_back(Rational());
  }
  result.value = emitter.emitSelect(loc, emitter.emitConcat(loc, parts), place,
                                    tensor.shape);
  result.ranges = emitter.getRanges(result.value);
  tensors.push_back(std::move(result));
  return described[value] = &tensors.back();
}

bool pdkc::isWideTable(const IntegerTensor &tensor) {
  if (!tensor.value || !tensor.value.getDefiningOp<lowbit::StepsOp>())
    return false;
  Interval range = lowbit::getRange(tensor.value);
  return range.max - range.min > 255;
}

FailureOr<const IntegerTensor *> GraphLowering::describeOrClip(Value value) {
  FailureOr<const IntegerTensor *> clipped = failure();
  {
    ScopedDiagnosticHandler quiet(value.getContext(), [](Diagnostic &it) {
      return success(it.getSeverity() == DiagnosticSeverity::Error);
    });
    FailureOr<const IntegerTensor *> tensor = describe(value);
    if (succeeded(tensor) && !isWideTable(**tensor))
      return tensor;
    clipped = describeClipped(value);
  }
  return succeeded(clipped) ? clipped : describe(value);
}
