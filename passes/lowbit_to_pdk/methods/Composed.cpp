//===- Composed.cpp - Two functions one behind the other, as one ----------===//
//
// What two quantisers make of a sum are two step functions: each may be a
// product, or a table that all elements share. Both together are one function,
// of no more steps than the first has, which needs no tensor between. Which is
// better is the planner's choice: the first function's method may be to be
// computed with the second, by comparisons, a table or a search.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/StepFunctions.h"

#include <map>

using namespace mlir;
using namespace pdkc;

/// Values of a function that is composed: no method takes more.
static constexpr size_t kMostValues = 4096;

/// The function behind the operation's, to bytes and, behind a convolution, the
/// same for all elements; null where there is none.
static Operation *getSecond(Operation *first) {
  Operation *group = getGroup(first);
  auto fused = dyn_cast<lowbit::FusedOp>(group);
  Value result = first->getResult(0);
  if (fused && fused.getBody().front().getTerminator()->getOperand(0) != result)
    return nullptr;
  Operation *second = getOnlyUser(group->getResult(0));
  if (!isElementwise(second) || second->getBlock() != group->getBlock() ||
      !result.hasOneUse())
    return nullptr;
  auto steps = dyn_cast<lowbit::StepsOp>(second);
  if (fused && steps && !steps.getFunction().empty())
    return nullptr;
  lowbit::Interval results = lowbit::getRange(second->getResult(0));
  return results.max - results.min <= 255 ? second : nullptr;
}

/// By element the number of its function.
static int64_t getNumber(Operation *op, int64_t element) {
  auto steps = dyn_cast<lowbit::StepsOp>(op);
  return steps ? steps.getFunctionOf(element) : 0;
}

static int64_t apply(Operation *op, int64_t element, int64_t value) {
  if (auto requant = dyn_cast<lowbit::RequantOp>(op))
    return requant.apply(value);
  auto steps = cast<lowbit::StepsOp>(op);
  auto pieces = steps.getFunctions()[steps.getFunctionOf(element)];
  return pieces.values[pieces.find(value)];
}

/// The operation's functions on its input's range; none where one has too many
/// values.
static std::optional<SmallVector<StepTable>> getTables(Operation *op) {
  SmallVector<StepTable> tables;
  if (auto requant = dyn_cast<lowbit::RequantOp>(op)) {
    auto table = makeStepTable(requant, kMostValues);
    if (!table)
      return std::nullopt;
    tables.push_back(std::move(*table));
    return tables;
  }
  lowbit::Interval range = lowbit::getRange(op->getOperand(0));
  for (const auto &pieces : cast<lowbit::StepsOp>(op).getFunctions())
    tables.push_back(makeStepTable(pieces, range));
  return tables;
}

/// Both as one operation, where the first one stands.
static lowbit::StepsOp compose(Operation *first, Operation *second,
                               ArrayRef<StepTable> tables) {
  SmallVector<int64_t> starts, values, sizes, numbers;
  std::map<std::pair<int64_t, int64_t>, int64_t> known;
  int64_t count = cast<RankedTensorType>(first->getResult(0).getType())
                      .getNumElements();
  for (int64_t element = 0; element < count; ++element) {
    int64_t number = getNumber(first, element);
    auto [found, isNew] = known.try_emplace(
        {number, getNumber(second, element)}, int64_t(sizes.size()));
    numbers.push_back(found->second);
    if (!isNew)
      continue;
    const StepTable &table = tables[number];
    sizes.push_back(0);
    for (auto [start, value] : llvm::zip_equal(table.starts, table.values)) {
      int64_t result = apply(second, element, value);
      if (sizes.back() && values.back() == result)
        continue;
      starts.push_back(start);
      values.push_back(result);
      ++sizes.back();
    }
  }
  if (sizes.size() == 1)
    numbers.clear();
  OpBuilder builder(first);
  return lowbit::StepsOp::create(
      builder, builder.getFusedLoc({first->getLoc(), second->getLoc()}),
      second->getResult(0).getType(), first->getOperand(0), starts, values,
      sizes, numbers);
}

namespace {
struct ComposedMethod : Method {
  ComposedMethod(StringRef operation, StringRef method)
      : Method(operation, ("composed-" + method).str()), method(method) {}

  bool accepts(Operation *op, const Target &) const override {
    return getSecond(op);
  }

  LogicalResult specialise(Operation *op) const override {
    Operation *second = getSecond(op);
    auto tables = second ? getTables(op) : std::nullopt;
    if (!tables)
      return op->emitError("has no function to bytes behind it with which it "
                           "could be computed, or too many values");
    lowbit::StepsOp both = compose(op, second, *tables);
    lowbit::setMethod(both, method);
    op->replaceAllUsesWith(both);
    Operation *group = getGroup(both);
    group->getResult(0).setType(both.getResult().getType());
    second->replaceAllUsesWith(group);
    // The two are left to each other, and to none else.
    second->setOperand(0, op->getResult(0));
    return success();
  }

  LogicalResult assignStorage(Operation *, StorageAssignment &) const override {
    llvm_unreachable("both are one by now");
  }
  LogicalResult emit(Operation *op, Emission &) const override {
    return op->emitError("is not composed yet; see --lowbit-specialize");
  }

private:
  std::string method;
};
} // namespace

std::unique_ptr<Method> pdkc::makeComposedMethod(StringRef operation,
                                                 StringRef method) {
  return std::make_unique<ComposedMethod>(operation, method);
}
