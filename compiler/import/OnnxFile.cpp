//===- OnnxFile.cpp - ONNX's messages, as far as they are read ------------===//
//
// By protozero, which decodes Protobuf's wire format: onnx.proto has the numbers
// of the fields. Like Protobuf it skips fields that are unknown or of another
// wire type, takes the last of fields that there is one of and merges messages.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/OnnxFile.h"

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

using namespace onnx_file;
using protozero::pbf_reader;
using protozero::pbf_wire_type;

namespace {
/// A field at hand, read as what it is taken for. What is of another wire type
/// is skipped.
class Field {
public:
  explicit Field(pbf_reader &reader) : reader(reader) {}

  uint32_t getNumber() const { return reader.tag(); }
  bool is(pbf_wire_type type) const { return reader.wire_type() == type; }
  void skip() { reader.skip(); }

  void take(StringRef &result) {
    if (!is(pbf_wire_type::length_delimited))
      return skip();
    protozero::data_view view = reader.get_view();
    result = StringRef(view.data(), view.size());
  }
  void take(int64_t &result) {
    if (!is(pbf_wire_type::varint))
      return skip();
    result = reader.get_int64();
  }
  void take(int32_t &result) {
    int64_t value = result;
    take(value);
    result = int32_t(value);
  }
  void take(float &result) {
    if (!is(pbf_wire_type::fixed32))
      return skip();
    result = reader.get_float();
  }
  // Numbers, packed or one by one.
  void take(std::vector<int64_t> &result) {
    takeNumbers(result, pbf_wire_type::varint, &pbf_reader::get_int64,
                &pbf_reader::get_packed_int64);
  }
  void take(std::vector<uint64_t> &result) {
    takeNumbers(result, pbf_wire_type::varint, &pbf_reader::get_uint64,
                &pbf_reader::get_packed_uint64);
  }
  void take(std::vector<int32_t> &result) {
    takeNumbers(result, pbf_wire_type::varint, &pbf_reader::get_int32,
                &pbf_reader::get_packed_int32);
  }
  void take(std::vector<float> &result) {
    takeNumbers(result, pbf_wire_type::fixed32, &pbf_reader::get_float,
                &pbf_reader::get_packed_float);
  }
  void take(std::vector<double> &result) {
    takeNumbers(result, pbf_wire_type::fixed64, &pbf_reader::get_double,
                &pbf_reader::get_packed_double);
  }

  // Messages, and many texts or messages.
  template <typename T> void take(std::vector<T> &result) {
    if (is(pbf_wire_type::length_delimited))
      take(result.emplace_back());
    else
      skip();
  }
  void take(StringStringEntryProto &result);
  void take(TensorProto &result);
  void take(AttributeProto &result);
  void take(NodeProto &result);
  void take(TensorShapeProto::Dimension &result);
  void take(TensorShapeProto &result);
  void take(TypeProto::Tensor &result);
  void take(TypeProto &result);
  void take(ValueInfoProto &result);
  void take(GraphProto &result);
  void take(OperatorSetIdProto &result);
  void take(FunctionProto &result);

private:
  template <typename T, typename Get, typename GetPacked>
  void takeNumbers(std::vector<T> &result, pbf_wire_type type, Get get,
                   GetPacked getPacked) {
    if (is(type)) {
      result.push_back((reader.*get)());
    } else if (is(pbf_wire_type::length_delimited)) {
      for (auto value : (reader.*getPacked)())
        result.push_back(value);
    } else {
      skip();
    }
  }

  /// Calls `takeField` with each field of the message at hand.
  template <typename TakeField> void takeMessage(TakeField takeField);

  pbf_reader &reader;
};
} // namespace

template <typename TakeField>
static void takeFields(pbf_reader reader, TakeField takeField) {
  while (reader.next()) {
    Field field(reader);
    takeField(field);
  }
}

template <typename TakeField> void Field::takeMessage(TakeField takeField) {
  if (is(pbf_wire_type::length_delimited))
    takeFields(reader.get_message(), takeField);
  else
    skip();
}

void Field::take(StringStringEntryProto &result) {
  takeMessage([&](Field &field) {
    switch (field.getNumber()) {
    case 1:
      return field.take(result.key);
    case 2:
      return field.take(result.value);
    default:
      return field.skip();
    }
  });
}

void Field::take(TensorProto &result) {
  takeMessage([&](Field &field) {
    switch (field.getNumber()) {
    case 1:
      return field.take(result.dims);
    case 2:
      return field.take(result.data_type);
    case 3:
      result.has_segment = true;
      return field.skip();
    case 4:
      return field.take(result.float_data);
    case 5:
      return field.take(result.int32_data);
    case 7:
      return field.take(result.int64_data);
    case 8:
      return field.take(result.name);
    case 9:
      result.has_raw_data = true;
      return field.take(result.raw_data);
    case 10:
      return field.take(result.double_data);
    case 11:
      return field.take(result.uint64_data);
    case 13:
      return field.take(result.external_data);
    case 14:
      return field.take(result.data_location);
    default:
      return field.skip();
    }
  });
}

