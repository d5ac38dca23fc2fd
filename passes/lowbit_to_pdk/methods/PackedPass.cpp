//===- PackedPass.cpp - The pass of one input over packed tables ----------===//
//
// What layers of an engine share: the pass that adds an input, times its weight
// in each row, to all sums, and the tables that it fetches weights from. Layers
// with fewer rows enter it late.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/PackedEngine.h"

#include "passes/lowbit_to_pdk/support/Multiples.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

void PackedEngine::emitPass(CodeBuilder &code,
                            llvm::function_ref<void()> leave) {
  std::string start = code.unique("start");
  if (!takesPieces()) {
    if (!isShared) {
      code(CEQSN_A_K, 0);
      code(GOTO_K, start);
      leave();
      code.label(start);
    }
    emitPiece(code);
    emitRows(code);
    leave();
    return;
  }
  std::string again = code.unique("piece"), large = code.unique("large");
  code.label(again, llvm::divideCeil(maxInput, maxPiece));
  code(SUB_A_K, maxPiece + 1);
  code.skipIfFlag(kCarryFlag, true);
  code(GOTO_K, large);
  code(ADD_A_K, maxPiece + 1); // sets Z
  code.skipIfFlag(kZeroFlag, false);
  leave();
  if (isShared)
    code.label(piecePassNames[0]);
  code(CLEAR_M, remaining);
  code.label(start);
  emitPiece(code);
  emitRows(code);
  code(MOV_A_M, remaining); // sets Z
  code.skipIfFlag(kZeroFlag, false);
  leave();
  code(GOTO_K, again);
  code.label(large);
  code(ADD_A_K, 1);
  code(MOV_M_A, remaining);
  code(MOV_A_K, maxPiece);
  code(GOTO_K, start);
}

void PackedEngine::emitPiece(CodeBuilder &code) {
  emitMultiples(code, decode.multiples, multiples);
  if (!decode.bias)
    return;
  if (countsInByte()) {
    code(INC_M, passes);
    return;
  }
  code(MOV_A_K, decode.bias);
  code(ADD_M_A, passes);
  for (int64_t byte = 1; byte < bytes; ++byte)
    code(ADDC_M, passes.at(byte));
}

/// From a row's code its product, added to its sum.
void PackedEngine::emitRow(CodeBuilder &code, int64_t row) {
  if (!decode.isRelative)
    code(MOV_A_M, multiples[decode.first]);
  for (auto [bit, step] : llvm::enumerate(decode.steps)) {
    int64_t position = row * int64_t(decode.getBits()) + int64_t(bit);
    if (decode.radix)
      code(T0SN_MBIT, digit, bit);
    else
      code(T0SN_MBIT, getByte(position / 8), position % 8);
    switch (step.kind) {
    case DecodeStep::Take:
      code(MOV_A_M, multiples[step.multiple]);
      break;
    case DecodeStep::Add:
      code(ADD_A_M, multiples[step.multiple]);
      break;
    case DecodeStep::Double:
      code(SL_A);
      break;
    case DecodeStep::Negate:
      code(NEG_A);
      break;
    case DecodeStep::Exchange:
      code(XCH_M, multiples[step.multiple]);
      break;
    }
  }
  if (decode.finalOffset)
    code(ADD_A_K, decode.finalOffset);
  code(ADD_M_A, accumulators.at(row * bytes));
  for (int64_t byte = 1; byte < bytes; ++byte)
    code(ADDC_M, accumulators.at(row * bytes + byte));
}

int64_t PackedEngine::getEndOfFetch(int64_t byte) const {
  return decode.isRelative ? std::min(byte | 1, getNumTables() - 1) : byte;
}

/// Where a byte of the tables is, once it is fetched.
const Cell &PackedEngine::getByte(int64_t byte) const {
  if (decode.isRelative)
    return weights[byte == getEndOfFetch(byte)];
  return weights[decode.radix ? 0 : byte % 2];
}

/// What A holds for a relative code is where the last of these bytes will be,
/// and in A again behind them.
void PackedEngine::emitFetch(CodeBuilder &code, int64_t byte, int64_t end) {
  for (; byte <= end; ++byte) {
    code(MOV_A_M, entry);
    code(CALL_K, tableNames[byte]);
    code(decode.isRelative && byte == end ? XCH_M : MOV_M_A, getByte(byte));
  }
}

/// Layers with fewer rows have the last ones; they enter late. Their entries
/// of the tables come behind those of the layers with more.
void PackedEngine::emitSearchOfRow(CodeBuilder &code) {
  llvm::SmallMapVector<int64_t, int64_t, 4> entryOfRow;
  for (const PackedLayer &layer : layers) {
    if (getEntryRow(layer) == 0)
      continue;
    auto [found, isNew] =
        entryOfRow.insert({getEntryRow(layer), layer.firstEntry});
    if (!isNew)
      found->second = std::min(found->second, layer.firstEntry);
  }
  SmallVector<std::pair<int64_t, int64_t>> late(entryOfRow.begin(),
                                                entryOfRow.end());
  llvm::sort(late, [](auto a, auto b) { return a.second > b.second; });
  if (!late.empty())
    code(MOV_A_M, entry);
  int64_t subtracted = 0;
  for (auto [row, firstEntry] : late) {
    // A holds entry less the limits tried before, so that one subtraction
    // compares with the next lower limit.
    code(SUB_A_K, firstEntry - subtracted);
    subtracted = firstEntry;
    if (beginsFetch(row)) {
      code.skipIfFlag(kCarryFlag, true);
      code(GOTO_K, rowNames[row]);
      continue;
    }
    std::string early = code.unique("early");
    code.skipIfFlag(kCarryFlag, false);
    code(GOTO_K, early);
    emitWayIn(code, row);
    code.label(early);
  }
}

