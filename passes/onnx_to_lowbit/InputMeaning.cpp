//===- InputMeaning.cpp - What the device's integers are worth ------------===//

#include "passes/onnx_to_lowbit/InputMeaning.h"

#include "dialects/lowbit/ModelInterface.h"
#include "dialects/onnx/OnnxDialect.h"
#include "passes/onnx_to_lowbit/FloatBounds.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

/// Takes the first entry off the list: to the next comma, or, since names may
/// have commas, to the one behind the word of the longest name it begins with.
static StringRef takeEntry(StringRef &list, ArrayRef<StringRef> names) {
  size_t named = 0;
  for (StringRef name : names)
    if (list.starts_with(name) && list.drop_front(name.size()).starts_with("="))
      named = std::max(named, name.size());
  StringRef entry = list.take_front(list.find(',', named));
  list = list.drop_front(entry.size());
  list.consume_front(",");
  return entry;
}

/// The word for each input; empty where there is none.
static FailureOr<SmallVector<StringRef>> splitWords(Location loc,
                                                    StringRef option,
                                                    StringRef list,
                                                    ArrayRef<StringRef> names) {
  SmallVector<StringRef> words(names.size());
  StringRef others;
  auto take = [&](StringRef &place, StringRef entry, StringRef word) {
    if (!place.empty())
      emitError(loc) << option << " is given twice for one input: '" << entry
                     << "'";
    else
      place = word;
    return success(place == word);
  };
  while (!list.empty()) {
    StringRef entry = takeEntry(list, names);
    if (entry.empty())
      continue;
    size_t equals = entry.rfind('=');
    if (equals == StringRef::npos) {
      if (failed(take(others, entry, entry)))
        return failure();
      continue;
    }
    auto *name = llvm::find(names, entry.take_front(equals));
    if (name == names.end()) {
      InFlightDiagnostic error = emitError(loc)
                                 << option << " names an input '"
                                 << entry.take_front(equals)
                                 << "', which the model does not have; it has ";
      llvm::interleaveComma(names, error,
                            [&](StringRef it) { error << "'" << it << "'"; });
      return error;
    }
    if (failed(take(words[name - names.begin()], entry,
                    entry.drop_front(equals + 1))))
      return failure();
  }
  for (StringRef &word : words)
    if (word.empty())
      word = others;
  return words;
}

/// A number of an option; what it is by default for an empty word.
static FailureOr<Rational> parseNumber(Location loc, StringRef option,
                                       StringRef word, int64_t otherwise) {
  if (word.empty())
    return Rational(otherwise);
  if (std::optional<Rational> value = Rational::parse(word))
    return *value;
  return emitError(loc)
         << option << " must be a decimal or a fraction such as 1/255, not '"
         << word << "'";
}

static FailureOr<InputMeaning> parseMeaning(Location loc, StringRef inputRange,
                                            StringRef inputScale,
                                            StringRef inputZeroPoint) {
  InputMeaning meaning;
  FailureOr<Rational> scale = parseNumber(loc, "input-scale", inputScale, 1);
  FailureOr<Rational> zeroPoint =
      parseNumber(loc, "input-zero-point", inputZeroPoint, 0);
  if (failed(scale) || failed(zeroPoint))
    return failure();
  if (scale->sign() <= 0)
    return emitError(loc) << "input-scale must be above 0, not " << inputScale;
  // The graph's input is a float of 32 bits.
  constexpr float kLeast = std::numeric_limits<float>::min(),
                  kMost = std::numeric_limits<float>::max() / (1 << 17);
  if (double size = scale->toDouble(); size < kLeast || size > kMost)
    return emitError(loc) << "input-scale must be within " << kLeast << " and "
                          << kMost << ", for values that float32 holds; not "
                          << inputScale;
  meaning.scale = *scale;
  meaning.zeroPoint = *zeroPoint;
  meaning.isGiven =
      !inputRange.empty() || *scale != 1 || zeroPoint->sign() != 0;
  if (inputRange.empty())
    return meaning;
  auto [low, high] = StringRef(inputRange).split(':');
  Interval range;
  if (low.getAsInteger(10, range.min) || high.getAsInteger(10, range.max) ||
      range.min > range.max)
    return emitError(loc)
           << "input-range must be LO:HI, two integers in rising order, not '"
           << inputRange << "'";
  meaning.range = range;
  return meaning;
}

