//===- LowbitDialect.cpp - The lowbit dialect: types and verifiers --------===//

#include "dialects/lowbit/LowbitDialect.h"

#include "dialects/lowbit/RangeAnalysis.h"
#include "dialects/lowbit/Verify.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc::lowbit;

//===----------------------------------------------------------------------===//
// Steps of lowbit.chains and lowbit.planes, as [const 3, load 0, accumulate 1]
//===----------------------------------------------------------------------===//

namespace {
struct StepName {
  llvm::StringLiteral name;
  bool hasOperand = true;
};
} // namespace

static constexpr StepName kStepNames[] = {
    {"const"},  {"load"},       {"add"},    {"sub"},  {"double", false},
    {"offset"}, {"accumulate"}, {"deduct"}, {"take"}, {"double_sums", false}};
static constexpr StepName kWalkNames[] = {
    {"load"},         {"add"},    {"sub"}, {"total", false},
    {"clear", false}, {"recall"}, {"tap"}, {"add_tap"}};

static void printProgram(OpAsmPrinter &printer, ArrayRef<int32_t> values,
                         ArrayRef<StepName> names) {
  printer << '[';
  for (size_t i = 0; i + 1 < values.size(); i += 2) {
    if (i)
      printer << ", ";
    // A step that is none is the verifier's to refuse, but may be printed.
    if (values[i] < 0 || values[i] >= int32_t(names.size())) {
      printer << values[i] << ' ' << values[i + 1];
      continue;
    }
    printer << names[values[i]].name;
    if (names[values[i]].hasOperand)
      printer << ' ' << values[i + 1];
  }
  printer << ']';
}

static ParseResult parseProgram(OpAsmParser &parser, DenseI32ArrayAttr &steps,
                                ArrayRef<StepName> names) {
  SmallVector<int32_t> values;
  auto parseStep = [&]() -> ParseResult {
    StringRef name;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name))
      return failure();
    const auto *found = llvm::find_if(
        names, [&](const StepName &step) { return step.name == name; });
    if (found == names.end())
      return parser.emitError(loc, "unknown step '") << name << "'";
    int32_t kind = found - names.begin(), operand = 0;
    if (found->hasOperand && parser.parseInteger(operand))
      return failure();
    values.append({kind, operand});
    return success();
  };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, parseStep))
    return failure();
  steps = parser.getBuilder().getDenseI32ArrayAttr(values);
  return success();
}

static void printSteps(OpAsmPrinter &printer, Operation *,
                       DenseI32ArrayAttr steps) {
  printProgram(printer, steps, kStepNames);
}

static ParseResult parseSteps(OpAsmParser &parser, DenseI32ArrayAttr &steps) {
  return parseProgram(parser, steps, kStepNames);
}

static void printWalk(OpAsmPrinter &printer, Operation *,
                      DenseI32ArrayAttr walk) {
  printProgram(printer, walk, kWalkNames);
}

static ParseResult parseWalk(OpAsmParser &parser, DenseI32ArrayAttr &walk) {
  return parseProgram(parser, walk, kWalkNames);
}

//===----------------------------------------------------------------------===//
// Lines of lowbit.steps, as [3 x + 4 over 8, none]
//===----------------------------------------------------------------------===//

/// Functions without a line have a run of 0.
static void printLines(OpAsmPrinter &printer, Operation *,
                       DenseI64ArrayAttr lines) {
  ArrayRef<int64_t> numbers = lines.asArrayRef();
  printer << '[';
  for (size_t i = 0; i + 2 < numbers.size(); i += 3) {
    printer << (i ? ", " : "");
    if (numbers[i + 2] == 0)
      printer << "none";
    else
      printer << numbers[i] << " x + " << numbers[i + 1] << " over "
              << numbers[i + 2];
  }
  printer << ']';
}

