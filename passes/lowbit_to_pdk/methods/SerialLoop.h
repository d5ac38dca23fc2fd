//===- SerialLoop.h - Dense layers in one loop, weight by weight -*- C++ -*-==//
//
// The fewest words for layers in a row. One loop goes over layers, inputs and
// rows; a weight is a sign and how often the input is added. The sign says
// whether the input changes its own, once and for all rows that follow: `neg`
// is all that it takes. The codes are one stream of bits, layer after layer,
// with where sums start before those of each layer if need be.
//
// Sums, of two bytes each, lie at the end of one stretch of RAM, the arena, the
// last row's at its very end; at its beginning the results of the layer before
// them, the last row's first:
//
//     | row n's result ... row 0's | free | row 0's sum ... row m's sum |
//
// so that p comes down from the end over sums that become results, and the
// other pointer, which went up with them, comes down over results that become
// inputs. What the model hands over, or another operation stored, are the first
// layer's inputs.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_SERIALLOOP_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_SERIALLOOP_H

#include "passes/lowbit_to_pdk/Emission.h"
#include "passes/lowbit_to_pdk/support/Elementwise.h"
#include "passes/lowbit_to_pdk/support/WeightStream.h"

namespace pdkc {

/// A weight as bits, from the first one that is taken on: where weights have
/// signs, whether the sign is another than that of the weight before; then how
/// often more than `least` the input is added, the highest bit first. 1 to 7
/// bits.
struct SerialCode {
  bool isSigned = false;
  int64_t least = 0;      ///< 0 or 1
  unsigned countBits = 0; ///< of the number of additions beyond
  unsigned getBits() const { return isSigned + countBits; }
};

/// How weights of these values are stored; none where magnitudes are more than
/// 63.
std::optional<SerialCode> findSerialCode(llvm::ArrayRef<int64_t> weights);

/// Of the layers that are computed with the one given, in their order.
llvm::SmallVector<lowbit::DenseOp> getSerialLayers(lowbit::DenseOp dense);

/// Bytes of the arena, and from where on sums lie in it where a layer has so
/// many rows.
int64_t getSerialArena(llvm::ArrayRef<lowbit::DenseOp> layers);
int64_t getSerialSums(llvm::ArrayRef<lowbit::DenseOp> layers, int64_t rows);

/// Writes the loop for these layers, the last of which leaves its sums in the
/// arena.
void emitSerialLoop(llvm::ArrayRef<lowbit::DenseOp> layers,
                    const InputSource &source, Emission &emission);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_SERIALLOOP_H
