//===- ChooseOutputs.cpp - What the wanted outputs need, and no more ------===//

#include "dialects/onnx/OnnxDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/Passes.h"

namespace pdkc {
#define GEN_PASS_DEF_ONNXCHOOSEOUTPUTS
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {
struct ChooseOutputsPass
    : pdkc::impl::OnnxChooseOutputsBase<ChooseOutputsPass> {
  using OnnxChooseOutputsBase::OnnxChooseOutputsBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(choose(function)))
        return signalPassFailure();
  }

  LogicalResult choose(func::FuncOp function);
};
} // namespace

LogicalResult ChooseOutputsPass::choose(func::FuncOp function) {
  Block &block = function.getBody().back();
  Operation *terminator = block.getTerminator();
  auto getName = [&](unsigned i) {
    auto name = function.getResultAttrOfType<StringAttr>(i, "onnx.name");
    return name ? name.getValue() : StringRef();
  };
  unsigned count = terminator->getNumOperands();
  SmallVector<unsigned> chosen;
  for (StringRef rest = outputs; !rest.empty(); rest.consume_front(",")) {
    // Of names with commas the longest that is there.
    StringRef name = rest.take_until([](char c) { return c == ','; });
    std::optional<unsigned> place;
    for (unsigned i = 0; i < count; ++i) {
      StringRef each = getName(i);
      StringRef behind = rest;
      if (behind.consume_front(each) && !each.empty() &&
          (behind.empty() || behind.front() == ',') &&
          (!place || each.size() > name.size())) {
        place = i;
        name = each;
      }
    }
    rest = rest.drop_front(name.size());
    if (!place && name.empty())
      continue;
    if (!place) {
      InFlightDiagnostic error = function.emitError();
      error << "model has no output '" << name << "'; it has";
      for (unsigned i = 0; i < count; ++i)
        error << (i ? ", '" : " '") << getName(i) << "'";
      return error;
    }
    if (llvm::is_contained(chosen, *place))
      return function.emitError()
             << "output '" << name << "' is asked for twice";
    chosen.push_back(*place);
  }
  if (chosen.empty() && count)
    chosen.push_back(0);
  SmallVector<Value> values;
  SmallVector<DictionaryAttr> attributes;
  for (unsigned i : chosen) {
    if (auto why = function.getResultAttrOfType<StringAttr>(i, "onnx.missing"))
      return function.emitError()
             << "output '" << getName(i) << "': " << why.getValue();
    values.push_back(terminator->getOperand(i));
    attributes.push_back(function.getResultAttrDict(i));
  }
  for (unsigned i = 0; i < count; ++i)
    if (!llvm::is_contained(chosen, i))
      emitRemark(terminator->getOperand(i).getLoc())
          << "output '" << getName(i)
          << "' is left out; --outputs=NAME,... chooses others than '"
          << getName(chosen.front()) << "'";
  terminator->setOperands(values);
  function.removeResAttrsAttr();
  function.setType(FunctionType::get(&getContext(), function.getArgumentTypes(),
                                     TypeRange(ValueRange(values))));
  function.setAllResultAttrs(attributes);
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (op.use_empty() && op.getName().getDialectNamespace() == "onnx")
      op.erase();
  return success();
}
