"""Files with weights or inputs of 16 bits, and with bytes from another zero
point in each row: QuantizeLinear and DequantizeLinear, whose products float32
rounds. Classes and logits are ONNX Runtime's, as integers and as words.
"""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from comparison import compare
from support import EndToEndTest, expand, for_each

INPUTS, HIDDEN, CLASSES = 12, 6, 4
# Type, low, high and zero points of weights; type and step of the inputs.
CASES = {
    "int16": ("int16", -32767, 32767, 0, "uint8", 1 / 255),
    "int12": ("int16", -2047, 2047, 0, "uint8", 1 / 255),
    "uint16": ("uint16", 0, 65535, 30000, "uint8", 1 / 255),
    "zero_points": ("uint8", 0, 255, None, "uint8", 1 / 255),
    "inputs": ("int8", -128, 127, 0, "uint16", 1 / 255 / 250.3),
}


@expand
class WideFilesTest(EndToEndTest):

    @for_each(list(CASES))
    def test(self, case):
        kind, low, high, zero, input_kind, step = CASES[case]
        rng = numpy.random.default_rng(len(case))
        constants, nodes = {}, []

        def node(operator, inputs, output, **attributes):
            nodes.append(helper.make_node(operator, inputs, [output],
                                          name=output, **attributes))
            return output

        def quantised(x, name, scale, type_name):
            constants[f"{name}_scale"] = numpy.float32(scale)
            constants[f"{name}_zero"] = numpy.array(0, type_name)
            parameters = [f"{name}_scale", f"{name}_zero"]
            code = node("QuantizeLinear", [x, *parameters], f"{name}_code")
            return node("DequantizeLinear", [code, *parameters], name)

        x = quantised("in", "x", step, input_kind)
        width = 1 / max(abs(low), abs(high))
        for layer, (inputs, rows) in enumerate(((INPUTS, HIDDEN),
                                                (HIDDEN, CLASSES))):
            name = f"w{layer}"
            constants[f"{name}_code"] = rng.integers(
                low, high + 1, (inputs, rows)).astype(kind)
            zeros = (rng.integers(100, 157, rows) if zero is None
                     else numpy.full(rows, zero))
            constants[f"{name}_scale"] = numpy.full(rows, 1.37 * width,
                                                    numpy.float32)
            constants[f"{name}_zero"] = zeros.astype(kind)
            node("DequantizeLinear",
                 [f"{name}_code", f"{name}_scale", f"{name}_zero"], name,
                 axis=1)
            x = node("MatMul", [x, name], f"sum{layer}")
            if layer == 0:
                x = quantised(node("Relu", [x], "relu"), "hidden", 0.3, "uint8")
        graph = helper.make_graph(
            nodes, "g",
            [helper.make_tensor_value_info("in", TensorProto.FLOAT,
                                           [1, INPUTS])],
            [helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, CLASSES])],
            [numpy_helper.from_array(numpy.asarray(value), key)
             for key, value in constants.items()])
        model = self.folder / "model.onnx"
        onnx.save(helper.make_model(graph, ir_version=10, opset_imports=[
            helper.make_opsetid("", 21)]), model)
        rows = rng.integers(0, 256, (300, INPUTS)).astype(numpy.uint8)
        result = compare(model, self.folder,
                         ["--input-range=0:255", "--input-scale=1/255",
                          "--mcu=pfs173", "--output=logits"],
                         rows.ravel())
        self.assertEqual(
            (result.refused, result.no_words, result.trouble, result.different,
             result.excused), ("", "", "", (), ()), result.detail)
        self.assertGreater(len(set(result.classes)), 1)
        self.assertLess(len(result.undecided), 30)
        self.note = f"{len(result.undecided)} undecided, {result.words} words"
