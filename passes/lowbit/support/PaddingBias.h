//===- PaddingBias.h - One function for all of a channel --------*- C++ -*-===//

#ifndef PDKC_PASSES_LOWBIT_SUPPORT_PADDINGBIAS_H
#define PDKC_PASSES_LOWBIT_SUPPORT_PADDINGBIAS_H

#include "dialects/lowbit/LowbitDialect.h"

namespace pdkc {

/// Where a padded convolution's sums differ from those within by what padding
/// is worth, in their functions or in their biases, that becomes biases alone,
/// which one value of the padding explains; the functions are the channels'.
/// What is the same for all that a sum can be has any bias. Nothing where it is
/// otherwise.
void settlePadding(lowbit::ConvOp conv);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_SUPPORT_PADDINGBIAS_H
