"""Models that cannot be compiled, and wrong command lines.

A bad model ends with status 1 and one error that names the node or the resource;
nothing is left behind. Bad usage ends with status 2.
"""

import re

import numpy
import onnx
from onnx import TensorProto, helper

from networks import CODEBOOKS, fitted
from support import BIN, REFUSED, EndToEndTest, complaint, run, run_python


def small_network(widths=(8, 4, 3)):
    return fitted(numpy.random.default_rng(1), list(widths),
                  [CODEBOOKS["ones_and_twos"]], 0, 15, [(0, 15)])


class BadInputTest(EndToEndTest):

    def refuse(self, data, timeout=60):
        """Compiles what must not compile; the one error line."""
        model = self.folder / "model.onnx"
        model.write_bytes(data)
        error = None
        for output in ("out.asm", "out.ihx"):
            result = run(BIN / "pdkc", model, "-o", self.folder / output,
                         "--input-range=0:15", timeout=timeout)
            self.assertEqual(result.returncode, 1, complaint(result))
            errors = [line for line in result.stderr.splitlines()
                      if "error:" in line]
            self.assertEqual(len(errors), 1, result.stderr)
            self.assertEqual(result.stdout, "")
            self.assertEqual([p.name for p in self.folder.iterdir()],
                             ["model.onnx"])
            if output == "out.asm":
                self.assert_api_refuses(model, errors[0])
            error = errors[0]
        return error

    def assert_api_refuses(self, model, error):
        """The library says the same, and nothing on stderr."""
        result = run_python("""
import sys, pdkc
try:
    pdkc.compile(sys.argv[1], input_range=(0, 15))
except pdkc.CompileError as error:
    for line in error.diagnostics:
        print(str(line).splitlines()[0])
""", model)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual([line for line in result.stdout.splitlines()
                          if line.startswith("error: ")],
                         [error.removeprefix("pdkc: ")])

    def changed(self, change):
        """The error for the small network after a change to its file."""
        model = onnx.load_from_string(small_network().to_onnx())
        change(model.graph)
        return self.refuse(model.SerializeToString())

    def test_good(self):
        """What the others break does compile."""
        model = self.folder / "model.onnx"
        model.write_bytes(small_network().to_onnx())
        self.pdkc(model, self.folder / "out.asm", "--input-range=0:15")

    def test_empty(self):
        self.assertIn("model.onnx", self.refuse(b""))

    def test_not_onnx(self):
        self.assertIn("model.onnx", self.refuse(b"GIF89a" + bytes(range(256))))

    def test_text(self):
        self.assertIn("model.onnx", self.refuse(b"module {}\n" * 20))

    def test_truncated(self):
        data = small_network().to_onnx()
        for length in (1, 10, len(data) // 2, len(data) - 1):
            with self.subTest(length=length):
                self.assertIn("model.onnx", self.refuse(data[:length]))

    def test_unknown_operator(self):
        def change(graph):
            clip = next(n for n in graph.node if n.op_type == "Clip")
            clip.op_type, clip.name = "Det", "strange"
        error = self.changed(change)
        self.assertIn("strange", error)
        self.assertIn("Det", error)

    def test_dynamic_shape(self):
        def change(graph):
            graph.input[0].type.tensor_type.shape.dim[1].dim_param = "pixels"
        self.assertRegex(self.changed(change), "input|matmul")

    def test_unknown_value(self):
        def change(graph):
            graph.node[0].input[0] = "nowhere"
        self.assertIn("nowhere", self.changed(change))

    def test_shapes_that_do_not_match(self):
        def change(graph):
            graph.input[0].type.tensor_type.shape.dim[1].dim_value = 7
        self.assertIn("matmul_0", self.changed(change))

    def test_tensor_of_wrong_size(self):
        def change(graph):
            graph.initializer[0].raw_data = graph.initializer[0].raw_data[:-4]
        self.assertIn("weights0", self.changed(change))

    def test_weights_off_the_grid(self):
        network = small_network()
        random = numpy.random.default_rng(2)
        network.layers[0].weights = random.normal(0, 1, (8, 4))
        self.assertIn("matmul_0", self.refuse(network.to_onnx()))

    def test_not_a_number(self):
        network = small_network()
        network.layers[0].weights = network.layers[0].weights.astype(float)
        network.layers[0].weights[0, 0] = numpy.nan
        self.assertIn("weights0", self.refuse(network.to_onnx()))

    def test_cycle(self):
        def change(graph):
            graph.node[0].input[0] = graph.node[1].output[0]
        self.changed(change)

    def test_no_graph_output(self):
        def change(graph):
            del graph.output[:]
        self.changed(change)

    def test_float_output(self):
        """A graph that ends before its decision is decided by ArgMax."""
        model = onnx.load_from_string(small_network().to_onnx())
        last = model.graph.node.pop()
        del model.graph.output[:]
        model.graph.output.append(helper.make_tensor_value_info(
            last.input[0], TensorProto.FLOAT, [1, 3]))
        path = self.folder / "model.onnx"
        path.write_bytes(model.SerializeToString())
        self.pdkc(path, self.folder / "out.asm", "--input-range=0:15")

    def assert_too_large(self, widths, resource):
        error = self.refuse(small_network(widths).to_onnx())
        numbers = REFUSED.search(error)
        self.assertIsNotNone(numbers, error)
        self.assertGreater(int(numbers[1]), int(numbers[3]))
        self.assertEqual(numbers[2], resource, error)
        self.assertIn("pms150c", error)

    def test_too_many_words(self):
        self.assert_too_large((224, 16, 16, 10), "words")

    def test_huge(self):
        """An ordinary network of 100,000 weights is refused at once."""
        data = small_network((784, 128, 10)).to_onnx()
        self.assertRegex(self.refuse(data, timeout=15), "matmul_0|words")

    def test_too_much_ram(self):
        self.assert_too_large((4, 70, 2), "bytes")

    def test_usage(self):
        good = self.folder / "good.onnx"
        good.write_bytes(small_network().to_onnx())
        out = self.folder / "out.asm"
        for command in ([], [good], ["-o", out], [good, "-o", out, "-O7"],
                        [good, "-o", out, "--mcu=pic16"],
                        [good, "-o", out, "--no-such-option"],
                        [good, good, "-o", out],
                        [good, "-o", out, "--input-range=15"],
                        [good, "-o", out, "--input-range=9:1"],
                        [good, "-o", out, "--input-range=0:15",
                         "--input-scale=fast"]):
            with self.subTest(command=[str(word) for word in command]):
                result = run(BIN / "pdkc", *command)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertNotEqual(result.stderr, "")
                self.assertFalse(out.exists())

    def test_missing_files(self):
        good = self.folder / "good.onnx"
        good.write_bytes(small_network().to_onnx())
        for command in ([self.folder / "none.onnx", "-o",
                         self.folder / "out.asm"],
                        [good, "-o", self.folder / "none" / "out.asm",
                         "--input-range=0:15"],
                        [good, "-o", self.folder / "out.asm",
                         "--input-range=0:15", "--samples=/none"]):
            with self.subTest(command=[str(word) for word in command]):
                result = run(BIN / "pdkc", *command)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertEqual(len(re.findall("error:", result.stderr)), 1)
