//===- FunctionSequence.cpp - Elements' functions in one code -------------===//

#include "passes/lowbit_to_pdk/methods/FunctionSequence.h"

#include "dialects/lowbit/RangeAnalysis.h"
#include "passes/lowbit/support/Fusion.h"

#include <numeric>

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

ElementOrder pdkc::findElementOrder(ArrayRef<int64_t> kinds) {
  int64_t count = kinds.size(), run = 0;
  for (int64_t begin = 0, end; begin < count; begin = end) {
    end = begin + 1;
    while (end < count && kinds[end] == kinds[begin])
      ++end;
    run = std::gcd(run, end - begin);
  }
  ElementOrder order{run, count / run};
  auto repeats = [&](int64_t period) {
    for (int64_t i = period * run; i < count; ++i)
      if (kinds[i] != kinds[i - period * run])
        return false;
    return true;
  };
  for (int64_t period = 1; period < count / run; ++period)
    if (repeats(period)) {
      order.period = period;
      break;
    }
  // Each function is a few words in tables; counting otherwise takes as many as
  // three of them.
  constexpr int64_t kFewest = 4;
  return run > 255 || count - order.period < kFewest ? ElementOrder{1, count}
                                                     : order;
}

/// By number the function on what its elements can be, as far as it is known.
static SmallVector<StepTable> getFunctionsOf(const ElementOrder &order,
                                             Operation *op,
                                             ArrayRef<StepTable> functions,
                                             ArrayRef<int64_t> numbers) {
  lowbit::Intervals ranges(numbers.size(), lowbit::getRange(op->getOperand(0)));
  if (auto dense =
          dyn_cast_or_null<lowbit::DenseOp>(getProducer(op->getOperand(0))))
    ranges = lowbit::inferFromTypes(dense);
  lowbit::Intervals rangeOf(order.period);
  for (auto [element, range] : llvm::enumerate(ranges)) {
    lowbit::Interval &all = rangeOf[order.getNumber(element)];
    bool isFirst =
        int64_t(element) < order.period * order.run && element % order.run == 0;
    all = isFirst ? range : lowbit::hull(all, range);
  }
  SmallVector<StepTable> result;
  for (auto [number, range] : llvm::enumerate(rangeOf)) {
    const StepTable &table = functions[numbers[number * order.run]];
    result.push_back(
        makeStepTable({table.starts, table.values, table.line}, range));
  }
  return result;
}

std::optional<FunctionSequence>
FunctionSequence::create(Operation *op, const FunctionMethod &method,
                         ArrayRef<StepTable> functions,
                         ArrayRef<int64_t> numbers, StepFunctions &routines) {
  FunctionSequence sequence(routines.getCode());
  sequence.order = findElementOrder(numbers);
  const ElementOrder &order = sequence.order;
  auto joined = method.join(getFunctionsOf(order, op, functions, numbers),
                            lowbit::getRange(op->getOperand(0)), routines);
  if (!joined)
    return std::nullopt;
  sequence.joined = std::move(*joined);
  sequence.isPeriodic = order.run * order.period < int64_t(numbers.size());
  if (order.run > 1)
    sequence.left = sequence.code->cells("left", 1);
  return sequence;
}

void FunctionSequence::seek(int64_t element) const {
  // Each is counted on before it is read.
  int64_t within = element % order.run;
  int64_t number = order.getNumber(element) + (within != 0);
  if (number) {
    (*code)(MOV_A_K, number);
    (*code)(MOV_M_A, joined.number);
  } else {
    (*code)(CLEAR_M, joined.number);
  }
  if (order.run == 1)
    return;
  (*code)(MOV_A_K, within ? order.run - within + 1 : 1);
  (*code)(MOV_M_A, left);
}

void FunctionSequence::advance() const {
  std::string have = code->unique("have");
  if (order.run > 1) {
    (*code)(DZSN_M, left);
    (*code)(GOTO_K, have);
    (*code)(MOV_A_K, order.run);
    (*code)(MOV_M_A, left);
  }
  if (isPeriodic) {
    std::string next = code->unique("next");
    (*code)(MOV_A_M, joined.number);
    (*code)(CEQSN_A_K, order.period);
    (*code)(GOTO_K, next);
    (*code)(CLEAR_M, joined.number);
    code->label(next);
  }
  (*code)(INC_M, joined.number);
  if (order.run > 1)
    code->label(have);
}

void FunctionSequence::apply() const {
  joined.apply([this] { advance(); });
}