FailureOr<SmallVector<InputMeaning, 1>>
pdkc::parseInputMeanings(Location loc, ArrayRef<StringRef> names,
                         const InputWords &words) {
  auto ranges = splitWords(loc, "input-range", words.range, names);
  if (failed(ranges))
    return failure();
  auto scales = splitWords(loc, "input-scale", words.scale, names);
  if (failed(scales))
    return failure();
  auto zeroPoints = splitWords(loc, "input-zero-point", words.zeroPoint, names);
  if (failed(zeroPoints))
    return failure();
  SmallVector<InputMeaning, 1> meanings;
  for (auto [range, scale, zeroPoint] :
       llvm::zip_equal(*ranges, *scales, *zeroPoints)) {
    FailureOr<InputMeaning> meaning =
        parseMeaning(loc, range, scale, zeroPoint);
    if (failed(meaning))
      return failure();
    meanings.push_back(std::move(*meaning));
  }
  return meanings;
}

SmallVector<StringRef> pdkc::getInputNames(func::FuncOp function) {
  SmallVector<StringRef> names;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto name = function.getArgAttrOfType<StringAttr>(i, "onnx.name");
    names.push_back(name ? name.getValue() : StringRef());
  }
  return names;
}

FailureOr<IntegerTensor> pdkc::describeInput(Value argument,
                                             const InputMeaning &meaning) {
  auto type = dyn_cast<RankedTensorType>(argument.getType());
  if (!type || !type.hasStaticShape() || !type.getElementType().isIntOrFloat())
    return emitError(argument.getLoc())
           << "model's input must be a tensor of static shape, not "
           << argument.getType();
  Interval range{-128, 127};
  if (auto integer = dyn_cast<IntegerType>(type.getElementType())) {
    if (meaning.scale != 1 || !meaning.zeroPoint.isInteger())
      return emitError(argument.getLoc())
             << "model's input has an integer type, so input-scale must be 1 "
                "and input-zero-point an integer";
    if (integer.getWidth() > 16 && !meaning.range)
      return emitError(argument.getLoc())
             << "model's input is of type " << integer
             << ", which 16 bits do not hold: give the range that it really "
                "has with input-range";
    int64_t count = int64_t(1) << std::min(integer.getWidth(), 16u);
    bool isSigned = !integer.isUnsigned() && integer.getWidth() > 1;
    range =
        isSigned ? Interval{-count / 2, count / 2 - 1} : Interval{0, count - 1};
  }
  if (meaning.range)
    range = *meaning.range;
  if (lowbit::getBytesInC(range) > 2)
    return emitError(argument.getLoc())
           << "input-range " << range.min << ":" << range.max
           << " is not one of 16 bits; it must lie within -32768:32767 or "
              "0:65535";

  IntegerTensor tensor(argument.getLoc());
  size_t count = type.getNumElements();
  Rational offset = -meaning.zeroPoint * meaning.scale;
  tensor.shape.assign(type.getShape());
  tensor.scale.assign(count, meaning.scale);
  tensor.offset.assign(count, offset);
  tensor.ranges.assign(count, range);
  tensor.isDefined = true;
  if (isa<FloatType>(type.getElementType()))
    roundOnce(tensor);
  if (isa<IntegerType>(type.getElementType()))
    for (int64_t end : {range.min, range.max}) {
      Rational value = Rational(end) + offset;
      if (onnx::getExact(onnx::getScalar(type.getElementType(), value)) !=
          value)
        return emitError(argument.getLoc())
               << "input-range " << range.min << ":" << range.max
               << " leaves the input's type " << type.getElementType();
    }
  return tensor;
}
