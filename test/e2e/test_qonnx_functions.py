"""QONNX's operators as the reference computes them, against Python's decimals,
whose rounding modes carry the names that QONNX's do.
"""

import decimal
import itertools
import unittest

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from reference import make_session
from support import expand, for_each

MODES = {
    "ROUND": decimal.ROUND_HALF_EVEN, "HALF_EVEN": decimal.ROUND_HALF_EVEN,
    "CEIL": decimal.ROUND_CEILING, "FLOOR": decimal.ROUND_FLOOR,
    "UP": decimal.ROUND_UP, "DOWN": decimal.ROUND_DOWN,
    "HALF_UP": decimal.ROUND_HALF_UP, "HALF_DOWN": decimal.ROUND_HALF_DOWN,
}
VALUES = numpy.arange(-40, 41) / 8  # with ties, and beyond the small widths


def to_integer(value, mode):
    return int(decimal.Decimal(value).to_integral_value(MODES[mode.upper()]))


def limits(bits, signed, narrow):
    low = -2 ** (bits - 1) + narrow if signed else 0
    high = 2 ** (bits - 1) - 1 if signed else 2 ** bits - 1 - narrow
    return low, high


def run_node(operator, values, *constants, opset=13,
             domain="qonnx.custom_op.general", **attributes):
    """The node's output for values, its other inputs constants."""
    values = numpy.asarray(values, numpy.float32)
    names = [f"c{i}" for i in range(len(constants))]
    graph = helper.make_graph(
        [helper.make_node(operator, ["x", *names], ["y"], domain=domain,
                          **attributes)], "node",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, values.shape)],
        [onnx.ValueInfoProto(name="y")],
        [numpy_helper.from_array(numpy.asarray(c), n)
         for c, n in zip(constants, names)])
    model = helper.make_model(graph,
                              opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    return make_session(model).run(None, {"x": values})[0]


@expand
class QonnxTest(unittest.TestCase):

    @for_each(itertools.product(MODES, (0, 1), (0, 1)), str)
    def test_quant(self, case):
        mode, signed, narrow = case
        for bits, zero, opset in itertools.product((1, 2, 3, 4), (0, 2),
                                                   (9, 13, 20)):
            if bits == 1 and (signed or narrow):
                continue
            scale = numpy.float32(0.5)
            low, high = limits(bits, signed, narrow)
            expected = [
                0.5 * (to_integer(min(max(v / 0.5 + zero, low), high), mode)
                       - zero) for v in VALUES]
            given = run_node("Quant", VALUES, scale, numpy.float32(zero),
                             numpy.float32(bits), opset=opset, signed=signed,
                             narrow=narrow, rounding_mode=mode.lower())
            self.assertEqual(given.tolist(), expected, (bits, zero, opset))

    def test_types_of_other_inputs(self):
        """QKeras' converter writes a float64 scale and int64 for the rest."""
        given = run_node("IntQuant", VALUES, numpy.float64(0.25), numpy.int64(0),
                         numpy.int64(4), domain="onnx.brevitas", signed=1,
                         narrow=0)
        expected = [0.25 * to_integer(min(max(v * 4, -8), 7), "ROUND")
                    for v in VALUES]
        self.assertEqual(given.tolist(), expected)

    def test_wide_scale(self):
        """By a float64 the quotient is one: what would be a tie in float32 is
        none."""
        scale = numpy.float64(0.375 * (1 + 1e-8))
        self.assertEqual(numpy.float32(scale), 0.375)
        for kind, expected in ((numpy.float32, 2), (numpy.float64, 1)):
            given = run_node("Quant", [1.5 * 0.375], kind(scale),
                             numpy.float32(0), numpy.float32(4), signed=1,
                             narrow=0)
            self.assertEqual(given.tolist(), [0.375 * expected])

    def test_one_signed_bit(self):
        given = run_node("Quant", VALUES, numpy.float32(0.5), numpy.float32(0),
                         numpy.float32(1), signed=1, narrow=0)
        self.assertEqual(given.tolist(),
                         [0.5 if v >= 0 else -0.5 for v in VALUES])

    def test_scale_a_channel(self):
        given = run_node("Quant", [[1.2, 1.2]],
                         numpy.array([[1, 0.5]], numpy.float32),
                         numpy.float32(0), numpy.float32(4), signed=1, narrow=0)
        self.assertEqual(given.tolist(), [[1, 1]])

    def test_bipolar(self):
        given = run_node("BipolarQuant", VALUES, numpy.float32(0.25))
        self.assertEqual(given.tolist(),
                         [0.25 if v >= 0 else -0.25 for v in VALUES])

    @for_each(MODES)
    def test_trunc(self, mode):
        integers = numpy.arange(-128, 128)
        for opset in (9, 13):
            given = run_node("Trunc", integers * 0.5, numpy.float32(0.5),
                             numpy.float32(0), numpy.float32(8),
                             numpy.float32(5), opset=opset, rounding_mode=mode)
            self.assertEqual(given.tolist(),
                             [0.5 * to_integer(i / 8, mode) for i in integers])
            given = run_node("Trunc", integers * 0.5, numpy.float32(0.5),
                             numpy.float32(0), numpy.float32(8),
                             numpy.float32(4), numpy.float32(5), opset=opset,
                             rounding_mode=mode, signed=1, narrow=1)
            self.assertEqual(given.tolist(), [
                4 * to_integer(min(max(i / 8, -15), 15), mode)
                for i in integers])

    @for_each(("NCHW", "NHWC", "", "NC"), lambda layout: layout or "none")
    def test_multi_threshold(self, layout):
        random = numpy.random.default_rng(1)
        shape = {"NCHW": (1, 3, 2, 2), "NHWC": (1, 2, 2, 3), "": (1, 3, 2, 2),
                 "NC": (1, 3)}[layout]
        axis = 3 if layout == "NHWC" else 1
        values = random.integers(-4, 5, shape)
        thresholds = numpy.sort(random.integers(-4, 5, (3, 5)), axis=1)
        expected = numpy.zeros(shape)
        for index in numpy.ndindex(shape):
            reached = values[index] >= thresholds[index[axis]]
            expected[index] = 0.5 * reached.sum() - 1
        attributes = {"data_layout": layout} if layout else {}
        for opset in (9, 13):
            given = run_node("MultiThreshold", values,
                             thresholds.astype(numpy.float32), opset=opset,
                             out_scale=0.5, out_bias=-1.0, out_dtype="INT4",
                             **attributes)
            self.assertEqual(given.tolist(), expected.tolist())

    def test_unknown_mode(self):
        with self.assertRaises(KeyError):
            run_node("Quant", VALUES, numpy.float32(1), numpy.float32(0),
                     numpy.float32(4), signed=1, narrow=0,
                     rounding_mode="SIDEWAYS")