static ParseResult parseLines(OpAsmParser &parser, DenseI64ArrayAttr &lines) {
  SmallVector<int64_t> numbers;
  auto parseLine = [&]() -> ParseResult {
    int64_t rise = 0, offset = 0, run = 0;
    if (failed(parser.parseOptionalKeyword("none")) &&
        (parser.parseInteger(rise) || parser.parseKeyword("x") ||
         parser.parsePlus() || parser.parseInteger(offset) ||
         parser.parseKeyword("over") || parser.parseInteger(run)))
      return failure();
    if (rise && !run)
      return parser.emitError(parser.getCurrentLocation(),
                              "a line runs over 1 or more");
    numbers.append({rise, offset, run});
    return success();
  };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, parseLine))
    return failure();
  lines = parser.getBuilder().getDenseI64ArrayAttr(numbers);
  return success();
}

#include "dialects/lowbit/LowbitDialect.cpp.inc"
#include "dialects/lowbit/LowbitEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/lowbit/LowbitTypes.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/lowbit/LowbitAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/lowbit/LowbitOps.cpp.inc"

void LowbitDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/lowbit/LowbitTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/lowbit/LowbitAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/lowbit/LowbitOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Types and intervals
//===----------------------------------------------------------------------===//

LogicalResult IntType::verify(function_ref<InFlightDiagnostic()> emitError,
                              int64_t min, int64_t max) {
  if (min > max)
    return emitError() << "empty range <" << min << ", " << max << ">";
  return success();
}

unsigned IntType::getWidth() const {
  return pdkc::lowbit::getWidth({getMin(), getMax()});
}

Interval pdkc::lowbit::hull(Interval a, Interval b) {
  return {std::min(a.min, b.min), std::max(a.max, b.max)};
}

unsigned pdkc::lowbit::getWidth(Interval interval) {
  auto bitsFor = [](uint64_t value) {
    return value ? unsigned(llvm::Log2_64(value)) + 1 : 0;
  };
  if (interval.min >= 0)
    return std::max(1u, bitsFor(interval.max));
  unsigned negative = bitsFor(~uint64_t(interval.min));
  unsigned positive = interval.max > 0 ? bitsFor(interval.max) : 0;
  return std::max(negative, positive) + 1;
}

Interval pdkc::lowbit::getRange(Type tensorType) {
  auto type =
      cast<IntType>(cast<RankedTensorType>(tensorType).getElementType());
  return {type.getMin(), type.getMax()};
}

RankedTensorType pdkc::lowbit::getTensorType(MLIRContext *context,
                                             ArrayRef<int64_t> shape,
                                             Interval range) {
  return RankedTensorType::get(shape,
                               IntType::get(context, range.min, range.max));
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

LogicalResult pdkc::lowbit::verifyRange(Operation *op) {
  Interval proven = hull(inferFromTypes(op));
  Interval claimed = getRange(op->getResult(0));
  if (claimed.min > proven.min || claimed.max < proven.max)
    return op->emitOpError("result needs the range <")
           << proven.min << ", " << proven.max << ">, its type has <"
           << claimed.min << ", " << claimed.max << ">";
  return success();
}

LogicalResult pdkc::lowbit::verifySums(Operation *op) {
  if (op->getNumOperands() == 1)
    return success();
  auto count = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getNumElements();
  };
  int64_t sums = count(op->getOperand(1)), results = count(op->getResult(0));
  if (sums != results)
    return op->emitOpError("adds to ")
           << sums << " sums, but has " << results << " results";
  return success();
}

LogicalResult ReshapeOp::verify() {
  if (getInput().getType().getNumElements() !=
      getResult().getType().getNumElements())
    return emitOpError("changes the number of elements from ")
           << getInput().getType().getNumElements() << " to "
           << getResult().getType().getNumElements();
  return verifyRange(*this);
}

LogicalResult SelectOp::verify() {
  int64_t count = getInput().getType().getNumElements();
  if (int64_t(getIndices().size()) != getResult().getType().getNumElements())
    return emitOpError("has ")
           << getIndices().size() << " indices for "
           << getResult().getType().getNumElements() << " elements";
  for (int64_t index : getIndices())
    if (index < 0 || index >= count)
      return emitOpError("index ")
             << index << " is outside the " << count << " elements";
  return verifyRange(*this);
}

