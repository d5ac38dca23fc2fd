"""A function for each feature in front of the first layer.

Random networks whose graphs begin with a scaler of real factors and offsets by
feature or by channel (StandardScaler as Sub and Div, Mul and Add,
BatchNormalization), a quantiser behind it; then a dense layer or a convolution.
ONNX Runtime and pdkc have to agree on every sample, the words on the simulated
chip among it.

To look at one: test_scalers.py NUMBER FILE writes it, and prints the options.
"""

import pathlib
import sys

import numpy

from comparison import NetworksTest
from networks import Graph
from support import LEVELS, expand, for_each

NETWORKS = 32
BATCH = 4
RANGES = ((0, 255), (0, 255), (-128, 127), (0, 15), (-20, 100), (3, 12))
DEVICES = ("pms150c", "pfs154", "pfs173")


def scale(graph, form, features, shape, low, high):
    """The input's elements, by feature along the second axis, to about -3 to
    3; a few factors fall, and a few features hardly change.
    """
    random = graph.random
    middle = random.uniform(low, high, features)
    spread = random.uniform(0.02, 0.6, features) * (high - low)
    if graph.choose.random() < 0.3:
        spread *= numpy.where(random.random(features) < 0.3, -1, 1)
    if graph.choose.random() < 0.2:
        spread[0] *= 100
    if graph.choose.random() < 0.2:
        # Ties that go to even, where the scales are powers of two.
        spread = numpy.exp2(numpy.round(numpy.log2(abs(spread))))
        middle = numpy.round(middle)
    dims = [features] + [1] * (len(shape) - 2)

    def vector(values):
        return graph.constant(values.reshape(dims))

    if form == "sub, div":
        return graph.node("Div", graph.node("Sub", "x", vector(middle)),
                          vector(spread))
    if form == "mul, add":
        return graph.node("Add", graph.node("Mul", "x", vector(1 / spread)),
                          vector(-middle / spread))
    return graph.node("BatchNormalization", "x", graph.constant(
        numpy.sign(spread)), graph.constant(random.normal(0, 0.3, features)),
        graph.constant(middle), graph.constant(spread ** 2))


def make_network(number, path):
    """Writes it; the options."""
    graph = Graph(number)
    choose, random = graph.choose, graph.random
    low, high = choose.choice(RANGES)
    is_image = number % 4 == 3
    form = choose.choice(("sub, div", "mul, add", "batch"))
    if is_image:
        features = choose.randint(1, 3)
        side = {1: 6, 2: 5, 3: 4}[features]
        shape = [1, features, side, side]
    else:
        features = choose.randint(1, 40)
        shape = [1, features]
    x = scale(graph, form, features, shape, low, high)
    kind, zero_point = choose.choice(((numpy.uint8, 101), (numpy.int8, 0),
                                      (numpy.int8, -20), (numpy.uint8, 128)))
    x = graph.quantised(x, random.uniform(0.015, 0.1), kind, zero_point)
    bits = choose.choice((2, 4, 8))
    if is_image and choose.random() < 0.7:
        pads = choose.choice(([0] * 4, [1] * 4, [0, 1, 1, 0]))
        x = graph.node("Conv", x, graph.weights((2, features, 3, 3), bits),
                       pads=pads)
        x = graph.node("Relu", x)
        x = graph.quantised(x, random.uniform(0.02, 0.1), numpy.uint8, 0)
        x = graph.node("Flatten", graph.node("GlobalMaxPool", x))
        x = graph.node("MatMul", x, graph.weights((2, 3), 2))
    else:
        if is_image:
            x = graph.node("Flatten", x)
        hidden = choose.randint(2, 8)
        inputs = int(numpy.prod(shape[1:]))
        x = graph.node("MatMul", x, graph.weights((inputs, hidden), bits))
        x = choose.choice((
            lambda x: graph.node("LeakyRelu", x, alpha=choose.choice(
                (0.125, 0.01, 0.3))),
            lambda x: graph.node("Relu", x), lambda x: x))(x)
        x = graph.quantised(x, random.uniform(0.02, 0.2), numpy.uint8,
                            choose.choice((0, 9)))
        x = graph.node("MatMul", x, graph.weights((hidden, 4), 2))
    graph.write(path, x, shape)
    options = [choose.choice(LEVELS), f"--mcu={DEVICES[number % 3]}",
               f"--input={choose.choice(('auto', 'stream', 'buffer'))}",
               f"--input-range={low}:{high}"]
    if choose.random() < 0.2:
        options.append("--input-scale=0.5")
    return options


@expand
class Scalers(NetworksTest):
    make_network = staticmethod(make_network)

    @for_each(range(0, NETWORKS, BATCH))
    def test_scalers(self, first):
        self.equal_networks(range(first, first + BATCH))


if __name__ == "__main__":
    print(*make_network(int(sys.argv[1]), pathlib.Path(sys.argv[2])))
