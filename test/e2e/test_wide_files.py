"""Files with weights, inputs or activations of 16 bits, and with bytes from
another zero point in each row: QuantizeLinear and DequantizeLinear, whose
products float32 rounds. Classes and logits are ONNX Runtime's, as integers and
as words.
"""

import dataclasses

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from comparison import compare
from support import EndToEndTest, expand, for_each

INPUTS, HIDDEN, CLASSES = 12, 6, 4


@dataclasses.dataclass
class Case:
    """What differs from weights of bytes between activations of bytes."""
    weights: str = "int8"
    low: int = -128
    high: int = 127
    zero: int | None = 0          # of the weights; of each row its own if None
    by_row: bool = False          # scales of the weights
    inputs: str = "uint8"
    input_step: float = 1 / 255
    hidden: str = "uint8"
    hidden_step: float = 0.3
    hidden_zero: int = 0
    between: tuple = ("Relu",)    # operators before the activations
    outputs: str | None = None    # type of the logits, if they are quantised
    undecided: int = 1            # rows, at most


U16 = Case(hidden="uint16", hidden_step=1.1e-4, undecided=60)
CASES = {
    "int16": Case("int16", -32767, 32767),
    "int12": Case("int16", -2047, 2047),
    "uint16": Case("uint16", 0, 65535, 30000),
    "zero_points": Case("uint8", 0, 255, None),
    "inputs": Case(inputs="uint16", input_step=1 / 255 / 250.3),
    "hidden_u16": U16,
    "hidden_u16_by_row": dataclasses.replace(U16, by_row=True),
    "hidden_s16": dataclasses.replace(
        U16, hidden="int16", between=(), hidden_step=3.1e-4),
    "hidden_u16_zero_point": dataclasses.replace(
        U16, between=("Clip",), hidden_zero=20011, hidden_step=2.3e-4),
    "hidden_u16_normalised": dataclasses.replace(
        U16, hidden="int16", between=("BatchNormalization",)),
    "hidden_u16_twice": dataclasses.replace(
        U16, between=("Quantised", "BatchNormalization", "Relu")),
    "hidden_s16_weights_s16": Case(
        "int16", -32767, 32767, hidden="int16", hidden_step=3.1e-4,
        undecided=60),
    "outputs_s16": Case(outputs="int16", undecided=60),
    "all_s16": dataclasses.replace(
        U16, hidden="int16", between=(), hidden_step=3.1e-4, outputs="int16",
        inputs="int16", input_step=1 / 255 / 100.1),
}


@expand
class WideFilesTest(EndToEndTest):

    @for_each(list(CASES))
    def test(self, name):
        case = CASES[name]
        rng = numpy.random.default_rng(len(name))
        constants, nodes = {}, []

        def node(operator, inputs, output, **attributes):
            nodes.append(helper.make_node(operator, inputs, [output],
                                          name=output, **attributes))
            return output

        def quantised(x, name, scale, type_name, zero=0):
            constants[f"{name}_scale"] = numpy.float32(scale)
            constants[f"{name}_zero"] = numpy.array(zero, type_name)
            parameters = [f"{name}_scale", f"{name}_zero"]
            code = node("QuantizeLinear", [x, *parameters], f"{name}_code")
            return node("DequantizeLinear", [code, *parameters], name)

        def between(x, operator):
            if operator == "Quantised":
                return quantised(x, "first", 3.3e-4, "int16")
            if operator == "Clip":
                constants.update(least=numpy.float32(-4),
                                 most=numpy.float32(6.1))
                return node("Clip", [x, "least", "most"], "clip")
            if operator == "BatchNormalization":
                constants.update(
                    gamma=rng.uniform(0.4, 2, HIDDEN) * rng.choice((-1, 1),
                                                                   HIDDEN),
                    beta=rng.normal(size=HIDDEN), mean=rng.normal(size=HIDDEN),
                    variance=rng.uniform(0.5, 3, HIDDEN))
                for key in ("gamma", "beta", "mean", "variance"):
                    constants[key] = constants[key].astype(numpy.float32)
                return node(operator, [x, "gamma", "beta", "mean", "variance"],
                            "norm")
            return node(operator, [x], operator.lower())

        x = quantised("in", "x", case.input_step, case.inputs)
        width = 1 / max(abs(case.low), abs(case.high))
        for layer, (inputs, rows) in enumerate(((INPUTS, HIDDEN),
                                                (HIDDEN, CLASSES))):
            name = f"w{layer}"
            constants[f"{name}_code"] = rng.integers(
                case.low, case.high + 1, (inputs, rows)).astype(case.weights)
            zeros = (rng.integers(100, 157, rows) if case.zero is None
                     else numpy.full(rows, case.zero))
            scales = numpy.full(rows, 1.37 * width)
            if case.by_row:
                scales *= rng.uniform(0.3, 1, rows)
            constants[f"{name}_scale"] = scales.astype(numpy.float32)
            constants[f"{name}_zero"] = zeros.astype(case.weights)
            node("DequantizeLinear",
                 [f"{name}_code", f"{name}_scale", f"{name}_zero"], name,
                 axis=1)
            x = node("MatMul", [x, name], f"sum{layer}")
            if layer == 0:
                for operator in case.between:
                    x = between(x, operator)
                x = quantised(x, "hidden", case.hidden_step, case.hidden,
                              case.hidden_zero)
        if case.outputs:
            x = quantised(x, "out", 7.7e-4, case.outputs)
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
            (result.refused, result.no_words, result.trouble, result.different),
            ("", "", "", ()), result.detail)
        self.assertLessEqual(len(result.undecided), case.undecided,
                             result.detail)
        self.note = (f"{len(result.undecided)} undecided, of which "
                     f"{len(result.excused)} differ, {result.words} words")
