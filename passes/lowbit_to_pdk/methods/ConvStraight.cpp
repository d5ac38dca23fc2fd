//===- ConvStraight.cpp - A convolution as straight-line code -------------===//
//
// Each pixel has a byte of the queue (PixelQueue.h), and the window lies at
// fixed places: a channel's sum is made in A alone, a product an instruction or
// two.
//
// The requantisation's shift is done on the way. Weights are digits 1 and -1 of
// powers of two, those of the highest power any integers; the pixels of the
// lowest power are summed first, then A is halved, then those of the next are
// added: floors of floors are the floor of the whole. What A begins with keeps
// it from falling below 0 or leaving a byte.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/methods/SlidingConv.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

namespace {

/// A pixel of the window, with the times that it is added or taken off.
struct Term {
  int64_t row, column, times;
};

/// What is done in A between two halvings.
struct Stage {
  SmallVector<Term> terms;
  int64_t constant = 0; ///< added before them
};

/// How a channel's activation is made.
struct ChannelCode {
  SmallVector<Stage> stages;
  int64_t excess = 0;    ///< that A then has over the activation
  Interval values{0, 0}; ///< of the activation before it is clamped
};

} // namespace

/// The weight's digits: of each power of two but the highest at most one.
static SmallVector<int64_t> getDigits(int64_t weight, int64_t shift) {
  SmallVector<int64_t> digits;
  for (int64_t power = 0; power < shift; ++power) {
    int64_t digit = weight % 2 == 0 ? 0 : 2 - (weight & 3);
    digits.push_back(digit);
    weight = (weight - digit) / 2;
  }
  digits.push_back(weight);
  return digits;
}

/// Instructions by which the constants are added, where A begins with `first`;
/// none where it would leave a byte. `total` is what the sum has on top, in
/// units of the lowest power.
static std::optional<int64_t> addConstants(ChannelCode &channel,
                                           ArrayRef<Interval> sums,
                                           int64_t first, int64_t total) {
  Interval range{0, 0};
  int64_t count = 0, last = sums.size() - 1;
  for (int64_t stage = 0; stage <= last; ++stage) {
    range = {range.min + sums[stage].min, range.max + sums[stage].max};
    int64_t constant = std::max<int64_t>(-range.min, 0);
    if (stage < last)
      constant += (total - constant) & 1;
    if (stage == 0)
      constant = first;
    channel.stages[stage].constant = constant;
    count += stage > 0 && constant != 0;
    range = {range.min + constant, range.max + constant};
    if (range.min < 0 || range.max > 255)
      return std::nullopt;
    if (stage == last) {
      channel.excess = constant - total;
      channel.values = {range.min - channel.excess, range.max - channel.excess};
      return channel.values.max <= 255 && std::abs(channel.excess) <= 255
                 ? std::optional(count)
                 : std::nullopt;
    }
    if ((total - constant) & 1)
      return std::nullopt;
    total = (total - constant) >> 1;
    range = {range.min >> 1, range.max >> 1};
  }
  llvm_unreachable("there is a stage");
}

/// Code for a channel of the convolution; none where A does not hold its sums.
static std::optional<ChannelCode> findCode(lowbit::ConvOp conv,
                                           lowbit::RequantOp requant,
                                           const SlidingWindows &windows,
                                           int64_t number) {
  int64_t taps = windows.kernelRows * windows.kernelColumns;
  int64_t shift = requant.getShift();
  SmallVector<int64_t> weights = conv.getWeights();
  int64_t highest = lowbit::getRange(conv.getInput()).max;
  ChannelCode channel;
  channel.stages.resize(shift + 1);
  SmallVector<Interval> sums(shift + 1, {0, 0});
  for (int64_t tap = 0; tap < taps; ++tap) {
    SmallVector<int64_t> digits =
        getDigits(weights[number * taps + tap], shift);
    for (auto [power, digit] : llvm::enumerate(digits)) {
      if (digit == 0)
        continue;
      channel.stages[power].terms.push_back(
          {tap / windows.kernelColumns * windows.rowDilation,
           tap % windows.kernelColumns * windows.columnDilation, digit});
      (digit < 0 ? sums[power].min : sums[power].max) += digit * highest;
    }
  }
  int64_t total = conv.getBias()[number] + requant.getOffset();
  std::optional<ChannelCode> best;
  int64_t fewest = 0;
  for (int64_t first = 0; first <= 255; ++first) {
    std::optional<int64_t> count = addConstants(channel, sums, first, total);
    if (!count || (best && *count >= fewest))
      continue;
    best = channel;
    fewest = *count;
  }
  return best;
}

