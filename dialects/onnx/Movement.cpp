//===- Movement.cpp - The meaning of the operators that move elements -----===//
//
// Each says where every element of its result comes from; folding, type
// inference and lowering follow from that.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/OnnxDialect.h"

#include "llvm/ADT/STLExtras.h"
#include <numeric>

using namespace mlir;
using namespace pdkc::onnx;

FailureOr<ResultTypes> pdkc::onnx::inferMovement(Operation *op,
                                                 ConstantLookup constants) {
  ResultTypes types;
  for (unsigned i = 0; i < op->getNumResults(); ++i) {
    FailureOr<MovementMap> map = cast<Movement>(op).getMovement(i, constants);
    if (failed(map))
      return failure();
    FailureOr<RankedTensorType> type =
        getCheckedType(op, map->shape, getFirstElementType(op));
    if (failed(type))
      return failure();
    types.push_back(*type);
  }
  return types;
}

/// The same elements in another shape.
static FailureOr<MovementMap> reshape(Operation *op, ArrayRef<int64_t> shape) {
  int64_t count =
      cast<RankedTensorType>(op->getOperand(0).getType()).getNumElements();
  FailureOr<RankedTensorType> type =
      getCheckedType(op, shape, getFirstElementType(op));
  if (failed(type))
    return failure();
  if (type->getNumElements() != count)
    return op->emitOpError("cannot make [")
           << getShape(op->getOperand(0)) << "] into [" << shape
           << "]: " << count << " elements are not " << type->getNumElements();
  MovementMap map{SmallVector<int64_t>(shape), {}};
  for (int64_t i = 0; i < count; ++i)
    map.sources.push_back({0, i});
  return map;
}

static SmallVector<int64_t> getStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

/// Element (i, j, ...) of the result comes from start + i * strides[0] + ...
static MovementMap getStrided(ArrayRef<int64_t> shape, int64_t start,
                              ArrayRef<int64_t> strides) {
  MovementMap map{SmallVector<int64_t>(shape), {{0, start}}};
  for (auto [size, stride] : llvm::zip_equal(shape, strides)) {
    SmallVector<Source, 0> sources;
    sources.reserve(map.sources.size() * size);
    for (Source source : map.sources)
      for (int64_t i = 0; i < size; ++i)
        sources.push_back({0, source.element + i * stride});
    map.sources = std::move(sources);
  }
  return map;
}

FailureOr<MovementMap> FlattenOp::getMovement(unsigned, ConstantLookup) {
  ArrayRef<int64_t> shape = getShape(getInput());
  int64_t rank = shape.size(), axis = getAxis();
  // Here the axis may stand behind the last dimension.
  if (axis < -rank || axis > rank)
    return emitOpError("names axis ")
           << axis << " of a tensor with " << rank << " dimensions";
  axis += axis < 0 ? rank : 0;
  auto product = [](ArrayRef<int64_t> sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), int64_t(1),
                           std::multiplies<int64_t>());
  };
  return reshape(*this, {product(shape.take_front(axis)),
                         product(shape.drop_front(axis))});
}

FailureOr<MovementMap> ReshapeOp::getMovement(unsigned,
                                              ConstantLookup constants) {
  auto wanted =
      getIntegerOperand(*this, getShape(), getShapeAttr(), "shape", constants);
  if (failed(wanted))
    return failure();
  if (!*wanted)
    return emitOpError("has no shape");
  ArrayRef<int64_t> old = onnx::getShape(getData());
  SmallVector<int64_t> shape = **wanted;
  int64_t known = 1, *open = nullptr;
  for (auto [i, size] : llvm::enumerate(shape)) {
    if (size == 0 && !getAllowzero()) {
      if (i >= old.size())
        return emitOpError("copies dimension ")
               << i << " of a tensor with " << old.size() << " dimensions";
      size = old[i];
    }
    if (size == -1) {
      if (open)
        return emitOpError("leaves more than one dimension open");
      open = &shape[i];
    } else if (size < 0 || size > kMaxElements ||
               (known *= size) > kMaxElements) {
      return emitOpError("has an impossible shape [") << **wanted << "]";
    }
  }
  int64_t count = getData().getType().getNumElements();
  if (open && known > 0)
    *open = count / known;
  return reshape(*this, shape);
}

/// The axes of Squeeze and Unsqueeze, as one flag for each of `rank`.
static FailureOr<SmallVector<bool>>
getFlags(Operation *op, ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<bool> flags(rank, false);
  for (int64_t axis : axes) {
    FailureOr<int64_t> counted = getAxis(op, axis, rank);
    if (failed(counted))
      return failure();
    if (flags[*counted])
      return op->emitOpError("names axis ") << axis << " twice";
    flags[*counted] = true;
  }
  return flags;
}

