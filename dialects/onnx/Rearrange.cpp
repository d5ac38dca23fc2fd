//===- Rearrange.cpp - Joining, splitting, padding, picking ---------------===//
//
// The movements that are no plain strides: several operands or results, filled
// elements, lists of indices.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/OnnxDialect.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

static int64_t getIndex(ArrayRef<int64_t> shape, ArrayRef<int64_t> position) {
  int64_t index = 0;
  for (auto [size, place] : llvm::zip_equal(shape, position))
    index = index * size + place;
  return index;
}

/// The map of a result of this shape whose element at a position comes from
/// where `locate` says; an error where the shape is none.
static FailureOr<MovementMap>
getLocated(Operation *op, ArrayRef<int64_t> shape,
           function_ref<Source(MutableArrayRef<int64_t>)> locate) {
  FailureOr<RankedTensorType> type =
      getCheckedType(op, shape, getFirstElementType(op));
  if (failed(type))
    return failure();
  MovementMap map{SmallVector<int64_t>(shape), {}};
  int64_t count = type->getNumElements();
  map.sources.reserve(count);
  SmallVector<int64_t> position(shape.size(), 0), copy;
  for (int64_t i = 0; i < count; ++i) {
    copy = position;
    map.sources.push_back(locate(copy));
    for (size_t d = shape.size(); d-- > 0 && ++position[d] == shape[d];)
      position[d] = 0;
  }
  return map;
}

FailureOr<MovementMap> ConcatOp::getMovement(unsigned, ConstantLookup) {
  ArrayRef<int64_t> first = getShape(getInputs()[0]);
  FailureOr<int64_t> axis = onnx::getAxis(*this, getAxis(), first.size());
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape(first), starts{0};
  for (Value input : getInputs()) {
    ArrayRef<int64_t> other = getShape(input);
    bool fits = other.size() == first.size();
    for (size_t i = 0; fits && i < first.size(); ++i)
      fits = int64_t(i) == *axis || other[i] == first[i];
    if (!fits)
      return emitOpError("cannot join shapes [")
             << first << "] and [" << other << "] along axis " << *axis;
    if (getElementType(input) != getFirstElementType(*this))
      return emitOpError("mixes element types ")
             << getFirstElementType(*this) << " and " << getElementType(input);
    starts.push_back(starts.back() + other[*axis]);
  }
  shape[*axis] = starts.back();
  return getLocated(*this, shape, [&](MutableArrayRef<int64_t> position) {
    int64_t &place = position[*axis];
    int operand = llvm::upper_bound(starts, place) - starts.begin() - 1;
    place -= starts[operand];
    return Source{operand, getIndex(getShape(getInputs()[operand]), position)};
  });
}

FailureOr<MovementMap> SplitOp::getMovement(unsigned result,
                                            ConstantLookup constants) {
  ArrayRef<int64_t> old = getShape(getInput());
  FailureOr<int64_t> axis = onnx::getAxis(*this, getAxis(), old.size());
  if (failed(axis))
    return failure();
  auto sizes =
      getIntegerOperand(*this, getSplit(), getSplitAttr(), "split", constants);
  if (failed(sizes))
    return failure();
  int64_t count = getNumResults(), size = old[*axis];
  if (getNumOutputs() && int64_t(*getNumOutputs()) != count)
    return emitOpError("has ")
           << count << " outputs, its num_outputs is " << *getNumOutputs();
  if (!*sizes) {
    // Equal parts; the last is smaller where they do not divide the whole.
    int64_t part = llvm::divideCeil(size, count);
    *sizes = SmallVector<int64_t>(count, part);
    (*sizes)->back() = size - part * (count - 1);
  }
  int64_t sum = 0, start = 0;
  for (auto [i, part] : llvm::enumerate(**sizes)) {
    if (part <= 0 || part > size)
      return emitOpError("has a part of size ") << part << " of " << size;
    sum += part;
    start += i < result ? part : 0;
  }
  if (int64_t((*sizes)->size()) != count || sum != size)
    return emitOpError("splits dimension ")
           << *axis << " of size " << size << " into " << (*sizes)->size()
           << " parts of size " << sum << " together, for " << count
           << " outputs";
  SmallVector<int64_t> shape(old);
  shape[*axis] = (**sizes)[result];
  return getLocated(*this, shape, [&](MutableArrayRef<int64_t> position) {
    position[*axis] += start;
    return Source{0, getIndex(old, position)};
  });
}

