//===- FloatInterpreter.cpp - What float32 may make of a sample -----------===//

#include "dialects/lowbit/FloatInterpreter.h"

#include "dialects/lowbit/ModelInterface.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace pdkc::lowbit;

//===----------------------------------------------------------------------===//
// The attributes
//===----------------------------------------------------------------------===//

/// Groups of numbers; a single one where all groups are equal.
template <typename Group>
static DenseF64ArrayAttr getGroups(MLIRContext *context,
                                   ArrayRef<Group> groups) {
  constexpr size_t kSize = sizeof(Group) / sizeof(double);
  ArrayRef<double> all(reinterpret_cast<const double *>(groups.data()),
                       groups.size() * kSize);
  bool isSplat = true;
  for (size_t i = kSize; i < all.size(); ++i)
    isSplat &= all[i] == all[i - kSize];
  return DenseF64ArrayAttr::get(context, isSplat ? all.take_front(kSize) : all);
}

template <typename Group>
static bool readGroups(DictionaryAttr attribute, StringRef name, size_t count,
                       SmallVectorImpl<Group> &groups) {
  constexpr size_t kSize = sizeof(Group) / sizeof(double);
  auto all = attribute.getAs<DenseF64ArrayAttr>(name);
  if (!all ||
      (size_t(all.size()) != count * kSize && size_t(all.size()) != kSize))
    return false;
  groups.resize(count);
  for (size_t i = 0; i < count * kSize; ++i)
    reinterpret_cast<double *>(groups.data())[i] =
        all[size_t(all.size()) == kSize ? i % kSize : i];
  return true;
}

DictionaryAttr FloatSums::getAttr(MLIRContext *context) const {
  Builder builder(context);
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("terms", getGroups(context, ArrayRef(terms))),
       builder.getNamedAttr("rows", getGroups(context, ArrayRef(rows))),
       builder.getNamedAttr("relative", builder.getF64FloatAttr(relative))});
}

std::optional<FloatSums> FloatSums::get(Attribute attribute, size_t terms,
                                        size_t rows) {
  auto dictionary = dyn_cast_or_null<DictionaryAttr>(attribute);
  if (!dictionary)
    return std::nullopt;
  FloatSums sums;
  auto relative = dictionary.getAs<FloatAttr>("relative");
  if (!relative || !readGroups(dictionary, "terms", terms, sums.terms) ||
      !readGroups(dictionary, "rows", rows, sums.rows))
    return std::nullopt;
  sums.relative = relative.getValueAsDouble();
  return sums;
}

DictionaryAttr FloatSteps::getAttr(MLIRContext *context) const {
  Builder builder(context);
  SmallVector<int64_t> sizes;
  SmallVector<double> slopes;
  SmallVector<Jump> jumps;
  for (const Function &function : functions) {
    sizes.push_back(function.jumps.size());
    slopes.push_back(function.slope);
    llvm::append_range(jumps, function.jumps);
  }
  SmallVector<double> ends;
  for (const Jump &jump : jumps)
    ends.append({jump.low, jump.high});
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("function",
                            builder.getDenseI64ArrayAttr(functionOf)),
       builder.getNamedAttr("sizes", builder.getDenseI64ArrayAttr(sizes)),
       builder.getNamedAttr("slopes", builder.getDenseF64ArrayAttr(slopes)),
       builder.getNamedAttr("jumps", builder.getDenseF64ArrayAttr(ends))});
}

std::optional<FloatSteps> FloatSteps::get(Attribute attribute,
                                          size_t elements) {
  auto dictionary = dyn_cast_or_null<DictionaryAttr>(attribute);
  if (!dictionary)
    return std::nullopt;
  auto functionOf = dictionary.getAs<DenseI64ArrayAttr>("function");
  auto sizes = dictionary.getAs<DenseI64ArrayAttr>("sizes");
  auto slopes = dictionary.getAs<DenseF64ArrayAttr>("slopes");
  auto ends = dictionary.getAs<DenseF64ArrayAttr>("jumps");
  if (!functionOf || !sizes || !slopes || !ends ||
      size_t(functionOf.size()) != elements || sizes.size() != slopes.size())
    return std::nullopt;
  FloatSteps steps;
  int64_t next = 0;
  for (auto [size, slope] :
       llvm::zip_equal(sizes.asArrayRef(), slopes.asArrayRef())) {
    if (size < 0 || size > (ends.size() - next) / 2)
      return std::nullopt;
    steps.functions.push_back({{}, slope});
    for (int64_t i = 0; i < size; ++i, next += 2)
      steps.functions.back().jumps.push_back({ends[next], ends[next + 1]});
  }
  for (int64_t function : functionOf.asArrayRef()) {
    if (function < 0 || function >= sizes.size())
      return std::nullopt;
    steps.functionOf.push_back(function);
  }
  return steps;
}

