"""What goes in and comes out besides bytes and classes: inputs of up to 16 bits,
several inputs, outputs that are values, several of these. The values are ONNX
Runtime's.
"""

import pathlib
import re

import numpy
import onnx
from onnx import TensorProto, helper

from comparison import ComparisonTest, read_rules
from networks import Graph
from random_graphs import FAILURES, summary, try_graph, unexpected
from reference import InputRule, InputRules, Reference
from support import BIN, complaint, expand, for_each, run

FIELD = pathlib.Path(__file__).resolve().parent / "field"
VALUES = ("--output=values", "--input-range=0:255")
TWO = ("--input-range=accelerometer=-16:15", "--input-range=temperature=0:63",
       "--outputs=gesture,force", "--output=values")
COMPARED = {
    "one_output_relu": VALUES, "one_output_clip": VALUES,
    "one_output_qdq": VALUES,
    "sine_regression": ("--output=values", "--input-scale=0.02463994"),
    "two_inputs_two_outputs": TWO,
    "adc_of_10_bits": ("--input-range=0:1023",)}
MODES = ("stream", "buffer")
KINDS = ("values", "wide", "several")
GRAPHS = 60  # of each kind
BATCH = 20
ADC = FIELD / "adc_of_10_bits.onnx"

# A program whose inputs come by port A, two bytes each, the low one first.
MAIN = """
#include "model.h"
__sfr __at(0x10) PA;
uint8_t result, i;
static uint16_t next(void) {
  uint8_t low = PA;
  return low | (uint16_t)PA << 8;
}
%s
void main(void) {
  for (;;) {
    %s
    result = model_infer();
  }
}
"""
FILLS = {"stream": ("uint16_t model_next_input(void) { return next(); }", ""),
         "buffer": ("", "for (i = 0; i != MODEL_INPUTS; ++i) "
                    "model_input[i] = next();")}
SETS = {"pfs154": "pdk14", "pfs173": "pdk15"}