/// The position in 0 .. size - 1 that a place outside stands for; -1 for a
/// filled one.
static int64_t getPadSource(StringRef mode, int64_t place, int64_t size) {
  if (place >= 0 && place < size)
    return place;
  if (size == 0)
    return -1;
  if (mode == "edge")
    return std::clamp<int64_t>(place, 0, size - 1);
  auto modulo = [](int64_t a, int64_t b) { return ((a % b) + b) % b; };
  if (mode == "wrap")
    return modulo(place, size);
  if (mode == "reflect") {
    if (size == 1)
      return 0;
    int64_t period = 2 * (size - 1), folded = modulo(place, period);
    return folded < size ? folded : period - folded;
  }
  return -1;
}

FailureOr<MovementMap> PadOp::getMovement(unsigned, ConstantLookup constants) {
  auto pads =
      getIntegerOperand(*this, getPads(), getPadsAttr(), "pads", constants);
  if (failed(pads))
    return failure();
  auto axes =
      getIntegerOperand(*this, getAxes(), std::nullopt, "axes", constants);
  if (failed(axes))
    return failure();
  ArrayRef<int64_t> old = getShape(getData());
  size_t rank = old.size();
  if (!*axes)
    *axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  size_t count = (*axes)->size();
  if (!*pads || (*pads)->size() != 2 * count)
    return emitOpError("has ") << (*pads ? (*pads)->size() : 0) << " pads for "
                               << count << " dimensions";
  if (!llvm::is_contained({"constant", "edge", "reflect", "wrap"}, getMode()))
    return emitOpError("has an unknown mode '") << getMode() << "'";
  SmallVector<int64_t> before(rank, 0), shape(old);
  for (size_t i = 0; i < count; ++i) {
    FailureOr<int64_t> axis = getAxis(*this, (**axes)[i], rank);
    if (failed(axis))
      return failure();
    int64_t low = (**pads)[i], high = (**pads)[count + i];
    if (std::abs(low) > kMaxElements || std::abs(high) > kMaxElements)
      return emitOpError("has impossible pads ") << low << " and " << high;
    before[*axis] = low;
    shape[*axis] += low + high;
  }
  bool hasFill = !isNoValue(getConstantValue());
  if (hasFill &&
      cast<RankedTensorType>(getConstantValue().getType()).getNumElements() !=
          1)
    return emitOpError("has a constant_value that is no scalar");
  FailureOr<MovementMap> map =
      getLocated(*this, shape, [&](MutableArrayRef<int64_t> position) {
        for (size_t i = 0; i < rank; ++i) {
          position[i] =
              getPadSource(getMode(), position[i] - before[i], old[i]);
          if (position[i] < 0)
            return hasFill ? Source{2, 0} : Source{Source::kFill, 0};
        }
        return Source{0, getIndex(old, position)};
      });
  if (succeeded(map))
    map->fill = getScalar(getFirstElementType(*this),
                          Rational::fromDouble(getValue().convertToDouble())
                              .value_or(Rational()));
  return map;
}

