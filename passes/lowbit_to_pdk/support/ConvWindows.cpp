//===- ConvWindows.cpp - What a convolution's loops need to know -----------===//

#include "passes/lowbit_to_pdk/support/ConvWindows.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace pdkc;

/// Biases by channel and the padding's value, from those by element: what is
/// outside adds its weights times that value.
static LogicalResult findPadding(lowbit::ConvOp conv, ConvWindows &windows) {
  int64_t elements = conv.getResult().getType().getNumElements();
  int64_t channels = windows.weightSums.size(), positions = elements / channels;
  SmallVector<int64_t> outside, weights = conv.getWeights();
  for (int64_t i = 0; i < elements; ++i)
    outside.push_back(windows.weightSums[i / positions]);
  conv.forEachProduct([&](int64_t result, int64_t, int64_t weight) {
    outside[result] -= weights[weight];
  });
  for (int64_t i = 0; i < elements; ++i) {
    int64_t first = i - i % positions;
    if (int64_t difference = outside[i] - outside[first]) {
      windows.padding =
          (conv.getBiasOf(i) - conv.getBiasOf(first)) / difference;
      break;
    }
  }
  for (int64_t i = 0; i < elements; ++i) {
    int64_t bias = conv.getBiasOf(i) - windows.padding * outside[i];
    if (i % positions == 0)
      windows.bias.push_back(bias);
    else if (bias != windows.bias.back())
      return conv.emitError("biases differ within channel ")
             << i / positions
             << ", and not by what a padding value would add; the device adds "
                "one bias a channel";
  }
  return success();
}

/// Neighbouring loops are one where the outer one goes on where the inner ends.
static void mergeLoops(SmallVector<WindowLoop> &loops) {
  llvm::erase_if(loops, [](const WindowLoop &loop) { return loop.trips == 1; });
  for (size_t i = loops.size(); i-- > 1;) {
    WindowLoop &outer = loops[i - 1];
    const WindowLoop &inner = loops[i];
    if (outer.step != inner.trips * inner.step || outer.stride ||
        inner.stride || outer.trips * inner.trips > 255)
      continue;
    outer.trips *= inner.trips;
    outer.step = inner.step;
    loops.erase(loops.begin() + i);
  }
}

static void addWeightSums(lowbit::ConvOp conv, ConvWindows &windows) {
  SmallVector<int64_t> weights = conv.getWeights();
  for (size_t first = 0; first < weights.size(); first += windows.taps) {
    int64_t sum = 0;
    for (int64_t weight : ArrayRef(weights).slice(first, windows.taps))
      sum += weight;
    windows.weightSums.push_back(sum);
  }
}

FailureOr<ConvWindows> pdkc::findConvWindows(lowbit::ConvOp conv) {
  ConvWindows windows;
  SmallVector<int64_t> result = conv.getResultShape();
  ArrayRef<int64_t> kernel = conv.getCodes().getType().getShape(),
                    shape = conv.getShape();
  size_t rank = shape.size() - 1;
  int64_t positions = 1;
  SmallVector<int64_t> pitches(rank, 1); // elements between neighbours
  for (size_t i = rank; i-- > 0;) {
    positions *= result[1 + i];
    if (i > 0)
      pitches[i - 1] = pitches[i] * shape[1 + i];
  }
  int64_t plane = pitches[0] * shape[1];
  windows.groups = conv.getGroups();
  windows.channelsOfGroup = kernel[0] / windows.groups;
  windows.groupPitch = kernel[1] * plane;

  windows.loops.push_back({kernel[1], plane});
  windows.taps = kernel[1];
  SmallVector<bool> isPadded;
  for (size_t i = 0; i < rank; ++i) {
    int64_t first = -conv.getPads()[i];
    int64_t last = first + (result[1 + i] - 1) * conv.getStrides()[i] +
                   (kernel[2 + i] - 1) * conv.getDilations()[i];
    isPadded.push_back(first < 0 || last >= shape[1 + i]);
    WindowLoop loop{kernel[2 + i], conv.getDilations()[i] * pitches[i]};
    if (isPadded[i]) {
      // Coordinates are bytes: those outside must be none of those inside.
      if (first < shape[1 + i] - 256 || last > 255)
        return conv.emitError("windows reach from ")
               << first << " to " << last << " over " << shape[1 + i]
               << " elements, more than a byte counts; use less padding";
      loop.coordinate = windows.padded.size();
      loop.stride = conv.getDilations()[i];
      windows.padded.push_back(shape[1 + i]);
    }
    windows.loops.push_back(loop);
    windows.taps *= kernel[2 + i];
  }
  mergeLoops(windows.loops);
  int64_t most = std::max({windows.groups, windows.channelsOfGroup, positions});
  for (const WindowLoop &loop : windows.loops)
    most = std::max(most, loop.trips);
  if (most > 255)
    return conv.emitError("counts ")
           << most << " groups, channels, positions or elements of a window in "
           << "a loop; at most 255 can be";

  for (int64_t position = 0; position < positions; ++position) {
    int64_t origin = 0, rest = position;
    SmallVector<int64_t, 2> coordinates;
    for (size_t i = rank; i-- > 0;) {
      int64_t at =
          rest % result[1 + i] * conv.getStrides()[i] - conv.getPads()[i];
      rest /= result[1 + i];
      origin += at * pitches[i];
      if (isPadded[i])
        coordinates.insert(coordinates.begin(), at);
    }
    windows.origins.push_back(origin);
    windows.coordinates.push_back(coordinates);
  }
  addWeightSums(conv, windows);
  if (failed(findPadding(conv, windows)))
    return failure();
  return windows;
}

ConvWindows pdkc::findWindowsOfOne(lowbit::ConvOp conv,
                                   const SlidingWindows &window,
                                   int64_t rowBytes) {
  int64_t pixel = window.depth,
          inputs = conv.getCodes().getType().getDimSize(1);
  ConvWindows windows;
  windows.groups = conv.getGroups();
  windows.channelsOfGroup = window.channels / windows.groups;
  windows.groupPitch = inputs;
  windows.taps = inputs * window.kernelRows * window.kernelColumns;
  windows.loops = {{inputs, 1},
                   {window.kernelRows, rowBytes * window.rowDilation},
                   {window.kernelColumns, pixel * window.columnDilation}};
  mergeLoops(windows.loops);
  for (int64_t row = 0; row < window.poolRows; ++row)
    for (int64_t column = 0; column < window.poolColumns; ++column)
      windows.origins.push_back(row * window.rowStride * rowBytes +
                                column * window.columnStride * pixel);
  windows.coordinates.resize(windows.origins.size());
  windows.bias = llvm::to_vector(conv.getBias());
  addWeightSums(conv, windows);
  return windows;
}
