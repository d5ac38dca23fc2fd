//===- TensorImport.cpp - TensorProto as an attribute ---------------------===//
//
// ONNX has two ways to hold elements: raw_data, little-endian bytes, and typed
// repeated fields in which narrow types share int32_data. Sizes are checked
// against the dimensions before anything is allocated.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/TensorImport.h"

#include "dialects/onnx/OnnxDialect.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace pdkc;
using ::onnx::TensorProto;

std::string pdkc::quoted(StringRef text) {
  constexpr size_t kLongest = 80;
  std::string result = "'";
  llvm::raw_string_ostream os(result);
  llvm::printEscapedString(text.take_front(kLongest), os);
  os << (text.size() > kLongest ? "...'" : "'");
  return result;
}

/// Elements from raw bytes or from a repeated field.
static FailureOr<SmallVector<APInt>>
readIntegers(const TensorProto &tensor, unsigned width, int64_t count) {
  SmallVector<APInt> values;
  auto take = [&](const auto &field) -> FailureOr<SmallVector<APInt>> {
    if (field.size() != count)
      return failure();
    for (auto value : field)
      values.push_back(APInt(64, uint64_t(value)).trunc(width));
    return values;
  };
  if (!tensor.has_raw_data()) {
    switch (tensor.data_type()) {
    case TensorProto::INT64:
      return take(tensor.int64_data());
    case TensorProto::UINT64:
    case TensorProto::UINT32:
      return take(tensor.uint64_data());
    default:
      // Half precision too, as its bits.
      return take(tensor.int32_data());
    }
  }
  // A boolean takes a byte.
  size_t bytes = llvm::divideCeil(width, 8);
  StringRef raw = tensor.raw_data();
  if (raw.size() != size_t(count) * bytes)
    return failure();
  for (; !raw.empty(); raw = raw.drop_front(bytes)) {
    uint64_t bits = 0;
    for (size_t i = 0; i < bytes; ++i)
      bits |= uint64_t(uint8_t(raw[i])) << (8 * i);
    values.push_back(width == 1 ? APInt(1, bits != 0)
                                : APInt(64, bits).trunc(width));
  }
  return values;
}

static FailureOr<SmallVector<APFloat>>
readFloats(const TensorProto &tensor, FloatType type, int64_t count) {
  SmallVector<APFloat> values;
  auto take = [&](const auto &field) -> FailureOr<SmallVector<APFloat>> {
    if (field.size() != count)
      return failure();
    for (auto value : field)
      values.push_back(APFloat(value));
    return values;
  };
  if (!tensor.has_raw_data() && type.isF32())
    return take(tensor.float_data());
  if (!tensor.has_raw_data() && type.isF64())
    return take(tensor.double_data());
  FailureOr<SmallVector<APInt>> bits =
      readIntegers(tensor, type.getWidth(), count);
  if (failed(bits))
    return failure();
  for (const APInt &value : *bits)
    values.push_back(APFloat(type.getFloatSemantics(), value));
  return values;
}

DenseElementsAttr pdkc::importTensor(const TensorProto &tensor, Location loc) {
  auto fail = [&](const Twine &message) {
    emitError(loc) << "tensor " << quoted(tensor.name()) << " " << message;
    return DenseElementsAttr();
  };
  Type elementType =
      pdkc::onnx::getElementTypeOf(loc.getContext(), tensor.data_type());
  if (!elementType) {
    const std::string &name =
        TensorProto::DataType_IsValid(tensor.data_type())
            ? TensorProto::DataType_Name(
                  TensorProto::DataType(tensor.data_type()))
            : std::to_string(tensor.data_type());
    return fail("has elements of type " + name +
                ", which is not supported: pdkc computes with floats, "
                "integers of 8 to 64 bits and booleans");
  }
  if (tensor.data_location() == TensorProto::EXTERNAL ||
      tensor.external_data_size())
    return fail("keeps its elements in another file, which is not supported: "
                "save the model with its data inside");
  if (tensor.has_segment())
    return fail("is a segment of a larger tensor, which is not supported");
  // A list may be empty (no axes, say); anything else must have elements.
  int64_t count = 1;
  SmallVector<int64_t> shape;
  for (int64_t size : tensor.dims()) {
    if (size < 0 || (size == 0 && tensor.dims_size() != 1) ||
        size > pdkc::onnx::kMaxElements ||
        (count *= size) > pdkc::onnx::kMaxElements)
      return fail("has an impossible dimension of " + Twine(size) +
                  ": each must be at least 1, and all together at most " +
                  Twine(pdkc::onnx::kMaxElements) + " elements");
    shape.push_back(size);
  }
  constexpr int64_t kMostDimensions = 64;
  if (shape.size() > kMostDimensions)
    return fail("has " + Twine(shape.size()) + " dimensions; at most " +
                Twine(kMostDimensions) + " are supported");
  auto type = RankedTensorType::get(shape, elementType);
  if (auto floatType = dyn_cast<FloatType>(elementType)) {
    FailureOr<SmallVector<APFloat>> values =
        readFloats(tensor, floatType, count);
    if (succeeded(values))
      return DenseElementsAttr::get(type, *values);
  } else {
    FailureOr<SmallVector<APInt>> values =
        readIntegers(tensor, elementType.getIntOrFloatBitWidth(), count);
    if (succeeded(values))
      return DenseElementsAttr::get(type, *values);
  }
  return fail("does not hold the " + Twine(count) +
              " elements that its dimensions ask for");
}
