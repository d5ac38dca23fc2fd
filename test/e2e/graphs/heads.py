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


def arg_min(g, x):
    y = g.node("ArgMin", x, axis=g.pick(1, -1) if g.opset >= 11 else 1,
               keepdims=g.pick(0, 1), **(
        {"select_last_index": 1} if g.opset >= 12 and g.chance(0.3) else {}))
    return g.cast(y, TensorProto.INT32) if g.chance(0.2) else y


def top_k_smallest(g, x):
    g.needs(11)
    return g.node("TopK", x, g.integers(1), axis=1, largest=0, outputs=2)[1]


def negated(g, x):
    y = g.node("Neg", x)
    return g.node("ArgMax", y, axis=1, keepdims=0) if g.chance(0.5) else y


def rejecting(g, x):
    """A class, or none where the best is below a bound."""
    g.needs(12)
    smallest = g.chance(0.2)
    if g.chance(0.2):
        x = g.node("Sigmoid", x)
    y = g.reduce("ReduceMin" if smallest else "ReduceMax", x, [1], 0)
    bound = g.constant(float(numpy.median(g.look(y))) +
                       g.pick(0, 0, 1e-3, -1e-3))
    compare = g.pick("Greater", "GreaterOrEqual", "Less", "LessOrEqual")
    mask = g.node(compare, *((y, bound) if g.chance(0.7) else (bound, y)))
    number = g.node("ArgMin" if smallest else "ArgMax", x, axis=1, keepdims=0,
                    **({"select_last_index": 1} if g.chance(0.2) else {}))
    if g.chance(0.2):
        mask = g.node("Not", mask)
    if g.chance(0.3):
        one = g.constant(1, numpy.int64)
        mask = g.cast(mask, TensorProto.INT64)
        return g.node("Sub", g.node("Mul", mask, g.node("Add", number, one)),
                      one)
    sides = [number, g.constant([g.pick(-1, -1, 9)], numpy.int64)]
    return g.node("Where", mask, *(sides if g.chance(0.7) else sides[::-1]))


def one_hot(g, x):
    g.needs(12)
    smallest = g.chance(0.3)
    y = g.reduce("ReduceMin" if smallest else "ReduceMax", x, [1], 1)
    if g.chance(0.5):
        y = g.node("Equal", *((x, y) if g.chance(0.5) else (y, x)))
    else:
        y = g.node("LessOrEqual" if smallest else "GreaterOrEqual", x, y)
    return g.cast(y, g.pick(TensorProto.FLOAT, TensorProto.INT64))


def labels(g, x):
    """Several classes or none."""
    y = g.node("Greater", x, g.constant(float(numpy.median(g.look(x)))))
    return g.cast(y, g.pick(TensorProto.FLOAT, TensorProto.INT32))


def relu_first(g, x):
    return g.node("Relu", x)


PIECES = (logits, logits, logits, arg_max, arg_max, arg_max, softmax, softmax,
          softmax_arg_max, sigmoids, top_k, label, normalised, normalised,
          scalar_norm, quantised, quantised, quantised_softmax, relu_first,
          arg_min, top_k_smallest, negated, rejecting, rejecting, one_hot,
          labels)


def decide(g, x):
    y = g.try_pieces(PIECES, x)
    if g.chance(0.1):
        y = g.node("Identity", y)
    return y
