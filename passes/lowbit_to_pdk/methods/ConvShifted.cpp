//===- ConvShifted.cpp - A convolution of bytes that are shifted in -------===//
//
// Each pixel has a byte of the queue (PixelQueue.h), or one for each channel.
// When a pool's window is complete its sums are made one at a time
// (ConvLoop.h), channel by channel, and each channel's result is fed to the
// layer behind. Of the image there is only what windows still need. Pixels are
// the model's, or the results of a convolution before.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/ConvLoop.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/methods/SlidingConv.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

namespace {

/// A convolution with its queue and what takes its sums.
struct ShiftedConv {
  PixelQueue queue;
  std::shared_ptr<ConvLoop> loop;
  ElementCode activation;
  std::function<void()> restart; ///< to its first channel; may be empty
  std::function<void()> feed;
  int64_t size; ///< positions of a window
  Cell best;

  /// All results of a complete window.
  void emitWindow(CodeBuilder &code);
};

/// "windows-shifted", or with few words: "windows-shifted-small".
struct ConvShiftedMethod : SlidingConvMethod {
  using SlidingConvMethod::SlidingConvMethod;

  bool suits(Operation *op) const override {
    auto conv = cast<lowbit::ConvOp>(op);
    return isFollower(conv) ? canFollow(conv) : SlidingConvMethod::suits(op);
  }

  bool takes(const SlidingChain &chain,
             const SlidingWindows &windows) const override {
    return canShiftBytes(chain.conv, windows);
  }

  LogicalResult emit(Operation *op, Emission &emission) const override {
    auto conv = cast<lowbit::ConvOp>(op);
    auto pixels = getPixels(conv, emission);
    if (failed(pixels))
      return failure();
    auto shifted = create(conv, pixels->asBytes(emission.code), emission);
    if (failed(shifted))
      return failure();
    ShiftedConv &it = **shifted;
    it.queue.emit([&] { it.emitWindow(emission.code); });
    return success();
  }

  bool canBeFed() const override { return true; }

  FailureOr<std::function<void()>>
  beginFeeding(Operation *op, Emission &emission) const override {
    PixelSource pushed;
    pushed.bits = 8;
    auto shifted = create(cast<lowbit::ConvOp>(op), pushed, emission);
    if (failed(shifted))
      return failure();
    (*shifted)->queue.beginPushes();
    return std::function<void()>([it = *shifted, &code = emission.code] {
      it->queue.emitPush([&] { it->emitWindow(code); });
    });
  }

private:
  bool isSmall() const { return getName() == "windows-shifted-small"; }

  FailureOr<std::shared_ptr<ShiftedConv>>
  create(lowbit::ConvOp conv, PixelSource pixels, Emission &emission) const;
};

} // namespace

FailureOr<std::shared_ptr<ShiftedConv>>
ConvShiftedMethod::create(lowbit::ConvOp conv, PixelSource pixels,
                          Emission &emission) const {
  CodeBuilder &code = emission.code;
  auto chain = getChain(conv);
  if (failed(chain))
    return failure();
  SlidingWindows windows = *findSlidingWindows(*chain);
  const Storage sums = emission.getStorage(conv.getResult());
  std::function<void()> restart;
  auto activation = beginElements(chain->activation, sums, windows.channels,
                                  emission, &restart);
  if (failed(activation))
    return failure();
  PixelQueue queue(code, windows, pixels, !isSmall());
  InputSource source;
  source.stored.emplace();
  source.stored->cells = queue.getCells();
  ConvWindows positions = findWindowsOfOne(conv, windows, queue.getRowBytes());
  int64_t size = positions.origins.size();
  auto loop = ConvLoop::create(
      code, conv, std::move(positions), source, /*inputOffset=*/0, sums.offset,
      sums.bytes, /*before=*/std::nullopt, emission.target.getTableBits(),
      isSmall() && ConvLoop::canPack(conv, emission.target));
  if (failed(loop))
    return failure();
  auto feed = feedNext(*chain, emission);
  if (failed(feed))
    return failure();
  auto result = std::make_shared<ShiftedConv>(ShiftedConv{
      queue, std::move(*loop), *activation, restart, *feed, size, Cell()});
  if (size > 1)
    result->best = code.cells("largest", 1);
  emission.addRoutine([result] { result->loop->emitShared(); });
  return result;
}

void ShiftedConv::emitWindow(CodeBuilder &code) {
  bool isPool = size > 1;
  auto useSum = [&] {
    activation.apply();
    if (isPool)
      ConvLoop::emitMaxOfByte(code, best);
    else
      feed();
  };
  auto beginElement = [&] {
    if (isPool)
      code(CLEAR_M, best);
  };
  auto endElement = [&] {
    if (!isPool)
      return;
    code(MOV_A_M, best);
    feed();
  };
  auto endChannel = [&] {
    if (activation.endChannel)
      activation.endChannel();
  };
  if (restart)
    restart();
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(size));
  loop->emit(activation.value, order, size,
             {useSum, beginElement, endElement, endChannel});
}

std::unique_ptr<Method> pdkc::makeConvShiftedMethod(StringRef name,
                                                    StringRef description) {
  return std::make_unique<ConvShiftedMethod>(name, description);
}
