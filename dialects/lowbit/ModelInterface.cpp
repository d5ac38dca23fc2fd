//===- ModelInterface.cpp - What a model takes and gives ------------------===//

#include "dialects/lowbit/ModelInterface.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::lowbit;

static size_t getCount(Type type) {
  return cast<RankedTensorType>(type).getNumElements();
}

LogicalResult lowbit::checkModel(func::FuncOp func) {
  auto isIntegers = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && isa<IntType>(tensor.getElementType());
  };
  if (func.isExternal() || !llvm::hasSingleElement(func.getBody()) ||
      func.getNumArguments() < 1 || func.getNumResults() < 1 ||
      !llvm::all_of(func.getArgumentTypes(), isIntegers) ||
      !llvm::all_of(func.getResultTypes(), isIntegers))
    return func.emitError("is no model: one function of tensors of "
                          "!lowbit.int that gives a class and, if at all, "
                          "outputs");
  for (unsigned i = 1; i < func.getNumResults(); ++i)
    if (std::string symbol = getOutputSymbol(func, i);
        !StringRef(symbol).starts_with("output") ||
        symbol != toIdentifier(symbol))
      return func.emitError("has a result '")
             << symbol << "', which is no name in C that begins with 'output'";
  for (BlockArgument argument : func.getArguments())
    if (Interval range = getRange(argument); getBytesInC(range) > 2)
      return func.emitError("takes inputs of ")
             << range.min << " to " << range.max
             << ", which do not fit 16 bits";
  return success();
}

std::string lowbit::toIdentifier(StringRef name) {
  std::string identifier = name.str();
  for (char &each : identifier)
    if (!llvm::isAlnum(each))
      each = '_';
  return identifier;
}

std::string lowbit::getOutputSymbol(func::FuncOp model, unsigned result) {
  if (auto name = model.getResultAttrOfType<StringAttr>(result, kSymbolAttr))
    return name.str();
  return result == 1 ? "output" : "output_" + std::to_string(result);
}

int64_t lowbit::getBytesInC(Interval range) {
  return llvm::PowerOf2Ceil(llvm::divideCeil(getWidth(range), 8));
}

InputLayout InputLayout::get(func::FuncOp model) {
  InputLayout layout;
  for (Type type : model.getArgumentTypes()) {
    Interval range = getRange(type);
    layout.ranges.append(getCount(type), range);
    layout.bytes = std::max(layout.bytes, getBytesInC(range));
  }
  return layout;
}

Elements InputLayout::decode(ArrayRef<uint8_t> stored) const {
  Elements values;
  for (auto [i, range] : llvm::enumerate(ranges)) {
    uint64_t value = 0;
    for (int64_t byte = 0; byte < bytes; ++byte)
      value |= uint64_t(stored[i * bytes + byte]) << (8 * byte);
    values.push_back(range.min < 0 ? llvm::SignExtend64(value, 8 * bytes)
                                   : int64_t(value));
  }
  return values;
}

void InputLayout::encode(ArrayRef<int64_t> values,
                         std::vector<uint8_t> &stored) const {
  for (int64_t value : values)
    for (int64_t byte = 0; byte < bytes; ++byte)
      stored.push_back(uint8_t(value >> (8 * byte)));
}

SmallVector<Elements, 2> lowbit::splitInputs(func::FuncOp model,
                                             ArrayRef<int64_t> values) {
  SmallVector<Elements, 2> inputs;
  for (Type type : model.getArgumentTypes()) {
    inputs.emplace_back(values.take_front(getCount(type)));
    values = values.drop_front(getCount(type));
  }
  assert(values.empty() && "as many values as the model takes");
  return inputs;
}
