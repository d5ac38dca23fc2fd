"""Sums of products and what stands right behind them."""

import numpy
from onnx import TensorProto

from .builder import Unsuitable
from .grids import QONNX
from .weights import weigh


# Biases and channel-wise steps -----------------------------------------------


def middle(g, x):
    """The mean of each channel of x over the inputs that look() sees."""
    data = g.look(x).astype(float)
    return data.mean(axis=tuple(i for i in range(data.ndim) if i != 2))


def bias(g, x, count):
    """A bias for sums as of x; most centre them, so that much differs."""
    spread = float(g.look(x).std())
    values = g.noise.normal(0, spread / 3 + 1e-3, count).astype(numpy.float32)
    if g.chance(0.7):
        values -= middle(g, x).astype(numpy.float32)
    form = g.pick("float", "float", "grid", "integer", "int32", "quant")
    if form == "integer":
        return g.constant(numpy.rint(values), stem="bias")
    scale = numpy.float32(max(spread, 1e-3) / g.pick(16, 100, 1000))
    if g.power_of_two:
        scale = numpy.float32(2.0 ** numpy.rint(numpy.log2(scale)))
    q = numpy.rint(values / scale)
    if form == "grid":
        return g.constant(q.astype(numpy.float32) * scale, stem="bias")
    if form == "int32" and g.opset >= 10 and g.family in ("qdq", "mixed"):
        g.tag("bias_dequantised")
        kind = g.pick(TensorProto.INT32, TensorProto.INT32, TensorProto.INT8)
        if kind == TensorProto.INT8:
            q = numpy.clip(q, -128, 127)
        inputs = [g.constant(q, kind, "bias"), g.constant(scale)]
        if g.chance(0.5):
            inputs.append(g.constant(0, kind))
        return g.node("DequantizeLinear", *inputs)
    if form == "quant" and g.opset >= 9 and g.family in ("qonnx", "mixed"):
        g.tag("bias_quant")
        return g.node("Quant", g.constant(values, stem="bias"),
                      g.constant([scale]), g.constant(0.0), g.constant(16.0),
                      domain=QONNX[0], signed=1, narrow=0,
                      rounding_mode="ROUND")
    return g.constant(values, stem="bias")


def batch_normalization(g, x):
    data = g.look(x)
    channels = data.shape[2]
    axes = tuple(i for i in range(data.ndim) if i != 2)
    mean = data.mean(axis=axes)
    variance = data.var(axis=axes) + 0.1
    gamma = g.noise.uniform(0.5, 2, channels)
    if g.chance(0.4):
        gamma *= g.noise.choice([-1, 1], channels)
    beta = g.noise.normal(0, 0.5, channels)
    if g.power_of_two and g.chance(0.5):
        gamma = 2.0 ** numpy.rint(numpy.log2(abs(gamma)))
        variance, mean = numpy.ones(channels), numpy.rint(mean)
    attributes = {} if g.chance(0.5) else {"epsilon": g.pick(1e-3, 1e-5)}
    return g.node("BatchNormalization", x, *[
        g.constant(v) for v in (gamma, beta, mean, variance)], **attributes)


def channel_shape(g, x):
    shape = g.shape(x)
    return [1, shape[1]] + [1] * (len(shape) - 2)


def channel_affine(g, x):
    """Mul or Div and Add or Sub with a constant a channel."""
    shape = channel_shape(g, x)
    spread = float(g.look(x).std()) or 1.0
    factors = g.noise.uniform(0.5, 2, shape)
    if g.chance(0.3):
        factors *= g.noise.choice([-1, 1], shape)
    y = g.node(g.pick("Mul", "Div"), x, g.constant(factors))
    return g.node(g.pick("Add", "Sub"), y,
                  g.constant(g.noise.normal(0, spread, shape)))


def centred(g, x):
    """Each channel less its mean, so that all classes occur."""
    mean = middle(g, x)
    if g.chance(0.5):  # on some grid
        step = max(abs(mean).max(), 1e-3) / 64
        mean = numpy.rint(mean / step) * step
    return g.node("Sub", x, g.constant(mean.reshape(channel_shape(g, x))))


def scaled(g, x):
    """One factor for all, as scales that were pulled out of the weights."""
    return g.node(g.pick("Mul", "Div"), x,
                  g.constant(g.pick(0.125, 0.1, 0.37, 3.0)))


def after_linear(g, x):
    if g.chance(0.55):
        return x
    return g.try_pieces((batch_normalization, batch_normalization,
                         channel_affine, scaled), x)


# Dense ---------------------------------------------------------------------


def mat_mul(g, x, outputs):
    inputs = g.shape(x)[-1]
    if g.chance(0.3):
        w = g.node("Transpose", weigh(g, [outputs, inputs], 0), perm=[1, 0])
    else:
        w = weigh(g, [inputs, outputs], 1)
    y = g.node("MatMul", x, w)
    if g.chance(0.6):
        b = bias(g, y, outputs)
        y = g.node("Add", *((y, b) if g.chance(0.7) else (b, y)))
    return y


