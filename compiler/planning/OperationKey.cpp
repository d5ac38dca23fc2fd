//===- OperationKey.cpp - What an operation's code depends on -------------===//

#include "compiler/planning/OperationKey.h"

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"

using namespace mlir;
using namespace pdkc;

namespace {

class Writer {
public:
  explicit Writer(std::string &text) : out(text) {}

  void write(Operation *op);
  void writeType(Value value);

private:
  llvm::raw_string_ostream out;
  /// Buffers by the order in which they are seen.
  SmallVector<int64_t> buffers;
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
    if (named.getName() != kEngineAttr && named.getName() != kRoutineAttr)
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

/// The layers of an engine in their order.
static std::string describeEngine(lowbit::DenseOp dense) {
  std::string text;
  Writer writer(text);
  auto number = getEngineNumber(dense);
  if (!number)
    return text;
  dense->getParentOfType<func::FuncOp>().walk([&](lowbit::DenseOp other) {
    if (getEngineNumber(other) != number)
      return;
    writer.write(other);
    if (Operation *before = getProducer(other.getInput()))
      writer.write(before);
  });
  return text;
}

OperationKey::OperationKey(Operation *op) {
  Writer writer(operation);
  writer.write(op);
  auto addLayer = [&](lowbit::DenseOp dense) {
    auto number = getEngineNumber(dense);
    if (!number)
      return;
    engine = describeEngine(dense);
    // Which of the layers it is.
    int64_t place = 0;
    dense->getParentOfType<func::FuncOp>().walk([&](lowbit::DenseOp other) {
      if (other == dense)
        return WalkResult::interrupt();
      place += getEngineNumber(other) == number;
      return WalkResult::advance();
    });
    operation += "#" + std::to_string(place);
  };
  op->walk(addLayer);
  // A function's own range follows from the layer's weights.
  if (auto steps = dyn_cast<lowbit::StepsOp>(op); steps && steps.getSizes().size() > 1)
    if (auto dense = dyn_cast_or_null<lowbit::DenseOp>(
            getProducer(steps.getInput())))
      writer.write(dense);
  operation += engine;
  if (auto requant = dyn_cast<lowbit::RequantOp>(op);
      requant && op->hasAttr(kRoutineAttr)) {
    for (StringRef name : {StringRef("shift"), StringRef("min"),
                           StringRef("max"), StringRef("ties"),
                           StringRef(kRoutineSumsAttr)})
      if (Attribute attribute = op->getAttr(name))
        routine +=
            std::to_string(uintptr_t(attribute.getAsOpaquePointer())) + " ";
    for (Value value : {requant.getInput(), requant.getResult()}) {
      auto storage = lowbit::getStorage(value);
      routine += std::to_string(storage.getBits()) + " " +
                 std::to_string(storage.getBase()) + " " +
                 std::to_string(storage.getBiasStep()) + " " +
                 std::to_string(storage.getBias() != 0) + ", ";
    }
  }
}
