//===- SlidingWindows.cpp - Convolutions over arriving pixels -------------===//

#include "passes/lowbit/support/SlidingWindows.h"

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/PoolWindows.h"
#include "passes/lowbit/support/Streaming.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

std::optional<SlidingChain> pdkc::findSlidingChain(lowbit::ConvOp conv) {
  SlidingChain chain;
  chain.conv = conv;
  Operation *op = getOnlyUser(conv.getResult());
  if (auto pool = dyn_cast_or_null<lowbit::MaxPoolOp>(op)) {
    chain.pool = pool;
    op = getOnlyUser(pool.getResult());
  }
  if (!isElementwise(op))
    return std::nullopt;
  chain.activation = op;
  op = getOnlyUser(op->getResult(0));
  if (auto pool = dyn_cast_or_null<lowbit::MaxPoolOp>(op)) {
    if (chain.pool)
      return std::nullopt;
    chain.pool = pool;
    op = getOnlyUser(pool.getResult());
  }
  chain.fed =
      isa_and_nonnull<lowbit::DenseOp, lowbit::ConvOp>(op) ? op : nullptr;
  Operation *last = chain.activation;
  if (chain.pool && !chain.poolsSums())
    last = chain.pool;
  // The results are inputs, not sums to add to; and not stored.
  if (!chain.fed || getProducer(chain.fed->getOperand(0)) != last ||
      chain.fed->getBlock() != conv->getBlock())
    return std::nullopt;
  return chain;
}

//===----------------------------------------------------------------------===//
// Geometry
//===----------------------------------------------------------------------===//

/// The windows' elements, in the order of the windows' first ones: channel by
/// channel, row by row.
static SmallVector<ArrayRef<int64_t>> getSortedWindows(lowbit::MaxPoolOp pool) {
  SmallVector<ArrayRef<int64_t>> windows = pool.getWindows();
  llvm::stable_sort(windows, [](auto a, auto b) { return a[0] < b[0]; });
  return windows;
}

/// The distance between neighbours of a list with so many different values,
/// which are `count` long runs; none where they differ.
static std::optional<int64_t> findPitch(ArrayRef<int64_t> values) {
  if (values.size() < 2)
    return 1;
  int64_t pitch = values[1] - values[0];
  for (size_t i = 1; i < values.size(); ++i)
    if (values[i] - values[i - 1] != pitch)
      return std::nullopt;
  return pitch > 0 ? std::optional(pitch) : std::nullopt;
}

/// What the pool's windows are over `rows` by `columns` positions a channel.
static bool findPool(lowbit::MaxPoolOp pool, int64_t rows, int64_t columns,
                     SlidingWindows &result) {
  SmallVector<ArrayRef<int64_t>> windows = getSortedWindows(pool);
  int64_t plane = rows * columns, count = windows.size() / result.channels;
  if (windows.size() % result.channels != 0)
    return false;
  ArrayRef<int64_t> first = windows[0];
  // One rectangle: all that lies between its first and its last position.
  int64_t last = first.back();
  result.poolRows = last / columns - first[0] / columns + 1;
  result.poolColumns = last % columns - first[0] % columns + 1;
  if (first[0] != 0 || result.poolColumns < 1)
    return false;
  SmallVector<int64_t> rowsOf, columnsOf;
  for (int64_t i = 0; i < count; ++i) {
    int64_t origin = windows[i][0];
    if (rowsOf.empty() || rowsOf.back() != origin / columns)
      rowsOf.push_back(origin / columns);
    if (rowsOf.size() == 1)
      columnsOf.push_back(origin % columns);
  }
  std::optional<int64_t> rowPitch = findPitch(rowsOf),
                         columnPitch = findPitch(columnsOf);
  if (!rowPitch || !columnPitch)
    return false;
  result.rowPitch = *rowPitch;
  result.columnPitch = *columnPitch;
  result.windowRows = rowsOf.size();
  result.windowColumns = columnsOf.size();
  if (result.getNumWindows() != count)
    return false;
  for (auto [i, window] : llvm::enumerate(windows)) {
    int64_t channel = i / count, number = i % count;
    int64_t origin =
        channel * plane +
        number / result.windowColumns * result.rowPitch * columns +
        number % result.windowColumns * result.columnPitch;
    if (int64_t(window.size()) != result.poolRows * result.poolColumns)
      return false;
    for (auto [k, element] : llvm::enumerate(window))
      if (element != origin + int64_t(k) / result.poolColumns * columns +
                         int64_t(k) % result.poolColumns)
        return false;
  }
  return true;
}

