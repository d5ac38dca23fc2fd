"""Writes the small models beside this file and in ../../errors/Inputs.

    .venv/bin/python test/onnx/Inputs/make.py

They are committed, so that tests of the importer need no Python.
"""

import pathlib

import numpy as np
from onnx import AttributeProto, ModelProto, TensorProto, helper, numpy_helper

here = pathlib.Path(__file__).parent
errors = here.parent.parent / "errors" / "Inputs"


def value(name, shape=(1, 2), kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def node(*args, **kwargs):
    return helper.make_node(*args, **kwargs)


def tensor(name, kind, dims, **fields):
    """A TensorProto as given, right or wrong."""
    result = TensorProto(name=name, data_type=kind, dims=dims)
    for field, values in fields.items():
        if field == "raw_data":
            result.raw_data = values
        else:
            getattr(result, field).extend(values)
    return result


def model(nodes, inputs=None, outputs=None, initializers=()):
    graph = helper.make_graph(
        nodes, "g", [value("x")] if inputs is None else inputs,
        [value("y")] if outputs is None else outputs, initializers)
    return helper.make_model(graph, producer_name="", ir_version=8,
                             opset_imports=[helper.make_opsetid("", 13)])


def write(folder, name, content):
    if isinstance(content, ModelProto):
        content = content.SerializeToString()
    (folder / name).write_bytes(content)


identity = node("Identity", ["x"], ["y"], name="copy")

# ---- Right models

half = np.array([1.5, -2], np.float16)
write(here, "encodings.onnx", model([identity], initializers=[
    tensor("float_data", TensorProto.FLOAT, [2], float_data=[1.5, -2]),
    tensor("float_raw", TensorProto.FLOAT, [2],
           raw_data=np.array([1.5, -2], "<f4").tobytes()),
    tensor("double_data", TensorProto.DOUBLE, [2], double_data=[1.5, -2]),
    tensor("double_raw", TensorProto.DOUBLE, [2],
           raw_data=np.array([1.5, -2], "<f8").tobytes()),
    tensor("half_data", TensorProto.FLOAT16, [2],
           int32_data=[int(bits) for bits in half.view(np.uint16)]),
    tensor("half_raw", TensorProto.FLOAT16, [2], raw_data=half.tobytes()),
    tensor("bfloat_data", TensorProto.BFLOAT16, [2],
           int32_data=[0x3FC0, 0xC000]),
    tensor("bfloat_raw", TensorProto.BFLOAT16, [2],
           raw_data=b"\xc0\x3f\x00\xc0"),
    tensor("int8_data", TensorProto.INT8, [2], int32_data=[100, -100]),
    tensor("int8_raw", TensorProto.INT8, [2], raw_data=b"\x64\x9c"),
    tensor("uint8_data", TensorProto.UINT8, [2], int32_data=[100, 200]),
    tensor("uint8_raw", TensorProto.UINT8, [2], raw_data=b"\x64\xc8"),
    tensor("int16_data", TensorProto.INT16, [2], int32_data=[1000, -1000]),
    tensor("int16_raw", TensorProto.INT16, [2], raw_data=b"\xe8\x03\x18\xfc"),
    tensor("uint16_data", TensorProto.UINT16, [2], int32_data=[1000, 60000]),
    tensor("int32_data", TensorProto.INT32, [2], int32_data=[7, -7]),
    tensor("int32_raw", TensorProto.INT32, [2],
           raw_data=np.array([7, -7], "<i4").tobytes()),
    tensor("uint32_data", TensorProto.UINT32, [2],
           uint64_data=[7, 4000000000]),
    tensor("int64_data", TensorProto.INT64, [2], int64_data=[8, -(2**63)]),
    tensor("int64_raw", TensorProto.INT64, [2],
           raw_data=np.array([8, -(2**63)], "<i8").tobytes()),
    tensor("uint64_data", TensorProto.UINT64, [2], uint64_data=[8, 2**63]),
    tensor("bool_data", TensorProto.BOOL, [2], int32_data=[1, 0]),
    tensor("bool_raw", TensorProto.BOOL, [2], raw_data=b"\x01\x00"),
    tensor("scalar", TensorProto.FLOAT, [], float_data=[0.5]),
    tensor("empty", TensorProto.INT64, [0]),
    tensor("nothing", TensorProto.FLOAT, [2, 0]),
    # Two or four to a byte, the first in the lowest bits.
    tensor("int4_data", TensorProto.INT4, [3], int32_data=[0x7F, 0x08]),
    tensor("int4_raw", TensorProto.INT4, [3], raw_data=b"\x7f\x08"),
    tensor("uint4_raw", TensorProto.UINT4, [3], raw_data=b"\x7f\x08"),
    tensor("int2_raw", TensorProto.INT2, [5], raw_data=b"\xe4\x03"),
    tensor("uint2_data", TensorProto.UINT2, [5], int32_data=[0xE4, 0x03]),
]))

# A function that calls another, with a default and a reference to an attribute;
# calls leave out an input and an attribute.
inner = helper.make_function(
    "own", "Scaled", ["v", "unused"], ["w"],
    [node("Gemm", ["v", "v"], ["w"], name="product")],
    [helper.make_opsetid("", 13)], attributes=["factor"],
    attribute_protos=[helper.make_attribute("tall", 1)])
for name, reference, kind in (("alpha", "factor", AttributeProto.FLOAT),
                              ("transB", "tall", AttributeProto.INT)):
    inner.node[0].attribute.add(name=name, ref_attr_name=reference, type=kind)
outer = helper.make_function(
    "own", "Twice", ["v"], ["w"],
    [node("Scaled", ["v"], ["a"], name="one", domain="own", factor=2.0),
     node("Scaled", ["a"], ["w"], name="two", domain="own")],
    [helper.make_opsetid("own", 1)])


def with_functions(nodes, functions, **kwargs):
    result = model(nodes, **kwargs)
    result.functions.extend(functions)
    return result


write(here, "functions.onnx", with_functions(
    [node("Twice", ["x"], ["y"], name="call", domain="own")], [inner, outer]))

# Tensors in a file beside the model.
(here / "weights.bin").write_bytes(np.arange(6, dtype="<f4").tobytes())


def outside(name, count, **entries):
    result = tensor(name, TensorProto.FLOAT, [count])
    result.data_location = TensorProto.EXTERNAL
    for key, entry in entries.items():
        result.external_data.add(key=key, value=entry)
    return result


write(here, "external.onnx", model([identity], initializers=[
    outside("all", 6, location="weights.bin"),
    outside("tail", 2, location="weights.bin", offset="16"),
    outside("part", 2, location="weights.bin", offset="4", length="8")]))

# What is not ONNX's own needs no import; an import needs no use.
write(here, "domains.onnx", model([
    node("Quant", ["x", "one", "zero", "bits"], ["q"], signed=1, narrow=0,
         domain="qonnx.custom_op.general"),
    node("BipolarQuant", ["q", "one"], ["b"], domain="onnx.brevitas"),
    node("MultiThreshold", ["b", "steps"], ["y"], out_dtype="UINT2",
         domain="finn.custom_op.general")],
    initializers=[numpy_helper.from_array(np.float32(1), "one"),
                  numpy_helper.from_array(np.float32(0), "zero"),
                  numpy_helper.from_array(np.float32(4), "bits"),
                  numpy_helper.from_array(np.float32([[0, 1, 2]]), "steps")]))

write(here, "forms.onnx", model(
    [
        node("Constant", [], ["five"], value_int=5),
        node("Constant", [], ["list"], value_floats=[1.0, 2.0]),
        # The forms with attributes, before opsets 10 and 11.
        node("Slice", ["x"], ["a"], starts=[0], ends=[1], axes=[1]),
        node("Clip", ["x"], ["b"], min=-1.0, max=1.0),
        # Inputs left out, inside and at the end.
        node("Clip", ["x", "", "high"], ["c"]),
        node("Gemm", ["x", "w"], ["y"], name="last", domain="ai.onnx",
             transB=1),
    ],
    # Initializers are listed among the inputs as well; the batch is open.
    inputs=[value("w", (2, 2)), value("x", ("batch", 2)), value("high", ())],
    initializers=[numpy_helper.from_array(np.eye(2, dtype=np.float32), "w"),
                  numpy_helper.from_array(np.float32(6), "high")]))

# ---- Wrong ones

whole = model([identity]).SerializeToString()
write(errors, "empty.onnx", b"")
write(errors, "truncated.onnx", whole[:-5])
write(errors, "text.onnx", b"This is no model.\n")
write(errors, "no_graph.onnx", ModelProto(ir_version=8))
# Each byte opens a group within a group.
write(errors, "deep.onnx", b"\x0b" * 1000)
write(errors, "no_nodes.onnx", model([]))
write(errors, "no_outputs.onnx", model([identity], outputs=[]))
write(errors, "no_inputs.onnx", model([node("Constant", [], ["y"],
                                            value_int=1)], inputs=[]))
write(errors, "operator.onnx", model([node("Einsum", ["x"], ["y"],
                                           name="sum")]))
write(errors, "domain.onnx", model([node("Relu", ["x"], ["y"], name="relu",
                                         domain="com.example")]))
write(errors, "attribute.onnx", model([node("Relu", ["x"], ["y"], name="relu",
                                            slope=0.5)]))
write(errors, "attribute_kind.onnx", model([node("Gemm", ["x", "x"], ["y"],
                                                 name="gemm", transB=1.5)]))
repeated = node("Flatten", ["x"], ["y"], name="flat", axis=1)
repeated.attribute.append(helper.make_attribute("axis", 0))
write(errors, "attribute_twice.onnx", model([repeated]))
untyped = node("Flatten", ["x"], ["y"], name="flat")
untyped.attribute.append(AttributeProto(name="axis"))
write(errors, "attribute_untyped.onnx", model([untyped]))
write(errors, "attribute_missing.onnx", model([node("Cast", ["x"], ["y"],
                                                    name="cast")]))
write(errors, "no_value.onnx", model([node("Constant", [], ["y"],
                                           name="constant")]))
write(errors, "undefined.onnx", model([node("Relu", ["nowhere"], ["y"],
                                            name="relu")]))
write(errors, "undefined_output.onnx", model([identity],
                                             outputs=[value("z")]))
write(errors, "cycle.onnx", model([
    node("Add", ["x", "b"], ["a"], name="first"),
    node("Relu", ["a"], ["b"], name="second"),
    node("Relu", ["a"], ["y"], name="third")]))
write(errors, "duplicate.onnx", model([node("Relu", ["x"], ["y"], name="one"),
                                       node("Neg", ["x"], ["y"], name="two")]))
write(errors, "dynamic.onnx", model([identity],
                                    inputs=[value("x", ("n", "width"))]))
write(errors, "dynamic_vector.onnx", model([identity],
                                           inputs=[value("x", ("n",))]))
write(errors, "zero_dimension.onnx", model([identity],
                                           inputs=[value("x", (1, 0))]))
write(errors, "huge_dimension.onnx", model(
    [identity], inputs=[value("x", (2**62, 2**62))]))
write(errors, "no_shape.onnx", model([identity], inputs=[
    helper.make_tensor_value_info("x", TensorProto.FLOAT, None)]))
write(errors, "input_type.onnx", model([identity], inputs=[
    value("x", (1, 2), TensorProto.STRING)]))
sequence = helper.make_tensor_sequence_value_info("x", TensorProto.FLOAT, None)
write(errors, "sequence.onnx", model([identity], inputs=[sequence]))
write(errors, "subgraph.onnx", model([node(
    "Relu", ["x"], ["y"], name="branch",
    then_branch=model([identity]).graph)]))
write(errors, "too_few.onnx", model([node("Add", ["x"], ["y"], name="sum")]))
write(errors, "too_many.onnx", model([node("Relu", ["x", "x"], ["y"],
                                           name="relu")]))
write(errors, "left_out.onnx", model([node("Add", ["", "x"], ["y"],
                                           name="sum")]))
write(errors, "second_output.onnx", model([node("Relu", ["x"], ["y", "z"],
                                                name="relu")]))


def constant(name, bad):
    write(errors, name, model([identity], initializers=[bad]))


constant("short_data.onnx",
         tensor("w", TensorProto.FLOAT, [2, 2], float_data=[1, 2, 3]))
constant("long_data.onnx",
         tensor("w", TensorProto.INT8, [2], raw_data=b"abc"))
constant("huge_tensor.onnx",
         tensor("w", TensorProto.FLOAT, [2**31, 2**31, 2**31, 2**31]))
constant("negative_tensor.onnx", tensor("w", TensorProto.FLOAT, [-1]))
constant("many_dimensions.onnx",
         tensor("w", TensorProto.FLOAT, [1] * 100, float_data=[1]))
constant("strings.onnx",
         tensor("w", TensorProto.STRING, [1], string_data=[b"a"]))
constant("unknown_type.onnx", tensor("w", 99, [1], raw_data=b"a"))
constant("external.onnx", outside("w", 1, location="none.bin"))
constant("external_short.onnx",
         outside("w", 99, location="text.onnx", offset="8", length="396"))
constant("external_size.onnx", outside("w", 99, location="text.onnx"))
constant("external_above.onnx", outside("w", 1, location="../w.bin"))
constant("external_root.onnx", outside("w", 1, location="/etc/passwd"))
constant("external_number.onnx",
         outside("w", 1, location="text.onnx", offset="-4"))
constant("external_nowhere.onnx", outside("w", 1, offset="0"))
constant("external_folder.onnx", outside("w", 1, location="."))
loop = helper.make_function(
    "own", "Loop", ["v"], ["w"], [node("Loop", ["v"], ["w"], domain="own")],
    [helper.make_opsetid("own", 1)])
write(errors, "recursion.onnx", with_functions(
    [node("Loop", ["x"], ["y"], name="call", domain="own")], [loop]))
# Each calls the next one ten times: 10^7 nodes.
bombs = [helper.make_function(
    "own", f"f{i}", ["v"], ["w"],
    [node(f"f{i + 1}" if i < 6 else "Relu", ["v"], [f"w{j}" if j else "w"],
          domain="own" if i < 6 else "") for j in range(10)],
    [helper.make_opsetid("", 13)]) for i in range(7)]
write(errors, "bomb.onnx", with_functions(
    [node("f0", ["x"], ["y"], name="call", domain="own")], bombs))
write(errors, "call.onnx", with_functions(
    [node("Twice", ["x", "x"], ["y"], name="call", domain="own")], [outer]))
old = model([identity])
old.opset_import[0].version = 6
write(errors, "old_opset.onnx", old)
sparse = model([identity])
sparse.graph.sparse_initializer.add()
write(errors, "sparse.onnx", sparse)

# A model that imports but cannot be lowered: the error names its node.
write(errors, "shapes.onnx", model(
    [node("MatMul", ["x", "w"], ["y"], name="fc1")],
    initializers=[tensor("w", TensorProto.FLOAT, [3, 1],
                         float_data=[1, 2, 3])]))
write(errors, "off_grid.onnx", model(
    [node("MatMul", ["x", "w"], ["y"])],
    initializers=[tensor("w", TensorProto.FLOAT, [2, 2],
                         float_data=[1, 2, 2.5, 0.70710678])]))
