"""QuantizeLinear and DequantizeLinear, with what stands between them."""

import numpy
from onnx import TensorProto, helper, numpy_helper

from .grids import TYPES, WIDE_TYPES, scale_for


def choose_type(g):
    g.needs(10)
    return g.pick(*[t for t, (_, _, opset) in TYPES.items()
                    if g.opset >= opset])


def quantize_linear(g, x, kind, limits):
    """QuantizeLinear; the tensor, and the scale and zero point used."""
    low, high, _ = {**TYPES, **WIDE_TYPES}[kind]
    negative = (g.look(x) < 0).any()
    if g.chance(0.3):
        zero = g.random.randint(limits[0], limits[1])
    else:
        zero = ((limits[0] + limits[1] + 1) // 2 if negative and low == 0
                else 0 if low == 0 or negative else low)
    zero = min(max(zero, low), high)
    steps = max(limits[1] - zero, zero - limits[0] if negative else 0, 1)
    # Scalars; of shape [1] only where axis may be left out.
    shape = (lambda v: [v]) if g.opset < 13 and g.chance(0.2) else (
        lambda v: v)
    scale = g.constant(shape(scale_for(g, x, steps)))
    inputs = [scale]
    if zero or kind != TensorProto.UINT8 or g.chance(0.7):
        point = g.constant(shape(zero), kind)
        if g.chance(0.15):  # as torch 1.13 shares it
            point = g.node("Identity", point)
        elif g.opset >= 9 and g.chance(0.05):
            g.tag("computed_zero_point")
            filled = g.node("ConstantOfShape", g.integers(1),
                            value=helper.make_tensor(
                                "fill", TensorProto.FLOAT, [1], [zero]))
            point = g.squeeze(g.cast(filled, kind), 0)
        inputs.append(point)
    attributes = {"axis": 1} if g.opset >= 13 and g.chance(0.2) else {}
    return g.node("QuantizeLinear", x, *inputs, **attributes), inputs


def qdq(g, x):
    kind = choose_type(g)
    q, inputs = quantize_linear(g, x, kind, TYPES[kind][:2])
    return g.node("DequantizeLinear", q, *inputs)


def qcdq(g, x):
    """Brevitas: a Clip between the two gives the width."""
    g.needs(12)
    kind = g.pick(TensorProto.INT8, TensorProto.UINT8)
    bits = g.pick(2, 3, 4, 5, 6, 7)
    low, high = ((-2 ** (bits - 1) + g.pick(0, 1), 2 ** (bits - 1) - 1)
                 if kind == TensorProto.INT8 else (0, 2 ** bits - 1))
    q, inputs = quantize_linear(g, x, kind, (low, high))
    dtype = numpy.int8 if kind == TensorProto.INT8 else numpy.uint8
    return g.node("DequantizeLinear", g.clip(q, low, high, dtype), *inputs)


def wide_qdq(g, x):
    """More values than a byte has, as ONNX Runtime's quantiser writes them."""
    g.needs(21)
    kind = g.pick(TensorProto.INT16, TensorProto.UINT16)
    top = g.pick(300, 2000, 32767)
    limits = (-top, top) if kind == TensorProto.INT16 else (0, 2 * top)
    q, inputs = quantize_linear(g, x, kind, limits)
    return g.node("DequantizeLinear", q, *inputs)


def int16_qdq(g, x):
    g.needs(21)
    bound = g.pick(15, 127)
    scale = g.constant(scale_for(g, x, bound))
    zero = g.constant(0, numpy.int16)
    q = g.node("QuantizeLinear", g.clip(x, *clip_for(g, scale, bound)), scale,
               zero)
    return g.node("DequantizeLinear", q, scale, zero)


def clip_for(g, scale, bound):
    value = float(numpy_helper.to_array(g.constants[scale]))
    return -bound * value, bound * value
