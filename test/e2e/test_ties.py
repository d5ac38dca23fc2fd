"""Requantisation that rounds half to even: for each of the 256 values of an
input, model_output in pdk-sim is what Python's round makes of the fraction; and
QuantizeLinear by powers of two is what ONNX Runtime makes of it.
"""

import fractions
import random as any_random
import re

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from comparison import compare
from elementwise import Builder
from support import EndToEndTest, expand, for_each

DEVICES = ("pms150c", "pfs154", "pfs173")
SHIFTS = (1, 3, 5, 7, 8, 9, 12, 15, 16)


def rounded(value, shift, zero):
    """value / 2^shift, half to even, in codes with that zero point."""
    return round(fractions.Fraction(value, 1 << shift)) + zero


def finish(b, output):
    """The text of the model with these outputs; and their class."""
    c = b.argmax(output)
    types = f"{b.type(*c[1:])}, {b.type(*output[1:])}"
    return "\n".join(b.lines) + f"\n  return {c[0]}, {output[0]} : {types}\n}}\n"


def requantise(b, x, shift, zero, low, high, attributes=""):
    """A requantisation that rounds like that; with its range."""
    def apply(value):
        return min(max(rounded(value, shift, zero), low), high)
    offset = (zero << shift) + (1 << shift - 1)
    return apply, b.add(
        f"lowbit.requant {x[0]} plus {offset} shift {shift} "
        f"ties {'odd' if zero % 2 else 'even'} clamp {low} to {high}"
        f"{attributes}", [x], x[1], apply(x[2]), apply(x[3]))


