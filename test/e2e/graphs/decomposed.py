"""Quantisers written in elementary operators: Div, Round, Clip, Where and such."""

import numpy
from onnx import TensorProto

from .grids import choose_grid, scalar, scale_for
from .qdq import qdq
from .qonnx import quant


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
