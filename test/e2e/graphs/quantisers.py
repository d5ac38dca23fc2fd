"""Quantisers of activations, in the shapes in which exporters write them.

quantise(g, x) puts one behind x: the result lies on a grid of at most 256
steps. Scales are chosen so that what flows spreads over the steps.
"""

import dataclasses

import numpy
from onnx import TensorProto

from .builder import Unsuitable

QONNX = ("qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general")
MODES = ("ROUND", "HALF_EVEN", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP",
         "HALF_DOWN")
# Types of QuantizeLinear with the first opset that has them.
TYPES = {TensorProto.INT8: (-128, 127, 10), TensorProto.UINT8: (0, 255, 10),
         TensorProto.INT4: (-8, 7, 21), TensorProto.UINT4: (0, 15, 21),
         TensorProto.INT2: (-2, 1, 25), TensorProto.UINT2: (0, 3, 25)}


@dataclasses.dataclass
class Grid:
    """Real values (low .. high) * scale, in whole steps."""
    low: int
    high: int
    scale: numpy.float32

    @property
    def bits(self):
        return (self.high - self.low).bit_length()


def scale_for(g, x, steps):
    """A scale with which x takes about `steps` steps to each side."""
    data = abs(g.look(x).astype(float))
    reach = numpy.quantile(data, g.random.uniform(0.7, 1)) or 1.0
    scale = reach / max(steps, 1)
    if g.power_of_two:
        return numpy.float32(2.0 ** numpy.rint(numpy.log2(scale)))
    return numpy.float32(scale)


def choose_grid(g, x, bits=None):
    """Signed or unsigned, sometimes narrow, sometimes asymmetric."""
    bits = bits or g.pick(1, 2, 3, 4, 4, 4, 5, 6, 8)
    if (g.look(x) < 0).any() and g.chance(0.7):
        low, high = -2 ** (bits - 1), 2 ** (bits - 1) - 1
        if g.chance(0.3) and bits > 1:
            low += 1
    else:
        low, high = 0, 2 ** bits - 1
    if g.chance(0.15):
        shift = g.random.randint(0, high - low)
        low, high = low - shift, high - shift
    return Grid(low, high, scale_for(g, x, max(-low, high)))


def scalar(g, value, dtype=numpy.float32):
    """A constant, scalar or of shape [1]."""
    return g.constant([value] if g.chance(0.3) else value, dtype)


# QONNX -------------------------------------------------------------------


def quant(g, x):
    g.needs(9)
    bits = g.pick(1, 2, 3, 4, 4, 5, 6, 8)
    signed = int((g.look(x) < 0).any() and g.chance(0.7))
    narrow = int(g.chance(0.3) and bits > 1)
    zero_point = g.pick(0, 0, 0, 0, g.random.randint(0, 2 ** bits - 1) -
                        signed * 2 ** (bits - 1))
    if bits == 1 and signed:
        zero_point = 0
    steps = 2 ** (bits - signed) - 1
    # Brevitas writes float32; qonnx's Keras converter float64 and int64.
    scale_type, other = g.pick((numpy.float32, numpy.float32),
                               (numpy.float32, numpy.float32),
                               (numpy.float64, numpy.int64),
                               (numpy.float32, numpy.int64))
    mode = g.pick(*MODES, "ROUND", "ROUND", "ROUND")
    return g.node(
        g.pick("Quant", "Quant", "IntQuant"), x,
        scalar(g, scale_for(g, x, steps), scale_type),
        scalar(g, zero_point, other), g.constant(bits, other),
        domain=g.pick(*QONNX), signed=signed, narrow=narrow,
        rounding_mode=mode if g.chance(0.7) else mode.lower())


def bipolar_quant(g, x):
    g.needs(9)
    return g.node("BipolarQuant", x, scalar(g, scale_for(g, x, 1)),
                  domain=g.pick(*QONNX))