std::optional<SlidingWindows>
pdkc::findSlidingWindows(const SlidingChain &chain) {
  lowbit::ConvOp conv = chain.conv;
  ArrayRef<int64_t> shape = conv.getShape(),
                    kernel = conv.getCodes().getType().getShape();
  SmallVector<int64_t> positions = conv.getResultShape();
  size_t rank = shape.size() - 1;
  if (rank > 2)
    return std::nullopt;
  SlidingWindows result;
  result.channels = kernel[0];
  result.depth = shape[0];
  if (rank == 2) {
    result.height = shape[1];
    result.kernelRows = kernel[2];
    result.rowStride = conv.getStrides()[0];
    result.rowDilation = conv.getDilations()[0];
    result.top = conv.getPads()[0];
  }
  result.width = shape[rank];
  result.kernelColumns = kernel[rank + 1];
  result.columnStride = conv.getStrides()[rank - 1];
  result.columnDilation = conv.getDilations()[rank - 1];
  result.left = conv.getPads()[rank - 1];
  int64_t rows = rank == 2 ? positions[1] : 1, columns = positions[rank];
  if (rows < 1 || columns < 1)
    return std::nullopt;
  if (!chain.pool) {
    result.windowRows = rows;
    result.windowColumns = columns;
    return result;
  }
  return findPool(chain.pool, rows, columns, result) ? std::optional(result)
                                                     : std::nullopt;
}

int64_t SlidingWindows::getRowPixels(int64_t bits) const {
  // The zeros to the right of a row are those to the left of the next one.
  int64_t right = (windowColumns - 1) * columnPitch * columnStride +
                  getColumns() - left;
  int64_t pixels = std::max(width + left, right), perByte = 8 / bits;
  if (height > 1 || getRows() > 1)
    pixels = llvm::alignTo(pixels, perByte);
  // Below the image there are only the zeros that come behind a row.
  return pixels + (endsBelow() && pixels == width ? perByte : 0);
}

std::optional<int64_t> pdkc::getPixelBits(lowbit::ConvOp conv) {
  Interval range = lowbit::getRange(conv.getInput());
  if (range.min < 0 || range.max > 15)
    return std::nullopt;
  return range.max > 3 ? 4 : range.max > 1 ? 2 : 1;
}

Interval pdkc::getPlaneRange(lowbit::ConvOp conv) {
  SmallVector<int64_t> weights = conv.getWeights();
  int64_t taps = weights.size() / conv.getCodes().getType().getDimSize(0);
  Interval range{0, 0};
  for (size_t first = 0; first < weights.size(); first += taps) {
    Interval sums{0, 0};
    for (int64_t weight : ArrayRef(weights).slice(first, taps))
      (weight < 0 ? sums.min : sums.max) += weight;
    range = lowbit::hull(range, sums);
  }
  return range;
}

//===----------------------------------------------------------------------===//
// Whether, and how
//===----------------------------------------------------------------------===//

/// Whether the elementwise operation is one function, and that only rises.
static bool isOneFunction(Operation *op) {
  auto steps = dyn_cast<lowbit::StepsOp>(op);
  return !steps || steps.getFunctions().size() == 1;
}

static bool rises(Operation *op) {
  if (auto requant = dyn_cast<lowbit::RequantOp>(op))
    return requant.getMultiplier() >= 0;
  auto function = cast<lowbit::StepsOp>(op).getFunctions()[0];
  return llvm::is_sorted(function.values);
}

/// Whether bytes hold the integers, with a sign or without.
static bool areBytes(Interval range) {
  return range.min < 0 ? range.min >= -128 && range.max <= 127
                       : range.max <= 255;
}

// Counted in bytes.
static constexpr int64_t kMostCells = 255;

bool pdkc::canUseLanes(const SlidingChain &chain,
                       const SlidingWindows &windows) {
  lowbit::ConvOp conv = chain.conv;
  // Pixels of a window's row are a few.
  constexpr int64_t kMostLanes = 16, kMostInRow = 32;
  std::optional<int64_t> bits = getPixelBits(conv);
  if (!bits || !isOneFunction(chain.activation) ||
      windows.poolColumns * *bits > kMostLanes ||
      windows.getColumns() * *bits > kMostInRow ||
      windows.getRowPixels(*bits) > 255 ||
      windows.getRows() * windows.getRowPixels(*bits) * *bits > 8 * kMostCells)
    return false;
  Interval plane = getPlaneRange(conv);
  Interval sums = lowbit::getRange(conv.getResult());
  return plane.max - plane.min <= 255 &&
         // A lane of one-bit pixels is the sum as it is stored.
         (*bits > 1 || areBytes(sums)) && sums.max - sums.min < 65536 / 2;
}

