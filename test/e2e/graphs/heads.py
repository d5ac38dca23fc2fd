"""What stands behind the last layer: how the graph puts out its class."""

import numpy
from onnx import TensorProto, helper

from . import quantisers
from .builder import Unsuitable


def logits(g, x):
    return x


def arg_max(g, x):
    keep = g.pick(0, 1)
    y = g.node("ArgMax", x, axis=g.pick(1, -1) if g.opset >= 11 else 1,
               keepdims=keep)
    if g.chance(0.2):
        y = g.cast(y, g.pick(TensorProto.INT32, TensorProto.FLOAT,
                             TensorProto.UINT8))
    elif keep and g.chance(0.3):
        y = g.squeeze(y, 1)
    return y


def softmax(g, x):
    return g.node(g.pick("Softmax", "LogSoftmax"), x, axis=g.pick(
        1, -1) if g.opset >= 11 else 1)


def softmax_arg_max(g, x):
    return arg_max(g, softmax(g, x))


def sigmoids(g, x):
    return g.node("Sigmoid", x)


def top_k(g, x):
    if g.opset >= 10:
        both = g.node("TopK", x, g.integers(1), axis=1, outputs=2)
    else:
        both = g.node("TopK", x, k=1, axis=1, outputs=2)
    return both[1]


def label(g, x):
    """scikit-learn: ArgMax, ArrayFeatureExtractor, Reshape, Cast."""
    index = g.node("ArgMax", x, axis=1, keepdims=g.pick(0, 1))
    classes = list(range(g.shape(x)[1]))
    if g.chance(0.5):
        g.random.shuffle(classes)
    y = g.node("ArrayFeatureExtractor", g.constant(classes, g.pick(
        numpy.int32, numpy.int64)), index, domain="ai.onnx.ml")
    # ONNX Runtime's extractor has no int32 before opset 1 of ai.onnx.ml.
    y = g.node("Reshape", y, g.integers(-1))
    return g.cast(y, TensorProto.INT64)


def normalised(g, x):
    """BatchNormalization after the last layer."""
    from .layers import batch_normalization
    return batch_normalization(g, x)


def scalar_norm(g, x):
    """((x - mean) / std) * a + b, with scalars, as Brevitas' TensorNorm."""
    y = g.node("Sub", x, g.constant(g.random.uniform(-1, 1)))
    variance = g.constant(g.random.uniform(0.5, 2))
    root = g.node("Pow", variance, g.constant(0.5))
    y = g.node("Mul", g.node("Div", y, root),
               g.constant(g.random.uniform(0.5, 2)))
    return g.node("Add", y, g.constant(g.random.uniform(-1, 1)))


def quantised(g, x):
    """The logits quantised once more; ties go to the lowest class."""
    return quantisers.quantise(g, x)


def quantised_softmax(g, x):
    g.needs(10)
    y = g.node("Softmax", x, axis=1)
    scale = g.constant(g.pick(1 / 255, 1 / 128, 1 / 256))
    zero = g.constant(0, numpy.uint8)
    return g.node("DequantizeLinear",
                  g.node("QuantizeLinear", y, scale, zero), scale, zero)


def relu_first(g, x):
    return g.node("Relu", x)


PIECES = (logits, logits, logits, arg_max, arg_max, arg_max, softmax, softmax,
          softmax_arg_max, sigmoids, top_k, label, normalised, normalised,
          scalar_norm, quantised, quantised, quantised_softmax, relu_first)


def decide(g, x):
    y = g.try_pieces(PIECES, x)
    if g.chance(0.1):
        y = g.node("Identity", y)
    return y
