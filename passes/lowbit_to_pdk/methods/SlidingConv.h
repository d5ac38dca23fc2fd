//===- SlidingConv.h - Methods of convolutions of arriving pixels -*- C++ -*-=//
//
// What methods have in common that make all results of a window as soon as its
// last pixel is there (PixelQueue.h), and feed them to the layer behind.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_SLIDINGCONV_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_SLIDINGCONV_H

#include "passes/lowbit/support/SlidingWindows.h"
#include "passes/lowbit_to_pdk/Emission.h"
#include "passes/lowbit_to_pdk/Method.h"
#include "passes/lowbit_to_pdk/support/PixelQueue.h"

namespace pdkc {

class SlidingConvMethod : public Method {
public:
  SlidingConvMethod(llvm::StringRef name, llvm::StringRef description)
      : Method("lowbit.conv", name, description) {}

  /// Of streams of pixels those that the method takes.
  bool suits(mlir::Operation *op) const override;
  mlir::LogicalResult specialise(mlir::Operation *op) const override;
  mlir::LogicalResult
  assignStorage(mlir::Operation *op,
                StorageAssignment &assignment) const override;

protected:
  virtual bool takes(const SlidingChain &chain,
                     const SlidingWindows &windows) const = 0;

  /// The convolution's chain, in the order in which pixels arrive; else an
  /// error.
  mlir::FailureOr<SlidingChain> getChain(lowbit::ConvOp conv) const;

  /// Where its pixels come from.
  static mlir::FailureOr<PixelSource> getPixels(lowbit::ConvOp conv,
                                                Emission &emission);

  /// The code that feeds the layer behind with A.
  static mlir::FailureOr<std::function<void()>>
  feedNext(const SlidingChain &chain, Emission &emission);
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_SLIDINGCONV_H
