"""What goes in and comes out: several inputs, inputs of up to 16 bits, outputs
that are no classes, several of them.
"""

from . import heads, inputs, movement
from .activations import activate
from .builder import Unsuitable
from .layers import after_linear, dense
from .quantisers import quantise

NAMES = ("accelerometer", "temperature", "sensor.a", "serving_default_x:0",
         "input/2", "x")


def layer(g, x, outputs):
    """A dense layer and all up to the next grid."""
    return quantise(g, activate(g, after_linear(g, dense(g, x, outputs))))


# Ends of a graph whose values are integers times a scale.


def quantised_end(g, x):
    return quantise(g, activate(g, x))


def quantiser_end(g, x):
    return quantise(g, x)


def relu_end(g, x):
    return g.node("Relu", x)


def clip_end(g, x):
    return g.clip(x, *g.pick((0, 6), (-1, 1), (0, None), (-2, 3)))


def leaky_end(g, x):
    return quantise(g, g.node("LeakyRelu", x, alpha=g.pick(0.1, 0.25, 0.3)))


def sums_end(g, x):
    return x


def mean_end(g, x):
    """A quantised layer's mean."""
    return g.reduce("ReduceMean", quantise(g, x), [1], g.pick(0, 1))


ENDS = (quantised_end, quantised_end, quantiser_end, relu_end, clip_end,
        leaky_end, sums_end, mean_end)


def end(g, x):
    y = after_linear(g, dense(g, x, g.pick(1, 1, 2, 3, 4, 8)))
    return g.try_pieces(ENDS, y)


def hidden(g, x, most):
    for _ in range(g.random.randint(0, most)):
        x = layer(g, x, g.random.randint(2, 10))
    return x


def values_graph(g):
    """Regression, reconstruction: the values are wanted."""
    count = g.random.randint(2, 16)
    x = hidden(g, inputs.begin(g, [1, count]), 2)
    g.options.append("--output=values")
    return end(g, x)


def wide_graph(g):
    """Inputs of more than a byte."""
    g.is_wide = True
    x = inputs.begin(g, [1, g.random.randint(2, 12)])
    x = hidden(g, x, 2)
    if g.chance(0.3):
        g.options.append("--output=values")
        x = end(g, x)
    else:
        x = heads.decide(g, after_linear(g, dense(g, x, g.pick(1, 2, 3, 4))))
    g.options.append(g.pick("--input=stream", "--input=buffer", "--input=auto"))
    return x


def several_graph(g):
    """Two or three inputs, one to three outputs."""
    parts = []
    for name in g.random.sample(NAMES, g.random.randint(2, 3)):
        g.input = name
        g.is_wide = g.chance(0.2)
        x = inputs.begin(g, g.pick([1, 1], [1, 3], [1, 6], [1, 2, 3]))
        parts.append(hidden(g, movement.to_row(g, x), 1))
        if g.two_codes:
            raise Unsuitable  # the rows know of one input that has no 0
    g.random.shuffle(parts)
    if g.chance(0.3):
        sums = [dense(g, part, 4) for part in parts]
        x = sums[0]
        for other in sums[1:]:
            x = g.node("Add", x, other)
        x = quantise(g, x)
    else:
        x = g.node("Concat", *parts, axis=1)
        if g.chance(0.3):
            x = quantise(g, x)
    x = hidden(g, x, 1)
    outputs = []
    for _ in range(g.random.randint(1, 3)):
        outputs.append(end(g, x) if g.chance(0.6) else heads.decide(
            g, after_linear(g, dense(g, x, g.pick(1, 2, 3)))))
    wanted = list(outputs)
    if len(outputs) > 1 and g.chance(0.7):
        g.random.shuffle(wanted)
        wanted = wanted[:g.random.randint(1, len(wanted))]
        g.options.append("--outputs=" + ",".join(wanted))
    if g.chance(0.6):
        g.options.append("--output=values")
    g.options.append(g.pick("--input=stream", "--input=buffer", "--input=auto"))
    return outputs