FailureOr<MovementMap> SqueezeOp::getMovement(unsigned,
                                              ConstantLookup constants) {
  auto axes =
      getIntegerOperand(*this, getAxes(), getAxesAttr(), "axes", constants);
  if (failed(axes))
    return failure();
  ArrayRef<int64_t> old = getShape(getData());
  SmallVector<int64_t> shape;
  if (!*axes) {
    llvm::copy_if(old, std::back_inserter(shape),
                  [](int64_t size) { return size != 1; });
    return reshape(*this, shape);
  }
  FailureOr<SmallVector<bool>> flags = getFlags(*this, **axes, old.size());
  if (failed(flags))
    return failure();
  for (auto [i, size] : llvm::enumerate(old)) {
    if (!(*flags)[i])
      shape.push_back(size);
    else if (size != 1)
      return emitOpError("cannot drop dimension ") << i << " of size " << size;
  }
  return reshape(*this, shape);
}

FailureOr<MovementMap> UnsqueezeOp::getMovement(unsigned,
                                                ConstantLookup constants) {
  auto axes =
      getIntegerOperand(*this, getAxes(), getAxesAttr(), "axes", constants);
  if (failed(axes))
    return failure();
  if (!*axes)
    return emitOpError("has no axes");
  ArrayRef<int64_t> old = getShape(getData());
  FailureOr<SmallVector<bool>> flags =
      getFlags(*this, **axes, old.size() + (*axes)->size());
  if (failed(flags))
    return failure();
  SmallVector<int64_t> shape;
  for (bool isNew : *flags) {
    shape.push_back(isNew ? 1 : old.front());
    if (!isNew)
      old = old.drop_front();
  }
  return reshape(*this, shape);
}

FailureOr<MovementMap> TransposeOp::getMovement(unsigned, ConstantLookup) {
  ArrayRef<int64_t> old = getShape(getData());
  SmallVector<int64_t> order(llvm::reverse(llvm::seq<int64_t>(0, old.size())));
  if (getPerm())
    order = SmallVector<int64_t>(*getPerm());
  if (order.size() != old.size())
    return emitOpError("orders ")
           << order.size() << " dimensions of " << old.size();
  FailureOr<SmallVector<bool>> flags = getFlags(*this, order, old.size());
  if (failed(flags))
    return failure();
  SmallVector<int64_t> shape, strides, oldStrides = getStrides(old);
  for (int64_t axis : order) {
    shape.push_back(old[axis < 0 ? axis + old.size() : axis]);
    strides.push_back(oldStrides[axis < 0 ? axis + old.size() : axis]);
  }
  return getStrided(shape, 0, strides);
}

FailureOr<MovementMap> SliceOp::getMovement(unsigned,
                                            ConstantLookup constants) {
  auto starts = getIntegerOperand(*this, getStarts(), getStartsAttr(), "starts",
                                  constants);
  if (failed(starts))
    return failure();
  auto ends =
      getIntegerOperand(*this, getEnds(), getEndsAttr(), "ends", constants);
  if (failed(ends))
    return failure();
  auto axes =
      getIntegerOperand(*this, getAxes(), getAxesAttr(), "axes", constants);
  if (failed(axes))
    return failure();
  auto steps =
      getIntegerOperand(*this, getSteps(), std::nullopt, "steps", constants);
  if (failed(steps))
    return failure();
  if (!*starts || !*ends)
    return emitOpError("has no ") << (*starts ? "ends" : "starts");
  size_t count = (*starts)->size();
  if (!*axes)
    *axes = llvm::to_vector(llvm::seq<int64_t>(0, count));
  if (!*steps)
    *steps = SmallVector<int64_t>(count, 1);
  if ((*ends)->size() != count || (*axes)->size() != count ||
      (*steps)->size() != count)
    return emitOpError("has ")
           << count << " starts, " << (*ends)->size() << " ends, "
           << (*axes)->size() << " axes and " << (*steps)->size() << " steps";

  SmallVector<int64_t> shape(getShape(getData()));
  SmallVector<int64_t> strides = getStrides(shape);
  if (failed(getFlags(*this, **axes, shape.size())))
    return failure();
  int64_t first = 0;
  for (auto [start, end, axis, step] :
       llvm::zip_equal(**starts, **ends, **axes, **steps)) {
    if (step == 0)
      return emitOpError("has a step of 0");
    int64_t counted = axis < 0 ? axis + shape.size() : axis;
    int64_t size = shape[counted];
    // Negative positions count from the end; out of range means to the edge.
    auto clamp = [&](int64_t position, int64_t low, int64_t high) {
      position += position < 0 ? size : 0;
      return std::clamp(position, low, high);
    };
    int64_t from = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
    int64_t to = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
    // Steps beyond the dimension take one element, whatever their size.
    step = std::clamp(step, -size, size);
    int64_t span = step > 0 ? to - from : from - to;
    if (span <= 0)
      return emitOpError("takes nothing of dimension ")
             << counted << " of size " << size;
    shape[counted] = llvm::divideCeil(span, std::abs(step));
    first += from * strides[counted];
    strides[counted] *= step;
  }
  return getStrided(shape, first, strides);
}
