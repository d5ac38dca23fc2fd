//===- ConvLoop.cpp - A convolution's sums, one after another -------------===//

#include "passes/lowbit_to_pdk/methods/ConvLoop.h"

#include "passes/lowbit_to_pdk/support/Elementwise.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

bool ConvLoop::canPack(lowbit::ConvOp conv, const Target &target) {
  lowbit::Interval weights{conv.getCodebook().front(),
                           conv.getCodebook().back()};
  return 2 * lowbit::getWidth(weights) <= target.getTableBits();
}

void ConvLoop::emitMaxOfByte(CodeBuilder &code, Cell best) {
  code(SUB_A_M, best);
  code.skipIfFlag(kCarryFlag, false);
  code(MOV_A_K, 0);
  code(ADD_M_A, best);
}

FailureOr<std::unique_ptr<ConvLoop>>
ConvLoop::create(CodeBuilder &code, lowbit::ConvOp conv, ConvWindows windows,
                 const InputSource &source, int64_t inputOffset, int64_t offset,
                 int64_t bytes, const std::optional<Storage> &before,
                 unsigned wordBits, bool packs) {
  std::unique_ptr<ConvLoop> loop(new ConvLoop(code));
  loop->source = source;
  loop->windows = std::move(windows);
  loop->weightValues = conv.getWeights();
  loop->offset = offset;
  loop->bytes = bytes;
  loop->before = before;
  lowbit::Interval inputs = lowbit::getRange(conv.getInput());
  if (!loop->windows.padded.empty())
    inputs =
        lowbit::hull(inputs, {loop->windows.padding, loop->windows.padding});
  loop->base = std::min<int64_t>(inputs.min, 0);
  loop->added = -inputOffset - loop->base;
  if (inputs.max - loop->base > 255)
    return conv.emitError("inputs and padding of ")
           << inputs.min << " to " << inputs.max << " need "
           << lowbit::getWidth({0, inputs.max - loop->base})
           << " bits, there are 8; quantise the activations to fewer bits";
  auto [least, most] =
      std::minmax_element(loop->weightValues.begin(), loop->weightValues.end());
  auto product =
      findProduct({*least, *most}, inputs.max - loop->base, bytes, 1);
  if (!product || product->base != 0)
    return conv.emitError("weights of ")
           << *least << " to " << *most << " need "
           << lowbit::getWidth({*least, *most})
           << " bits, there are 8; use narrower weights";
  loop->product = *product;
  loop->weights = WeightStream({packs ? product->bits : 8, wordBits});
  loop->origins = WeightStream({8, wordBits});
  return loop;
}

/// What the channel's sums start at.
int64_t ConvLoop::getStart(int64_t channel) const {
  return windows.bias[channel] + offset + base * windows.weightSums[channel] -
         product.bias * windows.taps - (before ? before->offset : 0);
}

bool ConvLoop::startsUniform() const {
  for (size_t channel = 1; channel < windows.bias.size(); ++channel)
    if (getStart(channel) != getStart(0))
      return false;
  return true;
}

void ConvLoop::makeStreams(ArrayRef<int64_t> order) {
  for (size_t channel = 0; channel < windows.bias.size(); ++channel) {
    for (int64_t byte = 0; byte < bytes && !startsUniform(); ++byte)
      weights.appendByte(uint8_t(getStart(channel) >> (8 * byte)));
    weights.alignToWord();
    for (int64_t tap = 0; tap < windows.taps; ++tap)
      weights.append(
          product.getCode(weightValues[channel * windows.taps + tap]));
  }
  for (int64_t position : order) {
    origins.appendByte(uint8_t(windows.origins[position]));
    for (int64_t coordinate : windows.coordinates[position])
      origins.appendByte(uint8_t(coordinate));
  }
  weights.makeCells(code, "kernels", /*countsCodes=*/true);
  origins.makeCells(code, "windows", /*countsCodes=*/false);
}