bool pdkc::canShiftBytes(lowbit::ConvOp conv, const SlidingWindows &windows) {
  ArrayRef<int64_t> weights = conv.getCodebook();
  return areBytes(lowbit::getRange(conv.getInput())) &&
         areBytes({weights.front(), weights.back()}) &&
         windows.poolRows * windows.poolColumns <= 255 &&
         windows.getRowPixels(8) <= 255 &&
         windows.getRows() * windows.getRowPixels(8) * windows.depth <=
             kMostCells;
}

/// The windows of a convolution that can be computed while pixels arrive, as
/// far as they are concerned.
static std::optional<SlidingWindows> findArriving(lowbit::ConvOp conv) {
  std::optional<SlidingChain> chain = findSlidingChain(conv);
  if (!chain || conv.getSums())
    return std::nullopt;
  std::optional<SlidingWindows> windows = findSlidingWindows(*chain);
  if (!windows || windows->channels > 255 || windows->windowRows > 255 ||
      windows->windowColumns > 255 || windows->poolRows > 255 ||
      windows->kernelRows > 255 || windows->kernelColumns > 255 ||
      int64_t(conv.getBias().size()) != windows->channels)
    return std::nullopt;
  // The first window's last pixel is one of the image's.
  if (windows->getRows() <= windows->top ||
      windows->getColumns() <= windows->left)
    return std::nullopt;
  Interval results = lowbit::getRange(chain->activation->getResult(0));
  // One function, or one a channel for that channel's sums.
  auto steps = dyn_cast<lowbit::StepsOp>(chain->activation);
  bool hasFunctions =
      isOneFunction(chain->activation) ||
      (!chain->poolsSums() && getFunctionsByChannel(steps, windows->channels));
  auto next = dyn_cast<lowbit::ConvOp>(chain->fed);
  return results.min == 0 && results.max <= 255 && hasFunctions &&
                 (!next || isSumOfAll(next) || canFollow(next))
             ? windows
             : std::nullopt;
}

bool pdkc::canSlide(lowbit::ConvOp conv) {
  // All pixels are prepared by one function.
  Operation *preparation = conv.getInput().getDefiningOp();
  if (isElementwise(preparation) && !isOneFunction(preparation))
    return false;
  std::optional<SlidingWindows> windows = findArriving(conv);
  return windows && windows->depth == 1 &&
         (canUseLanes(*findSlidingChain(conv), *windows) ||
          canShiftBytes(conv, *windows));
}

bool pdkc::canFollow(lowbit::ConvOp conv) {
  std::optional<SlidingWindows> windows = findArriving(conv);
  if (!windows || !canShiftBytes(conv, *windows))
    return false;
  int64_t rowPixels = windows->getRowPixels(8);
  // What comes behind the last window is counted in a byte, and so is a row.
  int64_t last =
      ((windows->windowRows - 1) * windows->rowPitch * windows->rowStride +
       windows->getRows() - 1 - windows->top) *
          rowPixels +
      (windows->windowColumns - 1) * windows->columnPitch *
          windows->columnStride +
      windows->getColumns() - windows->left;
  return (windows->height * rowPixels - last) * windows->depth <= kMostCells &&
         rowPixels * windows->depth <= kMostCells;
}

bool pdkc::isSumOfAll(lowbit::ConvOp conv) {
  ArrayRef<int64_t> shape = conv.getShape(),
                    kernel = conv.getCodes().getType().getShape();
  return !conv.getSums() && kernel[0] == shape[0] && kernel[1] == 1 &&
         conv.getGroups() == shape[0] &&
         int64_t(conv.getBias().size()) == shape[0] &&
         kernel.drop_front(2) == shape.drop_front() &&
         llvm::all_of(conv.getPads(), [](int64_t pad) { return pad == 0; }) &&
         llvm::all_of(conv.getDilations(),
                      [](int64_t dilation) { return dilation == 1; }) &&
         llvm::all_of(conv.getWeights(),
                      [](int64_t weight) { return weight == 1; });
}

