//===- ConvLanes.cpp - A convolution of pixels that are shifted in --------===//
//
// Each time a pool's window is complete (PixelQueue.h) the results of all
// channels are made and fed to the layer behind; nothing of the image is stored
// that no window needs any more, and no results.
//
// A row of positions in the pool's window is computed at once: a lane, a byte,
// holds the sum of one position over one bit of the pixels. The row of pixels
// under the kernel's row is a number in cells that bits are tested of. With a
// weight in A, every lane whose bit is set gets it; then the number goes on by
// a pixel; or all of its taps are written out. A row of zeros is skipped. Of
// pixels of several bits the lanes are put together at the end; where the
// activation shifts, each lane is halved before the next one is added, and
// nothing ever leaves a byte. The pool takes the largest of the sums, and the
// activation is made once.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/methods/SlidingConv.h"
#include "passes/lowbit_to_pdk/support/KernelRows.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

namespace {

/// Sums of lanes that are halved one after the other: bytes, with `lift` on
/// top.
struct Halving {
  int64_t lift = 0;
  int64_t shift = 0;           ///< what the activation still shifts
  int64_t max = 0;             ///< it is at most this
  int64_t highest = 0;         ///< without that, of the bytes less `lift`
  int64_t start = 0;           ///< of lanes of all but the lowest bit
  SmallVector<uint8_t> lowest; ///< by channel, of the lowest bit's

  /// None where bytes do not do, or the activation is not such a shift.
  static std::optional<Halving> find(const SlidingChain &chain,
                                     const SlidingWindows &windows);
};

/// Code for all results of one window, channel by channel.
class Lanes {
public:
  /// Sums are those that the activation takes, which is in the halving where
  /// there is one. Where the pool is behind the activation, that one is made
  /// for each position.
  Lanes(CodeBuilder &code, const SlidingChain &chain,
        const SlidingWindows &windows, const PixelQueue &queue,
        const Storage &sums, const ElementCode &activation,
        const std::optional<Halving> &halving, std::function<void()> feed,
        bool unrolls);

  void emit();
  void emitShared() { kernels.getStream().emitShared(code); }

private:
  bool isPool() const { return windows.poolRows * windows.poolColumns > 1; }
  bool isOneRow() const { return windows.poolRows == 1; }
  /// What sums have on top while the largest is looked for.
  int64_t getLift() const {
    return isPool() && poolsSums ? -std::min<int64_t>(sums.range.min, 0) : 0;
  }
  int64_t getLaneStart() const {
    return bits > 1 && sums.bytes > 1 ? -plane.min : 0;
  }
  int64_t getStart(int64_t channel);
  SmallVector<uint8_t> getStartBytes(int64_t channel);
  Cell getLane(int64_t position, int64_t bit) const {
    return lanes.at(position * bits + bit);
  }
  void emitChannel();
  void emitPositions();
  void emitKernelRow();
  void emitTaps();
  void emitSum(int64_t position, Cell sum);
  void emitHalved(int64_t position);
  void emitActivation();
  void emitResult(int64_t position);
  void emitMax(Cell best, Cell value, int64_t bytes);

  CodeBuilder &code;
  SlidingWindows windows;
  const PixelQueue &queue;
  Storage sums;
  ElementCode activation;
  std::optional<Halving> halving;
  std::function<void()> feed;
  bool poolsSums;
  lowbit::ConvOp conv;
  int64_t bits;   ///< of a pixel
  Interval plane; ///< of a lane's sums
  KernelRows kernels;
  int64_t rowBits = 0, rowCells = 0, step = 0;
  bool isLoop = true; ///< the taps of a row are
  bool endsByMark = false; ///< a bit in the row says when its taps are done
  Cell lanes, row, starts, sum, largest, position, taps, kernelRow, channel,
      firstOfChannel;
};

} // namespace

