"""Graphs that choose: smallest and largest of windows, the number of the
smallest, a class or none where the best is below a bound, sets of labels. Each
function takes a Builder and returns the name of the output; KINDS holds all of
them by what they show. The input is of shape 1 x 3 x 8, integers 0 to 15.
"""

import numpy
from onnx import TensorProto

from .builder import Builder

OPTIONS = ["--input-range=0:15"]
SHAPE = (1, 3, 8)


def start(seed, opset=13):
    """A Builder with the input, and its name."""
    g = Builder(seed, opset)
    g.merge = False
    rows = g.noise.integers(0, 16, (12, *SHAPE))
    return g, g.set_input(SHAPE, rows)


def weights(g, *shape):
    return g.constant(g.noise.integers(-3, 4, shape))


def scores(g, x, classes=4):
    """Sums of products with the flattened input."""
    count = int(numpy.prod(g.shape(x)[1:]))
    y = g.node("MatMul", g.node("Flatten", x), weights(g, count, classes))
    return g.node("Add", y, g.constant(g.noise.integers(-9, 10, classes)))


def by_channel(g, x, classes=4):
    """Scores of a scale and an offset for each class."""
    scale = g.constant(g.noise.uniform(0.5, 2, classes))
    offset = g.constant(g.noise.uniform(-20, 20, classes))
    return g.node("Add", g.node("Mul", scores(g, x, classes), scale), offset)


def quant(g, x, bits=4, scale=8.0, signed=0):
    return g.node("Quant", x, g.constant(scale), g.constant(0.0),
                  g.constant(float(bits)), domain="qonnx.custom_op.general",
                  signed=signed, narrow=0, rounding_mode="ROUND")


def quantised(g, x, classes=4):
    return quant(g, g.node("Relu", scores(g, x, classes)))


def table(g, x):
    """Three rows of four sums."""
    return g.node("Reshape", scores(g, x, 12), g.integers(1, 3, 4))


# The smallest ------------------------------------------------------------

def dense(g, y, classes=3):
    count = int(numpy.prod(g.shape(y)[1:]))
    return g.node("MatMul", g.node("Flatten", y), weights(g, count, classes))


def reduce_min(g, x):
    return dense(g, g.reduce("ReduceMin", x, [2], g.pick(0, 1)))


def reduce_min_of_sums(g, x):
    y = table(g, x)
    return dense(g, g.reduce("ReduceMin", y, [1], 0))


def reduce_min_of_codes(g, x):
    y = quant(g, g.node("Relu", table(g, x)))
    return dense(g, g.reduce("ReduceMin", y, [1], 0))


def reduce_min_of_signed_codes(g, x):
    y = quant(g, table(g, x), signed=1)
    return dense(g, g.reduce("ReduceMin", y, [1], 0))


def reduce_min_before_quant(g, x):
    y = g.reduce("ReduceMin", table(g, x), [1], 0)
    return dense(g, quant(g, g.node("Relu", y)))


def reduce_min_of_channels(g, x):
    y = table(g, x)
    y = g.node("Mul", y, g.constant([0.5, -0.25, 1, -2]))
    return dense(g, quant(g, g.reduce("ReduceMin", y, [1], 0), signed=1))


def reduce_max_of_channels(g, x):
    y = table(g, x)
    y = g.node("Mul", y, g.constant([0.5, -0.25, 1, -2]))
    return dense(g, quant(g, g.reduce("ReduceMax", y, [1], 0), signed=1))


def reduce_min_across_channels(g, x):
    """Of different scales with a common grid."""
    y = table(g, x)
    y = g.node("Mul", y, g.constant([0.5, -0.25, 1, -2]))
    return dense(g, g.reduce("ReduceMin", y, [2], 0))


def negated_maximum(g, x):
    y = g.reduce("ReduceMax", g.node("Neg", x), [2], 0)
    return dense(g, g.node("Neg", y))


def negated_maximum_of_sums(g, x):
    y = g.node("Neg", table(g, x))
    return dense(g, g.node("Neg", g.reduce("ReduceMax", y, [1], 0)))


def times_minus_one(g, x):
    y = g.node("Mul", x, g.constant(-1.0))
    y = g.reduce("ReduceMax", y, [2], 0)
    return dense(g, g.node("Sub", g.constant(0.0), y))