bool pdkc::isSumOfAll(lowbit::DenseOp dense) {
  int64_t inputs = dense.getNumInputs(), rows = dense.getNumRows();
  if (inputs % rows != 0 || dense.getSums() ||
      getAccumulator(dense.getResult()))
    return false;
  for (auto [i, weight] : llvm::enumerate(dense.getWeights()))
    if (weight !=
        (int64_t(i) % inputs / (inputs / rows) == int64_t(i) / inputs))
      return false;
  return true;
}

bool pdkc::isFollower(lowbit::ConvOp conv) {
  auto fused = dyn_cast<lowbit::FusedOp>(conv->getParentOp());
  return fused && fused.getLayer() != conv;
}

/// By result in the order of arrival its number channel by channel.
static SmallVector<int64_t> getArrivals(int64_t channels, int64_t windows) {
  SmallVector<int64_t> numbers;
  for (int64_t window = 0; window < windows; ++window)
    for (int64_t channel = 0; channel < channels; ++channel)
      numbers.push_back(channel * windows + window);
  return numbers;
}

/// The type with another shape and range.
static RankedTensorType getVector(Value like, int64_t size) {
  return RankedTensorType::get(
      size, cast<RankedTensorType>(like.getType()).getElementType());
}

void pdkc::orderByArrival(const SlidingChain &chain) {
  auto [conv, activation, pool, taker] = chain;
  auto fed = dyn_cast<lowbit::DenseOp>(taker);
  bool isFirst =
      chain.poolsSums() || (isOneFunction(activation) && rises(activation));
  if (!fed && (!pool || chain.poolsSums() || !isFirst))
    return;
  SlidingWindows geometry = *findSlidingWindows(chain);
  // A convolution has its own order.
  SmallVector<int64_t> arrivals =
      fed ? getArrivals(geometry.channels, geometry.getNumWindows())
          : llvm::to_vector(llvm::seq<int64_t>(geometry.channels *
                                               geometry.getNumWindows()));
  int64_t count = arrivals.size();
  // Windows of one position are a pool that only orders.
  SmallVector<ArrayRef<int64_t>> windows;
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(count));
  if (pool)
    windows = getSortedWindows(pool);
  else
    for (int64_t &element : all)
      windows.push_back(element);
  SmallVector<int64_t> places(count), indices, sizes;
  SmallVector<ArrayRef<int64_t>> before =
      pool ? pool.getWindows() : windows;
  for (auto [place, number] : llvm::enumerate(arrivals)) {
    indices.append(windows[number].begin(), windows[number].end());
    sizes.push_back(windows[number].size());
    places[place] = llvm::find_if(before, [&](ArrayRef<int64_t> window) {
                      return window[0] == windows[number][0];
                    }) - before.begin();
  }
  OpBuilder builder(activation);
  Location loc = pool ? pool.getLoc() : conv.getLoc();
  Value pooled = isFirst ? conv->getResult(0) : activation->getResult(0);
  if (!isFirst)
    builder.setInsertionPointAfter(activation);
  auto ordered = lowbit::MaxPoolOp::create(
      builder, loc, getVector(pooled, count), pooled, indices, sizes);
  Value last = ordered.getResult();
  if (isFirst) {
    activation->setOperand(0, ordered.getResult());
    activation->getResult(0).setType(
        getVector(activation->getResult(0), count));
    last = activation->getResult(0);
  }
  taker->setOperand(0, last);
  if (!fed)
    return;
  // The layer's columns go with its inputs.
  int64_t rows = fed.getNumRows();
  auto codes = llvm::to_vector(fed.getCodes().getValues<APInt>());
  SmallVector<APInt> columns;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t place : places)
      columns.push_back(codes[row * count + place]);
  fed.setCodesAttr(
      DenseIntElementsAttr::get(fed.getCodes().getType(), columns));
}

bool pdkc::isOrderedByArrival(const SlidingChain &chain) {
  std::optional<SlidingWindows> geometry = findSlidingWindows(chain);
  if (isa<lowbit::ConvOp>(chain.fed))
    return true;
  if (!chain.pool || !geometry)
    return false;
  lowbit::MaxPoolOp pool = chain.pool;
  SmallVector<ArrayRef<int64_t>> windows = pool.getWindows(),
                                 sorted = getSortedWindows(pool);
  for (auto [place, number] : llvm::enumerate(
           getArrivals(geometry->channels, geometry->getNumWindows())))
    if (windows[place] != sorted[number])
      return false;
  return true;
}