std::optional<Halving> Halving::find(const SlidingChain &chain,
                                     const SlidingWindows &windows) {
  lowbit::ConvOp conv = chain.conv;
  auto requant = dyn_cast<lowbit::RequantOp>(chain.activation);
  int64_t halvings = *getPixelBits(conv) - 1;
  if (halvings == 0 || !requant || requant.getMultiplier() != 1 ||
      requant.getTies() != lowbit::Ties::Up || requant.getMin() != 0 ||
      requant.getShift() < halvings ||
      (chain.pool && !chain.poolsSums() &&
       windows.poolRows * windows.poolColumns > 1))
    return std::nullopt;
  Interval plane = getPlaneRange(conv);
  Halving result;
  result.shift = requant.getShift() - halvings;
  result.max = requant.getMax();
  result.start = -plane.min;
  // What a channel's sum has on top is in the lowest lane, but for steps of
  // what it is divided by, the same for all channels.
  int64_t unit = int64_t(1) << halvings;
  SmallVector<int64_t> starts;
  for (int64_t bias : conv.getBias())
    starts.push_back(bias + requant.getOffset() -
                     (2 * unit - 2) * result.start);
  int64_t least = *llvm::min_element(starts), most = *llvm::max_element(starts);
  result.lift = llvm::divideCeilSigned(result.start - least, unit);
  if (result.lift < 0 || most + result.lift * unit + plane.max > 255)
    return std::nullopt;
  for (int64_t start : starts)
    result.lowest.push_back(start + result.lift * unit);
  int64_t highest = most + result.lift * unit + plane.max;
  for (int64_t i = 0; i < halvings; ++i) {
    highest = (highest >> 1) + result.start + plane.max;
    if (highest > 255)
      return std::nullopt;
  }
  result.highest = highest - result.lift;
  return result.highest >= 0 ? std::optional(result) : std::nullopt;
}

/// What a channel's sum has beside its products, as it is stored, less what the
/// lanes begin with.
int64_t Lanes::getStart(int64_t channel) {
  int64_t weight = (int64_t(1) << bits) - 1; // of all bits together
  return conv.getBias()[channel] + sums.offset + getLift() -
         getLaneStart() * weight;
}

SmallVector<uint8_t> Lanes::getStartBytes(int64_t channel) {
  SmallVector<uint8_t> bytes;
  for (int64_t byte = 0; byte < sums.bytes; ++byte)
    bytes.push_back(getStart(channel) >> (8 * byte));
  return bytes;
}

Lanes::Lanes(CodeBuilder &code, const SlidingChain &chain,
             const SlidingWindows &windows, const PixelQueue &queue,
             const Storage &sums, const ElementCode &activation,
             const std::optional<Halving> &halving, std::function<void()> feed,
             bool unrolls)
    : code(code), windows(windows), queue(queue), sums(sums),
      activation(activation), halving(halving), feed(std::move(feed)),
      poolsSums(chain.poolsSums()), conv(chain.conv),
      bits(*getPixelBits(chain.conv)), plane(getPlaneRange(chain.conv)),
      kernels(
          chain.conv, unrolls,
          [&](int64_t channel) {
            if (halving)
              return SmallVector<uint8_t>{halving->lowest[channel]};
            return bits == 1 ? getStartBytes(channel) : SmallVector<uint8_t>();
          },
          [&](int64_t channel) {
            return bits == 1 || halving ? SmallVector<uint8_t>()
                                        : getStartBytes(channel);
          }) {
  rowBits = windows.getColumns() * bits;
  rowCells = llvm::divideCeil(rowBits, 8);
  step = windows.columnDilation * bits;
  isLoop = windows.kernelColumns > 1 && !unrolls;
  endsByMark = isLoop && rowBits + windows.kernelColumns * step < 8 * rowCells;
  kernels.makeCells(code);
  lanes = code.cells("lanes", windows.poolColumns * bits);
  row = code.cells("row", rowCells);
  if (bits > 1 && windows.poolColumns > 1 && !halving)
    starts = code.cells("starts", sums.bytes);
  if (isPool() && poolsSums && sums.bytes > 1 && !halving)
    sum = code.cells("position_sum", sums.bytes);
  if (isPool() && (!poolsSums || halving))
    largest = code.cells("largest", 1);
  if (!isOneRow())
    position = code.cells("position_row", 1);
  else if (windows.kernelRows > 1)
    kernelRow = code.cells("kernel_rows", 1);
  if (isLoop && !endsByMark)
    taps = code.cells("taps", 1);
  if (!kernels.getStream().hasOneTable()) {
    channel = code.cells("channels", 1);
    if (!isOneRow())
      firstOfChannel = kernels.getStream().makeMark(code, "channel_start");
  }
}

//===----------------------------------------------------------------------===//
// A row of the kernel
//===----------------------------------------------------------------------===//

