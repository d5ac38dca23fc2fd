//===- ScaleLowering.cpp - Sums of tensors times integers -----------------===//
//
// One element after the other: each input's element, times its factor, is added
// to or subtracted from a sum in a few bytes.
//
//===----------------------------------------------------------------------===//

#include "passes/lowering/ModelLowering.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

namespace {
/// One input of a lowbit.scale: where it is, and its factors' bytes.
struct ScaledInput {
  const Vector *values;
  Interval range;
  bool isSubtracted = false;
  bool isFixed = false; ///< one element for all results
  /// Where all factors are 256 to the power of it.
  std::optional<int64_t> places;
  int64_t valueBytes = 1, factorBytes = 1;
  SmallVector<int64_t> factors;
  Cell at, value; ///< address of the element, its bytes
  std::optional<Cell> excess;
};
} // namespace

/// The power of 256 that all of the factors are.
static std::optional<int64_t> getPlaces(ArrayRef<int64_t> factors) {
  if (!llvm::all_equal(factors) || !llvm::isPowerOf2_64(factors[0]) ||
      llvm::Log2_64(factors[0]) % 8)
    return std::nullopt;
  return llvm::Log2_64(factors[0]) / 8;
}

/// A = byte of the element's constant: from a table, or the same for all.
static std::function<void()> makeConstant(CodeBuilder &code,
                                          StepFunctions &functions, Cell number,
                                          ArrayRef<int64_t> constants,
                                          int64_t byte) {
  SmallVector<int32_t> bytes;
  for (int64_t constant : constants)
    bytes.push_back(constant >> (8 * byte) & 255);
  if (llvm::all_equal(bytes))
    return [&code, value = bytes[0]] { code(MOV_A_K, value); };
  std::string table = functions.addTable("factors", bytes);
  return [&code, number, table] {
    code(MOV_A_M, number);
    code(CALL_K, table);
  };
}

/// Products of inputs less their lowest values, on top of the constants that
/// this leaves.
LogicalResult ModelLowering::lowerScale(lowbit::ScaleOp op) {
  Vector result;
  result.size = op.getBias().size();
  result.range = lowbit::getRange(op.getResult());
  // A decision compares unsigned numbers where it can.
  result.offset = -result.range.min;
  result.range = {0, result.range.max - result.range.min};
  result.bytes = getBytes(result.range);
  SmallVector<int64_t> rest(op.getBias());
  SmallVector<ScaledInput, 2> inputs;
  for (auto [k, value] : llvm::enumerate(op.getInputs())) {
    ScaledInput input;
    input.values = &vectors.find(value)->second;
    input.range = lowbit::getRange(value);
    input.factors.assign(
        op.getMultiplier().slice(k * result.size, result.size));
    input.isSubtracted =
        llvm::any_of(input.factors, [](int64_t factor) { return factor < 0; });
    if (auto select = value.getDefiningOp<lowbit::SelectOp>())
      input.isFixed = isView(select) && llvm::all_equal(select.getIndices());
    for (auto [factor, constant] : llvm::zip(input.factors, rest)) {
      constant += factor * input.range.min;
      if (factor != 0 && (factor < 0) != input.isSubtracted)
        return op.emitError("multiplies one input by positive and by negative "
                            "numbers, which is not supported");
      factor = std::abs(factor);
    }
    input.valueBytes = getBytes({0, input.range.max - input.range.min});
    input.factorBytes = getBytes({0, *llvm::max_element(input.factors)});
    if (result.size > 255 || result.bytes > 6 || input.factorBytes > 4)
      return op.emitError("takes ")
             << result.size << " elements, factors of " << 8 * input.factorBytes
             << " bits and results of " << 8 * result.bytes
             << " bits; at most 255, 32 bits and 48 bits can be";
    input.places = getPlaces(input.factors);
    inputs.push_back(input);
  }
  for (int64_t &constant : rest)
    constant += result.offset;

  result.cells = code.cells("scaled", result.sizeInBytes());
  code.undef(result.cells);
  Cell number = code.cells("number", 1), p = code.pointerP();
  Cell sum = code.cells("sum", result.bytes);
  code(CLEAR_M, number);
  for (ScaledInput &input : inputs) {
    input.excess = emitExcess(code, *input.values);
    input.at = code.cells("at", 1);
    input.value = code.cells("value", input.values->bytes);
    code.addressOf(MOV_A_K, input.values->cells);
    code(MOV_M_A, input.at);
  }
  auto load = [&] {
    code(INC_M, number);
    for (int64_t byte = 0; byte < result.bytes; ++byte) {
      makeConstant(code, functions, number, rest, byte)();
      code(MOV_M_A, sum.at(byte));
    }
  };
  // Adds a term times 256^places, or subtracts it.
  auto add = [&](const ScaledInput &input, Cell term, int64_t places,
                 int64_t bytes) {
    bool isSubtracted = input.isSubtracted;
    for (int64_t byte = places; byte < result.bytes; ++byte) {
      if (byte >= places + bytes) {
        code(isSubtracted ? SUBC_M : ADDC_M, sum.at(byte));
        continue;
      }
      code(MOV_A_M, term.at(byte - places));
      if (byte == places)
        code(isSubtracted ? SUB_M_A : ADD_M_A, sum.at(byte));
      else
        code(isSubtracted ? SUBC_M_A : ADDC_M_A, sum.at(byte));
    }
  };
  auto work = [&] {
    for (const ScaledInput &input : inputs) {
      int64_t bytes = input.values->bytes;
      code(MOV_A_M, input.at);
      code(MOV_M_A, p);
      for (int64_t byte = 0; byte < bytes; ++byte) {
        code.indirect(IDXM_A_M, p, input.values->cells);
        code(MOV_M_A, input.value.at(byte));
        code(INC_M, p);
      }
      if (!input.isFixed) {
        code(MOV_A_M, p);
        code(MOV_M_A, input.at);
      }
      subtractExcess(code, input.excess, input.value, bytes);
      addConstant(code, -input.range.min - input.values->offset, input.value,
                  bytes);
      if (input.places) {
        add(input, input.value, *input.places, input.valueBytes);
        continue;
      }
      const Multiply::Routine &routine =
          functions.getMultiply().get(input.valueBytes, input.factorBytes);
      copy(code, routine.value, input.value, input.valueBytes);
      for (int64_t byte = 0; byte < input.factorBytes; ++byte) {
        makeConstant(code, functions, number, input.factors, byte)();
        code(MOV_M_A, routine.product.at(byte));
      }
      code(CALL_K, routine.name);
      add(input, routine.product, 0, input.valueBytes + input.factorBytes);
    }
    return sum;
  };
  emitLoop(code, result, 0, result.size, load, [&] {
    Cell made = work();
    if (result.bytes == 1)
      code(MOV_A_M, made);
    return made;
  });
  vectors[op.getResult()] = result;
  return success();
}
