"""Graphs that compute in integers: MatMulInteger and ConvInteger with floats
between the layers, and int32 arithmetic throughout.
"""

import numpy
from onnx import TensorProto

from . import movement
from .activations import activate
from .builder import SAMPLES, Unsuitable
from .heads import arg_max
from .layers import middle
from .weights import codes as weight_codes

INT32 = TensorProto.INT32


# MatMulInteger and ConvInteger -------------------------------------------------


def quantised(g, x):
    """QuantizeLinear to uint8: the tensor, its zero point and its scale."""
    data = g.look(x)
    negative = (data < 0).any()
    zero = 128 if negative else g.pick(0, 0, 7)
    scale = numpy.float32((abs(data).max() or 1) / (255 - zero))
    if g.power_of_two:
        scale = numpy.float32(2.0 ** numpy.rint(numpy.log2(scale)))
    point = g.constant(zero, numpy.uint8)
    return (g.node("QuantizeLinear", x, g.constant(scale), point), point,
            scale)


def integer_weights(g, shape):
    """int8 or uint8 weights and their zero point or none."""
    q = weight_codes(g, shape, -127, 127)
    if g.chance(0.3):
        return g.constant(q + 128, numpy.uint8), g.constant(128, numpy.uint8)
    zero = g.pick(None, 0, 1)
    if zero is None:
        return g.constant(q, numpy.int8), ""
    return g.constant(q, numpy.int8), g.constant(zero, numpy.int8)


def scaled(g, sums, step, outputs):
    """Cast, Mul, Add: what follows the integer sums."""
    y = g.cast(sums, TensorProto.FLOAT)
    scale = step * g.random.uniform(0.02, 0.1)
    shape = [outputs] + [1] * (len(g.shape(y)) - 2)
    per_channel = g.chance(0.3)
    factors = (scale * g.noise.uniform(0.5, 2, shape) if per_channel else scale)
    y = g.node("Mul", y, g.constant(factors))
    if g.chance(0.8):
        bias = g.noise.normal(0, float(g.look(y).std()) / 3, outputs)
        bias = (bias - middle(g, y)).reshape(shape)
        y = g.node("Add", y, g.constant(bias))
    return y


def mat_mul_integer(g, x, outputs):
    q, point, step = quantised(g, x)
    w, zero = integer_weights(g, [g.shape(x)[-1], outputs])
    inputs = [q, w, point, zero] if zero else [q, w, point]
    return scaled(g, g.node("MatMulInteger", *inputs), step, outputs)


def conv_integer(g, x, outputs):
    q, point, step = quantised(g, x)
    _, channels, height, width = g.shape(x)
    w, zero = integer_weights(g, [outputs, channels, min(2, height),
                                  min(2, width)])
    inputs = [q, w, point, zero] if zero else [q, w, point]
    pads = {"pads": [1, 0, 0, 1]} if g.chance(0.3) else {}
    return scaled(g, g.node("ConvInteger", *inputs, **pads), step, outputs)


def integer_operators(g):
    g.needs(10)
    image = g.chance(0.3)
    shape = ([1, g.pick(1, 2), g.random.randint(3, 4), g.random.randint(3, 4)]
             if image else [1, g.random.randint(4, 16)])
    g.options += ["--input-range=0:255", "--input-scale=1/255"]
    x = g.set_input(shape, g.noise.integers(0, 256, [SAMPLES, *shape]) / 255,
                    batch=g.batch)
    if image:
        x = activate(g, conv_integer(g, x, g.random.randint(1, 3)))
        x = movement.to_row(g, x)
    for _ in range(g.random.randint(0, 2)):
        x = activate(g, mat_mul_integer(g, x, g.random.randint(2, 8)))
    y = mat_mul_integer(g, x, g.random.randint(2, 5))
    return arg_max(g, y) if g.chance(0.5) else y


# int32 -----------------------------------------------------------------------


def int32(g, *values):
    return g.constant(values if len(values) > 1 else values[0], numpy.int32)