@expand
class TiesTest(EndToEndTest):

    def check(self, model, low, mcu, wanted):
        """The outputs of the module for 256 inputs, by both levels."""
        path, samples, program, outputs = (
            self.folder / name for name in
            ("model.mlir", "rows", "model.ihx", "outputs"))
        path.write_text(model)
        rows = numpy.arange(low, low + 256)
        rows.astype(numpy.uint8).tofile(samples)
        wanted = numpy.array([wanted(int(row)) for row in rows])
        self.assertGreater(len(numpy.unique(wanted)), 2)
        for level in ("-O3", "-Os"):
            self.pdkc(path, program, "--emit=module", f"--mcu={mcu}", level)
            self.pdkc(path, self.folder / "model.h", f"--mcu={mcu}", level)
            header = (self.folder / "model.h").read_text()
            kind = re.search(r"extern (u?int\d+)_t model_output\[", header)[1]
            dtype = numpy.dtype(kind).newbyteorder("<")
            self.simulate(program, samples, f"--mcu={mcu}", "--inputs=1",
                          f"--outputs={outputs}",
                          f"--output-bytes={wanted.shape[1] * dtype.itemsize}")
            values = numpy.fromfile(outputs, dtype).reshape(wanted.shape)
            self.assertEqual(values.tolist(), wanted.tolist())

    @for_each([(mcu, shift, zero, form)
               for i, mcu in enumerate(DEVICES)
               for zero in (0, 1, -3) for shift in SHIFTS
               for form in ("loop", "unrolled", "conv", "scale", "wide")
               if (shift + zero + len(form)) % 3 == i
               and (shift < 15 or form in ("scale", "wide"))],
              lambda case: "_".join(map(str, case)))
    def test_sums(self, case):
        """Of a layer whose sums are ties more often than not."""
        mcu, shift, zero, form = case
        choose = any_random.Random(str(case))
        # What a layer takes as weights; a scale takes wider ones.
        most = 30 if form in ("scale", "wide") else 6
        weights = [1 << min(max(shift - 2, 0), most),
                   choose.choice((1, 3)) << min(shift - 1, most - 1)]
        bias = [choose.choice((0, 1 << shift - 1)) + (5 << shift), 0]
        ends = [(-128 * w + b, 127 * w + b) for w, b in zip(weights, bias)]
        low, high = min(e[0] for e in ends), max(e[1] for e in ends)
        b = Builder(choose)
        argument = ("%arg", 1, -128, 127)
        book = sorted(set(weights))
        codes = [book.index(weight) for weight in weights]
        if form == "conv":
            x = b.add(f"lowbit.conv %arg shape [1, 1] weights "
                      f"dense<{[[[c]] for c in codes]}> : tensor<2x1x1xi8> of "
                      f"{book} bias {bias} strides [1] pads [0, 0] "
                      f"dilations [1]", [argument], 2, low, high)
        elif form in ("scale", "wide"):
            x = b.select(argument, [0, 0])
            x = b.add(f"lowbit.scale {x[0]} times {weights} plus {bias}", [x], 2,
                      low, high)
        else:
            x = b.add(f"lowbit.dense %arg weights dense<{[[c] for c in codes]}>"
                      f" : tensor<2x1xi8> of {book} bias {bias}", [argument], 2,
                      low, high)
        clip = (-1000, 1000) if form == "wide" else choose.choice(
            ((0, 9), (-20, 21), (1, 255), (-128, 127)))
        apply, y = requantise(b, x, shift, zero, *clip,
                              " {method = \"unrolled\"}" if form == "unrolled" else "")
        model = (f"func.func @model(%arg: {b.type(1, -128, 127)}) -> "
                 f"(tensor<1x!lowbit.int<0, 1>>, {b.type(*y[1:])}) {{\n"
                 + finish(b, y))
        self.check(model, -128, mcu,
                   lambda r: [apply(w * r + c) for w, c in zip(weights, bias)])

    @for_each([(mcu, shift, zero, low) for mcu in DEVICES
               for shift in (1, 2, 4, 7) for zero in (0, 1)
               for low in (0, -128)],
              lambda case: "_".join(map(str, case)))
    def test_inputs(self, case):
        """Of the model's inputs as they arrive."""
        mcu, shift, zero, low = case
        b = Builder(any_random.Random(str(case)))
        apply, x = requantise(b, ("%arg", 1, low, low + 255), shift, zero, 0,
                              255)
        y = b.add(f"lowbit.dense {x[0]} weights dense<[[1], [0]]> : "
                  f"tensor<2x1xi8> of [-1, 1] bias [0, 0]", [x], 2,
                  -x[3], x[3])
        model = (f"func.func @model(%arg: {b.type(1, low, low + 255)}) -> "
                 f"(tensor<1x!lowbit.int<0, 1>>, {b.type(*y[1:])}) {{\n"
                 + finish(b, y))
        self.check(model, low, mcu, lambda r: [apply(r), -apply(r)])

    @for_each([(kind, zero, shift) for kind, zeros in
               (("uint8", (0, 5, 128)), ("int8", (0, -7)))
               for zero in zeros for shift in (1, 4, 6)],
              lambda case: "_".join(map(str, case)))
    def test_onnx(self, case):
        """QuantizeLinear of sums by a power of two, with any zero point."""
        kind, zero, shift = case
        quantised = ("scale", "zero")
        constants = {
            "w": numpy.float32([[1, -1, 3]]), "scale": numpy.float32(1 << shift),
            "zero": numpy.dtype(kind).type(zero),
            "v": numpy.float32([[1, 0, 1], [0, 1, 1], [-1, 1, 0]])}
        nodes = [
            helper.make_node("MatMul", ["x", "w"], ["sums"]),
            helper.make_node("QuantizeLinear", ["sums", *quantised], ["codes"]),
            helper.make_node("DequantizeLinear", ["codes", *quantised], ["a"]),
            helper.make_node("MatMul", ["a", "v"], ["y"])]
        graph = helper.make_graph(
            nodes, "ties",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3])],
            [numpy_helper.from_array(value, name)
             for name, value in constants.items()])
        model = self.folder / "model.onnx"
        onnx.save(helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)]), model)
        lowbit = self.folder / "model.mlir"
        self.pdkc(model, lowbit, "--emit=lowbit", "--input-range=-128:127")
        self.assertRegex(lowbit.read_text(), r"ties (even|odd)")
        self.assertNotIn("lowbit.steps", lowbit.read_text())
        rows = numpy.arange(-128, 128).astype(numpy.uint8)
        for words in ([], ["--output=logits"]):
            result = compare(model, self.folder,
                             ["--input-range=-128:127", *words], rows,
                             words=not words)
            self.assertEqual((result.outcome, result.samples), ("equal", 256),
                             result)
        self.assertEqual(result.outputs, "equal")