LogicalResult ConcatOp::verify() {
  if (getInputs().empty())
    return emitOpError("has nothing to put together");
  int64_t count = 0;
  for (Value input : getInputs())
    count += cast<RankedTensorType>(input.getType()).getNumElements();
  if (count != getResult().getType().getNumElements())
    return emitOpError("puts together ")
           << count << " elements, its result has "
           << getResult().getType().getNumElements();
  return verifyRange(*this);
}

LogicalResult ScaleOp::verify() {
  int64_t count = getResult().getType().getNumElements();
  if (auto within = getWithin();
      within && (within->size() != 2 || (*within)[0] > (*within)[1]))
    return emitOpError("needs the ends of the range that results lie within");
  if (getInputs().empty())
    return emitOpError("has no input");
  for (Value input : getInputs())
    if (cast<RankedTensorType>(input.getType()).getNumElements() != count)
      return emitOpError("changes the number of elements from ")
             << cast<RankedTensorType>(input.getType()).getNumElements()
             << " to " << count;
  int64_t multipliers = getInputs().size() * count;
  if (int64_t(getMultiplier().size()) != multipliers ||
      int64_t(getBias().size()) != count)
    return emitOpError("has ")
           << getMultiplier().size() << " multipliers and " << getBias().size()
           << " biases for " << getInputs().size() << " inputs of " << count
           << " elements";
  if (getMin().has_value() != getMax().has_value() ||
      (getShift() != 0 && !getMin()) || (getMin() && *getMin() > *getMax()))
    return emitOpError("needs the ends of the range that it clamps to");
  return verifyRange(*this);
}

std::pair<__int128, __int128>
ScaleOp::boundSum(size_t element, function_ref<Interval(size_t)> getInput) {
  __int128 low = getBias()[element], high = low;
  for (size_t input = 0; input < getInputs().size(); ++input) {
    __int128 factor = getMultiplierOf(input, element);
    auto [min, max] = getInput(input);
    low += factor * (factor < 0 ? max : min);
    high += factor * (factor < 0 ? min : max);
  }
  return {low, high};
}

int64_t ScaleOp::finish(__int128 sum) {
  return int64_t(std::clamp<__int128>(sum >> getShift(),
                                      getMin().value_or(INT64_MIN),
                                      getMax().value_or(INT64_MAX)));
}

OpFoldResult SelectOp::fold(FoldAdaptor) {
  if (getInput().getType() != getResult().getType())
    return {};
  for (auto [i, index] : llvm::enumerate(getIndices()))
    if (index != int64_t(i))
      return {};
  return getInput();
}

std::optional<EncodedWeights>
pdkc::lowbit::encodeWeights(MLIRContext *context, ArrayRef<int64_t> weights,
                            ArrayRef<int64_t> shape) {
  EncodedWeights result;
  SmallVector<int64_t> &codebook = result.codebook;
  codebook.assign(weights.begin(), weights.end());
  llvm::sort(codebook);
  codebook.erase(std::unique(codebook.begin(), codebook.end()), codebook.end());
  if (codebook.size() > kLargestCodebook)
    return std::nullopt;
  auto encode = [&](auto code) {
    SmallVector<decltype(code), 0> codes;
    for (int64_t weight : weights)
      codes.push_back(llvm::lower_bound(codebook, weight) - codebook.begin());
    result.codes = DenseIntElementsAttr::get(
        RankedTensorType::get(shape,
                              IntegerType::get(context, 8 * sizeof(code))),
        ArrayRef<decltype(code)>(codes));
  };
  if (codebook.size() > 256)
    encode(int16_t());
  else
    encode(int8_t());
  return result;
}

SmallVector<int64_t> pdkc::lowbit::decode(DenseIntElementsAttr attribute,
                                          ArrayRef<int64_t> codebook) {
  Codes codes(attribute);
  SmallVector<int64_t> weights(codes.size());
  for (size_t i = 0; i < codes.size(); ++i)
    weights[i] = codebook[codes[i]];
  return weights;
}

