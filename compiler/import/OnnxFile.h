//===- OnnxFile.h - ONNX's messages, as far as they are read ----*- C++ -*-===//
//
// Named as in onnx.proto. Texts and bytes are those of the file, which outlives
// the messages. Graphs inside of attributes are not read, so that nothing in a
// file nests.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_IMPORT_ONNXFILE_H
#define PDKC_COMPILER_IMPORT_ONNXFILE_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>
#include <vector>

namespace onnx_file {

using llvm::StringRef;

struct StringStringEntryProto {
  StringRef key, value;
};

struct TensorProto {
  /// Of element types those that have a field of their own.
  enum DataType { UINT32 = 12, INT64 = 7, UINT64 = 13 };
  enum DataLocation { DEFAULT = 0, EXTERNAL = 1 };

  std::vector<int64_t> dims;
  int32_t data_type = 0;
  bool has_segment = false;
  std::vector<float> float_data;
  std::vector<int32_t> int32_data;
  std::vector<int64_t> int64_data;
  StringRef name;
  bool has_raw_data = false;
  StringRef raw_data;
  std::vector<double> double_data;
  std::vector<uint64_t> uint64_data;
  std::vector<StringStringEntryProto> external_data;
  int32_t data_location = DEFAULT;
};

/// The name of an element type; its number where it has none here.
std::string getTypeName(int32_t type);

struct AttributeProto {
  enum AttributeType {
    UNDEFINED = 0,
    FLOAT = 1,
    INT = 2,
    STRING = 3,
    TENSOR = 4,
    GRAPH = 5,
    FLOATS = 6,
    INTS = 7,
    GRAPHS = 10
  };

  StringRef name, ref_attr_name;
  int32_t type = UNDEFINED;
  float f = 0;
  int64_t i = 0;
  StringRef s;
  TensorProto t;
  std::vector<float> floats;
  std::vector<int64_t> ints;
};

struct NodeProto {
  std::vector<StringRef> input, output;
  StringRef name, op_type, domain;
  std::vector<AttributeProto> attribute;
};

struct TensorShapeProto {
  struct Dimension {
    bool has_dim_value = false;
    int64_t dim_value = 0;
    StringRef dim_param;
  };
  std::vector<Dimension> dim;
};

struct TypeProto {
  struct Tensor {
    int32_t elem_type = 0;
    bool has_shape = false;
    TensorShapeProto shape;
  };
  bool has_tensor_type = false;
  Tensor tensor_type;
};

struct ValueInfoProto {
  StringRef name;
  TypeProto type;
};

struct GraphProto {
  std::vector<NodeProto> node;
  std::vector<TensorProto> initializer;
  std::vector<ValueInfoProto> input, output;
  bool has_sparse_initializer = false;
};

struct OperatorSetIdProto {
  StringRef domain;
  int64_t version = 0;
};

struct FunctionProto {
  StringRef name, domain;
  std::vector<StringRef> input, output;
  std::vector<NodeProto> node;
  std::vector<OperatorSetIdProto> opset_import;
  std::vector<AttributeProto> attribute_proto; ///< with their defaults
};

struct ModelProto {
  bool has_graph = false;
  GraphProto graph;
  std::vector<OperatorSetIdProto> opset_import;
  std::vector<FunctionProto> functions;
};

/// Reads a file; false where the bytes are no messages, or cut short.
bool read(StringRef bytes, ModelProto &model);

} // namespace onnx_file

#endif // PDKC_COMPILER_IMPORT_ONNXFILE_H
