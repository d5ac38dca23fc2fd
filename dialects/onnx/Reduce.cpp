//===- Reduce.cpp - One element for all along some axes -------------------===//

#include "dialects/onnx/Arithmetic.h"
#include "dialects/onnx/Evaluate.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

/// A flag for each axis that is reduced, or an error on the node.
template <typename ReduceOp>
static FailureOr<SmallVector<bool>> getReduced(ReduceOp op) {
  auto axes = getIntegerOperand(op, op.getAxes(), op.getAxesAttr(), "axes",
                                getConstant);
  if (failed(axes))
    return failure();
  int64_t rank = getShape(op.getData()).size();
  if (!*axes || (*axes)->empty())
    return SmallVector<bool>(rank, !op.getNoopWithEmptyAxes());
  SmallVector<bool> flags(rank, false);
  for (int64_t axis : **axes) {
    FailureOr<int64_t> counted = getAxis(op, axis, rank);
    if (failed(counted))
      return failure();
    flags[*counted] = true;
  }
  return flags;
}

template <typename ReduceOp>
static FailureOr<ResultTypes> inferReduce(ReduceOp op) {
  if (ShapedType::getNumElements(getShape(op.getData())) == 0)
    return op.emitOpError("takes an empty tensor");
  FailureOr<SmallVector<bool>> reduced = getReduced(op);
  if (failed(reduced))
    return failure();
  SmallVector<int64_t> shape;
  for (auto [size, flag] : llvm::zip_equal(getShape(op.getData()), *reduced)) {
    if (!flag)
      shape.push_back(size);
    else if (op.getKeepdims())
      shape.push_back(1);
  }
  return inferShape(op, shape, getFirstElementType(op));
}

/// Visits each element of the operand, in order, with its place in the result.
template <typename ReduceOp>
static void forEachReduced(ReduceOp op,
                           function_ref<void(int64_t, int64_t)> visit) {
  ArrayRef<int64_t> shape = getShape(op.getData());
  SmallVector<bool> reduced = *getReduced(op);
  int64_t count = ShapedType::getNumElements(shape);
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = i, stride = 1, place = 0;
    for (size_t d = shape.size(); d-- > 0; rest /= shape[d])
      if (!reduced[d]) {
        place += rest % shape[d] * stride;
        stride *= shape[d];
      }
    visit(place, i);
  }
}

/// The elements that make up one place of the result.
template <typename ReduceOp>
static void getReducedSources(ReduceOp op, int64_t index, Sources &sources) {
  ArrayRef<int64_t> shape = getShape(op.getData());
  SmallVector<bool> reduced = *getReduced(op);
  int64_t count = 1, first = 0, stride = 1;
  SmallVector<std::pair<int64_t, int64_t>> inner; // sizes and strides
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d]) {
    if (reduced[d]) {
      count *= shape[d];
      inner.push_back({shape[d], stride});
    } else {
      first += index % shape[d] * stride;
      index /= shape[d];
    }
  }
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = i, element = first;
    for (auto [size, step] : inner) {
      element += rest % size * step;
      rest /= size;
    }
    sources.push_back({0, element});
  }
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

FailureOr<ResultTypes> ReduceMeanOp::inferResultTypes(ConstantLookup) {
  return inferReduce(*this);
}

void ReduceMeanOp::forEachProduct(ProductVisitor visit) {
  forEachReduced(*this, [&](int64_t place, int64_t element) {
    visit(place, element, -1);
  });
}

int64_t ReduceMeanOp::getDivisor(int64_t) {
  auto count = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getNumElements();
  };
  return count(getData()) / count(getResult());
}

FailureOr<ResultTypes> ReduceSumOp::inferResultTypes(ConstantLookup) {
  return inferReduce(*this);
}

void ReduceSumOp::forEachProduct(ProductVisitor visit) {
  forEachReduced(*this, [&](int64_t place, int64_t element) {
    visit(place, element, -1);
  });
}

//===----------------------------------------------------------------------===//
// Other functions of many elements
//===----------------------------------------------------------------------===//

#define PDKC_REDUCE_METHODS(NodeOp)                                            \
  FailureOr<ResultTypes> NodeOp::inferResultTypes(ConstantLookup) {            \
    return inferReduce(*this);                                                 \
  }                                                                            \
  void NodeOp::getSources(int64_t index, Sources &sources) {                   \
    getReducedSources(*this, index, sources);                                  \
  }
