"""Where a graph begins: its input, what the device hands over, what is done to
it before the first layer.
"""

import fractions

import numpy
from onnx import TensorProto

from . import quantisers
from .builder import SAMPLES, Unsuitable
from .grids import scale_for

RANGES = (("0:255", "1/255", None), ("0:255", "1/255", None),
          ("0:15", "1/16", None),
          ("0:255", "1/128", "128"), ("0:16", None, None), ("0:15", None, None),
          ("-128:127", "1/128", None), ("0:255", "2000/157131", "66657/2000"),
          ("-8:7", None, None), ("0:1", None, None), ("0:100", "0.1", None),
          ("3:12", None, None))

# Those of converters of 9 to 16 bits, and of sensors.
WIDE_RANGES = (("0:1023", "1/1023", None), ("0:1023", None, None),
               ("0:4095", "1/4096", "2048"), ("0:511", "1/100", None),
               ("-512:511", "1/512", None), ("-2048:2047", "0.01", None),
               ("-16384:16383", "1/16384", None), ("0:65535", "1/65535", None),
               ("-32768:32767", "1/32768", None), ("100:900", "0.1", "100"),
               ("-300:3000", "1/1000", None), ("1000:1200", None, "1000"))


def floats(g, shape):
    """A float input with --input-range and the like."""
    span, scale, zero = g.pick(*(WIDE_RANGES if g.is_wide else RANGES))
    g.tell("input-range", span)
    if scale:
        g.tell("input-scale", scale)
    if zero:
        g.tell("input-zero-point", zero)
    low, high = map(int, span.split(":"))
    integers = g.noise.integers(low, high + 1, [SAMPLES, *shape])
    scale = float(fractions.Fraction(scale or "1"))
    zero = float(fractions.Fraction(zero or "0"))
    return g.set_input(shape, (integers - zero) * scale, batch=g.batch)


def preprocessed(g, x):
    """Scaling and shifting in the graph, by channel or not."""
    shape = g.shape(x)
    if g.chance(0.5):
        x = g.node("Div", x, g.constant(g.pick(255.0, 16.0, 2.0)))
    if g.chance(0.5):
        x = g.node("Mul", x, g.constant(g.pick(0.5, 2.0, 1 / 255)))
    dims = [1] * len(shape)
    if len(shape) > 1 and g.chance(0.4):
        dims[1] = shape[1]
    if g.chance(0.6):
        x = g.node("Sub", x, g.constant(g.noise.uniform(0, 1, dims)))
    if g.chance(0.5):
        x = g.node("Div", x, g.constant(g.noise.uniform(0.2, 1, dims)))
    return x


def quantised_range(g, shape):
    """Raw integers, preprocessing in the graph or not, a quantiser."""
    x = floats(g, shape)
    if g.chance(0.4):
        g.tag("preprocessed")
        x = preprocessed(g, x)
    return quantisers.quantise(g, x)


def quantised_codes(g, shape):
    """A quantiser; the device hands over its codes.

    What a code is worth has to be quantised to itself, or the comparison would
    not know what to feed the graph: so no comparison with a bound, and no
    floor where float32 leaves the quotient just below the integer.
    """
    reach = g.pick(1.0, 4.0, 16.0)
    low = g.pick(0, -reach)
    x = g.set_input(shape, g.noise.uniform(low, reach, [SAMPLES, *shape]),
                    batch=g.batch)
    y = quantisers.quantise(g, x)
    values = numpy.unique(g.look(y))
    if len(values) < 2:
        raise Unsuitable
    step = numpy.diff(values).min()
    if len(values) == 2 and values[0] == -values[1]:
        g.two_codes, step = True, 2 * step
    codes = numpy.arange(numpy.rint(values[0] / step),
                         numpy.rint(values[-1] / step) + 1)
    worth = values if g.two_codes else (codes * step).astype(numpy.float32)
    count = int(numpy.prod(shape))
    worth = numpy.resize(worth, (-(-len(worth) // count), *shape))
    g.set_input(shape, worth, batch=g.batch)
    g.seen.pop(y)
    if not numpy.allclose(g.look(y), worth, rtol=1e-5):
        raise Unsuitable
    g.seen = {}
    g.set_input(shape, g.noise.choice(worth.ravel(), [SAMPLES, *shape]),
                batch=g.batch)
    return y


def raw_range(g, shape):
    """Straight into the first layer."""
    return floats(g, shape)


def integer_typed(g, shape):
    """uint8 or int8, cast, and scaled and quantised or not."""
    kind, low, high = g.pick((TensorProto.UINT8, 0, 255),
                             (TensorProto.INT8, -128, 127))
    if g.chance(0.3):
        low, high = 0, 15
        g.tell("input-range", "0:15")
    x = g.set_input(shape, g.noise.integers(low, high + 1, [SAMPLES, *shape]),
                    kind, batch=g.batch)
    if g.opset >= 10 and g.chance(0.4):
        scale = g.constant(scale_for(
            g, x, 100) * numpy.float32(0.01))
        zero = g.constant(g.random.randint(low, high),
                          numpy.uint8 if kind == TensorProto.UINT8
                          else numpy.int8)
        g.tag("dequantised")
        return g.node("DequantizeLinear", x, scale, zero)
    x = g.cast(x, TensorProto.FLOAT)
    if g.chance(0.5):
        x = g.node("Div", x, g.constant(g.pick(255.0, 16.0)))
        x = quantisers.quantise(g, x)
    return x


def integers_floored(g, shape):
    """Integers in float, Div and Floor first."""
    x = floats(g, shape)
    steps = g.pick(2.0, 4.0, 16.0)
    if abs(g.look(x)).max() < 2 * steps:
        raise Unsuitable
    return g.node("Floor", g.node("Div", x, g.constant(steps)))


PIECES = (quantised_range, quantised_range, quantised_codes, raw_range,
          integer_typed, integers_floored)


def begin(g, shape):
    """The input of the shape, and what precedes the first layer; its name."""
    return g.try_pieces(PIECES, shape)