SmallVector<int64_t> DenseOp::getWeights() {
  return decode(getCodes(), getCodebook());
}

LogicalResult pdkc::lowbit::verifyCodes(Operation *op,
                                        DenseIntElementsAttr attribute,
                                        ArrayRef<int64_t> codebook) {
  size_t largest = size_t(1)
                   << attribute.getElementType().getIntOrFloatBitWidth();
  if (codebook.empty() || codebook.size() > largest)
    return op->emitOpError("codebook must have 1 to ")
           << largest << " values, not " << codebook.size();
  for (size_t i = 1; i < codebook.size(); ++i)
    if (codebook[i - 1] >= codebook[i])
      return op->emitOpError("codebook must rise, but ")
             << codebook[i] << " follows " << codebook[i - 1];
  Codes codes(attribute);
  for (size_t i = 0; i < codes.size(); ++i)
    if (codes[i] >= codebook.size())
      return op->emitOpError("code ")
             << codes[i] << " is not in the codebook of " << codebook.size();
  return success();
}

LogicalResult DenseOp::verify() {
  if (failed(verifySums(*this)))
    return failure();
  if (getCodes().getType().getRank() != 2)
    return emitOpError("weights must be a matrix of rows by inputs");
  if (getNumInputs() != getInput().getType().getNumElements())
    return emitOpError("weights have ")
           << getNumInputs() << " columns for "
           << getInput().getType().getNumElements() << " inputs";
  if (getNumRows() != getResult().getType().getNumElements())
    return emitOpError("weights have ")
           << getNumRows() << " rows for "
           << getResult().getType().getNumElements() << " results";
  if (int64_t(getBias().size()) != getNumRows())
    return emitOpError("has ")
           << getBias().size() << " biases for " << getNumRows() << " rows";
  if (failed(verifyCodes(*this, getCodes(), getCodebook())))
    return failure();
  return verifyRange(*this);
}

LogicalResult RequantOp::verify() {
  if (getInput().getType().getNumElements() !=
      getResult().getType().getNumElements())
    return emitOpError("changes the number of elements");
  if (getMin() > getMax())
    return emitOpError("clamps to the empty range ")
           << getMin() << " to " << getMax();
  if (getTies() != Ties::Up && getShift() == 0)
    return emitOpError("has ties to tell from other quotients, but no shift");
  return verifyRange(*this);
}

/// What leaves the integers as they are, and says nothing else of them.
OpFoldResult RequantOp::fold(FoldAdaptor) {
  Interval range = getRange(getInput());
  bool isPlain = getMultiplier() == 1 && getOffset() == 0 && getShift() == 0 &&
                 getMin() <= range.min && getMax() >= range.max &&
                 getInput().getType() == getResult().getType();
  return isPlain && (*this)->getDiscardableAttrs().empty() ? getInput()
                                                           : OpFoldResult();
}

int64_t RequantOp::finish(__int128 sum) {
  return int64_t(std::clamp<__int128>(shiftDown(sum, getShift(), getTies()),
                                      getMin(), getMax()));
}

LogicalResult CopyOp::verify() {
  if (getInput().getType().getNumElements() !=
      getResult().getType().getNumElements())
    return emitOpError("changes the number of elements");
  return verifyRange(*this);
}

LogicalResult ByteOp::verify() {
  if (getInput().getType().getNumElements() !=
      getResult().getType().getNumElements())
    return emitOpError("changes the number of elements");
  if (int64_t least = getRange(getInput()).min; least < getBase())
    return emitOpError("counts from ")
           << getBase() << ", but there are integers from " << least << " on";
  return verifyRange(*this);
}

LogicalResult ArgmaxOp::verify() {
  if (getResult().getType().getNumElements() != 1)
    return emitOpError("gives one number, not ")
           << getResult().getType().getNumElements();
  return verifyRange(*this);
}
