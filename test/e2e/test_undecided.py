"""Samples that float32 leaves undecided: whatever order its sums have, what
differs from exact arithmetic is named, and little else is.
"""

import json

import numpy
from onnx import TensorProto, helper, numpy_helper

from comparison import ComparisonTest, compare
from networks import Graph

INPUTS, HIDDEN, OUTPUTS, ROWS = 96, 32, 8, 1000
FLOAT = numpy.float32


def quantised_network(random):
    """QuantizeLinear, DequantizeLinear, Gemm and Relu, twice; its parameters."""
    layers = []
    for inputs, outputs in ((INPUTS, HIDDEN), (HIDDEN, OUTPUTS)):
        layers.append({
            "codes": random.integers(-127, 128, (inputs, outputs),
                                     dtype=numpy.int8),
            "scale": FLOAT(random.uniform(0.002, 0.01)),
            "bias": random.normal(0, 1, outputs).astype(FLOAT),
            "step": FLOAT(random.uniform(0.02, 0.03))})
    nodes, constants = [], []

    def constant(value):
        name = f"c{len(constants)}"
        constants.append(numpy_helper.from_array(numpy.asarray(value), name))
        return name

    def node(kind, *inputs):
        name = f"{kind}_{len(nodes)}"
        nodes.append(helper.make_node(kind, inputs, [name], name=name))
        return name

    zero = constant(numpy.uint8(0))
    x, step = "x", constant(FLOAT(1 / 255))
    for i, layer in enumerate(layers):
        real = node("DequantizeLinear", x, step, zero)
        weights = node("DequantizeLinear", constant(layer["codes"]),
                       constant(layer["scale"]), constant(numpy.int8(0)))
        step = constant(layer["step"])
        x = node("QuantizeLinear", node("Relu", node(
            "Gemm", real, weights, constant(layer["bias"]))), step, zero)
    graph = helper.make_graph(
        nodes, "network",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [1, INPUTS])],
        [helper.make_tensor_value_info(x, TensorProto.UINT8, [1, OUTPUTS])],
        constants)
    return layers, helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def in_order(layers, rows, order):
    """Codes of the outputs; order(products) gives the order of each sum."""
    codes, step = rows, FLOAT(1 / 255)
    for layer in layers:
        real = codes.astype(FLOAT) * step
        weights = layer["codes"].astype(FLOAT) * layer["scale"]
        products = real[:, :, None] * weights[None]
        products = numpy.take_along_axis(products, order(products), axis=1)
        sums = numpy.zeros(products[:, 0].shape, FLOAT)
        for i in range(products.shape[1]):
            sums = sums + products[:, i]
        step = layer["step"]
        quotient = numpy.maximum(sums + layer["bias"], FLOAT(0)) / step
        codes = numpy.clip(numpy.rint(quotient), 0, 255)
    return codes.astype(int)


