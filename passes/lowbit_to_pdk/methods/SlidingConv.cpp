//===- SlidingConv.cpp - Methods of convolutions of arriving pixels -------===//

#include "passes/lowbit_to_pdk/methods/SlidingConv.h"

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

bool SlidingConvMethod::suits(Operation *op) const {
  if (!isStreamed(op))
    return false;
  SlidingChain chain = *findSlidingChain(cast<lowbit::ConvOp>(op));
  return takes(chain, *findSlidingWindows(chain));
}

LogicalResult SlidingConvMethod::specialise(Operation *op) const {
  auto conv = cast<lowbit::ConvOp>(op);
  if (!suits(op))
    return op->emitError("takes no stream of pixels that feeds a layer, or "
                         "they are too many for the method '")
           << getName() << "'";
  orderByArrival(*findSlidingChain(conv));
  return success();
}

FailureOr<SlidingChain> SlidingConvMethod::getChain(lowbit::ConvOp conv) const {
  if (!suits(conv))
    return conv->emitError("cannot be computed by the method '")
           << getName() << "'";
  auto chain = findSlidingChain(conv);
  if (!isOrderedByArrival(*chain))
    return conv->emitError("is not in the order in which pixels arrive; see "
                           "--lowbit-specialize");
  return *chain;
}

LogicalResult
SlidingConvMethod::assignStorage(Operation *op,
                                 StorageAssignment &assignment) const {
  auto conv = cast<lowbit::ConvOp>(op);
  auto chain = getChain(conv);
  if (failed(chain))
    return failure();
  auto format = StorageAssignment::getSumFormat(
      chain->poolsSums() ? chain->pool.getResult() : conv.getResult());
  if (failed(format))
    return failure();
  assignment.set(conv.getResult(), format->in(lowbit::Place::Element));
  return success();
}

FailureOr<std::function<void()>>
SlidingConvMethod::feedNext(const SlidingChain &chain, Emission &emission) {
  return MethodRegistry::get(chain.fed->getContext())
      .find(chain.fed)
      ->beginFeeding(chain.fed, emission);
}

//===----------------------------------------------------------------------===//
// Pixels
//===----------------------------------------------------------------------===//

/// Of an elementwise operation on bytes without a sign: the value from which on
/// it gives 1, below 0; none where it is no such threshold.
static std::optional<int64_t> findThreshold(Operation *op) {
  Interval raw = lowbit::getRange(op->getOperand(0));
  Interval results = lowbit::getRange(op->getResult(0));
  if (raw.min < 0 || raw.max > 255 || results.min != 0 || results.max != 1)
    return std::nullopt;
  auto apply = [&](int64_t value) {
    if (auto requant = dyn_cast<lowbit::RequantOp>(op))
      return requant.apply(value);
    auto function = cast<lowbit::StepsOp>(op).getFunctions()[0];
    return function.values[function.find(value)];
  };
  int64_t threshold = raw.min;
  while (threshold <= raw.max && apply(threshold) == 0)
    ++threshold;
  for (int64_t value = threshold; value <= raw.max; ++value)
    if (apply(value) != 1)
      return std::nullopt;
  return threshold > 0 && threshold <= raw.max ? std::optional(threshold)
                                               : std::nullopt;
}

FailureOr<PixelSource> SlidingConvMethod::getPixels(lowbit::ConvOp conv,
                                                    Emission &emission) {
  CodeBuilder &code = emission.code;
  PixelSource pixels;
  pixels.bits = getPixelBits(conv).value_or(8);
  Operation *preparation = conv.getInput().getDefiningOp();
  std::optional<int64_t> threshold;
  if (isElementwise(preparation))
    threshold = findThreshold(preparation);
  if (threshold) {
    StreamedInput stream(getOutside(preparation->getOperand(0)));
    pixels.inCarry = true;
    pixels.take = [&code, stream, threshold = *threshold] {
      stream.takeLow(code);
      code(ADD_A_K, -threshold);
    };
    pixels.discard = [&code, stream](int64_t count) {
      stream.discard(code, count);
    };
    return pixels;
  }
  auto found = emission.getSource(conv);
  if (failed(found))
    return failure();
  auto source = std::make_shared<InputSource>(std::move(*found));
  source->begin(code, 1);
  source->seek(0);
  pixels.take = [&code, source] { source->take(code, 0); };
  pixels.discard = [&code, source](int64_t count) {
    source->discard(code, count);
  };
  return pixels;
}