FailureOr<MovementMap> ExpandOp::getMovement(unsigned,
                                             ConstantLookup constants) {
  auto wanted =
      getIntegerOperand(*this, getOperand(1), std::nullopt, "shape", constants);
  if (failed(wanted))
    return failure();
  ArrayRef<int64_t> old = onnx::getShape(getInput());
  SmallVector<int64_t> shape = **wanted;
  if (shape.size() < old.size())
    shape.insert(shape.begin(), old.size() - shape.size(), 1);
  size_t start = shape.size() - old.size();
  for (size_t i = 0; i < old.size(); ++i) {
    int64_t &size = shape[start + i];
    if (size != old[i] && size != 1 && old[i] != 1)
      return emitOpError("cannot expand [")
             << old << "] to [" << **wanted << "]";
    size = size == 1 ? old[i] : size;
  }
  return getLocated(*this, shape, [&](MutableArrayRef<int64_t> position) {
    MutableArrayRef<int64_t> own = position.drop_front(start);
    for (size_t i = 0; i < own.size(); ++i)
      own[i] = old[i] == 1 ? 0 : own[i];
    return Source{0, getIndex(old, own)};
  });
}

FailureOr<MovementMap> TileOp::getMovement(unsigned, ConstantLookup constants) {
  auto repeats = getIntegerOperand(*this, getRepeats(), std::nullopt, "repeats",
                                   constants);
  if (failed(repeats))
    return failure();
  ArrayRef<int64_t> old = getShape(getInput());
  if ((*repeats)->size() != old.size())
    return emitOpError("has ") << (*repeats)->size() << " repeats for "
                               << old.size() << " dimensions";
  SmallVector<int64_t> shape;
  for (auto [size, repeat] : llvm::zip_equal(old, **repeats)) {
    if (repeat < 0 || repeat > kMaxElements)
      return emitOpError("has an impossible repeat of ") << repeat;
    shape.push_back(size * repeat);
  }
  return getLocated(*this, shape, [&](MutableArrayRef<int64_t> position) {
    for (size_t i = 0; i < position.size(); ++i)
      position[i] %= old[i];
    return Source{0, getIndex(old, position)};
  });
}

/// The indices of a Gather, counted from the start.
static FailureOr<SmallVector<int64_t>> readIndices(Operation *op, Value indices,
                                                   int64_t size,
                                                   ConstantLookup constants) {
  DenseElementsAttr elements = constants(indices);
  if (!elements)
    return op->emitOpError("needs constant indices: picking elements by what "
                           "the data says is not supported");
  if (!elements.getElementType().isInteger())
    return op->emitOpError("needs integers as indices, not ")
           << elements.getType();
  SmallVector<int64_t> result = getIntegers(elements);
  for (int64_t &index : result) {
    if (index < -size || index >= size)
      return op->emitOpError("has index ")
             << index << " into a dimension of size " << size;
    index += index < 0 ? size : 0;
  }
  return result;
}

FailureOr<MovementMap> GatherOp::getMovement(unsigned,
                                             ConstantLookup constants) {
  ArrayRef<int64_t> old = getShape(getData());
  FailureOr<int64_t> axis = onnx::getAxis(*this, getAxis(), old.size());
  if (failed(axis))
    return failure();
  auto indices = readIndices(*this, getIndices(), old[*axis], constants);
  if (failed(indices))
    return failure();
  ArrayRef<int64_t> inner = getShape(getOperand(1));
  SmallVector<int64_t> shape(old.take_front(*axis));
  llvm::append_range(shape, inner);
  llvm::append_range(shape, old.drop_front(*axis + 1));
  return getLocated(*this, shape, [&](MutableArrayRef<int64_t> position) {
    auto chosen = position.slice(*axis, inner.size());
    SmallVector<int64_t> place(position.take_front(*axis));
    place.push_back((*indices)[getIndex(inner, chosen)]);
    llvm::append_range(place, position.drop_front(*axis + inner.size()));
    return Source{0, getIndex(old, place)};
  });
}

FailureOr<MovementMap> GatherElementsOp::getMovement(unsigned,
                                                     ConstantLookup constants) {
  ArrayRef<int64_t> old = getShape(getData());
  ArrayRef<int64_t> shape = getShape(getOperand(1));
  FailureOr<int64_t> axis = onnx::getAxis(*this, getAxis(), old.size());
  if (failed(axis))
    return failure();
  bool fits = shape.size() == old.size();
  for (size_t i = 0; fits && i < shape.size(); ++i)
    fits = int64_t(i) == *axis || shape[i] <= old[i];
  if (!fits)
    return emitOpError("cannot take indices of shape [")
           << shape << "] from [" << old << "]";
  auto indices = readIndices(*this, getIndices(), old[*axis], constants);
  if (failed(indices))
    return failure();
  return getLocated(*this, shape, [&](MutableArrayRef<int64_t> position) {
    position[*axis] = (*indices)[getIndex(shape, position)];
    return Source{0, getIndex(old, position)};
  });
}

