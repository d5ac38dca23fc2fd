"""Quantisers of activations, in the shapes in which exporters write them.

quantise(g, x) puts one behind x: the result lies on a grid of mostly at most
256 steps. Scales are chosen so that what flows spreads over the steps.
"""

from .builder import Unsuitable
from .decomposed import (comparison, decomposed, signs, straight_through,
                         without_scale)
from .qdq import int16_qdq, qcdq, qdq, wide_qdq
from .qonnx import bipolar_quant, multi_threshold, quant, trunc

QONNX_PIECES = (quant, quant, quant, bipolar_quant, trunc, multi_threshold)
QDQ_PIECES = (qdq, qdq, qdq, qcdq, qcdq, int16_qdq, wide_qdq)
PLAIN_PIECES = (decomposed, decomposed, decomposed, without_scale,
                straight_through, signs, comparison)
FAMILIES = {"qonnx": QONNX_PIECES, "qdq": QDQ_PIECES, "plain": PLAIN_PIECES,
            "mixed": QONNX_PIECES + QDQ_PIECES + PLAIN_PIECES}


def quantise(g, x):
    try:
        return g.try_pieces(FAMILIES[g.family], x)
    except Unsuitable:  # no form in this opset
        return g.try_pieces(PLAIN_PIECES, x)
