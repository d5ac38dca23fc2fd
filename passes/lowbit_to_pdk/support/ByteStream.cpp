//===- ByteStream.cpp - Bytes from code memory, one after another ---------===//

#include "passes/lowbit_to_pdk/support/ByteStream.h"

#include "passes/lowbit_to_pdk/support/Elementwise.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

void pdkc::emitChoice(CodeBuilder &code, Cell number,
                      ArrayRef<std::string> targets, int64_t begin,
                      int64_t end) {
  if (end - begin == 1) {
    code(GOTO_K, targets[begin]);
    return;
  }
  unsigned bit = llvm::Log2_64_Ceil(end - begin) - 1;
  int64_t middle = begin + (int64_t(1) << bit);
  std::string upper = code.unique("upper");
  bool isLast = end - middle == 1;
  code(T0SN_MBIT, number, bit);
  code(GOTO_K, isLast ? targets[middle] : upper);
  emitChoice(code, number, targets, begin, middle);
  if (isLast)
    return;
  code.label(upper);
  emitChoice(code, number, targets, middle, end);
}

ByteStream::ByteStream(CodeBuilder &code, StringRef stem,
                       std::vector<int32_t> contents)
    : code(code), bytes(std::move(contents)) {
  assert(!bytes.empty());
  readsWords =
      isAvailable(LDTABL_M, findDevice(code.getProgram().getDevice())->set);
  size_t tables =
      readsWords ? 1 : llvm::divideCeil(bytes.size(), kTableEntries);
  position = code.cells((stem + "_position").str(), readsWords ? 2 : 1,
                        readsWords ? 2 : 1);
  if (tables > 1)
    table = code.cells((stem + "_table").str(), 1);
  nextName = code.unique(("next_" + stem).str());
  for (size_t i = 0; i < tables; ++i)
    names.push_back(code.unique(stem));
}

void ByteStream::begin() {
  if (readsWords) {
    for (int64_t byte = 0; byte < 2; ++byte) {
      code.addressByte(MOV_A_K, names[0], byte);
      code(MOV_M_A, position.at(byte));
    }
    return;
  }
  code(CLEAR_M, position);
  if (table.cells)
    code(CLEAR_M, table);
}

void ByteStream::next() {
  if (readsWords) {
    code(LDTABL_M, position);
    code(INC_M, position);
    code(ADDC_M, position.at(1));
  } else if (table.cells) {
    code(CALL_K, nextName);
  } else {
    code(INC_M, position);
    code(MOV_A_M, position);
    code(CALL_K, names[0]);
  }
}

Cell ByteStream::makeMark(StringRef name) {
  return code.cells(name, readsWords || table.cells ? 2 : 1);
}

void ByteStream::save(Cell mark) {
  copy(code, mark, position, readsWords ? 2 : 1);
  if (table.cells)
    copy(code, mark.at(1), table, 1);
}

void ByteStream::restore(Cell mark) {
  copy(code, position, mark, readsWords ? 2 : 1);
  if (table.cells)
    copy(code, table, mark.at(1), 1);
}

void ByteStream::emitShared() {
  if (readsWords) {
    code.words(names[0], bytes);
    return;
  }
  if (table.cells) {
    std::string same = code.unique("same");
    code.routine(nextName);
    code(IZSN_M, position);
    code(GOTO_K, same);
    code(INC_M, table);
    code(INC_M, position);
    code.label(same);
    code(MOV_A_M, position);
    emitChoice(code, table, names, 0, names.size());
  }
  for (size_t i = 0; i < names.size(); ++i) {
    size_t begin = i * kTableEntries;
    size_t count = std::min<size_t>(kTableEntries, bytes.size() - begin);
    code.table(names[i], ArrayRef<int32_t>(bytes).slice(begin, count));
  }
}