class UndecidedTest(ComparisonTest):

    def test_orders_of_sums(self):
        """Rising and falling, by magnitude, shuffled: a sample whose outputs
        differ is undecided, and so is one whose class differs."""
        random = numpy.random.default_rng(7)
        orders = [lambda p: numpy.argsort(p, axis=1),
                  lambda p: numpy.argsort(-p, axis=1),
                  lambda p: numpy.argsort(-abs(p), axis=1)]
        orders += [lambda p: random.permuted(numpy.broadcast_to(
            numpy.arange(p.shape[1])[None, :, None], p.shape), axis=1)]
        differing = named = named_classes = 0
        for number in range(2):
            layers, model = quantised_network(random)
            rows = random.integers(0, 256, (ROWS, INPUTS), dtype=numpy.uint8)
            values = self.values(model, rows)
            output = values["outputs"][0]
            exact = numpy.round((numpy.array(output["values"]) *
                                 output["scale"] + output["offset"]))
            undecided = numpy.array(values["undecided"]).astype(bool)
            logits = numpy.array(output["undecided"]).astype(bool)
            differ = numpy.zeros(ROWS, bool)
            for order in orders:
                codes = in_order(layers, rows, order)
                here = (codes != exact).any(axis=1)
                differ |= here
                self.assertFalse((here & ~logits).any(), number)
                classes = codes.argmax(axis=1) != values["classes"]
                self.assertFalse((classes & ~undecided).any(), number)
            differing += differ.sum()
            named += logits.sum()
            named_classes += undecided.sum()
        self.assertGreater(differing, 0)  # else nothing was tried
        self.assertLess(named, 0.1 * 2 * ROWS)
        self.assertLess(named_classes, 0.01 * 2 * ROWS)

    def test_straight_through(self):
        """x + (q(x) - x) is q(x) but for rounding, which decides where two
        elements are alike."""
        graph = Graph(1)
        x = graph.node("Mul", graph.node("Add", graph.node(
            "MatMul", "x", graph.constant([[1, -1], [1, -1]])),
            graph.constant([-0.6454972, 1.6137431])), graph.constant(0.125))
        clipped = graph.node("Clip", x, graph.constant(-0.4),
                             graph.constant(0.03))
        quantised = graph.quantised(clipped, 0.02881684, numpy.int8, 0)
        x = graph.node("Add", x, graph.node("Sub", quantised, x))
        path = self.folder / "model.onnx"
        graph.write(path, x, [1, 2])
        result = compare(path, self.folder,
                         ["--input-range=0:1", "--output=values"], count=100)
        self.assertEqual(result.outcome, "undecided")
        self.assertTrue(result.excused)  # else nothing was tried
        self.assertLess(len(result.undecided), 100)

    def test_sums_of_three_scales(self):
        """Integers of one meaning, of another and of a third that are 0 alone,
        whose scale says nothing."""
        graph = Graph(3)
        levels = graph.quantised(graph.node("MatMul", "x", graph.weights(
            (3, 4), 4)), 0.0364605, numpy.uint8, 3)
        signs = graph.node("Sign", graph.node("Relu", graph.node(
            "MatMul", "x", graph.constant(
                graph.random.integers(-3, 4, (3, 5))))))
        nothing = graph.quantised(graph.node("Clip", graph.node(
            "MatMul", "x", graph.weights((3, 2), 4)),
            graph.constant(-1), graph.constant(0)), 27.3, numpy.int8, 0)
        parts = [graph.node("MatMul", levels, graph.node(
            "Mul", graph.constant(graph.random.integers(-1, 2, (4, 2))),
            graph.constant(0.27276534)))]
        for part, count in ((signs, 5), (nothing, 2)):
            parts.append(graph.node("MatMul", part, graph.constant(
                graph.random.integers(-2, 3, (count, 2)))))
        x = graph.node("Add", graph.node("Add", *parts[:2]), parts[2])
        x = graph.node("Add", x, graph.constant([-24.3, -19]))
        path = self.folder / "model.onnx"
        graph.write(path, graph.quantised(x, 7.3, numpy.int8, 0), [1, 3])
        self.equal(path, ["--input-range=0:15", "--output=values",
                          "--mcu=pfs173"])

    def test_functions_of_several_ranges(self):
        """Sigmoids that are lines but for few integers of their own range, and
        for more of that of all channels."""
        for number in 40, 113, 126:
            with self.subTest(number=number):
                graph = Graph(number)
                sums = graph.node("MatMul", "x", graph.constant(
                    graph.random.integers(-6, 7, (3, 2))))
                sums = graph.node("Mul", sums, graph.constant(
                    graph.random.uniform(.05, .4, 2)))
                sums = graph.node("Add", sums, graph.constant(
                    graph.random.uniform(-2, 2, 2)))
                levels = graph.quantised(graph.node("Sigmoid", sums), 1 / 31,
                                         numpy.uint8, 0)
                path = self.folder / f"{number}.onnx"
                graph.write(path, graph.node("MatMul", levels, graph.constant(
                    [[1, -1], [2, 1]])), [1, 3])
                self.equal(path, ["--input-range=0:1", "--mcu=pfs154"])

    def values(self, model, rows):
        path = self.folder / "model.onnx"
        path.write_bytes(model.SerializeToString())
        samples = self.folder / "samples.u8"
        rows.tofile(samples)
        output = self.folder / "values.json"
        self.pdkc(path, output, f"--samples={samples}", "--output=logits",
                  "--emit=values")
        return json.loads(output.read_text())
