"""QONNX's quantisers, as Brevitas and QKeras' converter write them."""

import numpy

from .builder import Unsuitable
from .grids import MODES, QONNX, scalar, scale_for


def quant(g, x):
    g.needs(9)
    bits = g.pick(1, 2, 3, 4, 4, 5, 6, 8)
    if g.chance(0.08):
        g.tag("wide")
        bits = g.pick(9, 12, 16)
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