PDKC_REDUCE_METHODS(ReduceMaxOp)
PDKC_REDUCE_METHODS(ReduceMinOp)
PDKC_REDUCE_METHODS(ReduceProdOp)
PDKC_REDUCE_METHODS(ReduceL1Op)
PDKC_REDUCE_METHODS(ReduceL2Op)
PDKC_REDUCE_METHODS(ReduceSumSquareOp)
PDKC_REDUCE_METHODS(ReduceLogSumOp)
PDKC_REDUCE_METHODS(ReduceLogSumExpOp)
#undef PDKC_REDUCE_METHODS

static Scalar getLargest(Operands x, bool isUnsigned) {
  Scalar result = *x[0];
  for (const Scalar *operand : x.drop_front())
    result = larger(result, *operand, isUnsigned);
  return result;
}

FailureOr<Scalar> ReduceMaxOp::evaluate(Operands x) {
  return getLargest(x, isUnsigned64(getFirstElementType(*this)));
}

FailureOr<Scalar> MaxPoolOp::evaluate(Operands x) {
  if (x.empty())
    return failure(); // a window that lies in the padding altogether
  return getLargest(x, /*isUnsigned=*/false);
}

FailureOr<Scalar> GlobalMaxPoolOp::evaluate(Operands x) {
  return getLargest(x, /*isUnsigned=*/false);
}

FailureOr<Scalar> ReduceMinOp::evaluate(Operands x) {
  Scalar result = *x[0];
  for (const Scalar *operand : x.drop_front())
    result =
        smaller(result, *operand, isUnsigned64(getFirstElementType(*this)));
  return result;
}

FailureOr<Scalar> ReduceProdOp::evaluate(Operands x) {
  Scalar result = *x[0];
  for (const Scalar *operand : x.drop_front())
    result = multiply(result, *operand);
  return result;
}

static Scalar getAbsolute(const Scalar &x) {
  return getSign(x) < 0 ? subtract(getLike(x, 0), x) : x;
}

/// The sum of a function of each.
static Scalar sumOf(Operands x, function_ref<Scalar(const Scalar &)> function) {
  Scalar result = function(*x[0]);
  for (const Scalar *operand : x.drop_front())
    result = add(result, function(*operand));
  return result;
}

FailureOr<Scalar> ReduceL1Op::evaluate(Operands x) {
  return sumOf(x, getAbsolute);
}

static Scalar getSquareSum(Operands x) {
  return sumOf(x, [](const Scalar &a) { return multiply(a, a); });
}

FailureOr<Scalar> ReduceSumSquareOp::evaluate(Operands x) {
  return getSquareSum(x);
}

FailureOr<Scalar> ReduceL2Op::evaluate(Operands x) {
  return realFunction(getSquareSum(x), [](auto a) { return std::sqrt(a); });
}

FailureOr<Scalar> ReduceLogSumOp::evaluate(Operands x) {
  return realFunction(sumOf(x, [](const Scalar &a) { return a; }),
                      [](auto a) { return std::log(a); });
}

FailureOr<Scalar> ReduceLogSumExpOp::evaluate(Operands x) {
  if (std::holds_alternative<int64_t>(*x[0]))
    return failure();
  // Less the largest, so that nothing overflows.
  Scalar most = getLargest(x, /*isUnsigned=*/false);
  Scalar sum = sumOf(x, [&](const Scalar &a) {
    return *realFunction(subtract(a, most), [](auto b) { return std::exp(b); });
  });
  FailureOr<Scalar> log = realFunction(sum, [](auto a) { return std::log(a); });
  return add(*log, most);
}

/// The largest rises with each element; the others are asked of constants only.
static Dependence rising() { return Dependence::monotone(1); }
Dependence ReduceMaxOp::getDependence(unsigned, Operands) { return rising(); }
Dependence ReduceMinOp::getDependence(unsigned, Operands) { return rising(); }
Dependence MaxPoolOp::getDependence(unsigned, Operands) { return rising(); }
Dependence GlobalMaxPoolOp::getDependence(unsigned, Operands) {
  return rising();
}
Dependence ReduceLogSumOp::getDependence(unsigned, Operands) {
  return rising();
}
Dependence ReduceLogSumExpOp::getDependence(unsigned, Operands) {
  return rising();
}
Dependence ReduceProdOp::getDependence(unsigned, Operands) { return {}; }
Dependence ReduceL1Op::getDependence(unsigned, Operands) { return {}; }
Dependence ReduceL2Op::getDependence(unsigned, Operands) { return {}; }
Dependence ReduceSumSquareOp::getDependence(unsigned, Operands) { return {}; }