def range_of_values(g, x):
    """max - min"""
    y = table(g, x)
    return dense(g, g.node("Sub", g.reduce("ReduceMax", y, [1], 0),
                           g.reduce("ReduceMin", y, [1], 0)))


def image(g, x):
    return g.node("Reshape", x, g.integers(1, 1, 4, 6))


def min_pool(g, x):
    y = g.node("Neg", image(g, x))
    y = g.node("MaxPool", y, kernel_shape=[2, 2], strides=[2, 2])
    return dense(g, g.node("Neg", y))


def min_pool_of_codes(g, x):
    y = g.node("Conv", image(g, x), weights(g, 2, 1, 3, 3), pads=[1, 1, 1, 1])
    y = quant(g, g.node("Relu", y))
    y = g.node("MaxPool", g.node("Neg", y), kernel_shape=[2, 2],
               strides=[2, 2])
    return dense(g, g.node("Neg", y))


def min_pool_padded(g, x):
    """Then a padded convolution."""
    y = g.node("MaxPool", g.node("Neg", image(g, x)), kernel_shape=[2, 2],
               strides=[1, 1])
    y = g.node("Conv", g.node("Neg", y), weights(g, 2, 1, 3, 3),
               pads=[1, 1, 1, 1])
    return dense(g, quant(g, g.node("Relu", y)))


def min_pool_of_sums(g, x):
    y = g.node("Conv", image(g, x), weights(g, 2, 1, 3, 3))
    y = g.node("Neg", g.node("MaxPool", g.node("Neg", y), kernel_shape=[2, 2]))
    return dense(g, quant(g, g.node("Relu", y)))


def parts(g, x):
    return g.node("Split", x, axis=1, outputs=3)


def min_of_tensors(g, x):
    return dense(g, g.node("Min", *parts(g, x)))


def max_of_tensors(g, x):
    a, b, _ = parts(g, x)
    return dense(g, g.node("Max", a, b))


def max_of_scales(g, x):
    a, b, _ = parts(g, x)
    a = g.node("Mul", a, g.constant(0.75))
    return dense(g, g.node("Max", a, g.node("Sub", b, g.constant(2.0))))


def min_with_constant(g, x):
    a, b, _ = parts(g, x)
    return dense(g, g.node("Min", a, b, g.constant(
        g.noise.integers(3, 12, 8))))


def maxout(g, x):
    """The larger of two layers."""
    return dense(g, quant(g, g.node("Relu", g.node(
        "Max", scores(g, x), scores(g, x)))))


def min_of_layers(g, x):
    return dense(g, g.node("Min", quantised(g, x), quantised(g, x)))


def max_of_negated(g, x):
    return dense(g, g.node("Neg", g.node(
        "Max", *[g.node("Neg", it) for it in parts(g, x)])))


def smallest_of_bytes(g, x):
    """ReduceMin of an integer type."""
    y = g.node("QuantizeLinear", table(g, x), g.constant(4.0),
               g.constant(g.pick(0, 77), numpy.uint8))
    y = g.node("Cast", y, to=TensorProto.INT32)
    y = g.reduce("ReduceMin", y, [1], 0)
    return dense(g, g.node("Cast", y, to=TensorProto.FLOAT))


# The number of the smallest ------------------------------------------------

def arg_min(g, x):
    return g.node("ArgMin", scores(g, x), axis=1, keepdims=g.pick(0, 1))


def arg_min_last(g, x):
    y = g.node("ArgMin", quantised(g, x), axis=-1, keepdims=0,
               select_last_index=1)
    return y


def arg_min_codes(g, x):
    return g.node("ArgMin", quantised(g, x), axis=-1, keepdims=0)


def arg_min_of_channels(g, x):
    return g.node("ArgMin", by_channel(g, x), axis=1, keepdims=0)


def arg_min_integers(g, x):
    y = g.node("Cast", scores(g, x), to=TensorProto.INT32)
    return g.node("ArgMin", y, axis=1, keepdims=0)


def arg_min_of_input(g, x):
    return g.node("ArgMin", g.node("Flatten", x), axis=1, keepdims=0)


def arg_max_negated(g, x):
    return g.node("ArgMax", g.node("Neg", scores(g, x)), axis=1, keepdims=0)


def arg_max_negated_codes(g, x):
    return g.node("ArgMax", g.node("Neg", quantised(g, x)), axis=1, keepdims=0,
                  select_last_index=g.pick(0, 1))