/// All weights of the row, with the pixels' row in its cells.
void Lanes::emitTaps() {
  std::string loop = code.unique("tap");
  auto addToLanes = [&](int64_t tap) {
    for (int64_t place = 0; place < windows.poolColumns; ++place)
      for (int64_t bit = 0; bit < bits; ++bit) {
        int64_t column =
            place * windows.columnStride + tap * windows.columnDilation;
        int64_t tested = (windows.getColumns() - 1 - column) * bits + bit;
        code(T0SN_MBIT, row.at(tested / 8), tested % 8);
        code(ADD_M_A, getLane(place, bit));
      }
  };
  for (int64_t tap = 0; !isLoop && tap < windows.kernelColumns; ++tap) {
    kernels.loadWeight(code, tap);
    addToLanes(tap);
    if (tap + 1 < windows.kernelColumns)
      kernels.dropWeight(code);
  }
  if (!isLoop)
    return;
  if (taps.cells) {
    code(MOV_A_K, windows.kernelColumns);
    code(MOV_M_A, taps);
  }
  code.label(loop, windows.kernelColumns);
  kernels.loadWeight(code);
  addToLanes(0);
  kernels.dropWeight(code);
  for (int64_t bit = 0; bit < step; ++bit)
    for (int64_t i = 0; i < rowCells; ++i)
      code(i ? SLC_M : SL_M, row.at(i));
  if (endsByMark) {
    int64_t tested = rowBits + windows.kernelColumns * step;
    code(T1SN_MBIT, row.at(tested / 8), tested % 8);
  } else {
    code(DZSN_M, taps);
  }
  code(GOTO_K, loop);
}

/// The row of pixels at p, and the next row of the kernel.
void Lanes::emitKernelRow() {
  Cell p = code.pointerP();
  bool hasOthers = rowBits % 8 != 0; // above the window's
  for (int64_t i = 0; i < rowCells; ++i) {
    bool isLast = i + 1 == rowCells;
    code.indirect(IDXM_A_M, p, queue.getCells());
    if (isLast && hasOthers)
      code(AND_A_K, (1 << rowBits % 8) - 1);
    code(MOV_M_A, row.at(i));
    if (!isLast)
      code(INC_M, p);
  }
  if (rowCells == 1 && !hasOthers)
    code(AND_A_K, 255); // for the flag
  for (int64_t i = 0; i + 1 < rowCells; ++i)
    code(OR_A_M, row.at(i));
  std::string hasAny = code.unique("has_any"), next = code.unique("next");
  code.skipIfFlag(kZeroFlag, true);
  code(GOTO_K, hasAny);
  kernels.skipRow(code);
  code(GOTO_K, next);
  code.label(hasAny);
  if (endsByMark)
    code(SET1_MBIT, row.at(rowBits / 8), rowBits % 8);
  kernels.beginRow(code);
  emitTaps();
  code.label(next);
}

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

/// best = the larger one, both unsigned.
void Lanes::emitMax(Cell best, Cell value, int64_t bytes) {
  code(MOV_A_M, value);
  code(SUB_A_M, best);
  if (bytes == 1) {
    code.skipIfFlag(kCarryFlag, true);
    code(ADD_M_A, best);
    return;
  }
  std::string smaller = code.unique("smaller");
  for (int64_t byte = 1; byte < bytes; ++byte) {
    code(MOV_A_M, value.at(byte));
    code(SUBC_A_M, best.at(byte));
  }
  code.skipIfFlag(kCarryFlag, false);
  code(GOTO_K, smaller);
  copy(code, best, value, bytes);
  code.label(smaller);
}

/// The position's sum from its lanes.
void Lanes::emitSum(int64_t place, Cell to) {
  code(MOV_A_M, getLane(place, bits - 1));
  code(MOV_M_A, to);
  for (int64_t byte = 1; byte < sums.bytes; ++byte)
    code(CLEAR_M, to.at(byte));
  for (int64_t bit = bits - 1; bit-- > 0;) {
    for (int64_t byte = 0; byte < sums.bytes; ++byte)
      code(byte ? SLC_M : SL_M, to.at(byte));
    code(MOV_A_M, getLane(place, bit));
    code(ADD_M_A, to);
    for (int64_t byte = 1; byte < sums.bytes; ++byte)
      code(ADDC_M, to.at(byte));
  }
  if (bits == 1)
    return;
  // Fetching a byte destroys the carry.
  for (int64_t byte = 0; byte < sums.bytes; ++byte) {
    if (starts.cells) {
      code(MOV_A_M, starts.at(byte));
      code(byte ? ADDC_M_A : ADD_M_A, to.at(byte));
      continue;
    }
    kernels.getStream().nextByte(code);
    code(ADD_M_A, to.at(byte));
    for (int64_t next = byte + 1; next < sums.bytes; ++next)
      code(ADDC_M, to.at(next));
  }
}

