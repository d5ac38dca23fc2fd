"""QLinearMatMul with scales of each channel, whose requantisation is a product in
float32: where that rounds to a tie, which goes to the even integer, it is none
of exact arithmetic. The codes are ONNX Runtime's for inputs that lead there, and
the program has the size of a product's.
"""

from fractions import Fraction

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from comparison import compare
from support import EndToEndTest, expand, for_each

INPUTS = 64


def off_by_one(scale, least, most):
    """The sums whose product with the scale float32 rounds to another integer
    than exact arithmetic does."""
    sums = numpy.arange(least, most + 1)
    products = sums.astype(numpy.float32) * numpy.float32(scale)
    ties = sums[numpy.mod(products, 1) == 0.5]
    exact = [round(int(n) * Fraction(float(scale))) for n in ties]
    return ties[numpy.rint(ties.astype(numpy.float32) *
                           numpy.float32(scale)) != exact]


def reach(noise, weights, target):
    """Inputs with that sum, or None."""
    row = noise.integers(0, 256, len(weights))
    for i in numpy.argsort(-abs(weights), kind="stable"):
        if weights[i]:
            rest = target - row @ weights
            row[i] = numpy.clip(row[i] + int(rest / weights[i]), 0, 255)
    return row if row @ weights == target else None


@expand
class QLinearTest(EndToEndTest):

    def save(self, kind, noise, counts):
        """Layers of so many outputs; the first one's weights, and the scales that
        its sums are multiplied by."""
        x_zero = numpy.uint8(0) if kind == "uint8" else numpy.int8(-128)
        constants = {"x_scale": numpy.float32(1 / 255), "x_zero": x_zero}
        nodes = [helper.make_node("QuantizeLinear", ["x", "x_scale", "x_zero"],
                                  ["x_codes"])]
        name, scale, first, width = "x", numpy.float32(1 / 255), None, INPUTS
        for layer, count in enumerate(counts):
            w = numpy.clip(numpy.rint(noise.normal(0, 45, (width, count))), -127,
                           127).astype(numpy.int8)
            w_scale = noise.uniform(0.002, 0.004, count).astype(numpy.float32)
            y_scale = numpy.float32(float(scale) * 0.003 * 45 *
                                    130 * width**0.5 / 60)
            y = f"y{layer}"
            constants |= {
                f"{y}_w": w, f"{y}_w_scale": w_scale,
                f"{y}_w_zero": numpy.zeros(count, numpy.int8),
                f"{y}_scale": y_scale,
                f"{y}_zero": numpy.dtype(kind).type(noise.integers(
                    *((-30, 30) if kind == "int8" else (100, 150))))}
            nodes.append(helper.make_node("QLinearMatMul", [
                f"{name}_codes", f"{name}_scale", f"{name}_zero", f"{y}_w",
                f"{y}_w_scale", f"{y}_w_zero", f"{y}_scale", f"{y}_zero"],
                [f"{y}_codes"]))
            if first is None:
                first = w, scale * w_scale / y_scale
            name, scale, width = y, y_scale, count
        nodes.append(helper.make_node("DequantizeLinear", [
            f"{name}_codes", f"{name}_scale", f"{name}_zero"], ["y"]))
        graph = helper.make_graph(
            nodes, "qlinear",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT,
                                           ["N", INPUTS])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT,
                                           ["N", width])],
            [numpy_helper.from_array(numpy.asarray(value), key)
             for key, value in constants.items()])
        model = self.folder / "model.onnx"
        onnx.save(helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)]), model)
        return model, *first

    @for_each([(kind, counts) for kind in ("uint8", "int8")
               for counts in ([8], [12, 10])],
              lambda case: f"{case[0]}_{len(case[1])}")
    def test(self, case):
        kind, counts = case
        noise = numpy.random.default_rng(len(counts))
        model, weights, scales = self.save(kind, noise, counts)
        rows = []
        for w, scale in zip(weights.T.astype(int), scales):
            for target in off_by_one(scale, 255 * w[w < 0].sum(),
                                     255 * w[w > 0].sum()):
                found = reach(noise, w, target)
                if found is not None:
                    rows.append(found)
        self.assertGreater(len(rows), 4)
        rows += [noise.integers(0, 256, INPUTS) for _ in range(60 - len(rows))]
        result = compare(model, self.folder,
                         ["--mcu=pfs173", "--input-range=0:255", "-Os",
                          "--input-scale=1/255", "--output=logits"],
                         numpy.array(rows).astype(numpy.uint8))
        self.assertEqual((result.outcome, result.samples, result.outputs),
                         ("equal", len(rows), "equal"), result)
        self.assertEqual(len(result.excused), 0)
        # As weights of a byte, and no tables of 256 steps for each channel.
        sizes = numpy.cumprod([INPUTS, counts[0]])[-1] + (
            counts[0] * counts[1] if len(counts) > 1 else 0)
        self.assertLess(result.words, sizes + 1200)
