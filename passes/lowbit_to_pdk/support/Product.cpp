//===- Product.cpp - An input times a weight of up to 8 bits --------------===//

#include "passes/lowbit_to_pdk/support/Product.h"

#include "llvm/Support/MathExtras.h"

using namespace pdkc;
using namespace pdkc::pdk;

/// A multiple of `step` that lifts products of `low` to `high` into a byte; 128
/// if possible, of which multiples are easily made.
static std::optional<int64_t> findByteBias(int64_t low, int64_t high,
                                           int64_t step) {
  int64_t bias = llvm::alignTo(std::max<int64_t>(-low, 0), step);
  if (bias && bias < 128 && high + 128 <= 255)
    bias = 128;
  if (high + bias > 255)
    return std::nullopt;
  return bias;
}

std::optional<Product> pdkc::findProduct(lowbit::Interval weights,
                                         int64_t maxInput, int64_t sumBytes,
                                         unsigned wordBits) {
  assert(maxInput >= 0 && maxInput <= 255);
  Product product;
  lowbit::Interval all = lowbit::hull(weights, {0, 0});
  unsigned fromBase = lowbit::getWidth({0, all.max - all.min});
  product.bits = lowbit::getWidth(weights);
  product.isSigned = weights.min < 0;
  // Codes that count from the smallest weight cost a sum of their own: only
  // where they are denser in the table.
  if (product.isSigned && fromBase <= 8 &&
      (product.bits > 8 || wordBits / fromBase > wordBits / product.bits)) {
    product.bits = fromBase;
    product.isSigned = false;
    product.base = weights.min;
  }
  if (product.bits > 8)
    return std::nullopt;

  // Modulo 256 nothing has to be kept from going below zero.
  if (sumBytes == 1)
    return product;
  int64_t low = product.isSigned ? weights.min * maxInput : 0;
  int64_t high = (all.max - product.base) * maxInput;
  // The bias enters before the first doubling.
  int64_t step = product.isSigned ? int64_t(1) << (product.bits - 1) : 1;
  if (auto bias = findByteBias(low, high, step)) {
    product.bias = *bias;
    return product;
  }
  product.bytes = 2;
  // Below 8 bits it also keeps the carry clear from step to step.
  if (product.isSigned && (product.bits < 8 || sumBytes > 2))
    product.bias = 1 << 15;
  return product;
}

/// From the weight's top bit down: double, add the input where the bit is set.
static void emitByte(CodeBuilder &code, const Product &product, Cell input,
                     Cell weight) {
  unsigned top = product.bits - 1;
  code(MOV_A_K, product.bias >> (product.isSigned ? top : 0));
  code(T0SN_MBIT, weight, top);
  // To 0 the input is added by taking it.
  code(product.isSigned ? SUB_A_M : MOV_A_M, input);
  for (unsigned bit = top; bit-- > 0;) {
    code(SL_A);
    code(T0SN_MBIT, weight, bit);
    code(ADD_A_M, input);
  }
}

/// The same in two bytes. The value never leaves them, so that a step that adds
/// nothing has no carry either.
static void emitFromTop(CodeBuilder &code, const Product &product, Cell input,
                        Cell weight, Cell low, Cell high) {
  unsigned top = product.bits - 1;
  if (product.isSigned) {
    code(MOV_A_K, product.bias >> top >> 8);
    code(MOV_M_A, high);
    code(MOV_A_M, input);
    code(CLEAR_M, low);
    code(SL_M, low); // clears the carry
    code(T0SN_MBIT, weight, top);
    code(SUB_M_A, low);
    code(SUBC_M, high);
  } else {
    code(MOV_A_M, input);
    code(CLEAR_M, high);
    code(CLEAR_M, low);
    code(T0SN_MBIT, weight, top);
    code(MOV_M_A, low);
  }
  for (unsigned bit = top; bit-- > 0;) {
    code(SL_M, low);
    code(SLC_M, high);
    code(T0SN_MBIT, weight, bit);
    code(ADD_M_A, low);
    code(ADDC_M, high);
  }
}

/// 8 bits from the lowest up: add the input to the high byte, then halve. What
/// the halving drops are zeros, so that a step that adds nothing has no carry.
static void emitFromBottom(CodeBuilder &code, const Product &product,
                           Cell input, Cell weight, Cell low, Cell high) {
  code(MOV_A_M, input);
  code(CLEAR_M, high);
  code(CLEAR_M, low);
  code(T0SN_MBIT, weight, 0);
  code(MOV_M_A, high);
  code(SR_M, high);
  code(SRC_M, low);
  for (unsigned bit = 1; bit < 8; ++bit) {
    code(T0SN_MBIT, weight, bit);
    // The borrow is the sign that the halving brings in.
    code(product.isSigned && bit == 7 ? SUB_M_A : ADD_M_A, high);
    code(SRC_M, high);
    code(SRC_M, low);
  }
  if (product.bias) {
    code(MOV_A_K, product.bias >> 8);
    code(XOR_M_A, high);
  }
}

void pdkc::emitProduct(CodeBuilder &code, const Product &product, Cell input,
                       Cell weight, Cell low, Cell high) {
  if (product.bytes == 1)
    emitByte(code, product, input, weight);
  else if (product.bits < 8)
    emitFromTop(code, product, input, weight, low, high);
  else
    emitFromBottom(code, product, input, weight, low, high);
}

void pdkc::emitAddition(CodeBuilder &code, const Product &product, Cell low,
                        Cell high, Cell sum, int64_t bytes) {
  if (product.bytes == 2)
    code(MOV_A_M, low);
  code(ADD_M_A, sum);
  if (product.bytes == 2 && bytes > 1) {
    code(MOV_A_M, high);
    code(ADDC_M_A, sum.at(1));
  }
  for (int64_t byte = product.bytes; byte < bytes; ++byte)
    code(ADDC_M, sum.at(byte));
}