/// Code for all channels; none where the convolution has no such form.
static std::optional<SmallVector<ChannelCode>>
findCode(const SlidingChain &chain, const SlidingWindows &windows) {
  auto requant = dyn_cast<lowbit::RequantOp>(chain.activation);
  lowbit::ConvOp conv = chain.conv;
  if (!canShiftBytes(conv, windows) || !requant ||
      requant.getMultiplier() != 1 || requant.getTies() != lowbit::Ties::Up ||
      requant.getMin() != 0 || requant.getShift() > 7 ||
      windows.poolRows * windows.poolColumns > 1 ||
      lowbit::getRange(conv.getInput()).min < 0)
    return std::nullopt;
  SmallVector<ChannelCode> channels;
  for (int64_t number = 0; number < windows.channels; ++number) {
    auto channel = findCode(conv, requant, windows, number);
    if (!channel)
      return std::nullopt;
    channels.push_back(std::move(*channel));
  }
  return channels;
}

/// A = a channel's activation before it is clamped; carry where it is below 0.
static void emitChannel(CodeBuilder &code, const ChannelCode &channel,
                        const PixelQueue &queue) {
  for (auto [number, stage] : llvm::enumerate(channel.stages)) {
    if (number == 0)
      code(MOV_A_K, stage.constant);
    else
      code(SR_A);
    if (number > 0 && stage.constant)
      code(ADD_A_K, stage.constant);
    for (const Term &term : stage.terms) {
      Cell pixel = queue.getPixel(term.row, term.column);
      for (int64_t i = 0; i < std::abs(term.times); ++i)
        code(term.times < 0 ? SUB_A_M : ADD_A_M, pixel);
    }
  }
  if (channel.excess >= 0)
    code(SUB_A_K, channel.excess);
  else
    code(ADD_A_K, -channel.excess);
}

namespace {
struct ConvStraightMethod : SlidingConvMethod {
  ConvStraightMethod()
      : SlidingConvMethod("straight", "pixels shifted in, straight-line code") {
  }

  bool takes(const SlidingChain &chain,
             const SlidingWindows &windows) const override {
    return findCode(chain, windows).has_value();
  }

  LogicalResult emit(Operation *op, Emission &emission) const override {
    auto conv = cast<lowbit::ConvOp>(op);
    CodeBuilder &code = emission.code;
    auto chain = getChain(conv);
    if (failed(chain))
      return failure();
    SlidingWindows windows = *findSlidingWindows(*chain);
    auto channels = findCode(*chain, windows);
    auto pixels = getPixels(conv, emission);
    if (failed(pixels))
      return failure();
    PixelQueue queue(code, windows, pixels->asBytes(code));
    auto feed = feedNext(*chain, emission);
    if (failed(feed))
      return failure();
    bool falls = false, rises = false;
    auto requant = cast<lowbit::RequantOp>(chain->activation);
    for (const ChannelCode &channel : *channels) {
      falls |= channel.values.min < 0;
      rises |= channel.values.max > requant.getMax();
    }
    auto finish = [&code, falls, rises, feed = *feed, max = requant.getMax()] {
      if (falls) {
        code.skipIfFlag(kCarryFlag, false);
        code(MOV_A_K, 0);
      }
      if (rises) {
        code(SUB_A_K, max);
        code.skipIfFlag(kCarryFlag, true);
        code(MOV_A_K, 0);
        code(ADD_A_K, max);
      }
      feed();
    };
    // There is one such convolution in a program; what the routine begins is
    // written before what others share.
    std::string routine;
    if (channels->size() > 1)
      routine = emission.getSharedRoutine(-1, "use_result", [&code, finish] {
        finish();
        code(RET);
      });
    queue.emit([&] {
      for (const ChannelCode &channel : *channels) {
        emitChannel(code, channel, queue);
        if (routine.empty())
          finish();
        else
          code(CALL_K, routine);
      }
    });
    return success();
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeConvStraightMethod() {
  return std::make_unique<ConvStraightMethod>();
}
