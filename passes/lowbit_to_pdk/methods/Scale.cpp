//===- Scale.cpp - Sums of tensors times integers -------------------------===//
//
// One element after the other: each input's element, times its factor, is added
// to or subtracted from a sum in a few bytes, which is then shifted and clamped
// where the operation says so.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

using Wide = __int128;

/// Bytes of an unsigned number.
static int64_t countBytes(Wide value) {
  int64_t bytes = 1;
  while (value >> (8 * bytes))
    ++bytes;
  return bytes;
}

namespace {
/// One input of a lowbit.scale: where it is, and its factors' bytes.
struct ScaledInput {
  Storage values;
  Interval range;
  bool isSubtracted = false;
  bool isFixed = false; ///< one element for all results
  /// Where all factors are 256 to the power of it.
  std::optional<int64_t> places;
  int64_t valueBytes = 1, factorBytes = 1;
  SmallVector<int64_t> factors; ///< without signs
  /// Where they have both signs: those whose elements are complemented.
  SmallVector<int64_t> complements;
  Cell at, value; ///< address of the element, its bytes
  std::optional<Cell> bias;
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
template <typename Constants>
static std::function<void()>
makeConstant(CodeBuilder &code, StepFunctions &functions, Cell number,
             const Constants &constants, int64_t byte) {
  SmallVector<int32_t> bytes;
  for (Wide constant : constants)
    bytes.push_back(int32_t(constant >> (8 * byte) & 255));
  if (llvm::all_equal(bytes))
    return [&code, value = bytes[0]] { code(MOV_A_K, value); };
  std::string table = functions.addTable("factors", bytes);
  return [&code, number, table] {
    code(MOV_A_M, number);
    code(CALL_K, table);
  };
}

/// What the sums are before they are shifted.
static std::pair<Wide, Wide> boundSums(lowbit::ScaleOp op) {
  Wide lowest = 0, highest = 0;
  for (size_t i = 0; i < op.getBias().size(); ++i) {
    auto [low, high] = op.boundSum(
        i, [&](size_t k) { return lowbit::getRange(op.getInputs()[k]); });
    lowest = i ? std::min(lowest, low) : low;
    highest = i ? std::max(highest, high) : high;
  }
  return {lowest, highest};
}

/// The input's factors, with their signs apart; `rest` takes the constants that
/// this leaves.
static ScaledInput describeInput(lowbit::ScaleOp op, size_t k, Storage values,
                                 MutableArrayRef<Wide> rest) {
  Value value = op.getInputs()[k];
  ScaledInput input;
  input.values = values;
  input.range = lowbit::getRange(value);
  input.factors.assign(op.getMultiplier().slice(k * rest.size(), rest.size()));
  auto isNegative = [](int64_t factor) { return factor < 0; };
  input.isSubtracted = llvm::any_of(input.factors, isNegative);
  if (input.isSubtracted &&
      llvm::any_of(input.factors, [](int64_t factor) { return factor > 0; })) {
    for (int64_t factor : input.factors)
      input.complements.push_back(isNegative(factor) ? 255 : 0);
    input.isSubtracted = false;
  }
  input.isFixed = values.isSplat;
  input.valueBytes = getBytes({0, input.range.max - input.range.min});
  Wide ones = (Wide(1) << (8 * input.valueBytes)) - 1;
  for (auto [i, factor] : llvm::enumerate(input.factors)) {
    rest[i] += Wide(factor) * input.range.min;
    if (!input.complements.empty() && factor < 0)
      rest[i] += factor * ones;
    factor = std::abs(factor);
  }
  input.factorBytes = getBytes({0, *llvm::max_element(input.factors)});
  input.places = getPlaces(input.factors);
  return input;
}

/// Products of inputs less their lowest values, on top of the constants that
/// this leaves.
static LogicalResult emitScale(lowbit::ScaleOp op, Emission &emission) {
  CodeBuilder &code = emission.code;
  StepFunctions &functions = emission.functions;
  const Storage result = emission.getStorage(op.getResult());
  Interval results = lowbit::getRange(op.getResult());
  int64_t shift = op.getShift();
  auto [lowestSum, highestSum] = boundSums(op);
  // What is clamped counts from its lowest value, so it is never negative.
  bool isClamped = op.getMin().has_value();
  int64_t lowest = isClamped ? int64_t(lowestSum >> shift) : results.min;
  int64_t highest = isClamped ? int64_t(highestSum >> shift) : results.max;
  Wide base = Wide(lowest) * (Wide(1) << shift);
  int64_t sumBytes = isClamped ? std::max(countBytes(highestSum - base),
                                          shift / 8 + result.bytes)
                               : result.bytes;
  SmallVector<Wide> rest;
  for (int64_t bias : op.getBias())
    rest.push_back(bias - base);
  SmallVector<ScaledInput, 2> inputs;
  for (auto [k, value] : llvm::enumerate(op.getInputs())) {
    inputs.push_back(describeInput(op, k, emission.getStorage(value), rest));
    constexpr int64_t kMostSum = 14, kMostFactor = 7;
    int64_t factorBytes = inputs.back().factorBytes;
    if (result.size > 255 || sumBytes > kMostSum || factorBytes > kMostFactor)
      return op.emitError("takes ")
             << result.size << " elements, factors of " << 8 * factorBytes
             << " bits and sums of " << 8 * sumBytes << " bits; at most 255, "
             << 8 * kMostFactor << " bits and " << 8 * kMostSum
             << " bits can be";
  }

  emission.begin(result);
  Cell number = code.cells("number", 1), p = code.pointerP();
  Cell sum = code.cells("sum", sumBytes);
  code(CLEAR_M, number);
  for (ScaledInput &input : inputs) {
    input.bias = emitBias(code, input.values);
    input.at = code.cells("at", 1);
    input.value = code.cells("value", input.values.bytes);
    code.addressOf(MOV_A_K, input.values.cells);
    code(MOV_M_A, input.at);
  }
  auto load = [&] {
    code(INC_M, number);
    for (int64_t byte = 0; byte < sumBytes; ++byte) {
      makeConstant(code, functions, number, rest, byte)();
      code(MOV_M_A, sum.at(byte));
    }
  };
  // Adds a term times 256^places, or subtracts it.
  auto add = [&](const ScaledInput &input, Cell term, int64_t places,
                 int64_t bytes) {
    bool isSubtracted = input.isSubtracted;
    for (int64_t byte = places; byte < sumBytes; ++byte) {
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
      int64_t bytes = input.values.bytes;
      code(MOV_A_M, input.at);
      code(MOV_M_A, p);
      for (int64_t byte = 0; byte < bytes; ++byte) {
        code.indirect(IDXM_A_M, p, input.values.cells);
        code(MOV_M_A, input.value.at(byte));
        code(INC_M, p);
      }
      if (!input.isFixed) {
        code(MOV_A_M, p);
        code(MOV_M_A, input.at);
      }
      subtractBias(code, input.bias, input.value, bytes);
      addConstant(code, -input.range.min - input.values.offset, input.value,
                  bytes);
      if (!input.complements.empty()) {
        makeConstant(code, functions, number, input.complements, 0)();
        for (int64_t byte = 0; byte < input.valueBytes; ++byte)
          code(XOR_M_A, input.value.at(byte));
      }
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
    return isClamped
               ? emitShiftAndClamp(code, sum, sumBytes, shift,
                                   {results.min - lowest, results.max - lowest},
                                   highest - lowest)
               : sum;
  };
  emitLoop(code, result, 0, result.size, load, [&] {
    Cell made = work();
    if (result.bytes == 1)
      code(MOV_A_M, made);
    return made;
  });
  return success();
}

namespace {
struct ScaleMethod : Method {
  ScaleMethod() : Method("lowbit.scale", "loop") {}

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    // From the lowest: a decision compares unsigned numbers where it can.
    Value result = op->getResult(0);
    assignment.setInNewBuffer(
        result, StorageAssignment::getWideFormat(result), "scaled");
    return success();
  }

  LogicalResult emit(Operation *op, Emission &emission) const override {
    return emitScale(cast<lowbit::ScaleOp>(op), emission);
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeScaleMethod() {
  return std::make_unique<ScaleMethod>();
}