def top_k_smallest(g, x):
    return g.node("TopK", scores(g, x), g.integers(1), axis=1, largest=0,
                  outputs=2)[1]


def arg_min_label(g, x):
    y = g.node("ArgMin", scores(g, x), axis=1, keepdims=0)
    return g.node("ArrayFeatureExtractor", g.constant(
        [7, 3, 9, 0], numpy.int64), y, domain="ai.onnx.ml")


def negated_logits(g, x):
    return g.node("Neg", scores(g, x))


def nearest_centroid(g, x):
    """The smallest of squared distances, but for what they have in common."""
    y = g.node("Sub", g.constant(g.noise.integers(0, 500, 4)), g.node(
        "Mul", scores(g, x), g.constant(2.0)))
    return g.node("ArgMin", y, axis=-1, keepdims=0)


SMALLEST = (reduce_min, reduce_min_of_sums, reduce_min_of_codes,
            reduce_min_of_signed_codes, reduce_min_before_quant,
            reduce_min_of_channels, reduce_max_of_channels,
            reduce_min_across_channels, negated_maximum,
            negated_maximum_of_sums, times_minus_one, range_of_values,
            min_pool, min_pool_of_codes, min_pool_padded, min_pool_of_sums,
            min_of_tensors, max_of_tensors, max_of_scales, min_with_constant,
            maxout, min_of_layers, max_of_negated, smallest_of_bytes)
ARG_MIN = (arg_min, arg_min_last, arg_min_codes, arg_min_of_channels,
           arg_min_integers, arg_min_of_input, arg_max_negated,
           arg_max_negated_codes, top_k_smallest, arg_min_label,
           negated_logits, nearest_centroid)


# A class, or none -----------------------------------------------------------

def middle(g, y):
    """A bound that some samples pass."""
    return float(numpy.median(g.look(y).reshape(len(g.look(y)), -1).max(1)))


def best(g, y, keepdims=0):
    return g.reduce("ReduceMax", y, [1], keepdims)


def arg_max(g, y, **attributes):
    return g.node("ArgMax", y, axis=1, **{"keepdims": 0, **attributes})


def none(g):
    return g.constant([-1], numpy.int64)


def where_greater(g, x):
    y = scores(g, x)
    mask = g.node("Greater", best(g, y), g.constant(middle(g, y)))
    return g.node("Where", mask, arg_max(g, y), none(g))


def where_greater_or_equal(g, x):
    y = scores(g, x)
    mask = g.node("GreaterOrEqual", best(g, y), g.constant(middle(g, y)))
    return g.node("Where", mask, arg_max(g, y), none(g))


def where_less(g, x):
    y = quantised(g, x)
    mask = g.node("Less", best(g, y), g.constant(middle(g, y)))
    return g.node("Where", mask, none(g), arg_max(g, y))


def where_not(g, x):
    y = by_channel(g, x)
    mask = g.node("Not", g.node("Less", best(g, y), g.constant(middle(g, y))))
    return g.node("Where", mask, arg_max(g, y), none(g))


def mask_times_class(g, x):
    """mask * (class + 1) - 1"""
    y = scores(g, x)
    mask = g.cast(g.node("Greater", best(g, y), g.constant(middle(g, y))),
                  TensorProto.INT64)
    one = g.constant(1, numpy.int64)
    product = g.node("Mul", mask, g.node("Add", arg_max(g, y), one))
    return g.node("Sub", product, one)


def mask_and_rest(g, x):
    """mask * class + (1 - mask) * 7, in floats"""
    y = quantised(g, x)
    mask = g.cast(g.node("GreaterOrEqual", best(g, y),
                         g.constant(middle(g, y))), TensorProto.FLOAT)
    number = g.cast(arg_max(g, y), TensorProto.FLOAT)
    return g.node("Add", g.node("Mul", mask, number), g.node(
        "Mul", g.node("Sub", g.constant(1.0), mask), g.constant(7.0)))


def last_at_ties(g, x):
    y = quantised(g, x)
    mask = g.node("Greater", best(g, y), g.constant(middle(g, y)))
    return g.node("Where", mask, arg_max(g, y, select_last_index=1), none(g))


def with_top_k(g, x):
    y = scores(g, x)
    value, number = g.node("TopK", y, g.integers(1), axis=1, outputs=2)
    mask = g.node("Greater", value, g.constant(middle(g, y)))
    return g.node("Where", mask, number, none(g))


