"""Sums of two quantised tensors of different scales, quantised again: for all
65,536 pairs the interpreter gives what ONNX Runtime gives, and the words do for
some of them.
"""

import random as any_random

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from comparison import compare
from support import EndToEndTest, expand, for_each

ALL = numpy.stack(numpy.meshgrid(numpy.arange(256), numpy.arange(256)),
                  axis=-1).reshape(-1, 2).astype(numpy.uint8)
SCALES = {
    "residual": (0.02677205391228199, 0.048829689621925354, 0.07216942310333252,
                 0),  # of a file by ONNX Runtime's quantiser
    "near": (0.031312347, 0.031412353, 0.052134567, 3),
    "far": (0.050123457, 0.001712345, 0.051723457, 128),
    "clipped": (0.037123461, 0.021987654, 0.011312345, 100), "thirds": (1 / 3, 1 / 7, 0.4, 0)}


def write(path, scales, zero, behind_sums):
    """A model of two inputs, each a tensor of its own."""
    constants = {
        "first": numpy.float32([[1], [0]]), "second": numpy.float32([[0], [1]]),
        "one": numpy.float32(1), "none": numpy.uint8(0),
        "zero": numpy.uint8(zero), "v": numpy.float32([[1, -1]]),
        "bias": numpy.float32([0, 8])}
    constants |= {name: numpy.float32(scale)
                  for name, scale in zip(("sa", "sb", "sy"), scales)}
    nodes = []

    def node(operator, inputs, **attributes):
        name = f"n{len(nodes)}"
        nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    terms = []
    for name, scale in (("first", "sa"), ("second", "sb")):
        if behind_sums:
            codes = node("QuantizeLinear",
                         [node("MatMul", ["x", name]), "one", "none"])
        else:
            constants[name] = numpy.int64([int(name == "second")])
            codes = node("Cast", [node("Gather", ["x", name], axis=1)],
                         to=TensorProto.UINT8)
        terms.append(node("DequantizeLinear", [codes, scale, "none"]))
    codes = node("QuantizeLinear", [node("Add", terms), "sy", "zero"])
    real = node("DequantizeLinear", [codes, "sy", "zero"])
    nodes.append(helper.make_node("Add", [node("MatMul", [real, "v"]), "bias"],
                                  ["y"]))
    graph = helper.make_graph(
        nodes, "pairs",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 2])],
        [numpy_helper.from_array(value, name)
         for name, value in constants.items()])
    onnx.save(helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)]), path)


@expand
class PairsTest(EndToEndTest):

    @for_each([(name, behind) for name in SCALES for behind in (False, True)],
              lambda case: f"{case[0]}_{'sums' if case[1] else 'input'}")
    def test(self, case):
        name, behind_sums = case
        *scales, zero = SCALES[name]
        model, lowbit = self.folder / "model.onnx", self.folder / "model.mlir"
        write(model, scales, zero, behind_sums)
        options = ["--input-range=0:255", "--mcu=pfs154"]
        self.pdkc(model, lowbit, "--emit=lowbit", *options)
        # Between thirds and sevenths are ties, of which float32's rounding makes
        # now this, now that: no function of one sum.
        is_mixed = name == "thirds"
        self.assertRegex(lowbit.read_text(), "lowbit.steps" if is_mixed
                         else r"requant .* shift \d")
        some = any_random.Random(name).sample(range(len(ALL)), 500)
        for rows, words, more in ((ALL, False, ["--output=logits"]),
                                  (ALL[some], True, [])):
            result = compare(model, self.folder, [*options, *more], rows,
                             words=words)
            self.assertEqual(
                (result.outcome, result.samples, result.no_words),
                ("undecided" if is_mixed and not words else "equal", len(rows),
                 ""), result)
