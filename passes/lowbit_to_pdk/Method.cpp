//===- Method.cpp - The registry of methods -------------------------------===//

#include "passes/lowbit_to_pdk/Method.h"

#include "dialects/pdk/InstructionTable.h"
#include "mlir/IR/MLIRContext.h"

using namespace mlir;
using namespace pdkc;

bool Target::readsStack() const {
  return undocumented && pdk::isAvailable(pdk::LDSPTL, device->set);
}

unsigned Target::getDataBits() const {
  return readsStack() ? pdk::getWordBits(device->set) : getTableBits();
}

unsigned Target::getTableBits() const {
  return pdk::isAvailable(pdk::LDTABL_M, device->set)
             ? pdk::getWordBits(device->set)
             : 8;
}

Method::~Method() = default;

FailureOr<std::function<void()>> Method::beginFeeding(Operation *op,
                                                      Emission &) const {
  return op->emitError("cannot be fed one input at a time by the method '")
         << name << "'; see --lowbit-specialize";
}

MethodRegistry &MethodRegistry::get(MLIRContext *context) {
  auto *dialect = context->getOrLoadDialect<lowbit::LowbitDialect>();
  if (auto *found = dialect->getRegisteredInterface<lowbit::MethodInterface>())
    return *const_cast<MethodRegistry *>(
        static_cast<const MethodRegistry *>(found));
  return dialect->addInterface<MethodRegistry>();
}

void MethodRegistry::add(std::unique_ptr<Method> method) {
  methods.push_back(std::move(method));
}

SmallVector<const Method *> MethodRegistry::getMethods(Operation *op) const {
  SmallVector<const Method *> found;
  for (const auto &method : methods)
    if (method->getOperation() == op->getName().getStringRef())
      found.push_back(method.get());
  return found;
}

SmallVector<const Method *>
MethodRegistry::getMethods(Operation *op, const Target &target) const {
  SmallVector<const Method *> found;
  for (const Method *method : getMethods(op))
    if (method->suits(op) && method->accepts(op, target))
      found.push_back(method);
  return found;
}

const Method *MethodRegistry::find(Operation *op) const {
  StringRef name = lowbit::getMethod(op);
  for (const Method *method : getMethods(op))
    if (name.empty() ? method->suits(op) : method->getName() == name)
      return method;
  return nullptr;
}

LogicalResult MethodRegistry::verify(Operation *op, StringRef method) const {
  if (find(op))
    return success();
  auto diagnostic = op->emitOpError("has no method '") << method << "'; there ";
  SmallVector<const Method *> known = getMethods(op);
  diagnostic << (known.size() == 1 ? "is " : "are ");
  llvm::interleave(
      known,
      [&](const Method *other) { diagnostic << "'" << other->getName() << "'"; },
      [&] { diagnostic << ", "; });
  if (known.empty())
    diagnostic << "none";
  return diagnostic;
}