/// Checks a block size and a shape of batch, channels, height and width.
static LogicalResult checkBlocks(Operation *op, ArrayRef<int64_t> shape,
                                 int64_t block) {
  if (shape.size() != 4)
    return op->emitOpError("needs four dimensions, not [") << shape << "]";
  if (block < 1 || block > kMaxElements)
    return op->emitOpError("has an impossible blocksize of ") << block;
  return success();
}

FailureOr<MovementMap> DepthToSpaceOp::getMovement(unsigned, ConstantLookup) {
  ArrayRef<int64_t> old = getShape(getInput());
  int64_t block = getBlocksize();
  if (failed(checkBlocks(*this, old, block)))
    return failure();
  int64_t channels = old[1] / (block * block);
  if (channels * block * block != old[1])
    return emitOpError("cannot spread ")
           << old[1] << " channels over blocks of " << block << " by " << block;
  bool depthFirst = getMode() == "DCR";
  return getLocated(
      *this, {old[0], channels, old[2] * block, old[3] * block},
      [&](MutableArrayRef<int64_t> at) {
        int64_t within = at[2] % block * block + at[3] % block;
        int64_t channel = depthFirst ? within * channels + at[1]
                                     : at[1] * block * block + within;
        return Source{
            0, getIndex(old, {at[0], channel, at[2] / block, at[3] / block})};
      });
}

FailureOr<MovementMap> SpaceToDepthOp::getMovement(unsigned, ConstantLookup) {
  ArrayRef<int64_t> old = getShape(getInput());
  int64_t block = getBlocksize();
  if (failed(checkBlocks(*this, old, block)))
    return failure();
  if (old[2] % block || old[3] % block)
    return emitOpError("cannot cut [")
           << old << "] into blocks of " << block << " by " << block;
  return getLocated(
      *this, {old[0], old[1] * block * block, old[2] / block, old[3] / block},
      [&](MutableArrayRef<int64_t> at) {
        int64_t within = at[1] / old[1], channel = at[1] % old[1];
        return Source{
            0, getIndex(old, {at[0], channel, at[2] * block + within / block,
                              at[3] * block + within % block})};
      });
}

//===----------------------------------------------------------------------===//
// ArrayFeatureExtractor
//===----------------------------------------------------------------------===//

/// Indices Y of the last dimension; the result is a matrix for vectors, too.
FailureOr<ResultTypes>
ArrayFeatureExtractorOp::inferResultTypes(ConstantLookup) {
  ArrayRef<int64_t> old = getShape(getX());
  if (old.empty())
    return emitOpError("needs at least one dimension, not a scalar");
  SmallVector<int64_t> shape(old);
  if (old.size() == 1)
    shape.insert(shape.begin(), 1);
  shape.back() = cast<RankedTensorType>(getY().getType()).getNumElements();
  return inferShape(*this, shape, getFirstElementType(*this));
}

FailureOr<MovementMap>
ArrayFeatureExtractorOp::getMovement(unsigned, ConstantLookup constants) {
  FailureOr<ResultTypes> types = inferResultTypes(constants);
  if (failed(types))
    return failure();
  int64_t size = getShape(getX()).back();
  auto indices = readIndices(*this, getY(), size, constants);
  if (failed(indices))
    return failure();
  ArrayRef<int64_t> shape = types->front().getShape();
  return getLocated(*this, shape, [&](MutableArrayRef<int64_t> position) {
    int64_t row = getIndex(shape.drop_back(), position.drop_back());
    return Source{0, row * size + (*indices)[position.back()]};
  });
}
