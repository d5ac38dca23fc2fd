//===- StepFunctions.cpp - Functions of an integer on the device ----------===//

#include "passes/lowbit_to_pdk/support/StepFunctions.h"

#include "passes/lowbit_to_pdk/support/Storage.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

StepTable pdkc::makeStepTable(lowbit::StepsOp::Pieces pieces, Interval range) {
  StepTable table;
  table.range = range;
  table.line = pieces.line;
  for (size_t i = pieces.find(range.min); i <= pieces.find(range.max); ++i) {
    if (!table.values.empty() && table.values.back() == pieces.values[i])
      continue;
    table.starts.push_back(table.starts.empty() ? range.min : pieces.starts[i]);
    table.values.push_back(pieces.values[i]);
  }
  return table;
}

std::optional<StepTable> pdkc::makeStepTable(lowbit::RequantOp op,
                                             size_t limit) {
  StepTable table;
  table.range = lowbit::getRange(op.getInput());
  table.line = {op.getMultiplier(), op.getOffset(),
                int64_t(1) << op.getShift()};
  for (int64_t start = table.range.min; start <= table.range.max;) {
    if (table.values.size() == limit)
      return std::nullopt;
    int64_t value = op.apply(start);
    table.starts.push_back(start);
    table.values.push_back(value);
    // The last integer with this value, by bisection: the function only rises
    // or only falls.
    int64_t low = start, high = table.range.max;
    while (low < high) {
      int64_t middle = low + (high - low + 1) / 2;
      if (op.apply(middle) == value)
        low = middle;
      else
        high = middle - 1;
    }
    start = low + 1;
  }
  return table;
}

int64_t StepFunctions::getArgumentBytes(Interval range) {
  return getBytes({0, range.max - range.min});
}

Cell StepFunctions::getArgument(Interval range) {
  int64_t bytes = getArgumentBytes(range);
  auto [found, isNew] = arguments.try_emplace(bytes);
  if (isNew)
    found->second = code.cells("argument", bytes);
  return found->second;
}

void StepFunctions::subtract(Cell argument, int64_t bytes, int64_t distance,
                             llvm::function_ref<void()> below) {
  if (bytes == 1 && !argument.cells) {
    code(SUB_A_K, distance);
  } else {
    for (int64_t byte = 0; byte < bytes; ++byte) {
      int64_t part = distance >> (8 * byte) & 255;
      if (byte && part == 0) {
        code(SUBC_M, argument.at(byte));
        continue;
      }
      code(MOV_A_K, part);
      code(byte ? SUBC_M_A : SUB_M_A, argument.at(byte));
    }
  }
  code.skipIfFlag(kCarryFlag, false);
  below();
}

std::optional<StepFunctions::Callee>
StepFunctions::find(const StepTable &function, StringRef method,
                    llvm::function_ref<Write()> make) {
  if (function.values.size() == 1)
    return Callee{"", function.values[0]};
  auto [found, isNew] = routines.try_emplace({function, method.str()});
  Routine &routine = found->second;
  if (isNew) {
    routine.name = code.unique("function");
    routine.write = make();
  }
  if (!routine.write) {
    routines.erase(found);
    return std::nullopt;
  }
  return Callee{routine.name, 0};
}

void StepFunctions::call(CodeBuilder &code, const Callee &callee) {
  if (callee.name.empty())
    code(MOV_A_K, callee.value);
  else
    code(CALL_K, callee.name);
}

static std::string describe(const StepTable &function, StringRef method) {
  std::string text = (method + " of " + Twine(function.range.min) + ".." +
                      Twine(function.range.max))
                         .str();
  for (auto [start, value] : llvm::zip(function.starts, function.values))
    text += (" " + Twine(start) + ":" + Twine(value)).str();
  if (function.line)
    text += (" line " + Twine(function.line->rise) + " " +
             Twine(function.line->offset) + " " + Twine(function.line->run))
                .str();
  return text;
}

void StepFunctions::emitRoutines(
    llvm::function_ref<void(const std::string &)> mark) {
  // Tables of whole layers are there already, others come with the routines.
  std::vector<std::string> owners(tables.size());
  for (auto &[key, routine] : routines) {
    code.routine(routine.name);
    routine.write();
    std::string owner = describe(key.first, key.second);
    mark(owner);
    owners.resize(tables.size(), owner);
  }
  multiply.emitRoutines(mark);
  for (auto [table, owner] : llvm::zip_equal(tables, owners)) {
    code.table(table.first, table.second);
    mark(owner);
  }
}

std::string StepFunctions::addTable(StringRef stem, ArrayRef<int32_t> entries) {
  tables.push_back({code.unique(stem), SmallVector<int32_t>(entries)});
  return tables.back().first;
}
