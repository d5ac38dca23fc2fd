//===- Linear.cpp - The meaning of the operators that sum products --------===//

#include "dialects/onnx/OnnxDialect.h"

using namespace mlir;
using namespace pdkc::onnx;

//===----------------------------------------------------------------------===//
// MatMul
//===----------------------------------------------------------------------===//

namespace {
/// Shapes with the 1s that NumPy puts around vectors.
struct MatMulShapes {
  SmallVector<int64_t> leftBatch, rightBatch;
  int64_t rows, inner, columns;

  MatMulShapes(ArrayRef<int64_t> left, ArrayRef<int64_t> right) {
    rows = left.size() < 2 ? 1 : left[left.size() - 2];
    inner = left.back();
    columns = right.size() < 2 ? 1 : right.back();
    leftBatch.assign(left.drop_back(std::min<size_t>(2, left.size())));
    rightBatch.assign(right.drop_back(std::min<size_t>(2, right.size())));
  }
};
} // namespace

/// Batch dimensions broadcast like those of elementwise operators.
static SmallVector<int64_t> getBatch(ArrayRef<int64_t> left,
                                     ArrayRef<int64_t> right) {
  if (left.size() < right.size())
    std::swap(left, right);
  SmallVector<int64_t> batch(left);
  for (size_t i = 0; i < right.size(); ++i)
    if (int64_t &size = batch[left.size() - right.size() + i]; size == 1)
      size = right[i];
  return batch;
}

static bool canBroadcast(ArrayRef<int64_t> batch, ArrayRef<int64_t> operand) {
  for (auto [size, common] :
       llvm::zip_equal(operand, batch.take_back(operand.size())))
    if (size != 1 && size != common)
      return false;
  return true;
}

FailureOr<ResultTypes> MatMulOp::inferResultTypes(ConstantLookup) {
  ArrayRef<int64_t> left = getShape(getA()), right = getShape(getB());
  if (left.empty() || right.empty())
    return emitOpError("needs vectors or matrices, not a scalar");
  MatMulShapes shapes(left, right);
  int64_t rightInner = right[right.size() < 2 ? 0 : right.size() - 2];
  SmallVector<int64_t> result = getBatch(shapes.leftBatch, shapes.rightBatch);
  if (shapes.inner != rightInner || !canBroadcast(result, shapes.leftBatch) ||
      !canBroadcast(result, shapes.rightBatch))
    return emitOpError("cannot multiply shapes [")
           << left << "] and [" << right << "]";
  if (getFirstElementType(*this) !=
      cast<TensorType>(getB().getType()).getElementType())
    return emitOpError("mixes element types ")
           << getA().getType() << " and " << getB().getType();
  if (left.size() > 1)
    result.push_back(shapes.rows);
  if (right.size() > 1)
    result.push_back(shapes.columns);
  double products = shapes.inner;
  for (int64_t size : result)
    products *= size;
  if (failed(checkProducts(*this, products)))
    return failure();
  return inferShape(*this, result, getFirstElementType(*this));
}

void MatMulOp::forEachProduct(ProductVisitor visit) {
  MatMulShapes shapes(getShape(getA()), getShape(getB()));
  auto [leftBatch, rightBatch, rows, inner, columns] = shapes;
  SmallVector<int64_t> batch = getBatch(leftBatch, rightBatch);
  int64_t count = 1;
  for (int64_t size : batch)
    count *= size;
  for (int64_t b = 0; b < count; ++b) {
    int64_t left = getBroadcastIndex(batch, leftBatch, b) * rows * inner;
    int64_t right = getBroadcastIndex(batch, rightBatch, b) * inner * columns;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c)
        for (int64_t i = 0; i < inner; ++i)
          visit((b * rows + r) * columns + c, left + r * inner + i,
                right + i * columns + c);
  }
}

//===----------------------------------------------------------------------===//
// Gemm
//===----------------------------------------------------------------------===//

FailureOr<ResultTypes> GemmOp::inferResultTypes(ConstantLookup) {
  ArrayRef<int64_t> left = getShape(getA()), right = getShape(getB());
  Type type = getFirstElementType(*this);
  for (Value operand : getOperands())
    if (!isNoValue(operand) &&
        cast<TensorType>(operand.getType()).getElementType() != type)
      return emitOpError("mixes element types ")
             << getA().getType() << " and " << operand.getType();
  if (left.size() != 2 || right.size() != 2)
    return emitOpError("needs two matrices, not shapes [")
           << left << "] and [" << right << "]";
  int64_t rows = left[getTransA() ? 1 : 0],
          columns = right[getTransB() ? 0 : 1];
  if (left[getTransA() ? 0 : 1] != right[getTransB() ? 1 : 0])
    return emitOpError("cannot multiply shapes [")
           << left << "] and [" << right << "] with transA "
           << int64_t(getTransA()) << " and transB " << int64_t(getTransB());
  SmallVector<int64_t> result{rows, columns};
  if (Value addend = getAddend()) {
    ArrayRef<int64_t> shape = getShape(addend);
    if (shape.size() > 2 || !canBroadcast(result, shape))
      return emitOpError("cannot add C of shape [")
             << shape << "] to a result of shape [" << result << "]";
  }
  if (failed(checkProducts(*this,
                           double(rows) * columns * left[getTransA() ? 0 : 1])))
    return failure();
  return inferShape(*this, result, type);
}

void GemmOp::forEachProduct(ProductVisitor visit) {
  ArrayRef<int64_t> left = getShape(getA()), right = getShape(getB());
  int64_t rows = left[getTransA() ? 1 : 0], inner = left[getTransA() ? 0 : 1];
  int64_t columns = right[getTransB() ? 0 : 1];
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c)
      for (int64_t i = 0; i < inner; ++i)
        visit(r * columns + c, getTransA() ? i * rows + r : r * inner + i,
              getTransB() ? c * inner + i : i * columns + c);
}
