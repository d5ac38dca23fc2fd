//===- OperationKey.cpp - What an operation's code depends on -------------===//

#include "compiler/planning/OperationKey.h"

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Planes.h"

using namespace mlir;
using namespace pdkc;

namespace {

class Writer {
public:
  explicit Writer(std::string &text) : out(text) {}

  void write(Operation *op);
  /// What a layer's engine depends on of the operation that makes its inputs.
  void writeBefore(Operation *op);
  void writeType(Value value);

  /// By the order in which they are seen.
  SmallVector<int64_t> buffers;

private:
  llvm::raw_string_ostream out;
};

} // namespace

/// The type, but for the numbers of buffers.
void Writer::writeType(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  out << type.getNumElements() << 'x'
      << type.getElementType().getAsOpaquePointer();
  auto storage = lowbit::getStorage(value);
  if (!storage)
    return;
  out << ',' << int(storage.getPlace()) << ',' << storage.getBits() << ','
      << storage.getBase() << ',' << storage.getBias() << ','
      << storage.getBiasStep() << ','
      << storage.getFresh() << storage.getSplat();
  if (storage.getPlace() != lowbit::Place::Buffer)
    return;
  auto *found = llvm::find(buffers, storage.getBuffer());
  out << ',' << found - buffers.begin() << '@' << storage.getAt();
  if (found == buffers.end())
    buffers.push_back(storage.getBuffer());
}

/// Attributes are unique in a context: their addresses stand for them.
void Writer::write(Operation *op) {
  out << op->getName().getStringRef() << '{';
  for (NamedAttribute named : op->getAttrs())
    if (named.getName() != kEngineAttr && named.getName() != kRoutineAttr &&
        named.getName() != kInputRoutineAttr)
      out << named.getName().getValue() << '='
          << named.getValue().getAsOpaquePointer() << ';';
  out << '}';
  for (Value operand : op->getOperands()) {
    out << '(';
    writeType(operand);
    // Whether others need it as well.
    out << operand.hasOneUse() << ')';
  }
  for (Value result : op->getResults()) {
    out << "->";
    writeType(result);
  }
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (Operation &inner : block)
        write(&inner);
}

void Writer::writeBefore(Operation *op) {
  out << '<' << op->getName().getStringRef();
  // Which inputs are prepared alike.
  if (auto steps = dyn_cast<lowbit::StepsOp>(op))
    out << ',' << steps.getFunctionAttr().getAsOpaquePointer() << ','
        << lowbit::getMethod(op);
  for (Value operand : op->getOperands())
    writeType(operand);
  out << '>';
}

/// The layers of an engine in their order.
static std::string describeEngine(func::FuncOp func, int64_t number) {
  std::string text;
  Writer writer(text);
  func.walk([&](lowbit::DenseOp dense) {
    if (getEngineNumber(dense) != number)
      return;
    writer.write(dense);
    if (Operation *before = getProducer(dense.getInput()))
      writer.writeBefore(before);
  });
  return text;
}

static int64_t getNumber(Operation *op, StringRef name) {
  auto number = op->getAttrOfType<IntegerAttr>(name);
  return number ? number.getInt() : -1;
}

/// What is shared by the operations of a routine: such attributes, and what is
/// read and written.
static std::string describeRoutine(Operation *op, ArrayRef<StringRef> names,
                                   ValueRange values) {
  std::string text;
  for (StringRef name : names)
    if (Attribute attribute = op->getAttr(name))
      text += std::to_string(uintptr_t(attribute.getAsOpaquePointer())) + " ";
  for (Value value : values) {
    lowbit::StorageAttr storage = lowbit::getStorage(value);
    text += std::to_string(storage.getBits()) + " " +
            std::to_string(storage.getBase()) + " " +
            std::to_string(storage.getBiasStep()) + " " +
            std::to_string(storage.getBias() != 0) + ", ";
  }
  return text;
}

static std::string describeRoutine(lowbit::RequantOp requant) {
  return describeRoutine(requant,
                         {"shift", "min", "max", "ties", kRoutineSumsAttr},
                         {requant.getInput(), requant.getResult()});
}

/// Routines for the inputs of sums of bit planes, and for their rows.
static std::string describeInputRoutine(lowbit::PlanesOp planes) {
  std::string text = "inputs ";
  llvm::raw_string_ostream(text)
      << planes.getNumInputs() << ' ' << lowbit::getRange(planes.getInput()).max
      << ' ';
  return text +
         describeRoutine(planes, {"limit", "digits"}, {planes.getInput()});
}

static std::string describeRoutine(lowbit::PlanesOp planes) {
  std::string text = "rows ";
  for (uint32_t code : getUsedCodes(planes))
    text += std::to_string(code) + " ";
  text += std::to_string(lowbit::getStorage(planes.getInput()).getBuffer() ==
                         lowbit::getStorage(planes.getResult()).getBuffer());
  return describeInputRoutine(planes) + text +
         describeRoutine(
             planes,
             {"coefficients", "bias", "shift", "min", "max", kRoutineSumsAttr},
             {planes.getResult()});
}

/// The text, and how many of what has a lower number are the same: two engines
/// of one text have each their own words.
static std::string
addOrdinal(std::string text, int64_t number,
           function_ref<std::string(int64_t)> describe) {
  int64_t ordinal = 0;
  for (int64_t other = 0; other < number; ++other)
    ordinal += describe(other) == text;
  return text + "#" + std::to_string(ordinal);
}

OperationKey::OperationKey(Operation *op) {
  Writer writer(operation);
  writer.write(op);
  buffers = writer.buffers;
  auto func = op->getParentOfType<func::FuncOp>();
  auto addLayer = [&](lowbit::DenseOp dense) {
    auto number = getEngineNumber(dense);
    if (!number)
      return;
    auto describe = [&](int64_t number) {
      return describeEngine(func, number);
    };
    engine = addOrdinal(describe(*number), *number, describe);
    // Which of the layers it is.
    int64_t place = 0;
    func.walk([&](lowbit::DenseOp other) {
      if (other == dense)
        return WalkResult::interrupt();
      place += getEngineNumber(other) == number;
      return WalkResult::advance();
    });
    operation += "#" + std::to_string(place);
  };
  op->walk(addLayer);
  // A function's own range follows from the layer's weights.
  if (auto steps = dyn_cast<lowbit::StepsOp>(op);
      steps && steps.getSizes().size() > 1)
    if (auto dense = dyn_cast_or_null<lowbit::DenseOp>(
            getProducer(steps.getInput())))
      writer.write(dense);
  operation += engine;
  // Of the operations with a number the first one says what they share.
  auto addRoutine = [&](auto own, StringRef name, auto describeOne) {
    auto describe = [&](int64_t number) {
      std::string text;
      func.walk([&](decltype(own) other) {
        if (getNumber(other, name) == number && text.empty())
          text = describeOne(other);
      });
      return text;
    };
    int64_t number = getNumber(own, name);
    if (number >= 0)
      operation += routines[number] =
          addOrdinal(describe(number), number, describe);
  };
  if (auto requant = dyn_cast<lowbit::RequantOp>(op))
    addRoutine(requant, kRoutineAttr,
               [](lowbit::RequantOp each) { return describeRoutine(each); });
  if (auto planes = dyn_cast<lowbit::PlanesOp>(op)) {
    addRoutine(planes, kInputRoutineAttr, describeInputRoutine);
    addRoutine(planes, kRoutineAttr,
               [](lowbit::PlanesOp each) { return describeRoutine(each); });
  }
}
