//===- Table.cpp - Step functions by tables -------------------------------===//
//
// Of a byte the table holds the values. Where the range is wider it holds the
// distances from one step to the next, which a loop takes off the argument
// until there is a borrow; and the values, if these are not simply counted.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/FunctionMethod.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/Storage.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

static void emitLookup(const StepTable &function, StepFunctions &functions) {
  CodeBuilder &code = functions.getCode();
  SmallVector<int32_t> entries;
  size_t piece = 0;
  int64_t span = function.range.max - function.range.min;
  for (int64_t i = 0; i <= span && i < kMostEntries; ++i) {
    while (piece + 1 < function.starts.size() &&
           function.starts[piece + 1] <= function.range.min + i)
      ++piece;
    entries.push_back(uint8_t(function.values[piece]));
  }
  std::string table = functions.addTable("values", entries);
  code(ADD_A_K, 1);
  if (span >= kMostEntries) {
    // The one value too many wraps to 0.
    code.skipIfFlag(kZeroFlag, false);
    code(RET_K, function.values.back());
  }
  code(CALL_K, table);
  code(RET);
}

static void emitDistances(const StepTable &function, StepFunctions &functions) {
  CodeBuilder &code = functions.getCode();
  int64_t bytes = StepFunctions::getArgumentBytes(function.range);
  int64_t pieces = function.values.size();
  Cell argument = functions.getArgument(function.range);
  functions.subtract(argument, bytes, function.starts[1] - function.starts[0],
                     [&] { code(RET_K, function.values[0]); });
  if (pieces == 2) {
    code(RET_K, function.values[1]);
    return;
  }
  SmallVector<int64_t> distances;
  SmallVector<int32_t> values;
  bool risesByOne = true;
  for (int64_t i = 1; i < pieces; ++i) {
    values.push_back(uint8_t(function.values[i]));
    risesByOne &= i < 2 || function.values[i] == function.values[i - 1] + 1;
    if (i + 1 == pieces)
      break;
    distances.push_back(function.starts[i + 1] - function.starts[i]);
  }
  int64_t longest = 0;
  for (int64_t distance : distances)
    longest = std::max(longest, distance);
  SmallVector<std::string> distanceTables;
  for (int64_t byte = 0; byte < getBytes({0, longest}); ++byte) {
    SmallVector<int32_t> entries;
    for (int64_t distance : distances)
      entries.push_back(distance >> (8 * byte) & 255);
    distanceTables.push_back(functions.addTable("distances", entries));
  }
  Cell index = code.cells("piece", 1);
  std::string loop = code.unique("distance"), done = code.unique("done");
  code(CLEAR_M, index);
  code.label(loop, pieces);
  code(INC_M, index);
  code(MOV_A_M, index);
  std::string next = code.unique("next");
  code(CEQSN_A_K, pieces - 1);
  code(GOTO_K, next);
  code(GOTO_K, done);
  code.label(next);
  for (int64_t byte = 0; byte < bytes; ++byte) {
    if (byte >= int64_t(distanceTables.size())) {
      code(SUBC_M, argument.at(byte));
      continue;
    }
    if (byte)
      code(MOV_A_M, index);
    code(CALL_K, distanceTables[byte]);
    code(byte ? SUBC_M_A : SUB_M_A, argument.at(byte));
  }
  code.skipIfFlag(kCarryFlag, true);
  code(GOTO_K, loop);
  code.label(done);
  code(MOV_A_M, index);
  if (!risesByOne)
    code(CALL_K, functions.addTable("values", values));
  else if (function.values[1] != 1)
    code(ADD_A_K, function.values[1] - 1);
  code(RET);
}

StepFunctions::Write pdkc::makeTableRoutine(const StepTable &function,
                                            StepFunctions &functions) {
  if (function.range.max - function.range.min <= kMostEntries)
    return [function, &functions] { emitLookup(function, functions); };
  if (int64_t(function.values.size()) <= kMostEntries + 2)
    return [function, &functions] { emitDistances(function, functions); };
  return nullptr;
}

namespace {
struct TableMethod : FunctionMethod {
  TableMethod(StringRef operation) : FunctionMethod(operation, "table") {}

  StepFunctions::Write makeRoutine(const StepTable &function,
                                   StepFunctions &functions) const override {
    return makeTableRoutine(function, functions);
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeTableMethod(StringRef operation) {
  return std::make_unique<TableMethod>(operation);
}
