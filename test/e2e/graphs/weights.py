"""Weights on a grid of small integers, in the forms in which files hold them.

weigh(g, shape, axis) gives a tensor; axis is the one of the output channels,
which may each have a scale.
"""

import numpy
from onnx import TensorProto

from .builder import Unsuitable
from .grids import MODES, QONNX, TYPES

CODEBOOKS = ((-1, 0, 1), (-1, 0, 1), (-1, 1), (-3, -1, 1, 3), (-2, -1, 1, 2),
             (-8, -4, -2, -1, 1, 2, 4, 8), tuple(range(-4, 4)),
             tuple(range(-8, 8)), tuple(range(-7, 8)), (-5, 0, 2, 7),
             tuple(range(-128, 128)), tuple(range(0, 4)))


def scales(g, shape, axis, per_channel=None):
    """One scale, or one a channel along the axis, broadcastable."""
    if per_channel is None:
        per_channel = g.chance(0.3)
    dims = [1] * len(shape)
    if per_channel:
        dims[axis] = shape[axis]
    values = g.noise.uniform(0.02, 0.5, dims)
    if g.power_of_two or g.chance(0.2):
        values = 2.0 ** numpy.rint(numpy.log2(values))
    values = values.astype(numpy.float32)
    return values if per_channel else values.reshape(())


def codes(g, shape, low=None, high=None):
    """Integers of a codebook within low..high."""
    book = [v for v in g.pick(*CODEBOOKS)
            if low is None or low <= v <= high]
    if not any(book):
        raise Unsuitable
    values = g.noise.choice(book, shape)
    if not values.any():
        values.flat[0] = book[-1] or book[0]
    return values


def latent(g, integers, scale):
    """Floats that round to the integers, as training leaves them."""
    return ((integers + g.noise.uniform(-0.45, 0.45, integers.shape)) *
            scale).astype(numpy.float32)


def plain_integers(g, shape, axis):
    return g.constant(codes(g, shape), stem="weight")


def on_grid(g, shape, axis):
    return g.constant(codes(g, shape).astype(numpy.float32) *
                      scales(g, shape, axis), stem="weight")


def off_by_ulps(g, shape, axis):
    """w + (q - w), as straight-through estimators leave it."""
    scale, q = scales(g, shape, axis), codes(g, shape)
    w = latent(g, q, scale)
    q = q.astype(numpy.float32) * scale
    return g.constant(w + (q - w), stem="weight")


def qonnx_quant(g, shape, axis):
    g.needs(9)
    bits = g.pick(1, 2, 2, 3, 4, 4, 8)
    signed = int(g.chance(0.9))
    narrow = int(g.chance(0.5) and bits > 1)
    low = -2 ** (bits - 1) + narrow if signed else 0
    high = 2 ** (bits - signed) - 1 - (narrow if not signed else 0)
    scale = scales(g, shape, axis)
    if bits == 1 and signed:
        w = g.noise.normal(0, 1, shape) * scale
    else:
        w = latent(g, codes(g, shape, low, high), scale)
    mode = g.pick(*MODES) if g.chance(0.2) else "ROUND"
    other = g.pick(numpy.float32, numpy.float32, numpy.int64)
    return g.node(g.pick("Quant", "IntQuant"), g.constant(w, stem="weight"),
                  g.constant(scale, g.pick(numpy.float32, numpy.float64)),
                  g.constant(0, other), g.constant(bits, other),
                  domain=g.pick(*QONNX), signed=signed, narrow=narrow,
                  rounding_mode=mode)


def qonnx_bipolar(g, shape, axis):
    g.needs(9)
    w = g.noise.normal(0, 1, shape)
    return g.node("BipolarQuant", g.constant(w, stem="weight"),
                  g.constant(scales(g, shape, axis)), domain=g.pick(*QONNX))


