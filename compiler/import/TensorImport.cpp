//===- TensorImport.cpp - TensorProto as an attribute ---------------------===//
//
// ONNX has three ways to hold elements: raw_data, little-endian bytes; the same
// bytes in another file; and typed repeated fields, in which narrow types share
// int32_data. Sizes are checked against the dimensions before anything is
// allocated.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/TensorImport.h"

#include "dialects/onnx/OnnxDialect.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace pdkc;
using onnx_file::TensorProto;

std::string pdkc::inQuotes(StringRef text) {
  constexpr size_t kLongest = 80;
  std::string result = "'";
  llvm::raw_string_ostream os(result);
  llvm::printEscapedString(text.take_front(kLongest), os);
  os << (text.size() > kLongest ? "...'" : "'");
  return result;
}

//===----------------------------------------------------------------------===//
// Encodings
//===----------------------------------------------------------------------===//

/// Elements from bytes, lowest first; narrow ones share a byte, the first in
/// the lowest bits.
static FailureOr<SmallVector<APInt>> readBytes(StringRef raw, unsigned width,
                                               int64_t count) {
  bool isPacked = width == 2 || width == 4;
  size_t perByte = isPacked ? 8 / width : 1;
  size_t bytes = isPacked ? 1 : llvm::divideCeil(width, 8);
  if (raw.size() != llvm::divideCeil(count, perByte) * bytes)
    return failure();
  SmallVector<APInt> values;
  values.reserve(count);
  for (int64_t i = 0; i < count; ++i) {
    size_t start = i / perByte * bytes;
    uint64_t bits = 0;
    for (size_t b = 0; b < bytes; ++b)
      bits |= uint64_t(uint8_t(raw[start + b])) << (8 * b);
    bits >>= i % perByte * width;
    // A boolean takes a byte, of which any bit makes it true.
    values.push_back(width == 1 ? APInt(1, bits != 0)
                                : APInt(64, bits).trunc(width));
  }
  return values;
}

/// Elements from a typed field.
static FailureOr<SmallVector<APInt>> readField(const TensorProto &tensor,
                                               unsigned width, int64_t count) {
  SmallVector<APInt> values;
  auto take = [&](const auto &field) -> FailureOr<SmallVector<APInt>> {
    if (int64_t(field.size()) != count)
      return failure();
    for (auto value : field)
      values.push_back(APInt(64, uint64_t(value)).trunc(width));
    return values;
  };
  switch (tensor.data_type) {
  case TensorProto::INT64:
    return take(tensor.int64_data);
  case TensorProto::UINT64:
  case TensorProto::UINT32:
    return take(tensor.uint64_data);
  default:
    break;
  }
  // Half precision too, as its bits.
  if (width != 2 && width != 4)
    return take(tensor.int32_data);
  std::string packed;
  for (int32_t byte : tensor.int32_data)
    packed.push_back(char(byte));
  return readBytes(packed, width, count);
}

/// `raw` is null where the elements are in a typed field.
static FailureOr<SmallVector<APInt>> readIntegers(const TensorProto &tensor,
                                                  std::optional<StringRef> raw,
                                                  unsigned width,
                                                  int64_t count) {
  return raw ? readBytes(*raw, width, count) : readField(tensor, width, count);
}

static FailureOr<SmallVector<APFloat>> readFloats(const TensorProto &tensor,
                                                  std::optional<StringRef> raw,
                                                  FloatType type,
                                                  int64_t count) {
  SmallVector<APFloat> values;
  auto take = [&](const auto &field) -> FailureOr<SmallVector<APFloat>> {
    if (int64_t(field.size()) != count)
      return failure();
    for (auto value : field)
      values.push_back(APFloat(value));
    return values;
  };
  if (!raw && type.isF32())
    return take(tensor.float_data);
  if (!raw && type.isF64())
    return take(tensor.double_data);
  FailureOr<SmallVector<APInt>> bits =
      readIntegers(tensor, raw, type.getWidth(), count);
  if (failed(bits))
    return failure();
  for (const APInt &value : *bits)
    values.push_back(APFloat(type.getFloatSemantics(), value));
  return values;
}

//===----------------------------------------------------------------------===//
// Other files
//===----------------------------------------------------------------------===//