/// Whether the row begins with a fetch of its own, and needs no other on the
/// way in.
bool PackedEngine::beginsFetch(int64_t row) const {
  if (decode.radix)
    return true;
  int64_t bits = row * int64_t(decode.getBits());
  return bits % 8 == 0 && (!decode.isRelative || bits / 8 % 2 == 0);
}

/// To a row that may begin within bytes that rows before it have fetched.
void PackedEngine::emitWayIn(CodeBuilder &code, int64_t row) {
  if (!beginsFetch(row))
    emitFetch(code, getTable(row), getEndOfFetch(getTable(row)));
  code(GOTO_K, rowNames[row]);
}

void PackedEngine::emitRows(CodeBuilder &code) {
  int64_t bits = decode.getBits();
  if (piecePassNames.size() == 1)
    emitSearchOfRow(code);
  int64_t fetched = 0;
  for (int64_t row = 0; row < rows; ++row) {
    int64_t lastTable =
        decode.radix ? getTable(row) : ((row + 1) * bits - 1) / 8;
    if (decode.isRelative && row > 0 && fetched <= lastTable)
      code(MOV_M_A, multiples[decode.first]);
    auto name = rowNames.find(row);
    if (name != rowNames.end())
      code.label(name->second);
    while (fetched <= lastTable) {
      int64_t end = getEndOfFetch(fetched);
      emitFetch(code, fetched, end);
      fetched = end + 1;
    }
    if (decode.radix)
      code(CALL_K, digitName);
    emitRow(code, row);
  }
}

/// The weights' byte times the base; what exceeds the byte is the digit.
void PackedEngine::emitDigitRoutine(CodeBuilder &code) {
  Cell byte = weights[0];
  code.routine(digitName);
  code(MOV_A_M, byte);
  code(CLEAR_M, digit);
  for (int bit = int(llvm::Log2_32(decode.radix)) - 1; bit >= 0; --bit) {
    code(SL_M, byte);
    code(SLC_M, digit);
    if (decode.radix >> bit & 1) {
      code(ADD_M_A, byte);
      code(ADDC_M, digit);
    }
  }
  code(RET);
}

/// The codes of a column of the layer, by row of the engine; 0 before the
/// layer's own rows.
SmallVector<unsigned> PackedEngine::getCodes(const PackedLayer &layer,
                                             ArrayRef<int64_t> column) const {
  SmallVector<unsigned> codes(getFirstRow(layer), 0);
  codes.append(decode.getCodes(column));
  return codes;
}

/// One byte of a table: what it holds of the codes.
int32_t PackedEngine::getTableByte(ArrayRef<unsigned> codes,
                                   int64_t table) const {
  auto getCode = [&](int64_t row) -> unsigned {
    return row < int64_t(codes.size()) ? codes[row] : 0;
  };
  if (decode.radix) {
    SmallVector<unsigned> digits;
    for (int64_t i = 0; i < int64_t(decode.getDigits()); ++i)
      digits.push_back(getCode(table * int64_t(decode.getDigits()) + i));
    return packDigits(digits, decode.radix);
  }
  int64_t bits = decode.getBits();
  int32_t packed = 0;
  for (int64_t bit = 0; bit < 8; ++bit) {
    int64_t position = table * 8 + bit;
    packed |= (getCode(position / bits) >> (position % bits) & 1) << bit;
  }
  return packed;
}

void PackedEngine::emitShared(CodeBuilder &code) {
  if (decode.radix)
    emitDigitRoutine(code);
  if (isShared) {
    code.routine(takesPieces() ? passName : piecePassNames[0]);
    emitPass(code, [&] { code(RET); });
    for (auto &[row, name] : llvm::drop_begin(piecePassNames)) {
      code.label(name);
      emitPiece(code);
      emitWayIn(code, row);
    }
  }
  if (!clearName.empty()) {
    code.routine(clearName);
    if (decode.bias)
      clearPasses(code);
    emitClear(code);
    code(RET);
  }
  for (int64_t table = 0; table < getNumTables(); ++table) {
    SmallVector<int32_t> bytesOfTable;
    SmallVector<const PackedLayer *> order;
    for (const PackedLayer &layer : layers)
      order.push_back(&layer);
    llvm::sort(order, [](const PackedLayer *a, const PackedLayer *b) {
      return a->firstEntry < b->firstEntry;
    });
    for (const PackedLayer *layer : order) {
      // Tables before the layer's entrance hold nothing of it, and no layer
      // behind it in the tables has more rows.
      if (table < getFirstByte(*layer))
        break;
      auto columns = layer->getColumns();
      for (ArrayRef<int64_t> column : llvm::reverse(columns))
        bytesOfTable.push_back(getTableByte(getCodes(*layer, column), table));
    }
    code.table(tableNames[table], bytesOfTable);
  }
}
