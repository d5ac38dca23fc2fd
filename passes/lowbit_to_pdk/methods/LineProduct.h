//===- LineProduct.h - Lines as products on the device ----------*- C++ -*-===//
//
// What methods write that compute lines, or parts of functions that are lines,
// by products.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_LINEPRODUCT_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_LINEPRODUCT_H

#include "passes/lowbit_to_pdk/support/StepFunctions.h"

namespace pdkc {

/// Where the argument of a function on that range is kept until it is
/// multiplied by a factor of so many bytes; one of a byte is taken from A.
Cell takeArgument(lowbit::Interval range, int64_t factorBytes,
                  StepFunctions &functions);

/// A = the product of the argument, which counts from the frame's start and is
/// not below it; and `ret`.
void emitProduct(const FramedProduct &product, Cell argument,
                 int64_t valueBytes, int64_t factorBytes,
                 StepFunctions &functions);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_LINEPRODUCT_H
