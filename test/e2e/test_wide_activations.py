"""Activations that neither only rise nor only fall, right behind sums of more
values than could be tried one by one: the interpreter's classes and logits are
ONNX Runtime's.
"""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from comparison import compare
from support import EndToEndTest, expand, for_each

INPUTS, ROWS = 80, 4
# What computes y of x.
ACTIVATIONS = {
    "HardSwish": [("HardSwish", ["x"], "y")],
    "Gelu": [("Gelu", ["x"], "y")],
    "Mish": [("Mish", ["x"], "y")],
    "Silu": [("Sigmoid", ["x"], "s"), ("Mul", ["x", "s"], "y")],
    "Square": [("Mul", ["x", "x"], "a"), ("Mul", ["a", "four"], "y")],
    "Bump": [("Abs", ["x"], "a"), ("Neg", ["a"], "n"), ("Exp", ["n"], "e"),
             ("Mul", ["e", "four"], "y")],
}


@expand
class WideActivationsTest(EndToEndTest):

    @for_each(list(ACTIVATIONS))
    def test(self, name):
        rng = numpy.random.default_rng(5)
        # Sums near the turn of some rows, and far from it.
        weights = rng.integers(-127, 128, (INPUTS, ROWS))
        weights[-1] -= weights.sum(0) // 2
        span = 255 * numpy.abs(weights).sum(0)
        self.assertGreater(span.min(), 1 << 20)
        scale = numpy.float32(12) / span.astype(numpy.float32)
        constants = {"w": weights.astype(numpy.float32), "scale": scale,
                     "step": numpy.float32(0.06), "zero": numpy.uint8(30),
                     "four": numpy.float32(4)}
        nodes = [("MatMul", ["in", "w"], "sum"), ("Mul", ["sum", "scale"], "x"),
                 *ACTIVATIONS[name],
                 ("QuantizeLinear", ["y", "step", "zero"], "q"),
                 ("DequantizeLinear", ["q", "step", "zero"], "out")]
        graph = helper.make_graph(
            [helper.make_node(op, inputs, [output], name=output)
             for op, inputs, output in nodes], "g",
            [helper.make_tensor_value_info("in", TensorProto.FLOAT,
                                           [1, INPUTS])],
            [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, ROWS])],
            [numpy_helper.from_array(numpy.asarray(value), key)
             for key, value in constants.items()])
        model = self.folder / "model.onnx"
        onnx.save(helper.make_model(graph, ir_version=10, opset_imports=[
            helper.make_opsetid("", 20)]), model)
        rows = rng.integers(0, 256, (600, INPUTS))
        rows[300:] = numpy.where(rng.random((300, INPUTS)) < 0.5,
                                 255 * (weights[:, :1].T > 0), rows[300:])
        result = compare(model, self.folder,
                         ["--input-range=0:255", "--output=logits"],
                         rows.astype(numpy.uint8).ravel(), words=False)
        self.assertEqual((result.refused, result.trouble, result.different),
                         ("", "", ()), result.detail)
        self.assertLess(len(result.undecided), 60)
        self.note = f"{len(result.undecided)} undecided, {result.seconds:.1f} s"
