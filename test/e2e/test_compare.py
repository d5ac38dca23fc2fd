"""The comparison finds what differs, and says so with its exit status."""

import fractions
import unittest

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from comparison import Comparison, Computed, judge
from graphs.network import make
from reference import InputRule, InputRules, Reference, to_float32
from support import BIN, MODELS, ROOT, EndToEndTest, run


class JudgeTest(unittest.TestCase):

    def judged(self, *ways, classes=(0, 1, 2), outputs=()):
        result = Comparison(samples=3)
        judge(list(ways), numpy.array(classes), list(outputs), result)
        return result

    def test_equal(self):
        way = Computed(numpy.array([0, 1, 2]))
        result = self.judged(("interpreter", way), ("words", way))
        self.assertEqual(result.outcome, "equal")

    def test_different(self):
        result = self.judged(("interpreter", Computed(numpy.array([0, 2, 2]))))
        self.assertEqual((result.outcome, result.different), ("DIFFERENT", (1,)))

    def test_undecided(self):
        way = Computed(numpy.array([0, 2, 2]),
                       undecided=numpy.array([False, True, False]))
        result = self.judged(("interpreter", way))
        self.assertEqual((result.outcome, result.different, result.undecided),
                         ("undecided", (), (1,)))

    def test_words_differ(self):
        """That is wrong even where float32 leaves it undecided."""
        result = self.judged(
            ("interpreter", Computed(numpy.array([0, 1, 2]),
                                     undecided=numpy.array([True] * 3))),
            ("words", Computed(numpy.array([0, 1, 1]))))
        self.assertEqual(result.outcome, "BROKEN")

    def test_outputs(self):
        expected = numpy.array([[0.0, -1], [0, 1], [5, 9]])
        for error, outcome in ((9e-4, "equal"), (2e-3, "DIFFERENT")):
            way = Computed(numpy.array([0, 1, 1]),
                           [expected, expected + error])
            result = self.judged(("interpreter", way), classes=(0, 1, 1),
                                 outputs=[(expected, 1e-3)] * 2)
            self.assertEqual(result.outcome, outcome)


class ReferenceTest(EndToEndTest):

    def test_rounds_once(self):
        """Halfway in float32, but for what float64 no longer holds."""
        one = fractions.Fraction(1) + fractions.Fraction(1, 2**24)
        self.assertEqual(to_float32(one), 1)
        above = one + fractions.Fraction(1, 2**80)
        self.assertEqual(to_float32(above), 1 + 2.0**-23)

    def test_input_rule(self):
        rule = InputRule(-8, 7, fractions.Fraction(1, 4),
                         fractions.Fraction(1, 2), 3)
        values = rule.values(numpy.array([[0xF8, 0, 7]]), numpy.float32)
        self.assertEqual(values.tolist(), [[-2.125, -0.125, 1.625]])
        rule = InputRule(0, 255)
        self.assertEqual(rule.values([[0xF8]], numpy.uint8).tolist(), [[248]])

    def test_input_rules(self):
        """Several inputs, all of the width that the widest needs."""
        rules = InputRules([InputRule(-300, 300, inputs=1),
                            InputRule(0, 7, inputs=2)])
        rows = rules.encode(numpy.array([[-2, 5, 6]]))
        self.assertEqual(rows.tolist(), [[0xFE, 0xFF, 5, 0, 6, 0]])
        first, second = rules.split(rows)
        self.assertEqual(rules.rules[0].integers(first).tolist(), [[-2]])
        self.assertEqual(rules.rules[1].integers(second).tolist(), [[5, 6]])

    def reference(self, nodes, outputs, constants=(), shape=(1, 3)):
        graph = helper.make_graph(
            [helper.make_node(op, list(i), list(o), **a)
             for op, i, o, a in nodes], "graph",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
            [onnx.ValueInfoProto(name=o) for o in outputs],
            [numpy_helper.from_array(numpy.asarray(v), n)
             for n, v in constants])
        model = helper.make_model(graph,
                                  opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 8
        path = self.folder / "model.onnx"
        onnx.save(model, path)
        return Reference(path)

    ROWS = numpy.array([[3, 9, 9], [0, 0, 0]], numpy.uint8)
    RULE = InputRules([InputRule(0, 255, inputs=3)])

    def test_arg_max_of_values(self):
        """The lowest index at ties."""
        classes, _, _ = self.reference(
            [("Relu", "x", "y", {})], "y").run(self.RULE, self.ROWS)
        self.assertEqual(classes.tolist(), [1, 0])

    def test_top_k(self):
        """Its second output is the class; its first is a value."""
        k = [("k", numpy.array([1]))]
        for output, expected in (("i", [1, 0]), ("v", [1, 0])):
            reference = self.reference(
                [("TopK", ("x", "k"), ("v", "i"), {"axis": 1})], output, k)
            classes, outputs, logits = reference.run(self.RULE, self.ROWS)
            self.assertEqual(classes.tolist(), expected)
            self.assertEqual(logits.tolist(), self.ROWS.tolist())

    def test_one_value(self):
        """Above 0, or above a half behind Sigmoid."""
        total = ("ReduceSum", "x", "s", {"keepdims": 0})
        reference = self.reference([total, ("Sigmoid", "s", "y", {})], "y")
        classes, _, logits = reference.run(self.RULE, self.ROWS)
        self.assertEqual(classes.tolist(), [1, 0])
        self.assertEqual(logits.tolist(), [[21], [0]])
        classes, _, _ = self.reference([total], "s").run(self.RULE, self.ROWS)
        self.assertEqual(classes.tolist(), [1, 0])


class CommandTest(EndToEndTest):
    MODEL = MODELS / "mnist_64_16_16_16_10" / "model.onnx"

    def compare(self, *arguments):
        return run("env", f"PDKC_BIN={BIN}", ROOT / "test" / "compare",
                   *arguments)

    def test_agrees(self):
        result = self.compare(self.MODEL, "--input-range=0:15", "--random=50")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("pms150c: ", result.stdout)
        self.assertIn("50 samples: 50 agree with ONNX Runtime, 0 differ, 0 are "
                      "undecided", result.stdout)

    def test_samples(self):
        samples = self.MODEL.with_name("images.u8")
        few = self.folder / "few.u8"
        few.write_bytes(samples.read_bytes()[:64 * 7])
        result = self.compare(self.MODEL, "--input-range=0:15",
                              f"--samples={few}", "--mcu=pfs154")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("pfs154: ", result.stdout)
        self.assertIn("7 samples: 7 agree", result.stdout)

    def test_refused(self):
        model = self.folder / "model.onnx"
        model.write_bytes(b"no model")
        result = self.compare(model)
        self.assertEqual(result.returncode, 1)
        self.assertIn("refused: ", result.stdout)

    def test_usage(self):
        for arguments in ((), ("absent.onnx",), (self.MODEL, "--random=x"),
                          (self.MODEL, self.MODEL)):
            self.assertEqual(self.compare(*arguments).returncode, 2, arguments)


class GeneratorTest(unittest.TestCase):

    def test_same_number_same_graph(self):
        for number in (0, 11, 23):
            one, other = make(number), make(number)
            self.assertEqual(one.model.SerializeToString(deterministic=True),
                             other.model.SerializeToString(deterministic=True))
            self.assertEqual(one.options, other.options)
