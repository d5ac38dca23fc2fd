"""Where ONNX Runtime's kernels on quantised tensors round: before they add an
odd zero point, or with it. Scales are powers of two, so that ties are many;
codes and class are ONNX Runtime's.
"""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from comparison import compare
from support import EndToEndTest, expand, for_each

# The operator, its attributes, the shape of its input, whether it has a second
# tensor.
CASES = {
    "add": ("QLinearAdd", {}, (1, 6), True),
    "mul": ("QLinearMul", {}, (1, 6), True),
    "concat": ("QLinearConcat", {"axis": 1}, (1, 6), True),
    "leaky_relu": ("QLinearLeakyRelu", {"alpha": 0.5}, (1, 6), False),
    "windows": ("QLinearAveragePool", {"kernel_shape": [2, 2]}, (1, 2, 3, 3),
                False),
    "one_window": ("QLinearAveragePool", {"kernel_shape": [2, 2]}, (1, 3, 2, 2),
                   False),
    "same_window": ("QLinearAveragePool", {
        "kernel_shape": [2, 2], "auto_pad": "SAME_UPPER", "strides": [2, 2]},
        (1, 3, 2, 2), False),
    "padded_window": ("QLinearAveragePool", {
        "kernel_shape": [2, 2], "pads": [0, 0, 1, 1], "strides": [2, 2]},
        (1, 3, 2, 2), False),
    "global": ("QLinearGlobalAveragePool", {"channels_last": 0}, (1, 3, 2, 2),
               False),
}


@expand
class QLinearTiesTest(EndToEndTest):

    @for_each(list(CASES))
    def test(self, name):
        operator, attributes, shape, has_second = CASES[name]
        rng = numpy.random.default_rng(len(name))
        constants = {
            "x_scale": numpy.float32(0.5), "x_zero": numpy.uint8(128),
            "b": rng.integers(90, 166, shape).astype(numpy.uint8),
            "b_scale": numpy.float32(0.25), "b_zero": numpy.uint8(128),
            "y_scale": numpy.float32(4 if name == "mul" else 1),
            "y_zero": numpy.uint8(61)}
        first, second, result = (
            [given, f"{given}_scale", f"{given}_zero"] for given in "xby")
        inputs = first + (second if has_second else []) + result[1:]
        if operator == "QLinearConcat":
            inputs = result[1:] + first + second
        nodes = [helper.make_node(operator, inputs, ["y"],
                                  domain="com.microsoft", **attributes),
                 helper.make_node("DequantizeLinear", result, ["real"]),
                 helper.make_node("Flatten", ["real"], ["out"])]
        graph = helper.make_graph(
            nodes, "g",
            [helper.make_tensor_value_info("x", TensorProto.UINT8, shape)],
            [onnx.ValueInfoProto(name="out")],
            [numpy_helper.from_array(numpy.asarray(value), key)
             for key, value in constants.items() if key in inputs])
        model = self.folder / "model.onnx"
        onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[
            helper.make_opsetid("", 13),
            helper.make_opsetid("com.microsoft", 1)]), model)
        rows = rng.integers(90, 166, (200, numpy.prod(shape)))
        result = compare(model, self.folder,
                         ["--output=logits", "--mcu=pfs173"],
                         rows.astype(numpy.uint8).ravel())
        self.assertEqual((result.refused, result.trouble, result.different,
                          result.undecided), ("", "", (), ()), result.detail)
