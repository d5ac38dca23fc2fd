"""Whole random graphs, each from its number."""

import dataclasses

import numpy
import onnx

from . import heads, inputs, movement
from .activations import activate
from .builder import Builder, Unsuitable
from .layers import after_linear, centred, conv, conv_channels_last, dense, pool
from .quantisers import quantise


def layer(g, x, outputs):
    """A dense layer and all up to the next grid."""
    y = after_linear(g, dense(g, x, outputs))
    return quantise(g, activate(g, y))


def plain_block(g, x):
    return layer(g, x, g.random.randint(2, 12))


def residual(g, x):
    """x + f(x), quantised again; and without, where f ends with a grid."""
    y = layer(g, x, g.shape(x)[1])
    y = g.node("Add", *((x, y) if g.chance(0.5) else (y, x)))
    return quantise(g, activate(g, y)) if g.chance(0.8) else y


def branches(g, x):
    """Two layers side by side, joined, on grids of their own."""
    parts = [layer(g, x, g.random.randint(2, 6)) for _ in range(2)]
    if g.chance(0.2):
        parts.append(x)
    y = g.node("Concat", *parts, axis=1)
    return quantise(g, y) if g.chance(0.3) else y


def requantised(g, x):
    """A quantiser behind a quantiser."""
    return quantise(g, activate(g, x))


def extremes(g, x):
    """The larger or smaller of two halves or of two layers, or of groups."""
    operator = g.pick("Min", "Max")
    count = g.shape(x)[1]
    if g.chance(0.4):
        outputs = g.random.randint(2, 5)
        y = g.node(operator, layer(g, x, outputs), layer(g, x, outputs))
        return quantise(g, y) if g.chance(0.5) else y
    if count % 2:
        raise Unsuitable
    if g.chance(0.5):
        parts = [g.slice(x, [0], [count // 2], [1]),
                 g.slice(x, [count // 2], [count], [1])]
        if g.chance(0.3):
            return g.node("Neg", g.node(operator, *[g.node("Neg", part)
                                                    for part in parts]))
        return g.node(operator, *parts)
    y = g.node("Reshape", x, g.integers(1, 2, count // 2))
    return g.reduce("Reduce" + operator, y, [g.pick(1, -2)], 0)


def moved(g, x):
    return movement.move_row(g, x)


BLOCKS = (plain_block,) * 8 + (residual, branches, requantised, extremes,
                              extremes, moved, moved)


def dense_graph(g):
    count = g.random.randint(4, 20)
    shape = g.pick([1, count], [1, count], [1, count], [1, 1, count],
                   [1, count, 1], [1, 2, count // 2])
    x = movement.to_row(g, inputs.begin(g, shape))
    for _ in range(g.random.randint(0, 3)):
        x = g.try_pieces(BLOCKS, x)
    return last_layer(g, x)


def image_graph(g):
    """Convolutions and pools, then dense layers."""
    height, width = g.random.randint(3, 5), g.random.randint(3, 5)
    channels = g.pick(1, 1, 2, 3)
    if g.chance(0.2):  # channels last
        x = inputs.begin(g, [1, height, width, channels])
        x = g.node("Transpose", x, perm=[0, 3, 1, 2])
    else:
        x = inputs.begin(g, [1, channels, height, width])
    for _ in range(g.random.randint(1, 2)):
        if g.chance(0.2):
            x = movement.move_image(g, x)
        y = g.try_pieces((conv, conv, conv_channels_last), x)
        y = activate(g, after_linear(g, y))
        if g.chance(0.25):
            y = pool(g, y)
        x = quantise(g, y)
        if g.chance(0.3):
            x = pool(g, x)
    x = movement.to_row(g, x)
    if g.chance(0.3):
        x = plain_block(g, x)
    return last_layer(g, x)


def last_layer(g, x):
    classes = g.pick(1, 2, 3, 3, 4, 5)
    y = dense(g, x, classes)
    if g.chance(0.6):
        y = centred(g, y)
    return heads.decide(g, after_linear(g, y))


KINDS = {"dense": dense_graph, "image": image_graph}

NEWER = 100000  # from this number on there are graphs of all kinds


@dataclasses.dataclass
class RandomGraph:
    number: int
    model: object  # ModelProto
    options: list  # of pdkc
    tags: list     # the pieces it is made of
    two_codes: bool  # whether the device hands over -1 and 1, no 0
    external: bool   # whether the constants lie in a file of their own

    def save(self, path):
        """Writes the file, and with external data one more beside it."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)  # saving would take its tensors apart
        onnx.save(model, path, save_as_external_data=self.external,
                  location=path.name + ".data", size_threshold=0)


def make(number, kind=None):
    """The graph with a number, always the same; tries until one suits."""
    from . import integer_graphs, interfaces, qoperators
    from .style import finish
    kinds = {**KINDS, "qoperators": qoperators.graph,
             "integers": integer_graphs.graph,
             "values": interfaces.values_graph, "wide": interfaces.wide_graph,
             "several": interfaces.several_graph}
    every = ["dense", "dense", "dense", "dense", "image", "image",
             "qoperators", "integers"]
    if number >= NEWER:
        every += ["values", "wide", "several"]
    for attempt in range(100):
        g = Builder(number * 1000 + attempt, 7)
        g.opset = g.random.randint(7, 25)
        g.domains[""] = g.opset
        g.family = g.pick("qonnx", "qdq", "plain", "mixed")
        g.batch = g.pick(1, 1, "batch", "N")
        chosen = kind or g.pick(*every)
        g.tags = [chosen, g.family]
        try:
            outputs = kinds[chosen](g)
            outputs = [outputs] if isinstance(outputs, str) else outputs
            values = [g.look(output) for output in outputs]
        except Unsuitable:
            continue
        if not all(numpy.isfinite(v.astype(float)).all() for v in values):
            continue
        return RandomGraph(number, finish(g, outputs), g.options, g.tags,
                           g.two_codes, g.chance(0.05))
    raise AssertionError(f"no graph {number}")
