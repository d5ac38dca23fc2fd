"""What stands before a quantiser: functions of one value, element by element.

activate(g, x) puts one behind x, or none.
"""

import numpy
from onnx import TensorProto


def relu(g, x):
    return g.node("Relu", x)


def relu6(g, x):
    return g.clip(x, 0, 6)


def lower_clip(g, x):
    return g.clip(x, 0, None)


def hard_tanh(g, x):
    return g.clip(x, -1, 1)


def leaky_relu(g, x):
    return (g.node("LeakyRelu", x) if g.chance(0.3) else
            g.node("LeakyRelu", x, alpha=g.pick(0.1, 0.125, 0.25, 0.3)))


def prelu(g, x):
    shape = g.shape(x)
    slopes = [1] * (len(shape) - 1)
    if len(shape) > 1 and g.chance(0.5):
        slopes[0] = shape[1]
    return g.node("PRelu", x, g.constant(g.noise.uniform(0, 0.5, slopes)))


def with_alpha(operator, opset=7):
    def piece(g, x):
        g.needs(opset)
        attributes = {} if g.chance(0.5) else {"alpha": g.pick(0.5, 1.0, 2.0)}
        return g.node(operator, x, **attributes)
    piece.__name__ = operator.lower()
    return piece


def plain(operator, opset=7):
    def piece(g, x):
        g.needs(opset)
        return g.node(operator, x)
    piece.__name__ = operator.lower()
    return piece


def hard_sigmoid(g, x):
    return (g.node("HardSigmoid", x) if g.chance(0.5) else
            g.node("HardSigmoid", x, alpha=1 / 6, beta=0.5))


def swish(g, x):
    return g.node("Mul", x, g.node("Sigmoid", x))


def hard_swish(g, x):
    """As torch writes it: x * clip(x + 3, 0, 6) / 6"""
    y = g.clip(g.node("Add", x, g.constant(3.0)), 0, 6)
    return g.node("Div", g.node("Mul", x, y), g.constant(6.0))


def gelu(g, x):
    g.needs(20)
    return g.node("Gelu", x, approximate=g.pick("none", "tanh"))


def erf_gelu(g, x):
    g.needs(9)
    y = g.node("Erf", g.node("Div", x, g.constant(2 ** 0.5)))
    y = g.node("Mul", x, g.node("Add", y, g.constant(1.0)))
    return g.node("Mul", y, g.constant(0.5))


def maximum(g, x):
    g.needs(8)
    return g.node("Max", x, g.constant(0.0))


def masked(g, x):
    """x * (x > 0)"""
    flag = g.node("Greater", x, g.constant(0.0))
    return g.node("Mul", x, g.cast(flag, TensorProto.FLOAT))


def affine(g, x):
    y = g.node("Mul", x, g.constant(g.random.uniform(0.3, 2)))
    return g.node(g.pick("Add", "Sub"), y,
                  g.constant(g.random.uniform(-1, 1)))


def squared(g, x):
    return g.node("Mul", x, x) if g.chance(0.5) else g.node(
        "Pow", x, g.constant(2.0))


def constant_first(g, x):
    """A constant minus x."""
    return g.node("Sub", g.constant(g.random.uniform(-1, 1)), x)


def dropped(g, x):
    """What training leaves behind."""
    if g.chance(0.5):
        return g.node("Identity", x)
    return g.node("Dropout", x)


PIECES = (relu, relu, relu, relu, relu6, lower_clip, hard_tanh, leaky_relu,
          prelu, hard_sigmoid, swish, hard_swish, gelu, erf_gelu, maximum,
          masked, affine, squared, constant_first, dropped,
          plain("Sigmoid"), plain("Tanh"), plain("Abs"), plain("Neg"),
          plain("Softplus"), plain("Softsign"), plain("HardSwish", 14),
          plain("Mish", 18), plain("Exp"), plain("Selu"), plain("Erf", 9),
          with_alpha("Elu"), with_alpha("Celu", 12),
          with_alpha("ThresholdedRelu", 10))


def activate(g, x):
    if g.chance(0.35):
        return x
    y = g.try_pieces(PIECES, x)
    # An exponential of a large sum leaves no scale to choose.
    data = g.look(y)
    return y if numpy.isfinite(data).all() and abs(data).max() < 1e6 else x