void ConvLoop::emit(Cell sum, ArrayRef<int64_t> order, int64_t size,
                    Uses uses) {
  makeStreams(order);
  input = code.cells("x", 1);
  low = code.cells("product", 1);
  if (product.bytes == 2)
    high = code.cells("product_high", 1);
  for (size_t i = 0; i < windows.padded.size(); ++i)
    coordinates.push_back(code.cells("coordinate", 1));
  if (before) {
    accumulated = code.cells("sum_before", std::max(bytes, before->bytes));
    loadBefore = beginReading(code, *before, 0, accumulated,
                              emitBias(code, *before),
                              code.cells("source", 2, 2));
  }
  channelStart = weights.makeMark(code, "kernel");
  weights.begin(code);
  if (windows.groups > 1) {
    groupStart = code.cells("group", 1);
    code.addressOf(MOV_A_K, source.stored->cells);
    code(MOV_M_A, groupStart);
  }
  emitTimes(code, "groups", windows.groups, [&] {
    emitTimes(code, "channels", windows.channelsOfGroup, [&] {
      weights.save(code, channelStart);
      origins.begin(code);
      emitTimes(code, "positions", order.size() / size, [&] {
        uses.beginElement();
        emitTimes(code, "pool", size, [&] {
          emitSum(sum);
          uses.useSum();
        });
        uses.endElement();
      });
      uses.endChannel();
    });
    if (windows.groups > 1) {
      code(MOV_A_K, windows.groupPitch);
      code(ADD_M_A, groupStart);
    }
  });
}

/// The sum of the next window.
void ConvLoop::emitSum(Cell sum) {
  weights.restore(code, channelStart);
  bool isUniform = startsUniform();
  for (int64_t byte = 0; byte < bytes; ++byte) {
    if (isUniform)
      code(MOV_A_K, getStart(0) >> (8 * byte));
    else
      weights.nextByte(code);
    code(MOV_M_A, sum.at(byte));
  }
  weights.beginCodes(code);
  if (before) {
    loadBefore();
    extend(code, *before, accumulated, bytes);
    for (int64_t byte = 0; byte < bytes; ++byte) {
      code(MOV_A_M, accumulated.at(byte));
      code(ADD_M_A, sum.at(byte));
      for (int64_t high = byte + 1; high < bytes; ++high)
        code(ADDC_M, sum.at(high));
    }
  }
  origins.nextByte(code);
  if (windows.groups > 1)
    code(ADD_A_M, groupStart);
  else
    code.addressOf(ADD_A_K, source.stored->cells);
  code(MOV_M_A, code.pointerP());
  for (Cell coordinate : coordinates) {
    origins.nextByte(code);
    code(MOV_M_A, coordinate);
  }
  emitLoops(sum, 0);
}

/// The loops of a window from that level inwards. Each leaves p and coordinates
/// where they are after its last trip.
void ConvLoop::emitLoops(Cell sum, size_t level) {
  if (level == windows.loops.size()) {
    emitProductOf(sum);
    return;
  }
  const WindowLoop &loop = windows.loops[level];
  const WindowLoop *inner =
      level + 1 < windows.loops.size() ? &loop + 1 : nullptr;
  auto advance = [&](Cell cell, int64_t distance) {
    if (distance == 1 || distance == -1) {
      code(distance == 1 ? INC_M : DEC_M, cell);
    } else if (distance % 256 != 0) {
      code(MOV_A_K, distance);
      code(ADD_M_A, cell);
    }
  };
  emitTimes(code, "taps", loop.trips, [&] {
    emitLoops(sum, level + 1);
    advance(code.pointerP(),
            loop.step - (inner ? inner->trips * inner->step : 0));
    if (inner && inner->stride)
      advance(coordinates[inner->coordinate], -inner->trips * inner->stride);
    if (loop.stride)
      advance(coordinates[loop.coordinate], loop.stride);
  });
}

/// Adds the product of the element at p and the next weight.
void ConvLoop::emitProductOf(Cell sum) {
  std::string outside = code.unique("outside"), have = code.unique("have");
  for (auto [coordinate, size] : llvm::zip(coordinates, windows.padded)) {
    code(MOV_A_M, coordinate);
    code(SUB_A_K, size);
    code.skipIfFlag(kCarryFlag, true);
    code(GOTO_K, outside);
  }
  code.indirect(IDXM_A_M, code.pointerP(), source.stored->cells);
  source.preprocess(code, 0);
  if (added % 256 != 0)
    code(ADD_A_K, added);
  if (!coordinates.empty()) {
    code(GOTO_K, have);
    code.label(outside);
    code(MOV_A_K, windows.padding - base);
    code.label(have);
  }
  code(MOV_M_A, input);
  weights.nextCode(code, code.unique("fetch"), code.unique("multiply"));
  emitProduct(code, product, input, weights.getCode(), low, high);
  emitAddition(code, product, low, high, sum, bytes);
}

void ConvLoop::emitShared() {
  weights.emitShared(code);
  origins.emitShared(code);
}