void pdkc::lowbit::dropFloat(func::FuncOp func) {
  func.walk([](Operation *op) {
    for (StringRef name : {kFloatSums, kFloatSteps, kFloatReach, kReals,
                           kSaturates, kResolution})
      op->removeDiscardableAttr(name);
  });
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

void SumBound::add(double weight, Interval integers, double error,
                   const FloatSums::Term &term) {
  double low = double(integers.min) + term.offset;
  double high = double(integers.max) + term.offset;
  double ends[] = {weight * low, weight * high};
  double largest = std::max({0.0, ends[0], ends[1]});
  double smallest = std::min({0.0, ends[0], ends[1]});
  positive += largest;
  negative -= smallest;
  count += largest - smallest > 0;
  inputs += std::max(std::abs(low), std::abs(high));
  errors += std::abs(weight) * (error + term.error);
}

double SumBound::get(const FloatSums &sums, const FloatSums::Row &row) const {
  // Whatever the order, what has been added up is some of the products.
  double largest = getLargest() + row.addend;
  if (errors == 0 && row.exact > 0 && largest <= row.exact)
    return row.error;
  double additions = std::max(0.0, count + row.others + (row.addend != 0) - 1);
  double first = errors + row.error + row.snapped * inputs +
                 sums.relative * (positive + negative) +
                 kFloatUnit * additions * largest;
  // Errors have errors, too.
  return first * (1 + 2 * kFloatUnit * (additions + 64));
}

void FloatInterpreter::boundSums(Operation *op, const Possible &input,
                                 Possible &result) const {
  auto found = sums.find(op);
  if (found == sums.end() &&
      llvm::all_of(input.errors, [](double error) { return error == 0; }))
    return;
  SmallVector<SumBound, 0> bounds(result.errors.size());
  static const FloatSums::Term plain;
  auto add = [&](size_t row, size_t element, int64_t weight) {
    bounds[row].add(double(weight), input.integers[element],
                    input.errors[element],
                    found == sums.end() ? plain : found->second.terms[element]);
  };
  if (auto dense = dyn_cast<DenseOp>(op)) {
    Codes codes(dense.getCodes());
    size_t weight = 0;
    ArrayRef<int64_t> codebook = dense.getCodebook();
    for (size_t row = 0; row < bounds.size(); ++row)
      for (size_t i = 0; i < input.errors.size(); ++i)
        add(row, i, codebook[codes[weight++]]);
  } else if (auto conv = dyn_cast<ConvOp>(op)) {
    SmallVector<int64_t> weights = conv.getWeights();
    conv.forEachProduct([&](int64_t row, int64_t element, int64_t weight) {
      add(row, element, weights[weight]);
    });
  }
  static const FloatSums exact;
  constexpr double kUnbounded = 1e300;
  for (auto [row, bound] : llvm::enumerate(bounds))
    result.errors[row] =
        found == sums.end()
            ? bound.get(exact, {0, kUnbounded, 0, -kUnbounded, 0})
            : bound.get(found->second, found->second.rows[row]);
}

//===----------------------------------------------------------------------===//
// The other operations
//===----------------------------------------------------------------------===//

FloatInterpreter::Possible
FloatInterpreter::interpretSteps(Operation *op, const Possible &input) {
  auto found = steps.find(op);
  Possible result{input.integers,
                  SmallVector<double>(input.integers.size(), 0)};
  Interval defined = getRange(op->getOperand(0));
  // What the function would be there nothing says.
  auto isBeyond = [&](double low, double high) {
    return low < double(defined.min) - 1 || high > double(defined.max) + 1;
  };
  if (found == steps.end())
    for (auto [range, error] : llvm::zip_equal(input.integers, input.errors))
      isLost |= isBeyond(double(range.min) - error, double(range.max) + error);
  else
    for (size_t i = 0; i < input.integers.size(); ++i) {
      const FloatSteps &all = found->second;
      const auto &function = all.functions[all.functionOf[i]];
      Interval &integers = result.integers[i];
      double error = input.errors[i];
      result.errors[i] = function.slope * error;
      double low = double(integers.min) - error;
      double high = double(integers.max) + error;
      isLost |= function.slope == 0 && isBeyond(low, high);
      // Jumps are in rising order, and do not overlap.
      const auto *jump = llvm::partition_point(
          function.jumps, [&](const auto &it) { return it.high < low; });
      for (; jump != function.jumps.end() && jump->low <= high; ++jump) {
        isLost |=
            jump->low < double(defined.min) || jump->high > double(defined.max);
        integers = hull(
            integers,
            {int64_t(std::max(std::floor(jump->low), double(defined.min))),
             int64_t(std::min(std::ceil(jump->high), double(defined.max)))});
      }
    }
  result.integers = inferRanges(op, &result.integers);
  return result;
}

/// How far off float32 may have what an operation shifts, for an operand that
/// is off by so much before.
static __int128 getDistance(Operation *op, size_t element, double error,
                            int64_t shift) {
  auto reach = op->getAttrOfType<DenseF64ArrayAttr>(kFloatReach);
  if (reach && element < size_t(reach.size()))
    error += std::ldexp(reach[element], int(shift));
  // No sum is larger than that.
  constexpr double kMost = 1e30;
  return __int128(std::min(std::ceil(error), kMost));
}

FloatInterpreter::Possible
FloatInterpreter::interpretScale(ScaleOp op, Operands operands) const {
  SmallVector<const Intervals *> intervals;
  for (const Possible *operand : operands)
    intervals.push_back(&operand->integers);
  Possible result{inferRanges(op, intervals), {}};
  for (size_t i = 0; i < op.getBias().size(); ++i) {
    double error = 0;
    for (auto [k, operand] : llvm::enumerate(operands))
      error += std::abs(double(op.getMultiplierOf(k, i))) * operand->errors[i];
    bool isRounded = op.getShift() != 0;
    result.errors.push_back(isRounded ? 0 : error);
    if (!isRounded)
      continue;
    __int128 distance = getDistance(op, i, error, op.getShift());
    auto [low, high] =
        op.boundSum(i, [&](size_t k) { return operands[k]->integers[i]; });
    if (distance > 0)
      result.integers[i] = {op.finish(low - distance),
                            op.finish(high + distance)};
  }
  return result;
}

FloatInterpreter::Possible
FloatInterpreter::interpretShift(RequantOp op, const Possible &input) const {
  Possible result{{}, SmallVector<double>(input.integers.size(), 0)};
  double multiplier = std::abs(double(op.getMultiplier()));
  for (auto [i, range] : llvm::enumerate(input.integers)) {
    __int128 distance =
        getDistance(op, i, multiplier * input.errors[i], op.getShift());
    auto finish = [&](int64_t integer, int side) {
      return op.finish(__int128(integer) * op.getMultiplier() + op.getOffset() +
                       side * distance);
    };
    bool falls = op.getMultiplier() < 0;
    result.integers.push_back({finish(falls ? range.max : range.min, -1),
                               finish(falls ? range.min : range.max, 1)});
  }
  return result;
}

/// Whether float32 may give both arguments the same Sigmoid, which
/// implementations cut off at about 17.
static bool meetAtEnd(double a, double b) {
  auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  constexpr double kApart = 1.0 / (1 << 20), kFar = 16;
  return std::abs(sigmoid(a) - sigmoid(b)) <=
             kApart * std::max(sigmoid(a), sigmoid(b)) ||
         (a < -kFar && b < -kFar);
}

FloatInterpreter::Possible
FloatInterpreter::interpretArgmax(ArgmaxOp op, const Possible &input) const {
  const Intervals &integers = input.integers;
  size_t count = integers.size();
  struct Real {
    double scale, offset, absolute, relative;
  };
  SmallVector<Real> reals(count, {1, 0, 0, 0});
  if (auto attribute = op->getAttrOfType<DenseF64ArrayAttr>(kReals);
      attribute && size_t(attribute.size()) == 4 * count)
    for (size_t i = 0; i < count; ++i)
      reals[i] = {attribute[4 * i], attribute[4 * i + 1], attribute[4 * i + 2],
                  attribute[4 * i + 3]};
  auto getDouble = [&](StringRef name) {
    auto attribute = op->getAttrOfType<FloatAttr>(name);
    return attribute ? attribute.getValueAsDouble() : 0;
  };
  double factor = getDouble(kSaturates), resolution = getDouble(kResolution);
  // What an element is worth at an end of its interval, and by the error
  // beyond.
  auto getReal = [&](size_t i, int64_t integer, int side) {
    auto [scale, offset, absolute, relative] = reals[i];
    double real = scale * double(integer) + offset;
    double error = std::abs(scale) * input.errors[i] + absolute +
                   relative * std::abs(real);
    // Of the doubles here.
    constexpr double kDouble = 1e-15;
    error += kDouble * (std::abs(offset) + std::abs(real));
    return real + side * error;
  };
  // Elements of one meaning are in the order of their integers, whatever
  // float32 makes of these, unless their sums are off.
  auto areAlike = [&](size_t i, size_t j) {
    return input.errors[i] == 0 && input.errors[j] == 0 &&
           reals[i].scale == reals[j].scale &&
           reals[i].offset == reals[j].offset && reals[i].scale > 0 &&
           reals[i].absolute == 0 && reals[j].absolute == 0;
  };
  auto isExact = [&](size_t i) {
    return input.errors[i] == 0 && reals[i].absolute == 0 &&
           reals[i].relative == 0;
  };
  /// Whether element i is taken before element j, whatever they are.
  auto isBefore = [&](size_t i, size_t j) {
    int64_t low = integers[i].min, high = integers[j].max;
    bool hasOrder = areAlike(i, j) || (isExact(i) && isExact(j));
    if (hasOrder && low <= high)
      return low == high && i < j;
    double a = getReal(i, low, -1), b = getReal(j, high, 1);
    return (hasOrder || a > b) && a - b >= resolution &&
           !(factor && meetAtEnd(factor * a, factor * b));
  };
  // The class of exact arithmetic is the only one that can win everywhere.
  size_t best = 0;
  for (size_t i = 1; i < count; ++i)
    if (integers[i].min > integers[best].min)
      best = i;
  Interval range{int64_t(best), int64_t(best)};
  for (size_t j = 0; j < count; ++j)
    if (j != best && !isBefore(best, j))
      range = hull(range, {int64_t(j), int64_t(j)});
  return {{range}, {0}};
}

FloatInterpreter::Possible FloatInterpreter::interpret(Operation *op,
                                                       Operands operands) {
  const Possible &input = *operands.front();
  if (auto requant = dyn_cast<RequantOp>(op);
      requant && op->hasAttr(kFloatReach))
    return interpretShift(requant, input);
  if (isa<RequantOp, StepsOp>(op))
    return interpretSteps(op, input);
  if (auto scale = dyn_cast<ScaleOp>(op))
    return interpretScale(scale, operands);
  if (auto argmax = dyn_cast<ArgmaxOp>(op))
    return interpretArgmax(argmax, input);
  SmallVector<const Intervals *> intervals;
  for (const Possible *operand : operands)
    intervals.push_back(&operand->integers);
  Possible result{inferRanges(op, intervals), {}};
  result.errors.assign(result.integers.size(), 0);
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](ReshapeOp) { result.errors = input.errors; })
      .Case([&](SelectOp select) {
        for (auto [i, index] : llvm::enumerate(select.getIndices()))
          result.errors[i] = input.errors[index];
      })
      .Case([&](ConcatOp) {
        result.errors.clear();
        for (const Possible *operand : operands)
          result.errors.append(operand->errors);
      })
      .Case([&](MaxPoolOp pool) {
        for (auto [error, window] :
             llvm::zip_equal(result.errors, pool.getWindows()))
          for (int64_t index : window)
            error = std::max(error, input.errors[index]);
      })
      .Case<DenseOp, ConvOp>([&](auto) {
        boundSums(op, input, result);
        if (operands.size() > 1)
          for (auto [error, before] :
               llvm::zip_equal(result.errors, operands[1]->errors))
            error += before;
      });
  return result;
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

