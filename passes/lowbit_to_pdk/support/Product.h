//===- Product.h - An input times a weight of up to 8 bits ------*- C++ -*-===//
//
// Multiplication by the bits of the weight. A weight is stored as a code of so
// many bits; how codes mean weights, and how many bytes a product takes, follow
// from the ranges.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PRODUCT_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PRODUCT_H

#include "dialects/lowbit/LowbitDialect.h"
#include "dialects/pdk/CodeBuilder.h"

#include <optional>

namespace pdkc {

/// weight = code + base. The code comes as its lowest `bits` bits, unsigned or
/// in two's complement; the product as code x input + bias in `bytes` bytes.
/// Where the sum has more bytes than the product, the bias keeps the product
/// from going below zero; else both are taken modulo 256^bytes.
struct Product {
  unsigned bits = 1;
  bool isSigned = false;
  int64_t base = 0; ///< 0 or negative; -base is a code
  int64_t bytes = 1;
  int64_t bias = 0;

  unsigned getCode(int64_t weight) const {
    return unsigned(weight - base) & ((1u << bits) - 1);
  }
};

/// How weights of a range are stored and multiplied with inputs of 0 to
/// `maxInput` (at most 255), for sums of `sumBytes` bytes and tables of words
/// of `wordBits` bits. None where a code would need more than 8 bits.
std::optional<Product> findProduct(lowbit::Interval weights, int64_t maxInput,
                                   int64_t sumBytes, unsigned wordBits = 8);

/// The product of the cell `input` and the code in the low bits of `weight`: in
/// A where it has one byte, else in `low` and `high`. Destroys A and flags.
void emitProduct(CodeBuilder &code, const Product &product, Cell input,
                 Cell weight, Cell low, Cell high);

/// Adds that product, where it is left, to a sum of `bytes` bytes.
void emitAddition(CodeBuilder &code, const Product &product, Cell low,
                  Cell high, Cell sum, int64_t bytes);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PRODUCT_H
