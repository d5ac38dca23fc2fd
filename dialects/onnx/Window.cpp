//===- Window.cpp - Convolutions and pools --------------------------------===//
//
// Tensors of batch, channels and any number of spatial dimensions, over which a
// window slides. One description of the window serves them all.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/OnnxDialect.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

namespace {
/// The window in each spatial dimension.
struct Window {
  SmallVector<int64_t> input, output, kernel, strides, dilations, before, after;

  int64_t getPlaces() const { return ShapedType::getNumElements(output); }

  /// Visits the window's elements for one place in the output: the number of
  /// the element in the kernel and in the input, -1 for one in the padding.
  void forEach(int64_t place,
               function_ref<void(int64_t tap, int64_t element)> visit) const {
    size_t rank = input.size();
    SmallVector<int64_t> start(rank);
    for (size_t i = rank; i-- > 0; place /= output[i])
      start[i] = place % output[i] * strides[i] - before[i];
    SmallVector<int64_t> tap(rank, 0);
    int64_t taps = ShapedType::getNumElements(kernel);
    for (int64_t k = 0; k < taps; ++k) {
      int64_t element = 0;
      for (size_t i = 0; i < rank && element >= 0; ++i) {
        int64_t position = start[i] + tap[i] * dilations[i];
        bool isInside = position >= 0 && position < input[i];
        element = isInside ? element * input[i] + position : -1;
      }
      visit(k, element);
      for (size_t i = rank; i-- > 0 && ++tap[i] == kernel[i];)
        tap[i] = 0;
    }
  }
};
} // namespace