def shift_by_division(g, x, k):
    """torch: (x + (x < 0)) / 2^k - (x < 0)"""
    negative = g.cast(g.node("Less", x, int32(g, 0)), INT32)
    if g.chance(0.5):
        power = g.cast(g.node("Pow", g.constant(2.0), g.constant(float(k))),
                       INT32)
    else:
        power = int32(g, 2 ** k)
    y = g.node("Div", g.node("Add", x, negative), power)
    return g.node("Sub", y, negative)


def shift_by_bits(g, x, k):
    """BitShift of uint32, behind a Max or an offset that keeps it positive."""
    g.needs(12)
    y = g.node("Max", x, int32(g, 0))
    y = g.cast(y, TensorProto.UINT32)
    y = g.node("BitShift", y, g.constant(k, numpy.uint32), direction="RIGHT")
    return g.cast(y, INT32)


def shift_with_sign(g, x, k):
    """The sign bits put back by BitwiseOr and Where."""
    g.needs(18)
    y = g.node("BitShift", g.cast(x, TensorProto.UINT32),
               g.constant(k, numpy.uint32), direction="RIGHT")
    mask = g.constant((2 ** k - 1) << (32 - k), numpy.uint32)
    filled = g.cast(g.node("BitwiseOr", y, mask), INT32)
    negative = g.node("Less", x, int32(g, 0))
    return g.node("Where", negative, filled, g.cast(y, INT32))


def truncated_division(g, x, k):
    return g.node("Div", x, int32(g, g.pick(2 ** k, 2 ** k + 1)))


def floor_in_float(g, x, k):
    """Div, Floor in float and back."""
    y = g.node("Div", g.cast(x, TensorProto.FLOAT), g.constant(2.0 ** k))
    return g.cast(g.node("Floor", y), INT32)


def masked(g, x, k):
    """BitwiseAnd keeps the low bits of what is positive."""
    g.needs(18)
    y = shift_by_bits(g, x, k)
    return g.node("BitwiseAnd", y, int32(g, 15))


SHIFTS = (shift_by_division, shift_by_division, shift_by_bits, shift_with_sign,
          truncated_division, floor_in_float, masked)


def clamped(g, x, low, high):
    if g.opset >= 12 and g.chance(0.6):
        return g.clip(x, low, high, numpy.int32)
    g.needs(12)
    return g.node("Min", g.node("Max", x, int32(g, low)), int32(g, high))


def int32_layer(g, x, outputs):
    g.needs(9)
    count = g.shape(x)[-1]
    w = g.constant(weight_codes(g, [count, outputs], -128, 127), numpy.int32)
    y = g.node("MatMul", x, w)
    if g.chance(0.8):
        spread = g.look(y).std()
        bias = g.noise.normal(0, spread / 3 + 1, outputs) - middle(g, y)
        y = g.node("Add", y, g.constant(numpy.rint(bias), numpy.int32))
    return y


def int32_graph(g):
    g.needs(12)
    shape = [1, g.random.randint(4, 16)]
    kind, low, high = g.pick((TensorProto.UINT8, 0, 255),
                             (TensorProto.INT8, -128, 127),
                             (TensorProto.INT32, 0, 15))
    if kind == TensorProto.INT32:
        g.options.append("--input-range=0:15")
    x = g.set_input(shape, g.noise.integers(low, high + 1, [SAMPLES, *shape]),
                    kind, batch=g.batch)
    x = x if kind == TensorProto.INT32 else g.cast(x, INT32)
    if g.chance(0.4):
        x = g.try_pieces(SHIFTS, x, g.random.randint(1, 4))
    for _ in range(g.random.randint(0, 2)):
        y = int32_layer(g, x, g.random.randint(2, 10))
        limits = g.pick((0, 15), (-8, 7), (0, 255), (-128, 127), (0, 1))
        spread = max(float(g.look(y).std()), 1) / max(limits[1], 1)
        y = g.try_pieces(SHIFTS, y, max(1, int(numpy.log2(spread) + 1)))
        x = clamped(g, y, *limits)
    y = int32_layer(g, x, g.random.randint(2, 5))
    return arg_max(g, y) if g.chance(0.7) else y


def graph(g):
    return g.try_pieces((integer_operators, int32_graph))