def trunc(g, x):
    """Quant to 6 or 8 bits, then Trunc to fewer."""
    g.needs(9)
    bits, out = g.pick((8, 4), (8, 5), (6, 3), (6, 4))
    signed = int((g.look(x) < 0).any())
    scale = scale_for(g, x, 2 ** (bits - signed) - 1)
    s, zero = g.constant(scale), g.constant(0.0)
    width, out_width = g.constant(float(bits)), g.constant(float(out))
    y = g.node("Quant", x, s, zero, width, domain=QONNX[0], signed=signed,
               narrow=0, rounding_mode="ROUND")
    mode = g.pick("FLOOR", "FLOOR", "ROUND", "CEIL", "HALF_UP")
    if g.chance(0.5):
        return g.node("Trunc", y, s, zero, width, out_width, domain=QONNX[0],
                      rounding_mode=mode)
    g.domains[QONNX[0]] = 2
    return g.node("Trunc", y, s, zero, width,
                  g.constant(scale * numpy.float32(2 ** (bits - out))),
                  out_width, domain=QONNX[0], rounding_mode=mode,
                  signed=signed, narrow=0)


def multi_threshold(g, x):
    g.needs(9)
    data = g.look(x)
    rank = data.ndim - 1
    steps = g.pick(1, 2, 3, 7, 15)
    channels = data.shape[2] if rank >= 2 and g.chance(0.6) else 1
    reach = numpy.quantile(abs(data), 0.9) or 1.0
    low = -reach if (data < 0).any() else 0
    thresholds = numpy.sort(
        g.noise.uniform(low, reach, (channels, steps)), axis=1)
    if rank == 3 and channels > 1:
        raise Unsuitable  # without a layout, QONNX takes the last axis there
    # Half of all are at halves of integers, as streamlined graphs have them.
    if g.chance(0.5) and reach > 4:
        thresholds = numpy.floor(thresholds) + 0.5
    attributes = {} if g.chance(0.5) else {
        "out_scale": g.pick(1.0, 0.25, 0.1),
        "out_bias": g.pick(0.0, -1.0, -float((steps + 1) // 2))}
    if rank == 4 and g.chance(0.5):
        attributes["data_layout"] = "NCHW"
    return g.node("MultiThreshold", x, g.constant(thresholds),
                  domain=g.pick(QONNX[0], QONNX[2]),
                  out_dtype=f"UINT{steps.bit_length()}", **attributes)


# QuantizeLinear and DequantizeLinear ------------------------------------------


def choose_type(g):
    return g.pick(*[t for t, (_, _, opset) in TYPES.items()
                    if g.opset >= opset] * 1)


def quantize_linear(g, x, kind, limits):
    """QuantizeLinear; the tensor, and the scale and zero point used."""
    g.needs(10)
    low, high, _ = TYPES[kind]
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
        inputs.append(point)
    attributes = {"axis": 1} if g.opset >= 13 and g.chance(0.2) else {}
    return g.node("QuantizeLinear", x, *inputs, **attributes), inputs


def qdq(g, x):
    kind = choose_type_needed(g)
    q, inputs = quantize_linear(g, x, kind, TYPES[kind][:2])
    return g.node("DequantizeLinear", q, *inputs)


def choose_type_needed(g):
    g.needs(10)
    return choose_type(g)


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


def int16_qdq(g, x):
    g.needs(21)
    bound = g.pick(15, 127)
    scale = g.constant(scale_for(g, x, bound))
    zero = g.constant(0, numpy.int16)
    q = g.node("QuantizeLinear", g.clip(x, *clip_for(g, scale, bound)), scale,
               zero)
    return g.node("DequantizeLinear", q, scale, zero)


def clip_for(g, scale, bound):
    from onnx import numpy_helper
    value = float(numpy_helper.to_array(g.constants[scale]))
    return -bound * value, bound * value


# Decomposed --------------------------------------------------------------


def divided(g, x, grid):
    """x / scale, as quotient or product; and how to undo it."""
    if g.chance(0.6):
        scale = scalar(g, grid.scale)
        return g.node("Div", x, scale), ("Mul", scale)
    factor = scalar(g, numpy.float32(1) / grid.scale)
    return g.node("Mul", x, factor), ("Div", factor)


def clamped(g, x, low, high):
    """To integers low..high, by Clip, Min and Max, or Where."""
    form = g.pick("clip", "clip", "minmax", "where")
    if form == "where" and g.opset >= 9:
        top, bottom = g.constant(float(high)), g.constant(float(low))
        x = g.node("Where", g.node("Greater", x, top), top, x)
        return g.node("Where", g.node("Less", x, bottom), bottom, x)
    if form == "minmax" and g.opset >= 8:
        x = g.node("Max", x, g.constant(float(low)))
        return g.node("Min", x, g.constant(float(high)))
    return g.clip(x, low, high)


def rounded(g, x):
    """One of the ways to an integer."""
    form = g.pick("round", "round", "floor", "ceil", "half", "cast")
    if form == "round" and g.opset >= 11:
        return g.node("Round", x)
    if form == "ceil":
        return g.node("Ceil", x)
    if form == "cast":
        kind = g.pick(TensorProto.INT32, TensorProto.INT64)
        return g.cast(g.cast(x, kind), TensorProto.FLOAT)
    if form == "half":
        return g.node("Floor", g.node("Add", x, g.constant(0.5)))
    return g.node("Floor", x)


def decomposed(g, x):
    grid = choose_grid(g, x)
    y, (undo, scale) = divided(g, x, grid)
    zero = g.random.randint(grid.low, grid.high) if g.chance(0.2) else 0
    low, high = grid.low, grid.high
    if zero:
        point = g.constant(float(zero))
        low, high = low + zero, high + zero
    if g.chance(0.5):
        y = rounded(g, y)
        y = g.node("Add", y, point) if zero else y
        y = clamped(g, y, low, high)
    else:
        y = g.node("Add", y, point) if zero else y
        y = rounded(g, clamped(g, y, low, high))
    y = g.node("Sub", y, point) if zero else y
    return g.node(undo, y, scale)


def without_scale(g, x):
    """Integers that are not scaled back: Div, Floor, Clip."""
    grid = choose_grid(g, x)
    y, _ = divided(g, x, grid)
    return clamped(g, rounded(g, y), grid.low, grid.high)


def straight_through(g, x):
    """x + (q - x)"""
    q = g.try_pieces((decomposed, qdq, quant), x)
    return g.node("Add", x, g.node("Sub", q, x))


def signs(g, x):
    """Sign gives three values; Larq's way around that."""
    g.needs(9)
    y = g.node("Sign", x)
    if g.chance(0.6):
        y = g.node("Sign", g.node("Add", y, g.constant(0.1)))
    return g.node("Mul", y, g.constant(scale_for(g, x, 1))) if g.chance(
        0.4) else y


def comparison(g, x):
    """Greater or Less, cast to 0 and 1."""
    data = g.look(x)
    bound = g.constant(float(numpy.quantile(data, 0.6)))
    operators = ["Greater", "Less"]
    if g.opset >= 12:
        operators += ["GreaterOrEqual", "LessOrEqual"]
    flag = g.node(g.pick(*operators), x, bound)
    if g.chance(0.2):
        flag = g.node("Not", flag)
    if g.opset >= 9 and g.chance(0.4):
        return g.node("Where", flag, g.constant(1.0), g.constant(-1.0))
    return g.cast(flag, TensorProto.FLOAT)


QONNX_PIECES = (quant, quant, quant, bipolar_quant, trunc, multi_threshold)
QDQ_PIECES = (qdq, qdq, qcdq, int16_qdq)
PLAIN_PIECES = (decomposed, decomposed, decomposed, without_scale,
                straight_through, signs, comparison)
FAMILIES = {"qonnx": QONNX_PIECES, "qdq": QDQ_PIECES, "plain": PLAIN_PIECES,
            "mixed": QONNX_PIECES + QDQ_PIECES + PLAIN_PIECES}


def quantise(g, x):
    try:
        return g.try_pieces(FAMILIES[g.family], x)
    except Unsuitable:  # no form in this opset
        return g.try_pieces(PLAIN_PIECES, x)
