//===- Estimate.h - What a network will cost before training --*- C++ -*-===//
//
// Of a network that has shapes and codebooks, but no weights yet, the compiler
// makes a model with weights made up, and of that a program by a search that is
// cut short (CompileOptions::isEstimate). Its words, bytes and cycles are about
// those of any such network: what they depend on is mostly the shapes, how many
// values weights have, and how often each is taken.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_ESTIMATE_H
#define PDKC_COMPILER_ESTIMATE_H

#include "dialects/lowbit/LowbitDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace pdkc {

/// How sums become the next layer's inputs.
enum class Scaling {
  Shift,    ///< by a power of two
  Product,  ///< by any number, the same for all
  ByChannel ///< by a number for each neuron or channel, as BatchNormalization
};

/// A layer without its weights. Sizes that have a dimension each are those of
/// the input's positions.
struct LayerShape {
  enum Kind { Dense, Conv, MaxPool } kind = Dense;
  int64_t outputs = 1;                         ///< neurons or channels
  llvm::SmallVector<int64_t, 2> kernel;        ///< of a convolution or pool
  llvm::SmallVector<int64_t, 2> strides, pads; ///< pads: at both ends
  int64_t groups = 1;
  llvm::SmallVector<int64_t> codebook;
  /// How often each entry of the codebook is a weight, in relation to the
  /// others; empty: all as often.
  llvm::SmallVector<double> shares;
  /// What the sums are clipped to; none: sums are what comes next.
  std::optional<lowbit::Interval> activation;
  Scaling scaling = Scaling::Shift;
};

struct NetworkShape {
  /// Values; or channels and one or two dimensions of positions.
  llvm::SmallVector<int64_t, 3> input;
  lowbit::Interval range;
  std::vector<LayerShape> layers;
};

/// A model of the lowbit dialect of that shape, the same on every machine; its
/// class is the largest of the last layer's sums, of one alone whether it is
/// above 0. Fails with an error at the layer where the shape makes no sense;
/// its locations name layers "layer 1" and so on.
mlir::OwningOpRef<mlir::ModuleOp> makeModel(const NetworkShape &shape,
                                            mlir::MLIRContext &context);

} // namespace pdkc

#endif // PDKC_COMPILER_ESTIMATE_H
