//===- Elementwise.cpp - Loops over a vector's elements -------------------===//

#include "passes/lowbit_to_pdk/support/Elementwise.h"

#include "passes/lowbit_to_pdk/support/PackedElements.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

/// result = A x factor.
static void multiply(CodeBuilder &code, Cell result, int64_t bytes,
                     uint64_t factor) {
  for (int64_t byte = 1; byte < bytes; ++byte)
    code(CLEAR_M, result.at(byte));
  code(MOV_M_A, result);
  for (unsigned bit = llvm::Log2_64(factor); bit-- > 0;) {
    for (int64_t byte = 0; byte < bytes; ++byte)
      code(byte ? SLC_M : SL_M, result.at(byte));
    if (!(factor >> bit & 1))
      continue;
    code(ADD_M_A, result);
    for (int64_t byte = 1; byte < bytes; ++byte)
      code(ADDC_M, result.at(byte));
  }
}

void pdkc::copy(CodeBuilder &code, Cell to, Cell from, int64_t bytes) {
  for (int64_t byte = 0; byte < bytes; ++byte) {
    code(MOV_A_M, from.at(byte));
    code(MOV_M_A, to.at(byte));
  }
}

std::optional<Cell> pdkc::emitBias(CodeBuilder &code, const Storage &values) {
  if (!values.bias)
    return std::nullopt;
  auto [cells, step] = *values.bias;
  bool isAmongValues = cells.cells == values.cells.cells;
  if (step == 0 && !isAmongValues)
    return cells;
  Cell bias = code.cells("bias", values.bytes);
  if (step == 0) {
    // Results that go to the values' cells would overwrite it.
    copy(code, bias, cells, values.bytes);
    return bias;
  }
  code(MOV_A_M, cells);
  if (step != 128 && step != 128 * 256) {
    multiply(code, bias, values.bytes, step);
    return bias;
  }
  // 128 x passes: a shift to the right by one across two bytes.
  int64_t first = step == 128 ? 0 : 1;
  code(SR_A);
  for (int64_t byte = 0; byte < values.bytes; ++byte)
    if (byte == first + 1)
      code(MOV_M_A, bias.at(byte));
    else if (byte != first)
      code(CLEAR_M, bias.at(byte));
  code(MOV_A_K, 0);
  code(SRC_A);
  code(MOV_M_A, bias.at(first));
  return bias;
}

void pdkc::subtractBias(CodeBuilder &code, std::optional<Cell> bias,
                          Cell value, int64_t bytes) {
  for (int64_t byte = 0; bias && byte < bytes; ++byte) {
    code(MOV_A_M, bias->at(byte));
    code(byte ? SUBC_M_A : SUB_M_A, value.at(byte));
  }
}

void pdkc::addConstant(CodeBuilder &code, int64_t constant, Cell value,
                       int64_t bytes) {
  bool begun = false; // bytes of 0 at the low end change nothing
  for (int64_t byte = 0; byte < bytes; ++byte) {
    int64_t part = constant >> (8 * byte) & 255;
    if (!begun && part == 0)
      continue;
    if (part != 0) {
      code(MOV_A_K, part);
      code(begun ? ADDC_M_A : ADD_M_A, value.at(byte));
    } else {
      code(ADDC_M, value.at(byte));
    }
    begun = true;
  }
}

void pdkc::addToElements(CodeBuilder &code, const Storage &values,
                         ArrayRef<int64_t> constants) {
  for (auto [i, constant] : llvm::enumerate(constants))
    addConstant(code, constant, values.element(i), values.bytes);
}

void pdkc::emitTimes(CodeBuilder &code, StringRef name, int64_t trips,
                     llvm::function_ref<void()> body) {
  if (trips == 1) {
    body();
    return;
  }
  assert(trips > 1 && trips <= 255);
  Cell left = code.cells((name + "_left").str(), 1);
  std::string loop = code.unique(name);
  code(MOV_A_K, trips);
  code(MOV_M_A, left);
  code.label(loop, trips);
  body();
  code(DZSN_M, left);
  code(GOTO_K, loop);
}

/// The same where results are packed.
static void emitPackedLoop(CodeBuilder &code, const Storage &result,
                           llvm::function_ref<void()> load,
                           llvm::function_ref<Cell()> work) {
  PackedWriter writer(code, result);
  emitTimes(code, "elements", result.size, [&] {
    load();
    work();
    writer.put();
  });
  writer.finish();
}

void pdkc::emitLoop(CodeBuilder &code, const Storage &result, int64_t begin,
                    int64_t end, llvm::function_ref<void()> load,
                    llvm::function_ref<Cell()> work) {
  if (result.isPacked()) {
    assert(begin == 0 && end == result.size && "all in one loop");
    return emitPackedLoop(code, result, load, work);
  }
  Cell target = code.cells("target", 2, 2);
  std::string loop = code.unique("elements");
  code.addressOf(MOV_A_K, result.element(begin));
  code(MOV_M_A, target);
  code(CLEAR_M, target.at(1));
  code.label(loop, end - begin);
  load();
  Cell made = work();
  for (int64_t byte = 0; byte < result.bytes; ++byte) {
    if (result.bytes > 1)
      code(MOV_A_M, made.at(byte));
    code.indirect(IDXM_M_A, target, result.cells);
    code(INC_M, target);
  }
  code(MOV_A_M, target);
  code.addressOf(CEQSN_A_K, result.element(end));
  code(GOTO_K, loop);
}

std::function<void()> pdkc::beginReading(CodeBuilder &code,
                                         const Storage &values, int64_t begin,
                                         Cell value, std::optional<Cell> bias,
                                         std::optional<Cell> pointer) {
  Cell source = pointer ? *pointer : code.pointerP();
  code.addressOf(MOV_A_K, values.element(begin));
  code(MOV_M_A, source);
  if (pointer)
    code(CLEAR_M, source.at(1));
  return [&code, &values, source, value, bias] {
    for (int64_t byte = 0; byte < values.bytes; ++byte) {
      code.indirect(IDXM_A_M, source, values.cells);
      code(MOV_M_A, value.at(byte));
      code(INC_M, source);
    }
    subtractBias(code, bias, value, values.bytes);
  };
}

std::function<void(std::optional<Cell>)>
pdkc::beginStoring(CodeBuilder &code, const Storage &result) {
  Cell target = code.cells("target", 2, 2);
  code.addressOf(MOV_A_K, result.cells);
  code(MOV_M_A, target);
  code(CLEAR_M, target.at(1));
  return [&code, &result, target](std::optional<Cell> value) {
    for (int64_t byte = 0; byte < result.bytes; ++byte) {
      if (value)
        code(MOV_A_M, value->at(byte));
      code.indirect(IDXM_M_A, target, result.cells);
      code(INC_M, target);
    }
  };
}