/// A = the position's sum, halved.
void Lanes::emitHalved(int64_t place) {
  code(MOV_A_M, getLane(place, 0));
  for (int64_t bit = 1; bit < bits; ++bit) {
    code(SR_A);
    code(ADD_A_M, getLane(place, bit));
  }
}

/// A = the activation of a halved sum in A, which is not below the lift where
/// there is a pool.
void Lanes::emitActivation() {
  if (halving->lift) {
    code(SUB_A_K, halving->lift);
    if (!isPool()) {
      code.skipIfFlag(kCarryFlag, false);
      code(MOV_A_K, 0);
    }
  }
  for (int64_t i = 0; i < halving->shift; ++i)
    code(SR_A);
  if (halving->highest >> halving->shift <= halving->max)
    return;
  code(SUB_A_K, halving->max);
  code.skipIfFlag(kCarryFlag, true);
  code(MOV_A_K, 0);
  code(ADD_A_K, halving->max);
}

void Lanes::emitResult(int64_t place) {
  if (halving) {
    emitHalved(place);
    if (!isPool())
      return;
    code(SUB_A_M, largest);
    code.skipIfFlag(kCarryFlag, true);
    code(ADD_M_A, largest);
    return;
  }
  Cell value = activation.value;
  if (!isPool()) {
    emitSum(place, value);
    return;
  }
  if (!poolsSums) {
    emitSum(place, value);
    activation.apply();
    code(SUB_A_M, largest);
    code.skipIfFlag(kCarryFlag, true);
    code(ADD_M_A, largest);
    return;
  }
  if (bits == 1) {
    emitMax(value, getLane(place, 0), 1);
    return;
  }
  Cell here = sum.cells ? sum : getLane(place, bits - 1);
  if (sums.bytes > 1)
    emitSum(place, here);
  else
    emitSum(place, here = getLane(place, bits - 1));
  emitMax(value, here, sums.bytes);
}

/// A row of positions, of which the first kernel row's pixels are at p.
void Lanes::emitPositions() {
  Cell p = code.pointerP();
  WeightStream &stream = kernels.getStream();
  auto fill = [&](int64_t firstBit, int64_t endBit, bool clears) {
    for (int64_t place = 0; place < windows.poolColumns; ++place)
      for (int64_t bit = firstBit; bit < endBit; ++bit)
        code(clears ? CLEAR_M : MOV_M_A, getLane(place, bit));
  };
  bool hasOwn = bits == 1 || halving; // what the lowest bit's lanes begin with
  if (hasOwn) {
    stream.nextByte(code);
    fill(0, 1, /*clears=*/false);
  }
  if (bits > 1) {
    int64_t start = halving ? halving->start : getLaneStart();
    if (start)
      code(MOV_A_K, start);
    fill(hasOwn, bits, /*clears=*/start == 0);
  }
  if (isOneRow())
    code.addressOf(MOV_A_K, queue.getRow(0));
  else
    code(MOV_A_M, position);
  code(MOV_M_A, p);
  int64_t down = queue.getRowBytes() * windows.rowDilation;
  bool isLoop = windows.kernelRows > 1;
  std::string loop = code.unique("kernel_row");
  if (kernelRow.cells) {
    code(MOV_A_K, windows.kernelRows);
    code(MOV_M_A, kernelRow);
  }
  if (isLoop)
    code.label(loop, windows.kernelRows);
  emitKernelRow();
  if (isLoop) {
    code(MOV_A_K, down + rowCells - 1);
    code(SUB_M_A, p);
    if (kernelRow.cells) {
      code(DZSN_M, kernelRow);
    } else {
      code(MOV_A_M, p);
      code(SUB_A_M, position);
      code(CEQSN_A_K, -windows.kernelRows * down);
    }
    code(GOTO_K, loop);
  }
  for (int64_t byte = 0; starts.cells && byte < sums.bytes; ++byte) {
    stream.nextByte(code);
    code(MOV_M_A, starts.at(byte));
  }
  for (int64_t place = 0; place < windows.poolColumns; ++place)
    emitResult(place);
}

