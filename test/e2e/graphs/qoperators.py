"""Graphs of ONNX Runtime's quantised operators, where no float flows.

A tensor is a Code: its name, its scale and zero point (constants' names and
values) and its type, uint8 or int8.
"""

import dataclasses

import numpy
from onnx import TensorProto

from . import movement
from .builder import SAMPLES, Unsuitable
from .heads import arg_max

MICROSOFT = "com.microsoft"


@dataclasses.dataclass
class Code:
    name: str
    scale: str
    zero: str
    step: float
    point: int
    kind: type

    def inputs(self):
        return [self.name, self.scale, self.zero]


def scale_constant(g, value):
    if g.power_of_two:
        value = 2.0 ** numpy.rint(numpy.log2(value))
    value = numpy.float32(value)
    return g.constant(value), float(value)


def code_of(g, values, kind=None):
    """Parameters for real values (samples x ...) and their type."""
    kind = kind or g.kind
    info = numpy.iinfo(kind)
    reach = float(numpy.quantile(abs(values), g.random.uniform(0.9, 1))) or 1.0
    negative = (values < 0).any()
    scale, step = scale_constant(g, reach / (127 if negative else 255))
    point = (info.min + (128 if negative else 0) if g.chance(0.7) else
             g.random.randint(info.min, info.max))
    return scale, g.constant(point, kind), step, point, kind


def real(g, code):
    return (g.look(code.name).astype(float) - code.point) * code.step


def weights(g, shape, axis, per_channel):
    """Integer weights with scales and zero points."""
    kind = g.pick(numpy.int8, numpy.int8, numpy.uint8)
    low, high = g.pick((-1, 1), (-3, 3), (-8, 7), (-127, 127))
    q = g.noise.integers(low, high + 1, shape)
    zero = 0
    if kind == numpy.uint8:
        zero = 128
    elif g.chance(0.15) and not per_channel:
        zero = g.random.randint(-5, 5)
        q = numpy.clip(q, -120, 120)
    count = shape[axis] if per_channel else 0
    scales = g.noise.uniform(0.01, 0.1, count or ()).astype(numpy.float32)
    if g.power_of_two:
        scales = (2.0 ** numpy.rint(numpy.log2(scales))).astype(numpy.float32)
    zeros = numpy.full(count or (), zero)
    return (g.constant(q + zero, kind, "weight"), g.constant(scales),
            g.constant(zeros, kind)), q, scales


def output_of(g, values, name, inputs, domain="", kind=None, **attributes):
    """A node whose last inputs are the scale and zero point of its result."""
    scale, zero, step, point, kind = code_of(g, values, kind)
    y = g.node(name, *inputs, scale, zero, domain=domain, **attributes)
    return Code(y, scale, zero, step, point, kind)


def mat_mul(g, x, outputs):
    g.needs(10)
    count = g.shape(x.name)[-1]
    w, q, scales = weights(g, [count, outputs], 1, g.chance(0.3))
    values = real(g, x).reshape(SAMPLES, -1) @ (q * scales)
    y = output_of(g, values, "QLinearMatMul", [*x.inputs(), *w])
    if g.chance(0.5):  # a bias as a constant of its own
        bias = g.noise.normal(-values.mean(axis=0), values.std() / 3)[None]
        bscale, bstep = scale_constant(g, abs(bias).max() / 127)
        b = [g.constant(numpy.clip(numpy.rint(bias / bstep), -128, 127) +
                        (128 if y.kind == numpy.uint8 else 0), y.kind), bscale,
             g.constant(128 if y.kind == numpy.uint8 else 0, y.kind)]
        y = output_of(g, values + bias, "QLinearAdd", [*y.inputs(), *b],
                      MICROSOFT)
        g.tag("bias_qlinear_add")
    return y


