"""Grids of small integers: scales that fit what flows, and types."""

import dataclasses

import numpy
from onnx import TensorProto

QONNX = ("qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general")
MODES = ("ROUND", "HALF_EVEN", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP",
         "HALF_DOWN")
# Types of QuantizeLinear with the first opset that has them.
TYPES = {TensorProto.INT8: (-128, 127, 10), TensorProto.UINT8: (0, 255, 10),
         TensorProto.INT4: (-8, 7, 21), TensorProto.UINT4: (0, 15, 21),
         TensorProto.INT2: (-2, 1, 25), TensorProto.UINT2: (0, 3, 25)}
WIDE_TYPES = {TensorProto.INT16: (-32768, 32767, 21),
              TensorProto.UINT16: (0, 65535, 21)}


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
    """A constant, scalar or of shape [1]; some scales are computed."""
    if dtype == numpy.float32 and g.chance(0.07):
        g.tag("computed_scale")
        return g.node("Div", g.constant(numpy.float32(value) * 127),
                      g.constant(127.0))
    return g.constant([value] if g.chance(0.3) else value, dtype)