void Field::take(AttributeProto &result) {
  takeMessage([&](Field &field) {
    switch (field.getNumber()) {
    case 1:
      return field.take(result.name);
    case 2:
      return field.take(result.f);
    case 3:
      return field.take(result.i);
    case 4:
      return field.take(result.s);
    case 5:
      return field.take(result.t);
    case 7:
      return field.take(result.floats);
    case 8:
      return field.take(result.ints);
    case 20:
      return field.take(result.type);
    case 21:
      return field.take(result.ref_attr_name);
    default:
      return field.skip();
    }
  });
}

void Field::take(NodeProto &result) {
  takeMessage([&](Field &field) {
    switch (field.getNumber()) {
    case 1:
      return field.take(result.input);
    case 2:
      return field.take(result.output);
    case 3:
      return field.take(result.name);
    case 4:
      return field.take(result.op_type);
    case 5:
      return field.take(result.attribute);
    case 7:
      return field.take(result.domain);
    default:
      return field.skip();
    }
  });
}

void Field::take(TensorShapeProto::Dimension &result) {
  takeMessage([&](Field &field) {
    switch (field.getNumber()) {
    case 1: // either a value or a name
      result.dim_param = "";
      result.has_dim_value = true;
      return field.take(result.dim_value);
    case 2:
      result.has_dim_value = false;
      return field.take(result.dim_param);
    default:
      return field.skip();
    }
  });
}

void Field::take(TensorShapeProto &result) {
  takeMessage([&](Field &field) {
    return field.getNumber() == 1 ? field.take(result.dim) : field.skip();
  });
}

void Field::take(TypeProto::Tensor &result) {
  takeMessage([&](Field &field) {
    switch (field.getNumber()) {
    case 1:
      return field.take(result.elem_type);
    case 2:
      result.has_shape = true;
      return field.take(result.shape);
    default:
      return field.skip();
    }
  });
}

void Field::take(TypeProto &result) {
  takeMessage([&](Field &field) {
    if (field.getNumber() != 1)
      return field.skip();
    result.has_tensor_type = true;
    field.take(result.tensor_type);
  });
}

void Field::take(ValueInfoProto &result) {
  takeMessage([&](Field &field) {
    switch (field.getNumber()) {
    case 1:
      return field.take(result.name);
    case 2:
      return field.take(result.type);
    default:
      return field.skip();
    }
  });
}

void Field::take(GraphProto &result) {
  takeMessage([&](Field &field) {
    switch (field.getNumber()) {
    case 1:
      return field.take(result.node);
    case 5:
      return field.take(result.initializer);
    case 11:
      return field.take(result.input);
    case 12:
      return field.take(result.output);
    case 15:
      result.has_sparse_initializer = true;
      return field.skip();
    default:
      return field.skip();
    }
  });
}

void Field::take(OperatorSetIdProto &result) {
  takeMessage([&](Field &field) {
    switch (field.getNumber()) {
    case 1:
      return field.take(result.domain);
    case 2:
      return field.take(result.version);
    default:
      return field.skip();
    }
  });
}

void Field::take(FunctionProto &result) {
  takeMessage([&](Field &field) {
    switch (field.getNumber()) {
    case 1:
      return field.take(result.name);
    case 4:
      return field.take(result.input);
    case 5:
      return field.take(result.output);
    case 7:
      return field.take(result.node);
    case 9:
      return field.take(result.opset_import);
    case 10:
      return field.take(result.domain);
    case 11:
      return field.take(result.attribute_proto);
    default:
      return field.skip();
    }
  });
}

bool onnx_file::read(StringRef bytes, ModelProto &model) {
  try {
    takeFields(pbf_reader(bytes.data(), bytes.size()), [&](Field &field) {
      switch (field.getNumber()) {
      case 7:
        model.has_graph = true;
        return field.take(model.graph);
      case 8:
        return field.take(model.opset_import);
      case 25:
        return field.take(model.functions);
      default:
        return field.skip();
      }
    });
  } catch (const protozero::exception &) {
    return false;
  }
  return true;
}

std::string onnx_file::getTypeName(int32_t type) {
  static const char *const names[] = {
      "UNDEFINED",    "FLOAT",      "UINT8",          "INT8",
      "UINT16",       "INT16",      "INT32",          "INT64",
      "STRING",       "BOOL",       "FLOAT16",        "DOUBLE",
      "UINT32",       "UINT64",     "COMPLEX64",      "COMPLEX128",
      "BFLOAT16",     "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2",
      "FLOAT8E5M2FNUZ", "UINT4",    "INT4",           "FLOAT4E2M1",
      "FLOAT8E8M0",   "UINT2",      "INT2"};
  bool isKnown = type >= 0 && size_t(type) < std::size(names);
  return isKnown ? names[type] : std::to_string(type);
}