FloatInterpreter::FloatInterpreter(func::FuncOp func) : func(func) {
  for (Operation &op : func.getBody().front().without_terminator()) {
    auto count = [](Value value) {
      return size_t(cast<RankedTensorType>(value.getType()).getNumElements());
    };
    size_t terms = count(op.getOperand(0)), rows = count(op.getResult(0));
    if (auto found =
            FloatSums::get(op.getDiscardableAttr(kFloatSums), terms, rows))
      sums[&op] = std::move(*found);
    if (auto found = FloatSteps::get(op.getDiscardableAttr(kFloatSteps), rows))
      steps[&op] = std::move(*found);
  }
}

SmallVector<FloatInterpreter::Doubt, 2>
FloatInterpreter::findDoubts(ArrayRef<int64_t> input) {
  isLost = false;
  DenseMap<Value, Possible> values;
  for (auto [argument, elements] :
       llvm::zip_equal(func.getArguments(), splitInputs(func, input))) {
    Possible &possible = values[argument];
    for (int64_t value : elements)
      possible.integers.push_back({value, value});
    possible.errors.assign(elements.size(), 0);
  }
  Block &body = func.getBody().front();
  for (Operation &op : body.without_terminator()) {
    SmallVector<const Possible *> operands;
    for (Value operand : op.getOperands())
      operands.push_back(&values.find(operand)->second);
    Possible result = interpret(&op, operands);
    values[op.getResult(0)] = std::move(result);
  }
  SmallVector<Doubt, 2> doubts;
  for (Value result : body.getTerminator()->getOperands()) {
    const Possible &possible = values.find(result)->second;
    doubts.push_back({isLost || llvm::any_of(possible.integers,
                                             [](Interval it) {
                                               return it.min != it.max;
                                             }),
                      possible.errors});
  }
  return doubts;
}
