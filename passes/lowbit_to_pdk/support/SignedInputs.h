//===- SignedInputs.h - The model's signed bytes as they are ----*- C++ -*-===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_SIGNEDINPUTS_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_SIGNEDINPUTS_H

#include "dialects/lowbit/LowbitDialect.h"

namespace pdkc {

/// The operation by which the layer's inputs, signed bytes of the model, count
/// from 0 up, where it does nothing else; or null.
lowbit::RequantOp getOffsetOfInputs(lowbit::DenseOp dense);

/// Where there is one, the layer takes the signed bytes instead, alone, and the
/// operation is no more.
void takeSignedInputs(lowbit::DenseOp dense);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_SIGNEDINPUTS_H