def gemm(g, x, outputs):
    inputs = g.shape(x)[-1]
    if len(g.shape(x)) != 2:
        raise Unsuitable
    attributes = {}
    if g.chance(0.6):
        w = weigh(g, [outputs, inputs], 0)
        attributes["transB"] = 1
    else:
        w = weigh(g, [inputs, outputs], 1)
    if g.chance(0.1):
        x = g.node("Transpose", x, perm=[1, 0])
        attributes["transA"] = 1
    if g.chance(0.2):
        attributes["alpha"] = g.pick(0.5, 2.0, 0.3)
    operands = [x, w]
    plain = g.node("Gemm", x, w, **attributes) if g.opset >= 11 else None
    if plain is None or g.chance(0.7):
        spread = plain or g.node("Gemm", x, w, g.constant(
            numpy.zeros(outputs)), **attributes)
        if g.chance(0.2):
            attributes["beta"] = g.pick(0.5, 2.0)
        operands.append(bias(g, spread, outputs))
        return g.node("Gemm", *operands, **attributes)
    return plain


def conv1x1(g, x, outputs):
    """A dense layer as a convolution over one point."""
    inputs = g.shape(x)[-1]
    wide = g.unsqueeze(x, 2, 3)
    y = g.node("Conv", wide, weigh(g, [outputs, inputs, 1, 1], 0))
    return g.node("Flatten", y)


def wide_mat_mul(g, x, outputs):
    """MatMul on (1, 1, N), as with a sequence dimension."""
    return g.squeeze(mat_mul(g, g.unsqueeze(x, 1), outputs), 1)


def dense(g, x, outputs):
    return g.try_pieces((mat_mul, mat_mul, mat_mul, gemm, gemm, gemm, gemm,
                         conv1x1, wide_mat_mul), x,
                        outputs)


# Convolutions ----------------------------------------------------------------


def conv(g, x, outputs=None):
    """Strides, padding, dilations, groups as they come, on (1, C, H, W)."""
    _, channels, height, width = g.shape(x)
    outputs = outputs or g.random.randint(1, 4)
    kernel = [g.random.randint(1, min(3, height)),
              g.random.randint(1, min(3, width))]
    attributes = {"kernel_shape": kernel} if g.chance(0.7) else {}
    groups = 1
    if channels > 1 and g.chance(0.3):
        groups = channels  # depthwise, with a multiplier or without
        outputs = channels * g.pick(1, 1, 2)
        attributes["group"] = groups
        g.tag("depthwise")
    if g.chance(0.4):
        attributes["strides"] = [g.pick(1, 2), g.pick(1, 2)]
    form = g.pick("none", "pads", "pads", "SAME_UPPER", "SAME_LOWER", "VALID")
    if form == "pads":
        attributes["pads"] = [g.random.randint(0, k - 1) for k in kernel * 2]
    elif form != "none":
        attributes["auto_pad"] = form
    fits = kernel[0] * 2 - 1 <= height and kernel[1] * 2 - 1 <= width
    if fits and form in ("none", "pads") and g.chance(0.2):
        attributes["dilations"] = [2, 2]
    w = weigh(g, [outputs, channels // groups, *kernel], 0)
    y = g.node("Conv", x, w, **attributes)
    if g.chance(0.6):
        b = bias(g, y, outputs)
        return g.node("Conv", x, w, b, **attributes)
    return y


def conv_channels_last(g, x):
    """Transposes around a convolution, as from a channels-last framework."""
    y = g.node("Transpose", x, perm=[0, 2, 3, 1])
    y = g.node("Identity", y) if g.chance(0.3) else y
    y = conv(g, g.node("Transpose", y, perm=[0, 3, 1, 2]))
    if g.chance(0.5):
        y = g.node("Transpose", y, perm=[0, 2, 3, 1])
        y = g.node("Transpose", y, perm=[0, 3, 1, 2])
    return y


def pool_window(g, x):
    _, _, height, width = g.shape(x)
    kernel = [min(2, height), min(2, width)]
    attributes = {"kernel_shape": kernel}
    if g.chance(0.6):
        attributes["strides"] = [2, 2]
    if g.chance(0.2):
        attributes["pads"] = [g.random.randint(0, k - 1) for k in kernel * 2]
    elif g.opset >= 10 and g.chance(0.2):
        attributes["ceil_mode"] = 1
    return attributes


def max_pool(g, x):
    return g.node("MaxPool", x, **pool_window(g, x))


def min_pool(g, x):
    y = g.node("MaxPool", g.node("Neg", x), **pool_window(g, x))
    return g.node("Neg", y)


def average_pool(g, x):
    attributes = pool_window(g, x)
    if g.chance(0.3):
        attributes["count_include_pad"] = 1
    return g.node("AveragePool", x, **attributes)


def global_pool(g, x):
    return g.node(g.pick("GlobalAveragePool", "GlobalMaxPool"), x)


def reduction(g, x):
    return g.reduce(g.pick("ReduceMean", "ReduceSum", "ReduceMax",
                           "ReduceMin"), x, [2, 3], 1)


def pool(g, x):
    return g.try_pieces((max_pool, max_pool, min_pool, average_pool,
                         global_pool, reduction), x)
