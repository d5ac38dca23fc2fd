//===- Interface.cpp - What C needs to know of a module -------------------===//

#include "compiler/emit/Interface.h"

#include "dialects/exact/Rational.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <cstdio>

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

static int64_t getCount(Value value) {
  return cast<RankedTensorType>(value.getType()).getNumElements();
}

/// What the device's integers are worth: a number, or a short fraction, which
/// somebody wrote; else the nine digits that tell any two floats apart.
static std::string getNumber(func::FuncOp model, unsigned argument,
                             StringRef attribute, StringRef otherwise) {
  auto text = model.getArgAttrOfType<StringAttr>(argument, attribute);
  if (!text)
    return otherwise.str();
  constexpr size_t kShort = 9;
  std::optional<Rational> value = Rational::parse(text.getValue());
  if (!value || value->isInteger() || text.size() <= kShort)
    return text.str();
  char digits[32];
  std::snprintf(digits, sizeof(digits), "%.9g", value->toDouble());
  return digits;
}

static std::string getText(Attribute attribute, StringRef otherwise = "") {
  auto text = dyn_cast_or_null<StringAttr>(attribute);
  return text ? text.str() : otherwise.str();
}

std::string pdkc::toComment(StringRef text) {
  std::string comment = text.str();
  for (char &each : comment)
    if (each == '*' || each == '\\' || !llvm::isPrint(each))
      each = '.';
  return comment;
}

CType pdkc::getCType(Interval range) {
  return {lowbit::getBytesInC(range), range.min < 0};
}

int64_t ModuleInterface::countInputs() const {
  int64_t count = 0;
  for (const ModuleInput &input : inputs)
    count += input.count;
  return count;
}

/// The name in capitals, with a number where another input has it.
static std::string getMacro(StringRef name, ArrayRef<ModuleInput> others) {
  std::string stem = StringRef(lowbit::toIdentifier(name)).upper();
  std::string macro = stem;
  auto isTaken = [&](const ModuleInput &it) { return it.macro == macro; };
  for (int i = 2; llvm::any_of(others, isTaken); ++i)
    macro = stem + "_" + std::to_string(i);
  return macro;
}

/// The type of all inputs: signed if it holds them so.
static CType getInputType(func::FuncOp model) {
  Interval all = lowbit::getRange(model.getArgument(0));
  for (BlockArgument argument : model.getArguments())
    all = lowbit::hull(all, lowbit::getRange(argument));
  CType type = getCType(all);
  int64_t bytes = lowbit::InputLayout::get(model).bytes;
  return {bytes, type.isSigned && type.bytes == bytes};
}

ModuleInterface pdkc::getInterface(func::FuncOp model, StringRef name) {
  ModuleInterface interface;
  Operation *end = model.front().getTerminator();
  interface.name = name.str();
  for (BlockArgument argument : model.getArguments()) {
    unsigned i = argument.getArgNumber();
    std::string name = getText(model.getArgAttr(i, lowbit::kNameAttr));
    interface.inputs.push_back(
        {name, getMacro(name, interface.inputs), getCount(argument),
         lowbit::getRange(argument),
         getNumber(model, i, lowbit::kScaleAttr, "1"),
         getNumber(model, i, lowbit::kZeroPointAttr, "0")});
  }
  interface.inputType = getInputType(model);
  interface.isBuffer = model->hasAttr(lowbit::LowbitDialect::kBufferAttr);
  interface.classes = lowbit::getRange(end->getOperand(0)).max + 1;
  if (auto classes =
          model.getResultAttrOfType<IntegerAttr>(0, lowbit::kBesideNoneAttr)) {
    interface.hasNone = true;
    interface.classes = classes.getInt();
  }
  for (unsigned i = 1; i < end->getNumOperands(); ++i) {
    Value value = end->getOperand(i);
    ModuleOutput &output = interface.outputs.emplace_back();
    output.name = getText(model.getResultAttr(i, lowbit::kNameAttr));
    output.symbol = lowbit::getOutputSymbol(model, i);
    output.meaning = getText(model.getResultAttr(i, lowbit::kMeaningAttr));
    output.count = getCount(value);
    output.range = lowbit::getRange(value);
    auto getNumbers = [&](StringRef attribute, double otherwise) {
      auto numbers = model.getResultAttrOfType<DenseF64ArrayAttr>(i, attribute);
      return numbers ? SmallVector<double>(numbers.asArrayRef())
                     : SmallVector<double>{otherwise};
    };
    output.scale = getNumbers(lowbit::kScaleAttr, 1);
    output.offset = getNumbers(lowbit::kOffsetAttr, 0);
  }
  return interface;
}
