"""Padding of inputs whose zero point is not 0.

Random convolutions and pools of one and two dimensions on quantised inputs:
zeros of the convolution itself, a Pad node of any constant before it, average
pools that count padding, weights with a scale for each channel; as
QuantizeLinear and DequantizeLinear around Conv, as QLinearConv, as ConvInteger.
ONNX Runtime and pdkc have to agree on every sample, the words on the simulated
chip among it.

To look at one: test_padding.py NUMBER FILE writes it, and prints the options.
"""

import pathlib
import sys

import numpy
from onnx import TensorProto

from comparison import NetworksTest
from networks import Graph
from support import LEVELS, expand, for_each

NETWORKS = 32
BATCH = 4
DEVICES = ("pfs154", "pfs173", "pms134")
KINDS = ("qdq", "qdq", "per channel", "pad", "qlinear", "integer", "average")


class Window:
    """Kernel, pads and so on of a random window over `space`."""

    def __init__(self, choose, space):
        self.kernel, begins, ends = [], [], []
        self.strides, self.dilations = [], []
        for size in space:
            begin, end = choose.choice(((1, 1), (1, 1), (0, 1), (2, 0), (2, 2)))
            dilation = choose.choice((1, 1, 1, 2))
            most = (size + begin + end - 1) // dilation + 1
            self.kernel.append(choose.randint(1, min(most, 5)))
            self.strides.append(choose.randint(1, 3))
            self.dilations.append(dilation)
            begins.append(begin)
            ends.append(end)
        self.pads = begins + ends

    def attributes(self):
        return {"kernel_shape": self.kernel, "strides": self.strides,
                "pads": self.pads, "dilations": self.dilations}


def make_network(number, path):
    """Writes it; the options."""
    graph = Graph(number)
    choose, random = graph.choose, graph.random
    kind = choose.choice(KINDS)
    groups = choose.choice((1, 1, 1, 2))
    channels = groups * choose.choice((1, 1, 2))
    space = choose.choice(([20], [6, 6], [5, 7], [4, 4], [12]))
    rows = groups * choose.randint(1, 2)
    window = Window(choose, space)
    codes, zero_point = choose.choice((
        (numpy.int8, -128), (numpy.int8, 5), (numpy.uint8, 128),
        (numpy.uint8, 255), (numpy.uint8, 3)))
    scale = random.uniform(0.01, 0.1)
    bits = choose.choice((2, 4, 8))
    most = 2 ** (bits - 1) - 1
    shape = (rows, channels // groups, *window.kernel)
    weights = random.integers(-most, most + 1, shape)
    is_float = choose.random() < 0.4 and kind not in ("qlinear", "integer")
    options = [choose.choice(LEVELS), f"--mcu={choose.choice(DEVICES)}"]
    x = "x"
    if is_float:
        x = graph.quantised("x", scale, codes, zero_point)
        if choose.random() < 0.5:
            options += ["--input-range=0:255", "--input-scale=1/64"]
    elif kind not in ("qlinear", "integer"):
        x = graph.node("DequantizeLinear", "x", graph.constant(scale),
                       graph.constant(zero_point, codes))
    # Sums' spread, for the result's scale.
    spread = max(1, abs(weights).sum() / rows) * 30 * scale * 0.02
    attributes = window.attributes()
    if kind == "average":
        x = graph.node("AveragePool", x, kernel_shape=window.kernel,
                       strides=window.strides, count_include_pad=1,
                       pads=[min(pad, (window.kernel * 2)[i] - 1)
                             for i, pad in enumerate(window.pads)])
        x = graph.quantised(x, scale, codes, zero_point)
        rows = channels
    elif kind == "qlinear":
        x = graph.node(
            "QLinearConv", x, graph.constant(scale),
            graph.constant(zero_point, codes),
            graph.constant(weights, numpy.int8), graph.constant(0.02),
            graph.constant(0, numpy.int8), graph.constant(spread / 40),
            graph.constant(choose.choice((0, 7)), codes),
            graph.constant(random.integers(-300, 300, rows), numpy.int32),
            group=groups, **attributes)
        x = graph.node("DequantizeLinear", x, graph.constant(spread / 40))
    elif kind == "integer":
        x = graph.node("ConvInteger", x, graph.constant(weights, numpy.int8),
                       graph.constant(zero_point, codes), group=groups,
                       **attributes)
        x = graph.node("Cast", x, to=TensorProto.FLOAT)
        x = graph.node("Mul", x, graph.constant(scale * 0.02))
        x = graph.quantised(graph.node("Relu", x), spread / 40, numpy.uint8, 0)
    else:
        if kind == "pad":
            width = len(space)
            x = graph.node("Pad", x, graph.constant(
                [0, 0, *window.pads[:width], 0, 0, *window.pads[width:]],
                numpy.int64), graph.constant(choose.choice(
                    (0, scale * 4, -scale * 9))))
            attributes["pads"] = [0] * (2 * width)
        factors = (random.uniform(0.005, 0.03, rows) if kind == "per channel"
                   else 0.02)
        w = graph.node("DequantizeLinear", graph.constant(weights, numpy.int8),
                       graph.constant(factors),
                       graph.constant(0 * weights[:, 0].reshape(rows, -1)[:, 0]
                                      if kind == "per channel" else 0,
                                      numpy.int8), axis=0)
        inputs = [x, w]
        if choose.random() < 0.5:
            inputs.append(graph.constant(random.normal(0, spread, rows)))
        x = graph.node("Conv", *inputs, group=groups, **attributes)
        if choose.random() < 0.7:
            x = graph.node("Relu", x)
        x = graph.quantised(x, spread / 40, *choose.choice((
            (numpy.uint8, 0), (numpy.int8, -128), (numpy.int8, 0))))
    if choose.random() < 0.5:
        x = graph.node("GlobalMaxPool", x)
        size = rows
    else:
        size = rows
        for i, length in enumerate(space):
            if kind == "average":
                pads = [min(window.pads[i], window.kernel[i] - 1),
                        min(window.pads[i + len(space)], window.kernel[i] - 1)]
                span = window.kernel[i]
            else:
                pads = [window.pads[i], window.pads[i + len(space)]]
                span = (window.kernel[i] - 1) * window.dilations[i] + 1
            size *= (length + sum(pads) - span) // window.strides[i] + 1
    x = graph.node("Flatten", x)
    x = graph.node("MatMul", x, graph.weights((size, 3), 2))
    graph.write(path, x, [1, channels, *space],
                TensorProto.FLOAT if is_float else
                TensorProto.INT8 if codes == numpy.int8 else TensorProto.UINT8)
    return options


@expand
class Padding(NetworksTest):
    make_network = staticmethod(make_network)

    @for_each(range(0, NETWORKS, BATCH))
    def test_padding(self, first):
        self.equal_networks(range(first, first + BATCH))


if __name__ == "__main__":
    print(*make_network(int(sys.argv[1]), pathlib.Path(sys.argv[2])))