def linear_parameters(g, shape, axis, kind):
    """Scale, zero point and attributes of a (De)QuantizeLinear; the low and
    high that codes may have around the zero point."""
    low, high, opset = TYPES[kind]
    g.needs(opset)
    scale = scales(g, shape, axis, None if g.opset >= 13 else False)
    zero = 0 if low and g.chance(0.8) else g.random.randint(low, high)
    if g.chance(0.5) and low == 0:
        zero = (high + 1) // 2
    inputs = [g.constant(scale.ravel() if scale.ndim else scale)]
    if zero or kind != TensorProto.UINT8 or g.chance(0.5):
        zeros = numpy.full(scale.size if scale.ndim else (), zero)
        inputs.append(g.constant(zeros, kind))
    attributes = {}
    if scale.ndim:
        attributes["axis"] = axis - len(shape) if g.chance(0.2) else axis
    elif g.chance(0.2) and g.opset >= 13:
        attributes["axis"] = axis
    return inputs, attributes, scale, low - zero, high - zero, zero


def weight_type(g):
    return g.pick(*[k for k, (_, _, opset) in TYPES.items()
                    if g.opset >= opset], TensorProto.INT8)


def dequantised(g, shape, axis):
    """Integers behind DequantizeLinear, with a Clip between or not."""
    kind = weight_type(g)
    inputs, attributes, _, low, high, zero = linear_parameters(
        g, shape, axis, kind)
    q = g.constant(codes(g, shape, low, high) + zero, kind, "weight")
    if kind == TensorProto.INT8 and g.opset >= 12 and g.chance(0.3):
        q = g.clip(q, -127, 127, numpy.int8)
    return g.node("DequantizeLinear", q, *inputs, **attributes)


def quantised_floats(g, shape, axis):
    """Floats through QuantizeLinear, a Clip or none, DequantizeLinear."""
    kind = weight_type(g)
    inputs, attributes, scale, low, high, zero = linear_parameters(
        g, shape, axis, kind)
    w = g.constant(latent(g, codes(g, shape, low, high), scale), stem="weight")
    q = g.node("QuantizeLinear", w, *inputs, **attributes)
    if kind == TensorProto.INT8 and g.opset >= 12 and g.chance(0.4):
        bound = g.pick(1, 3, 7)
        q = g.clip(q, -bound + zero if zero > -100 else -bound,
                   bound + zero if zero < 100 else bound, numpy.int8)
    return g.node("DequantizeLinear", q, *inputs, **attributes)


def decomposed(g, shape, axis):
    """Div, Round, Clip, Mul; straight through or not."""
    g.needs(11)
    bound = g.pick(1, 3, 7)
    scale = scales(g, shape, axis)
    w = g.constant(latent(g, codes(g, shape, -bound, bound), scale),
                   stem="weight")
    s = g.constant(scale)
    q = g.node("Div", w, s)
    q = (g.clip(g.round(q), -bound, bound) if g.chance(0.5) else
         g.round(g.clip(q, -bound, bound)))
    q = g.node("Mul", q, s)
    if g.chance(0.4):
        q = g.node("Add", w, g.node("Sub", q, w))
    return q


def absmean_ternary(g, shape, axis):
    """BitNet's: the scale is the mean of the absolute values."""
    g.needs(11)
    w = g.constant(g.noise.normal(0, 0.2, shape), stem="weight")
    mean = (g.node("ReduceMean", g.node("Abs", w), keepdims=0))
    scale = g.node("Add", mean, g.constant(1e-8))
    q = g.clip(g.round(g.node("Div", w, scale)), -1, 1)
    q = g.node("Mul", q, scale)
    if g.chance(0.5):
        q = g.node("Add", w, g.node("Sub", q, w))
    return q


def signs(g, shape, axis):
    """Sign of latent weights, scaled or not."""
    g.needs(9)
    w = g.constant(g.noise.normal(0, 1, shape), stem="weight")
    q = g.node("Sign", w)
    return (g.node("Mul", q, g.constant(scales(g, shape, axis)))
            if g.chance(0.5) else q)


FAMILIES = {
    "qonnx": (qonnx_quant, qonnx_quant, qonnx_bipolar, on_grid),
    "qdq": (dequantised, quantised_floats, on_grid),
    "plain": (plain_integers, on_grid, off_by_ulps, decomposed,
              absmean_ternary, signs),
}
FAMILIES["mixed"] = sum(FAMILIES.values(), ())


def weigh(g, shape, axis):
    try:
        w = g.try_pieces(FAMILIES[g.family], shape, axis)
    except Unsuitable:
        w = g.try_pieces((plain_integers, on_grid, off_by_ulps), shape, axis)
    return w if g.chance(0.9) else g.node("Identity", w)
