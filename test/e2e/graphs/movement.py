"""Operators that only move values, in the chains that exporters write."""

import numpy
from onnx import TensorProto, helper

from .builder import Unsuitable


# To one row: (1, N) ----------------------------------------------------------


def flatten(g, x):
    return g.node("Flatten", x) if g.chance(0.5) else g.node("Flatten", x,
                                                             axis=1)


def reshape(g, x):
    count = int(numpy.prod(g.shape(x)))
    form = g.pick([1, count], [1, -1], [-1, count], [0, -1])
    if g.batch != 1 and form[0] == 1:
        form[0] = -1 if form[1] == count else 0
    attributes = {}
    if g.opset >= 14 and 0 not in form and g.chance(0.3):
        attributes["allowzero"] = 1
    return g.node("Reshape", x, g.integers(*form), **attributes)


def reshape_by_shape(g, x):
    """Shape, Gather, Unsqueeze, Concat, Reshape"""
    size = g.node("Gather", g.node("Shape", x), g.constant(0, numpy.int64),
                  axis=0)
    parts = [g.unsqueeze(size, 0), g.integers(-1)]
    return g.node("Reshape", x, g.node("Concat", *parts, axis=0))


def reshape_by_slice(g, x):
    """Shape, Slice, Concat, Reshape; or Shape with a start and an end"""
    if g.opset >= 15 and g.chance(0.5):
        size = g.node("Shape", x, start=0, end=1)
    else:
        size = g.slice(g.node("Shape", x), [0], [1], [0])
    return g.node("Reshape", x, g.node("Concat", size, g.integers(-1), axis=0))


def reshape_by_fill(g, x):
    """The dimensions from ConstantOfShape."""
    g.needs(9)
    count = int(numpy.prod(g.shape(x)))
    ones = g.node("ConstantOfShape", g.integers(1), value=helper.make_tensor(
        "fill", TensorProto.INT64, [1], [-1]))
    return g.node("Reshape", x, g.node("Concat", ones, g.integers(count),
                                       axis=0))


def squeezed(g, x):
    """Where only one dimension is not 1."""
    shape = g.shape(x)
    axes = [i for i in range(1, len(shape)) if shape[i] == 1]
    if len(shape) - len(axes) != 2 and not (
            len(axes) == len(shape) - 1 and len(axes) > 1):
        raise Unsuitable
    axes = axes[:len(shape) - 2]
    if not axes:
        raise Unsuitable
    return g.squeeze(x, *axes)


def channels_last_flatten(g, x):
    if len(g.shape(x)) != 4:
        raise Unsuitable
    return flatten(g, g.node("Transpose", x, perm=[0, 2, 3, 1]))


def to_row(g, x):
    """(1, ...) as (1, N)."""
    if len(g.shape(x)) == 2 and g.chance(0.85):
        return x
    return g.try_pieces((flatten, flatten, reshape, reshape, reshape_by_shape,
                         reshape_by_slice, reshape_by_fill, squeezed,
                         channels_last_flatten), x)


# Within rows -------------------------------------------------------------------


def sliced_and_joined(g, x):
    """Two slices, overlapping or not, in another order."""
    count = g.shape(x)[1]
    if count < 4:
        raise Unsuitable
    middle = g.random.randint(1, count - 1)
    overlap = g.pick(0, 0, 1)
    left = g.slice(x, [0], [min(middle + overlap, count)], [1])
    right = g.slice(x, [middle], [g.pick(count, 2 ** 31 - 1)], [1])
    return g.node("Concat", right, left, axis=1)


def every_other(g, x):
    g.needs(10)
    count = g.shape(x)[1]
    if g.chance(0.5):
        return g.slice(x, [0], [count], [1], [2])
    return g.slice(x, [-1], [-count - 1], [1], [-1])  # reversed


def padded(g, x):
    shape = g.shape(x)
    pads = [0] * (2 * len(shape))
    pads[len(shape) - 1], pads[-1] = g.pick((1, 1), (0, 1), (2, 0))
    return g.pad(x, pads)


def split(g, x):
    count = g.shape(x)[1]
    if count % 2:
        raise Unsuitable
    if g.opset >= 18:
        parts = g.node("Split", x, axis=1, num_outputs=2, outputs=2)
    elif g.opset >= 13:
        parts = g.node("Split", x, g.integers(count // 2, count // 2), axis=1,
                       outputs=2)
    else:
        parts = g.node("Split", x, axis=1, split=[count // 2] * 2, outputs=2)
    return g.node("Concat", parts[1], parts[0], axis=1)


def gathered(g, x):
    count = g.shape(x)[1]
    picks = g.noise.integers(0, count, count)
    return g.node("Gather", x, g.constant(picks, numpy.int64), axis=1)


def there_and_back(g, x):
    """Unsqueeze and Squeeze, or two Transposes, or a no-op Cast."""
    form = g.random.randrange(4)
    if form == 0:
        return g.squeeze(g.unsqueeze(x, 2), 2)
    if form == 1:
        return g.node("Transpose", g.node("Transpose", x, perm=[1, 0]),
                      perm=[1, 0])
    if form == 2:
        return g.cast(x, TensorProto.FLOAT)
    count = g.shape(x)[1]
    return g.node("Reshape", g.node("Reshape", x, g.integers(-1, count, 1)),
                  g.integers(-1, count))


ROW_PIECES = (sliced_and_joined, every_other, padded, split, gathered,
              there_and_back, there_and_back)


def move_row(g, x):
    return g.try_pieces(ROW_PIECES, x)


def move_image(g, x):
    """Within (1, C, H, W): padding, cutting, turning."""
    form = g.random.randrange(3)
    shape = g.shape(x)
    if form == 0:
        return g.pad(x, [0, 0, 1, 0, 0, 0, 0, 1])
    if form == 1 and shape[2] > 2:
        return g.slice(x, [1], [shape[2]], [2])
    return g.node("Transpose", x, perm=[0, 1, 3, 2])