def bias_for(g, x, scales, values, outputs):
    """int32, its scale the product of both."""
    step = x.step * numpy.broadcast_to(scales, outputs)
    axes = tuple(i for i in range(values.ndim) if i != values.ndim - 1)
    if values.ndim == 5:  # samples x (1, channels, height, width)
        axes = (0, 1, 3, 4)
    bias = g.noise.normal(-values.mean(axis=axes), values.std() / 3 + 1e-3)
    return g.constant(numpy.rint(bias / step), numpy.int32)


def q_gemm(g, x, outputs):
    count = g.shape(x.name)[-1]
    transposed = g.pick(0, 1)
    per_channel = g.chance(0.3)
    shape = [outputs, count] if transposed else [count, outputs]
    w, q, scales = weights(g, shape, 0 if transposed else 1, per_channel)
    matrix = (q.T if transposed else q) * scales
    alpha = g.pick(1.0, 1.0, 0.5)
    values = real(g, x).reshape(SAMPLES, -1) @ matrix * alpha
    bias = bias_for(g, x, scales * alpha, values, outputs) if g.chance(
        0.7) else ""
    if bias:
        values = values - values.mean(axis=0)
    return output_of(g, values, "QGemm", [*x.inputs(), *w, bias], MICROSOFT,
                     transB=transposed, alpha=alpha)


def float_q_gemm(g, x):
    """Without a scale for its result, QGemm gives floats."""
    outputs = g.random.randint(2, 5)
    (w, scale, zero), q, scales = weights(
        g, [g.shape(x.name)[-1], outputs], 1, False)
    values = real(g, x).reshape(SAMPLES, -1) @ (q * scales)
    bias = bias_for(g, x, scales, values, outputs)
    return g.node("QGemm", *x.inputs(), w, scale, zero, bias, domain=MICROSOFT)