void Lanes::emitChannel() {
  WeightStream &stream = kernels.getStream();
  if (isPool() && halving) {
    if (halving->lift)
      code(MOV_A_K, halving->lift);
    code(halving->lift ? MOV_M_A : CLEAR_M, largest);
  } else if (isPool()) {
    for (int64_t byte = 0; byte < (poolsSums ? sums.bytes : 1); ++byte) {
      // Below it the activation changes no more.
      Cell best = poolsSums ? activation.value.at(byte) : largest;
      int64_t least = getLift() >> (8 * byte) & 255;
      if (least)
        code(MOV_A_K, least);
      least ? code(MOV_M_A, best) : code(CLEAR_M, best);
    }
  }
  if (firstOfChannel.cells)
    stream.save(code, firstOfChannel);
  if (isOneRow()) {
    emitPositions();
  } else {
    std::string loop = code.unique("position_row"),
                more = code.unique("more"), done = code.unique("done");
    code.addressOf(MOV_A_K, queue.getRow(0));
    code(MOV_M_A, position);
    code.label(loop, windows.poolRows);
    emitPositions();
    code(MOV_A_M, position);
    code.addressOf(CEQSN_A_K, queue.getRow((windows.poolRows - 1) *
                                           windows.rowStride));
    code(GOTO_K, more);
    code(GOTO_K, done);
    code.label(more);
    code(MOV_A_K, queue.getRowBytes() * windows.rowStride);
    code(SUB_M_A, position);
    if (firstOfChannel.cells)
      stream.restore(code, firstOfChannel);
    else
      stream.goBack(code, kernels.getChannelBytes());
    code(GOTO_K, loop);
    code.label(done);
  }
  if (halving) {
    if (isPool())
      code(MOV_A_M, largest);
    emitActivation();
  } else if (isPool() && !poolsSums) {
    code(MOV_A_M, largest);
  } else {
    for (int64_t byte = 0; getLift() && byte < sums.bytes; ++byte) {
      code(MOV_A_K, getLift() >> (8 * byte));
      code(byte ? SUBC_M_A : SUB_M_A, activation.value.at(byte));
    }
    activation.apply();
  }
  feed();
}

void Lanes::emit() {
  WeightStream &stream = kernels.getStream();
  std::string loop = code.unique("channel");
  stream.begin(code);
  if (channel.cells) {
    code(MOV_A_K, windows.channels);
    code(MOV_M_A, channel);
  }
  if (windows.channels > 1)
    code.label(loop, windows.channels);
  emitChannel();
  if (windows.channels == 1)
    return;
  if (channel.cells)
    code(DZSN_M, channel);
  else
    stream.skipAtEnd(code);
  code(GOTO_K, loop);
}

//===----------------------------------------------------------------------===//
// The method
//===----------------------------------------------------------------------===//

namespace {
struct ConvLanesMethod : SlidingConvMethod {
  using SlidingConvMethod::SlidingConvMethod;

  bool takes(const SlidingChain &chain,
             const SlidingWindows &windows) const override {
    return canUseLanes(chain, windows);
  }

  LogicalResult emit(Operation *op, Emission &emission) const override {
    auto conv = cast<lowbit::ConvOp>(op);
    CodeBuilder &code = emission.code;
    auto chain = getChain(conv);
    if (failed(chain))
      return failure();
    SlidingWindows windows = *findSlidingWindows(*chain);
    Storage sums = emission.getStorage(conv.getResult());
    Storage pooled = sums;
    bool isPool = windows.poolRows * windows.poolColumns > 1;
    // The largest of them and of the least that there is.
    if (isPool && chain->poolsSums())
      pooled.range.min = std::max<int64_t>(pooled.range.min, 0);
    ElementCode activation;
    std::optional<Halving> halving = Halving::find(*chain, windows);
    if (!halving) {
      auto begun =
          beginElements(chain->activation, pooled, windows.channels, emission);
      if (failed(begun))
        return failure();
      activation = *begun;
    }
    auto pixels = getPixels(conv, emission);
    if (failed(pixels))
      return failure();
    PixelQueue queue(code, windows, *pixels);
    auto feed = feedNext(*chain, emission);
    if (failed(feed))
      return failure();
    auto lanes =
        std::make_shared<Lanes>(code, *chain, windows, queue, sums, activation,
                                halving, *feed, getName() == "lanes-unrolled");
    queue.emit([&] { lanes->emit(); });
    emission.addRoutine([lanes] { lanes->emitShared(); });
    return success();
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeConvLanesMethod(StringRef name,
                                                  StringRef description) {
  return std::make_unique<ConvLanesMethod>(name, description);
}