def sigmoid_bound(g, x):
    y = g.node("Sigmoid", g.node("Mul", scores(g, x), g.constant(0.02)))
    mask = g.node("Greater", best(g, y), g.constant(middle(g, y) + 1e-4))
    return g.node("Where", mask, arg_max(g, y), none(g))


def any_above(g, x):
    y = scores(g, x)
    above = g.cast(g.node("Greater", y, g.constant(middle(g, y))),
                   TensorProto.FLOAT)
    mask = g.node("Greater", best(g, above), g.constant(0.5))
    return g.node("Where", mask, arg_max(g, y), none(g))


def label_or_none(g, x):
    y = scores(g, x)
    label = g.node("ArrayFeatureExtractor", g.constant(
        [7, 3, 9, 0], numpy.int64), arg_max(g, y), domain="ai.onnx.ml")
    mask = g.node("Greater", best(g, y), g.constant(middle(g, y)))
    return g.node("Where", mask, g.node("Reshape", label, g.integers(1)),
                  none(g))


def nearest_or_none(g, x):
    y = by_channel(g, x)
    bound = float(numpy.median(g.look(y).reshape(len(g.look(y)), -1).min(1)))
    mask = g.node("Less", g.reduce("ReduceMin", y, [1], 0), g.constant(bound))
    return g.node("Where", mask, g.node("ArgMin", y, axis=1, keepdims=0),
                  none(g))


def two_bounds(g, x):
    """A class plus 10 where it is not sure, none below that."""
    y = scores(g, x)
    largest, number = best(g, y), arg_max(g, y)
    bound = middle(g, y)
    sure = g.node("Greater", largest, g.constant(bound + 10))
    maybe = g.node("Greater", largest, g.constant(bound - 5))
    unsure = g.node("Where", maybe, g.node("Add", number, g.constant(
        10, numpy.int64)), none(g))
    return g.node("Where", sure, number, unsure)


def above_bound_of_sum(g, x):
    """Bounded by something other than its own score."""
    total = g.node("ReduceMax", g.node("Flatten", x), axes=[1], keepdims=0)
    mask = g.node("Greater", total, g.constant(14.5))
    return g.node("Where", mask, arg_max(g, scores(g, x)), none(g))


def margin(g, x):
    """None where the two best of two are too near."""
    y = scores(g, x, 2)
    apart = g.node("Sub", g.reduce("ReduceMax", y, [1], 0),
                   g.reduce("ReduceMin", y, [1], 0))
    mask = g.node("Greater", apart, g.constant(9.5))
    return g.node("Where", mask, arg_max(g, y), none(g))


def minus_one_label(g, x):
    y = g.node("ArrayFeatureExtractor", g.constant([-1, 1, 2, 0], numpy.int64),
               arg_max(g, scores(g, x)), domain="ai.onnx.ml")
    return g.node("Reshape", y, g.integers(1))


# Sets of labels ----------------------------------------------------------------

def one_hot_equal(g, x):
    y = scores(g, x)
    return g.node("Equal", y, best(g, y, 1))


def one_hot_cast(g, x):
    y = quantised(g, x)
    return g.cast(g.node("GreaterOrEqual", y, best(g, y, 1)),
                  TensorProto.FLOAT)


def above_zero(g, x):
    return g.node("Greater", scores(g, x), g.constant(0.0))


def above_thresholds(g, x):
    y = g.node("Greater", by_channel(g, x), g.constant(
        g.noise.uniform(-20, 60, 4)))
    return g.cast(y, TensorProto.INT64)


def rounded_sigmoid(g, x):
    return g.node("Round", g.node("Sigmoid", g.node(
        "Mul", scores(g, x), g.constant(0.02))))


REJECTING = (where_greater, where_greater_or_equal, where_less, where_not,
             mask_times_class, mask_and_rest, last_at_ties, with_top_k,
             sigmoid_bound, any_above, label_or_none, nearest_or_none,
             two_bounds, above_bound_of_sum, margin, minus_one_label)
LABELS = (one_hot_equal, one_hot_cast, above_zero, above_thresholds,
          rounded_sigmoid)
KINDS = {"smallest": SMALLEST, "arg_min": ARG_MIN, "rejecting": REJECTING,
         "labels": LABELS}
