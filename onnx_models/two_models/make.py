"""Writes wake.onnx, sort.onnx and windows.u8 beside this file.

Both networks are written by hand, with weights of -1, 0 and 1. wake looks at six
readings of a byte, r0 to r5, and says 1 where they move: its neurons are rises
and falls over three steps, a quarter of each, and their sum decides. sort looks
at eight and says which way: 0 rising, 1 falling, 2 a peak.
"""

import pathlib

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).resolve().parent


def network(name, first, second, biases):
    """Two layers, 8 bits between them: four units of a sum are one."""
    def constant(label, value, kind=numpy.float32):
        return numpy_helper.from_array(numpy.array(value, kind), label)

    inputs, outputs = len(first), len(second[0])
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w1"], ["sums"], "first"),
         helper.make_node("QuantizeLinear", ["sums", "step", "zero"], ["codes"],
                          "codes"),
         helper.make_node("DequantizeLinear", ["codes", "step", "zero"],
                          ["hidden"], "hidden"),
         helper.make_node("MatMul", ["hidden", "w2"], ["totals"], "second"),
         helper.make_node("Add", ["totals", "b2"], ["y"], "biases")],
        name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, inputs])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, outputs])],
        [constant("w1", first), constant("w2", second), constant("b2", biases),
         constant("step", 4), constant("zero", 0, numpy.uint8)])
    onnx.save(helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8),
        HERE / f"{name}.onnx")


def make_wake():
    first = numpy.zeros((6, 6))
    for i in range(3):
        first[i, 2 * i:2 * i + 2] = -1, 1
        first[i + 3, 2 * i:2 * i + 2] = 1, -1
    network("wake", first, numpy.array([[0, 1]] * 6), [96, 0])


def make_sort():
    first = numpy.array([[-1, 1, -1]] * 2 + [[-1, 1, 1]] * 2 +
                        [[1, -1, 1]] * 2 + [[1, -1, -1]] * 2)
    network("sort", first, numpy.eye(3), [0, 0, 0])


def make_windows():
    random = numpy.random.default_rng(4)
    ramp = numpy.arange(8)
    rows = []
    for height in (4, 12, 25):
        for shape in (ramp, 7 - ramp, 7 - abs(2 * ramp - 7), 0 * ramp):
            rows.append(40 + height * shape + random.integers(0, 9, 8))
    numpy.array(rows).astype(numpy.uint8).tofile(HERE / "windows.u8")


if __name__ == "__main__":
    make_wake()
    make_sort()
    make_windows()