@expand
class InterfaceTest(ComparisonTest):

    @for_each([(name, mode) for name in COMPARED for mode in MODES],
              "_".join)
    def test_field(self, case):
        name, mode = case
        result = self.equal(FIELD / f"{name}.onnx",
                            [*COMPARED[name], f"--input={mode}", "-Os"])
        self.assertEqual(result.outputs, "" if "adc" in name else "equal")

    def test_before_tanh(self):
        """Values that stand on no grid are refused with the way out; logits are
        what stands before, and the header says so."""
        model = FIELD / "one_output_tanh.onnx"
        header = self.folder / "model.h"
        options = ("--mcu=pfs154", "--input-range=0:255")
        self.pdkc(model, header, *options, "--output=logits")
        self.assertIn("what stands before Tanh of output 'y'",
                      header.read_text())
        refused = run(BIN / "pdkc", model, "-o", header, *options,
                      "--output=values")
        self.assertEqual(refused.returncode, 1)
        self.assertRegex(refused.stderr,
                         r"error: .*output 'y' stands on no grid of integers: "
                         r"quantise it .*--output=logits")

    def test_outputs_left_out(self):
        header = self.folder / "model.h"
        summary = self.pdkc(FIELD / "two_inputs_two_outputs.onnx", header,
                            *TWO[:2], "--outputs=force", "--output=values",
                            "--mcu=pfs154")
        self.assertIn("note: ", summary)
        self.assertIn("output 'gesture' is left out", summary)
        text = header.read_text()
        self.assertRegex(text, r"extern \w+ model_output\[1\];")
        self.assertNotIn("model_output_", text)

    @for_each([(kind, first) for kind in KINDS
               for first in range(0, GRAPHS, BATCH)],
              lambda case: f"{case[0]}_{case[1]:02}")
    def test_random(self, case):
        kind, first = case
        tried = [try_graph(n, kind) for n in range(first, first + BATCH)]
        bad = [str(one) for one in tried
               if one.comparison.outcome in FAILURES or unexpected(one)]
        self.assertFalse(bad, "\n" + "\n".join(bad))
        compiled = [one for one in tried if one.comparison.words]
        self.assertGreater(len(compiled), BATCH / 2)
        self.note = summary(tried)

    def make_rows(self, *options):
        """Samples of two bytes a value, and ONNX Runtime's classes."""
        lowbit = self.folder / "model.mlir"
        self.pdkc(ADC, lowbit, "--emit=lowbit", *options)
        rules = read_rules(lowbit.read_text())
        rows = rules.samples(numpy.random.default_rng(1), 40)
        samples, expected = self.folder / "rows.u16", self.folder / "expected"
        rows.tofile(samples)
        classes, _, _ = Reference(ADC).run(rules, rows)
        self.assertGreater(len(set(classes)), 1)
        classes.astype(numpy.uint8).tofile(expected)
        self.assertEqual(rules.size, 2)
        return samples, [f"--expected={expected}", f"--inputs={rules.bytes}"]

    @for_each([(mcu, mode) for mcu in SETS for mode in MODES], "_".join)
    def test_c(self, case):
        """The high byte is returned in p, as SDCC does it."""
        mcu, mode = case
        samples, options = self.make_rows("--input-range=0:1023")
        self.pdkc(ADC, self.folder / "model.asm", "--input-range=0:1023",
                  f"--mcu={mcu}", f"--input={mode}", "-Os")
        (self.folder / "main.c").write_text(MAIN % FILLS[mode])
        sdcc = ("sdcc", f"-m{SETS[mcu]}", "--std-sdcc11", "--opt-code-size")
        for command in ((f"sdas{SETS[mcu]}", "-plosgff", "model.asm"),
                        (*sdcc, "-c", "main.c"),
                        (*sdcc, "model.rel", "main.rel", "-o", "out.ihx")):
            done = run(*command, cwd=self.folder)
            self.assertEqual(done.returncode, 0, complaint(done))
        measured = self.simulate(self.folder / "out.ihx", samples, f"--mcu={mcu}",
                                 "--input-port=0x10", *options)
        self.assertEqual(measured["equal"], 40)

    @for_each(MODES)
    def test_firmware(self, mode):
        """The serial line carries two bytes a value."""
        samples, options = self.make_rows("--input-range=0:1023")
        program = self.folder / "model.ihx"
        self.pdkc(ADC, program, "--input-range=0:1023", "--mcu=pfs154",
                  f"--input={mode}", "-Os", "--byte-gap=20")
        measured = self.simulate(program, samples, "--mcu=pfs154", "--serial",
                                 "--gap=20", *options)
        self.assertEqual(measured["equal"], 40)

    def test_samples(self):
        """Samples of two bytes a value, checked against the range."""
        samples = self.folder / "samples.u16"
        numpy.full(24, 1024, "<u2").tofile(samples)
        refused = run(BIN / "pdkc", ADC, "-o", self.folder / "model.asm",
                      "--input-range=0:1023", f"--samples={samples}",
                      "--mcu=pfs173")
        self.assertEqual(refused.returncode, 1, complaint(refused))
        self.assertRegex(refused.stderr, "sample 0 holds 1024 as input 0, "
                         "outside the range 0:1023")
        # The program knows as well as the compiler.
        self.pdkc(ADC, self.folder / "model.ihx", "--emit=module",
                  "--input-range=0:1023", "--mcu=pfs173")
        simulated = run(BIN / "pdk-sim", self.folder / "model.ihx",
                        f"--samples={samples}")
        self.assertEqual(simulated.returncode, 1, complaint(simulated))
        self.assertIn("outside the range 0:1023", simulated.stderr)

    def test_arrays_of_bytes(self):
        """Which would be read as half as many values."""
        array, plain = self.folder / "bytes.npy", self.folder / "model.ihx"
        numpy.save(array, numpy.zeros((2, 64), numpy.uint8))
        refused = run(BIN / "pdkc", ADC, "-o", self.folder / "model.asm",
                      "--input-range=0:1023", f"--samples={array}",
                      "--mcu=pfs173")
        self.pdkc(ADC, plain, "--input-range=0:1023", "--mcu=pfs173",
                  "--emit=module")
        simulated = run(BIN / "pdk-sim", plain, f"--samples={array}")
        for result in refused, simulated:
            self.assertEqual(result.returncode, 1, complaint(result))
            self.assertIn("an array of bytes, but the inputs have two bytes "
                          "each", result.stderr)

    @for_each((
        ("sign", "0:127", numpy.full((2, 6), -3, numpy.int8),
         "sample 0 holds -3 as input 0, outside the range"),
        ("no_sign", "-128:127", numpy.full((2, 6), 200, numpy.uint8),
         "sample 0 holds 200 as input 0, outside the range"),
        ("turned", "0:127", numpy.zeros((6, 2), numpy.uint8),
         "an array of 6 samples of 2 values each; the model has 6 inputs"),
        ("empty", "0:127", numpy.zeros((0, 6), numpy.uint8), "no samples")),
        lambda case: case[0])
    def test_arrays_of_others(self, case):
        """An array says itself how many samples there are, and their sign."""
        _, values, array, message = case
        samples = self.folder / "samples.npy"
        numpy.save(samples, array)
        refused = run(BIN / "pdkc", FIELD / "one_output_relu.onnx", "-o",
                      self.folder / "model.asm",
                      f"--input-range={values}", f"--samples={samples}")
        self.assertEqual(refused.returncode, 1, complaint(refused))
        self.assertIn(message, refused.stderr)

    @for_each(("class", "values"), str)
    def test_relu_behind_float_bias(self, output):
        """Which puts sums on no coarse grid: no tables of float32's values."""
        graph = Graph(2)
        weights = graph.constant(graph.random.integers(-7, 8, (6, 3)) / 16)
        sums = graph.node("Add", graph.node("MatMul", "x", weights),
                          graph.constant([.3, -1.7, 10.25]))
        model = self.folder / "relu.onnx"
        graph.write(model, graph.node("Relu", sums), [1, 6])
        self.equal(model, ["--input-range=0:15", "--mcu=pfs173",
                           f"--output={output}"])
        summary = self.pdkc(model, self.folder / "relu.asm", "-Os",
                            "--input-range=0:15", "--mcu=pfs173",
                            f"--output={output}")
        words = int(re.search(r"(\d+) words", summary)[1])
        # What the same sums take with a bias on their grid, and for values a
        # product of 32 bits.
        self.assertLess(words, 300 if output == "class" else 700)

    @for_each((("Clip", (0.001, 0.999), 0, 0.5), ("Clip", (0.3, 0.4), 0.35, 0.35),
               ("Max", (0.3, 0.4), 0.35, 0.35)), lambda case: str(case[:2]))
    def test_clip_behind_sigmoid(self, case):
        """Decides at 1/2, unless there is nothing on both sides of it."""
        operator, bounds, less, bound = case
        graph = Graph(4)
        sums = graph.node("MatMul", "x", graph.constant([[.5], [-.5], [.25]]))
        clipped = graph.node("Sigmoid", sums)
        low, high = map(graph.constant, bounds)
        if operator == "Clip":
            clipped = graph.node("Clip", clipped, low, high)
        else:
            clipped = graph.node("Min", graph.node("Max", clipped, low), high)
        if less:
            clipped = graph.node("Sub", clipped, graph.constant(less))
        model = self.folder / "clip.onnx"
        graph.write(model, clipped, [1, 3])
        result = self.equal(model, ["--input-range=0:15", "--mcu=pfs154"])
        rows = InputRules([InputRule(0, 15, inputs=3)]).samples(
            numpy.random.default_rng(0), 300)
        probability = 1 / (1 + numpy.exp(-(rows @ [.5, -.5, .25])))
        self.assertEqual(result.classes.tolist(),
                         (probability > bound).astype(int).tolist())

    def test_byte_outputs(self):
        """Values that span a byte are bytes, whatever their zero point."""
        codes = onnx.parser.parse_model("""
            <ir_version: 8, opset_import: ["" : 13]>
            g (uint8[1, 4] x) => (float[1, 4] y)
            <float s = {0.03}, uint8 z = {5}, float t = {0.03}>
            { d = DequantizeLinear(x, s, z)
              q = QuantizeLinear(d, t, z)
              y = DequantizeLinear(q, t, z) }""")
        model = self.folder / "codes.onnx"
        onnx.save(codes, model)
        result = self.equal(model, ["--mcu=pfs154", "--output=values"])
        self.assertEqual(result.outputs, "equal")
        self.pdkc(model, self.folder / "codes.asm", "--output=values",
                  "--mcu=pfs154")
        self.assertIn("extern uint8_t model_output[4]",
                      (self.folder / "codes.h").read_text())

    @for_each((1, 3))
    def test_class_beside_a_class(self, count):
        """Two outputs that decide: the second one is no less stored."""
        graph = Graph(5)
        found = []
        for outputs in 3, count:
            sums = graph.node("MatMul", "x", graph.constant(
                graph.random.integers(-3, 4, (4, outputs))))
            found.append(graph.node("ArgMax", sums, axis=1, keepdims=0))
        model = self.folder / "classes.onnx"
        graph.write(model, found[0], [1, 4])
        written = onnx.load(model)
        del written.graph.output[:]
        written.graph.output.extend(
            helper.make_tensor_value_info(name, TensorProto.INT64, [1])
            for name in found)
        onnx.save(written, model)
        result = self.equal(model, ["--input-range=0:15", "--output=values",
                                    f"--outputs={','.join(found)}",
                                    "--mcu=pfs154"])
        self.assertEqual(result.outputs, "equal")

    def test_outputs_by_several_options(self):
        two = FIELD / "two_inputs_two_outputs.onnx"
        *ranges, outputs, values = TWO
        outputs = outputs.split("=")[1].split(",")
        made = []
        for options in (TWO, (*ranges, values, *(f"--outputs={name}"
                                                 for name in outputs))):
            self.pdkc(two, self.folder / "model.asm", "--mcu=pfs173", *options)
            made.append((self.folder / "model.asm").read_text())
        self.assertEqual(made[0], made[1])
        # A name that holds a comma is one name.
        model = onnx.load(two)
        for node in model.graph.node:
            node.output[:] = ["gesture,force" if name == outputs[0] else name
                              for name in node.output]
        model.graph.output[0].name = "gesture,force"
        onnx.save(model, self.folder / "comma.onnx")
        for options in (["--outputs=gesture,force,force"],
                        ["--outputs=gesture,force", "--outputs=force"]):
            self.pdkc(self.folder / "comma.onnx", self.folder / "model.asm",
                      "--mcu=pfs173", *ranges, values, *options)
            header = (self.folder / "model.h").read_text()
            self.assertIn("force", header)
        refused = run(BIN / "pdkc", self.folder / "comma.onnx", "-o",
                      self.folder / "model.asm", *ranges, "--outputs=gesture")
        self.assertRegex(refused.stderr, "no output 'gesture'; it has "
                         "'gesture,force', 'force'")