def q_conv(g, x):
    g.needs(10)
    _, channels, height, width = g.shape(x.name)
    outputs = g.random.randint(1, 4)
    kernel = [min(2, height), min(2, width)]
    attributes = {"kernel_shape": kernel}
    if g.chance(0.4):
        attributes["pads"] = [g.random.randint(0, 1) for _ in range(4)]
    if g.chance(0.3):
        attributes["strides"] = [2, 2]
    groups = channels if channels > 1 and g.chance(0.3) else 1
    if groups > 1:
        outputs = channels
        attributes["group"] = groups
    w, q, scales = weights(g, [outputs, channels // groups, *kernel], 0,
                           g.chance(0.3))
    # What a float Conv makes of it, for the range.
    probe = g.node("Conv", dequantise(g, x), g.constant(
        q * numpy.reshape(scales, (-1, 1, 1, 1))), **attributes)
    values = g.look(probe)
    del g.nodes[-2:]
    extra = [bias_for(g, x, scales, values, outputs)] if g.chance(0.6) else []
    scale, zero, step, point, kind = code_of(
        g, values - values.mean() if extra else values)
    y = g.node("QLinearConv", *x.inputs(), *w, scale, zero, *extra,
               **attributes)
    return Code(y, scale, zero, step, point, kind)


def dequantise(g, x):
    return g.node("DequantizeLinear", *x.inputs())


def same_meaning(x, name):
    return dataclasses.replace(x, name=name)


def add_constant_or_self(g, x):
    """QLinearAdd or QLinearMul of x with a constant or with itself."""
    operator = g.pick("QLinearAdd", "QLinearMul")
    values = real(g, x)
    if g.chance(0.4):
        other, right = x.inputs(), values
    else:
        shape = g.shape(x.name)
        right = g.noise.uniform(-1, 1, [1, shape[1]] + [1] * (len(shape) - 2))
        scale, zero, step, point, kind = code_of(g, right, x.kind)
        info = numpy.iinfo(x.kind)
        codes = numpy.clip(numpy.rint(right / step) + point, info.min, info.max)
        other = [g.constant(codes, kind), scale, zero]
    values = values + right if operator == "QLinearAdd" else values * right
    return output_of(g, values, operator, [*x.inputs(), *other], MICROSOFT,
                     kind=x.kind)


def leaky(g, x):
    values = real(g, x)
    alpha = g.pick(0.1, 0.25)
    return output_of(g, numpy.where(values < 0, values * alpha, values),
                     "QLinearLeakyRelu", x.inputs(), MICROSOFT, kind=x.kind,
                     alpha=alpha)


def sigmoid(g, x):
    return output_of(g, 1 / (1 + numpy.exp(-real(g, x))), "QLinearSigmoid",
                     x.inputs(), MICROSOFT, kind=x.kind)


def average_pool(g, x):
    _, _, height, width = g.shape(x.name)
    return output_of(g, real(g, x), "QLinearAveragePool", x.inputs(), MICROSOFT,
                     kind=x.kind, kernel_shape=[min(2, height), min(2, width)],
                     strides=g.pick([1, 1], [2, 2]))


def global_average_pool(g, x):
    return output_of(g, real(g, x), "QLinearGlobalAveragePool", x.inputs(),
                     MICROSOFT, kind=x.kind, channels_last=0)


def max_pool(g, x):
    g.needs(12)
    _, _, height, width = g.shape(x.name)
    return same_meaning(x, g.node("MaxPool", x.name, kernel_shape=[
        min(2, height), min(2, width)]))


def concat(g, x):
    """Two layers joined by QLinearConcat."""
    parts = [g.try_pieces((mat_mul, q_gemm), x, g.random.randint(2, 5))
             for _ in range(2)]
    values = numpy.concatenate([real(g, p).reshape(SAMPLES, -1)
                                for p in parts], axis=1)
    scale, zero, step, point, kind = code_of(g, values)
    inputs = [i for p in parts for i in p.inputs()]
    y = g.node("QLinearConcat", scale, zero, *inputs, domain=MICROSOFT, axis=1)
    return Code(y, scale, zero, step, point, kind)


def graph(g):
    """From codes, or from a QuantizeLinear, to codes or their values."""
    g.needs(10)
    g.kind = g.pick(numpy.uint8, numpy.int8)
    image = g.chance(0.4)
    shape = ([1, g.pick(1, 2), g.random.randint(3, 5), g.random.randint(3, 5)]
             if image else [1, g.random.randint(4, 16)])
    info = numpy.iinfo(g.kind)
    scale, step = scale_constant(g, g.random.uniform(0.005, 0.05))
    point = g.pick(0, info.min, g.random.randint(info.min, info.max))
    zero = g.constant(point, g.kind)
    codes = g.noise.integers(info.min, info.max + 1, [SAMPLES, *shape])
    if g.chance(0.4):
        g.tag("integer_input")
        onnx_kind = (TensorProto.UINT8 if g.kind == numpy.uint8
                     else TensorProto.INT8)
        name = g.set_input(shape, codes, onnx_kind, batch=g.batch)
    else:
        name = g.set_input(shape, (codes - point) * step, batch=g.batch)
        if g.chance(0.5):
            g.options += ["--input-range=0:255", f"--input-scale={step:.6f}"]
        name = g.node("QuantizeLinear", name, scale, zero)
    x = Code(name, scale, zero, step, point, g.kind)
    if image:
        for _ in range(g.random.randint(1, 2)):
            x = g.try_pieces((q_conv, q_conv, average_pool, max_pool, leaky,
                              add_constant_or_self), x)
        if g.chance(0.2):
            x = global_average_pool(g, x)
        x = same_meaning(x, movement.to_row(g, x.name))
    for _ in range(g.random.randint(0, 2)):
        x = g.try_pieces((dense, dense, dense, add_constant_or_self, leaky,
                          sigmoid, concat), x)
    x = dense(g, x, g.random.randint(2, 5))
    form = g.pick("codes", "values", "class", "value class")
    if form == "values" and g.chance(0.3):
        g.tag("float_q_gemm")
        return float_q_gemm(g, x)
    y = dequantise(g, x) if "value" in form else x.name
    if "class" in form and (g.opset >= 13 or "value" in form):
        y = arg_max(g, y)
    return y


def dense(g, x, outputs=None):
    return g.try_pieces((mat_mul, q_gemm), x, outputs or g.random.randint(2, 8))