/// The bytes of a tensor that lie in a file beside the model; null after an
/// error. A model must not read what lies elsewhere.
static std::unique_ptr<llvm::MemoryBuffer>
readExternal(const TensorProto &tensor, Location loc,
             std::optional<StringRef> folder) {
  std::string location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
  auto fail = [&](const Twine &message) {
    emitError(loc) << "tensor " << inQuotes(tensor.name) << " " << message;
    return nullptr;
  };
  for (const auto &entry : tensor.external_data) {
    uint64_t number = 0;
    bool isNumber = !entry.value.getAsInteger(10, number);
    if (entry.key == "location")
      location = entry.value.str();
    else if (entry.key == "offset" || entry.key == "length") {
      if (!isNumber)
        return fail("has an impossible " + entry.key + " " +
                    inQuotes(entry.value) + " in its file");
      if (entry.key == "offset")
        offset = number;
      else
        length = number;
    }
  }
  if (location.empty())
    return fail("names no file that holds its elements");
  namespace path = llvm::sys::path;
  bool leaves = path::is_absolute(location, path::Style::posix) ||
                path::is_absolute(location, path::Style::windows) ||
                location.find('\0') != std::string::npos ||
                std::find(path::begin(location), path::end(location), "..") !=
                    path::end(location);
  if (leaves)
    return fail("lies in file " + inQuotes(location) +
                ", which is not beside the model: only such files are read");
  if (!folder)
    return fail("lies in file " + inQuotes(location) +
                ", but of the model there are only its bytes, and no path");
  SmallString<256> file(*folder);
  path::append(file, location);
  llvm::sys::fs::file_status status;
  std::error_code error = llvm::sys::fs::status(file, status);
  if (!error && status.type() != llvm::sys::fs::file_type::regular_file)
    error = std::make_error_code(std::errc::invalid_argument);
  if (error)
    return fail("lies in file " + inQuotes(file) +
                ", which cannot be read: " + error.message());
  uint64_t size = status.getSize();
  if (offset > size || (length && *length > size - offset))
    return fail("lies at byte " + Twine(offset) + " of file " + inQuotes(file) +
                ", which has only " + Twine(size) + " bytes");
  auto buffer = llvm::MemoryBuffer::getFileSlice(
      file, length.value_or(size - offset), offset);
  if (!buffer)
    return fail("lies in file " + inQuotes(file) +
                ", which cannot be read: " + buffer.getError().message());
  return std::move(*buffer);
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

DenseElementsAttr pdkc::importTensor(const TensorProto &tensor, Location loc,
                                     std::optional<StringRef> folder) {
  auto fail = [&](const Twine &message) {
    emitError(loc) << "tensor " << inQuotes(tensor.name) << " " << message;
    return DenseElementsAttr();
  };
  Type elementType =
      pdkc::onnx::getElementTypeOf(loc.getContext(), tensor.data_type);
  if (!elementType) {
    return fail("has elements of type " + onnx_file::getTypeName(tensor.data_type) +
                ", which is not supported: pdkc computes with floats of 16 to "
                "64 bits, integers of 2 to 64 bits and booleans");
  }
  if (tensor.has_segment)
    return fail("is a segment of a larger tensor, which is not supported");
  int64_t count = 1;
  SmallVector<int64_t> shape;
  for (int64_t size : tensor.dims) {
    if (size < 0 || size > pdkc::onnx::kMaxElements ||
        (count *= size) > pdkc::onnx::kMaxElements)
      return fail("has an impossible dimension of " + Twine(size) +
                  ": none may be negative, and all together have at most " +
                  Twine(pdkc::onnx::kMaxElements) + " elements");
    shape.push_back(size);
  }
  constexpr int64_t kMostDimensions = 64;
  if (shape.size() > kMostDimensions)
    return fail("has " + Twine(shape.size()) + " dimensions; at most " +
                Twine(kMostDimensions) + " are supported");

  std::unique_ptr<llvm::MemoryBuffer> external;
  std::optional<StringRef> raw;
  if (tensor.data_location == TensorProto::EXTERNAL ||
      tensor.external_data.size()) {
    external = readExternal(tensor, loc, folder);
    if (!external)
      return {};
    raw = external->getBuffer();
  } else if (tensor.has_raw_data) {
    raw = tensor.raw_data;
  }
  auto type = RankedTensorType::get(shape, elementType);
  if (auto floatType = dyn_cast<FloatType>(elementType)) {
    FailureOr<SmallVector<APFloat>> values =
        readFloats(tensor, raw, floatType, count);
    if (succeeded(values))
      return DenseElementsAttr::get(type, *values);
  } else {
    FailureOr<SmallVector<APInt>> values =
        readIntegers(tensor, raw, elementType.getIntOrFloatBitWidth(), count);
    if (succeeded(values))
      return DenseElementsAttr::get(type, *values);
  }
  return fail("does not hold the " + Twine(count) +
              " elements that its dimensions ask for");
}