/// The spatial attributes of a node over an input of this shape.
template <typename NodeOp>
static FailureOr<Window> getWindow(NodeOp op, ArrayRef<int64_t> shape,
                                   ArrayRef<int64_t> kernel, bool ceilMode) {
  if (shape.size() < 3)
    return op.emitOpError("needs a batch, channels and at least one more "
                          "dimension, not [")
           << shape << "]";
  Window window;
  window.input.assign(shape.drop_front(2));
  size_t rank = window.input.size();
  auto take = [&](std::optional<ArrayRef<int64_t>> attribute, size_t count,
                  int64_t least, int64_t other, StringRef name,
                  SmallVectorImpl<int64_t> &result) -> LogicalResult {
    result.assign(count, other);
    if (!attribute || attribute->empty())
      return success();
    result.assign(*attribute);
    if (result.size() != count)
      return op.emitOpError("has ") << result.size() << " " << name << " for "
                                    << rank << " spatial dimensions";
    for (int64_t value : result)
      if (value < least || value > kMaxElements)
        return op.emitOpError("has impossible ")
               << name << " [" << ArrayRef(result) << "]";
    return success();
  };
  SmallVector<int64_t> pads;
  if (failed(take(kernel, rank, 1, 1, "kernel sizes", window.kernel)) ||
      failed(take(op.getStrides(), rank, 1, 1, "strides", window.strides)) ||
      failed(
          take(op.getDilations(), rank, 1, 1, "dilations", window.dilations)) ||
      failed(take(op.getPads(), 2 * rank, 0, 0, "pads", pads)))
    return failure();
  StringRef autoPad = op.getAutoPad();
  if (!llvm::is_contained({"", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"},
                          autoPad))
    return op.emitOpError("has an unknown auto_pad '") << autoPad << "'";
  for (size_t i = 0; i < rank; ++i) {
    int64_t input = window.input[i], stride = window.strides[i];
    int64_t extent = (window.kernel[i] - 1) * window.dilations[i] + 1;
    int64_t before = pads[i], after = pads[rank + i], output;
    if (autoPad.starts_with("SAME")) {
      output = llvm::divideCeil(input, stride);
      int64_t total =
          std::max<int64_t>(0, (output - 1) * stride + extent - input);
      before = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
      after = total - before;
    } else {
      if (autoPad == "VALID")
        before = after = 0;
      int64_t room = input + before + after - extent;
      if (room < 0)
        return op.emitOpError("has a window of ")
               << extent << " over dimension " << i + 2 << " of "
               << input + before + after << " with its padding";
      output = room / stride + 1;
      // The last window must begin inside, or in the padding before.
      if (ceilMode && room % stride && output * stride < input + before)
        ++output;
    }
    window.before.push_back(before);
    window.after.push_back(after);
    window.output.push_back(output);
  }
  return window;
}

/// For each element of the result the window goes over so many channels.
static FailureOr<ResultTypes> inferWindow(Operation *op,
                                          FailureOr<Window> window,
                                          int64_t channels, int64_t depth) {
  if (failed(window))
    return failure();
  SmallVector<int64_t> shape{getShape(op->getOperand(0)).front(), channels};
  llvm::append_range(shape, window->output);
  double products = depth;
  for (ArrayRef<int64_t> sizes : {ArrayRef(shape), ArrayRef(window->kernel)})
    for (int64_t size : sizes)
      products *= size;
  if (failed(checkProducts(op, products)))
    return failure();
  return inferShape(op, shape, getFirstElementType(op));
}

//===----------------------------------------------------------------------===//
// Conv
//===----------------------------------------------------------------------===//

static FailureOr<Window> getWindow(ConvOp op) {
  return getWindow(op, getShape(op.getX()), getShape(op.getW()).drop_front(2),
                   /*ceilMode=*/false);
}

FailureOr<ResultTypes> ConvOp::inferResultTypes(ConstantLookup) {
  ArrayRef<int64_t> input = getShape(getX()), weights = getShape(getW());
  for (Value operand : getOperands())
    if (!isNoValue(operand) &&
        getElementType(operand) != getFirstElementType(*this))
      return emitOpError("mixes element types ")
             << getFirstElementType(*this) << " and "
             << getElementType(operand);
  int64_t group = getGroup();
  if (input.size() < 3 || weights.size() != input.size() || group < 1 ||
      input[1] != weights[1] * group || weights[0] % group)
    return emitOpError("cannot convolve shape [")
           << input << "] with weights of shape [" << weights << "] in "
           << group << " groups";
  if (getKernelShape() && *getKernelShape() != weights.drop_front(2))
    return emitOpError("has a kernel_shape [")
           << *getKernelShape() << "] that is not that of its weights, ["
           << weights << "]";
  if (Value bias = getAddend();
      bias && getShape(bias) != ArrayRef<int64_t>(weights[0]))
    return emitOpError("has a bias of shape [")
           << getShape(bias) << "] for " << weights[0] << " channels";
  return inferWindow(*this, getWindow(*this), weights[0], weights[1]);
}

void ConvOp::forEachProduct(ProductVisitor visit) {
  ArrayRef<int64_t> input = getShape(getX()), weights = getShape(getW());
  Window window = *getWindow(*this);
  int64_t perGroup = weights[0] / int64_t(getGroup());
  int64_t plane = ShapedType::getNumElements(window.input);
  int64_t taps = ShapedType::getNumElements(window.kernel);
  int64_t places = window.getPlaces();
  for (int64_t batch = 0; batch < input[0]; ++batch)
    for (int64_t out = 0; out < weights[0]; ++out)
      for (int64_t place = 0; place < places; ++place)
        for (int64_t in = 0; in < weights[1]; ++in) {
          int64_t channel = out / perGroup * weights[1] + in;
          window.forEach(place, [&](int64_t tap, int64_t element) {
            if (element >= 0)
              visit((batch * weights[0] + out) * places + place,
                    (batch * input[1] + channel) * plane + element,
                    (out * weights[1] + in) * taps + tap);
          });
        }
}

int64_t ConvOp::getAddendIndex(int64_t result) {
  ArrayRef<int64_t> shape = getShape(getResult());
  return result / ShapedType::getNumElements(shape.drop_front(2)) % shape[1];
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

template <typename PoolOp> static FailureOr<Window> getPoolWindow(PoolOp op) {
  if (!op.getKernelShape())
    return op.emitOpError("has no kernel_shape");
  if (op.getKernelShape()->empty())
    return op.emitOpError("has an empty kernel_shape");
  return getWindow(op, getShape(op.getX()), *op.getKernelShape(),
                   op.getCeilMode());
}

FailureOr<ResultTypes> AveragePoolOp::inferResultTypes(ConstantLookup) {
  ArrayRef<int64_t> shape = getShape(getX());
  return inferWindow(*this, getPoolWindow(*this),
                     shape.size() < 2 ? 0 : shape[1], 1);
}

void AveragePoolOp::forEachProduct(ProductVisitor visit) {
  ArrayRef<int64_t> shape = getShape(getX());
  Window window = *getPoolWindow(*this);
  int64_t plane = ShapedType::getNumElements(window.input);
  int64_t places = window.getPlaces();
  for (int64_t channel = 0; channel < shape[0] * shape[1]; ++channel)
    for (int64_t place = 0; place < places; ++place)
      window.forEach(place, [&](int64_t, int64_t element) {
        if (element >= 0)
          visit(channel * places + place, channel * plane + element, -1);
      });
}

/// The elements under the window: with the padding where that counts, but not
/// what ceil_mode lets hang over, unless that counts too.
int64_t AveragePoolOp::getDivisor(int64_t result) {
  Window window = *getPoolWindow(*this);
  if (getCountIncludePad() && getCountsOverhang())
    return ShapedType::getNumElements(window.kernel);
  int64_t place = result % window.getPlaces(), divisor = 1;
  for (size_t i = window.input.size(); i-- > 0;) {
    int64_t start =
        place % window.output[i] * window.strides[i] - window.before[i];
    place /= window.output[i];
    int64_t least = getCountIncludePad() ? -window.before[i] : 0;
    int64_t most =
        window.input[i] + (getCountIncludePad() ? window.after[i] : 0);
    int64_t count = 0;
    for (int64_t tap = 0; tap < window.kernel[i]; ++tap) {
      int64_t position = start + tap * window.dilations[i];
      count += position >= least && position < most;
    }
    divisor *= count;
  }
  return std::max<int64_t>(divisor, 1);
}

FailureOr<ResultTypes> MaxPoolOp::inferResultTypes(ConstantLookup) {
  ArrayRef<int64_t> shape = getShape(getX());
  return inferWindow(*this, getPoolWindow(*this),
                     shape.size() < 2 ? 0 : shape[1], 1);
}

void MaxPoolOp::getSources(int64_t index, Sources &sources) {
  Window window = *getPoolWindow(*this);
  int64_t channel = index / window.getPlaces();
  int64_t plane = ShapedType::getNumElements(window.input);
  window.forEach(index % window.getPlaces(), [&](int64_t, int64_t element) {
    if (element >= 0)
      sources.push_back({0, channel * plane + element});
  });
}

/// One result for all of the spatial dimensions.
static FailureOr<ResultTypes> inferGlobalPool(Operation *op) {
  SmallVector<int64_t> shape(getShape(op->getOperand(0)));
  if (shape.size() < 2)
    return op->emitOpError("needs a batch and channels, not [") << shape << "]";
  std::fill(shape.begin() + 2, shape.end(), 1);
  return inferShape(op, shape, getFirstElementType(op));
}

static int64_t getPlane(Value input) {
  return ShapedType::getNumElements(getShape(input).drop_front(2));
}

FailureOr<ResultTypes> GlobalAveragePoolOp::inferResultTypes(ConstantLookup) {
  return inferGlobalPool(*this);
}

void GlobalAveragePoolOp::forEachProduct(ProductVisitor visit) {
  int64_t plane = getPlane(getX());
  int64_t count = cast<RankedTensorType>(getX().getType()).getNumElements();
  for (int64_t i = 0; i < count; ++i)
    visit(i / plane, i, -1);
}

int64_t GlobalAveragePoolOp::getDivisor(int64_t) { return getPlane(getX()); }

FailureOr<ResultTypes> GlobalMaxPoolOp::inferResultTypes(ConstantLookup) {
  return inferGlobalPool(*this);
}

void GlobalMaxPoolOp::getSources(int64_t index, Sources &sources) {
  int64_t plane = getPlane(getX());
  for (int64_t i = 0; i < plane; ++i)
    sources.push_back({0, index * plane + i});
}
