"""What people's graphs have besides layers: smallest values, a class or none,
outputs that nobody wants, batches. Classes are ONNX Runtime's.
"""

import pathlib
import re

import onnx
from onnx import TensorProto, helper

from comparison import ComparisonTest
from graphs import choices
from graphs.builder import Builder
from support import BIN, complaint, expand, for_each, run

FIELD = pathlib.Path(__file__).resolve().parent / "field"
RANGE = "--input-range=0:15"
COMPILED = {"argmin": [RANGE], "reduce_min": [RANGE],
            "minimum_as_negated_maximum": [RANGE],
            "zipmap_second_output": ["--input-range=0:255"],
            "bipolar_input": []}
REFUSED = {
    "unknown_class": "is a probability of a Softmax, which depends on all",
    "softmax_of_one": "is over one element, so it is always 1",
    "batch_of_4_conv": "has a batch of 4, .* export the model with a batch of 1",
    "batch_of_700000_gemm": "has a batch of 700000, .* a batch of 1"}
EVERY_KIND = [(kind, piece) for kind, pieces in choices.KINDS.items()
              for piece in pieces]


@expand
class FieldImportTest(ComparisonTest):

    def refuse(self, model, *options):
        """One error; its text."""
        done = run(BIN / "pdkc", model, "-o", self.folder / "model.asm",
                   *options, timeout=20)
        self.assertEqual(done.returncode, 1, complaint(done))
        errors = re.findall(r"error: .*", done.stderr)
        self.assertEqual(len(errors), 1, done.stderr)
        return errors[0]

    @for_each(COMPILED)
    def test_compiled(self, name):
        result = self.equal(FIELD / f"{name}.onnx", COMPILED[name])
        self.assertGreater(len(set(result.classes)), 1)

    @for_each(REFUSED)
    def test_refused(self, name):
        self.assertRegex(self.refuse(FIELD / f"{name}.onnx", RANGE),
                         REFUSED[name])

    @for_each(EVERY_KIND, lambda it: f"{it[0]}_{it[1].__name__}")
    def test_kind(self, case):
        kind, piece = case
        for seed in (1, 2, 3):
            g, x = choices.start(seed)
            path = self.folder / "kind.onnx"
            onnx.save(g.model([piece(g, x)]), path)
            with self.subTest(seed=seed):
                self.equal(path, choices.OPTIONS, 200)

    def test_note_names_what_auto_takes(self):
        model, options = FIELD / "fits_note.onnx", "--input-range=0:1"
        done = run(BIN / "pdkc", model, "-o", self.folder / "model.asm",
                   options, "--mcu=pfs173")
        self.assertEqual(done.returncode, 1)
        named = re.search(r"it fits: (\w+)", done.stderr)[1]
        summary = self.pdkc(model, self.folder / "model.asm", options,
                            "--mcu=auto", "-Os")
        self.assertRegex(summary, rf"(?m)^{named}: \d+ words")

    def test_none_is_in_the_header(self):
        g, x = choices.start(1)
        path = self.folder / "none.onnx"
        onnx.save(g.model([choices.where_greater(g, x)]), path)
        self.pdkc(path, self.folder / "none.h", *choices.OPTIONS)
        header = (self.folder / "none.h").read_text()
        self.assertIn("#define MODEL_NONE 255\n", header)
        self.assertIn("#define MODEL_CLASSES 4\n", header)
        result = self.equal(path, choices.OPTIONS)
        self.assertIn(255, result.classes)

    def test_labels_have_a_note(self):
        for piece in (choices.one_hot_equal, choices.above_zero):
            g, x = choices.start(1)
            path = self.folder / "labels.onnx"
            onnx.save(g.model([piece(g, x)]), path)
            summary = self.pdkc(path, self.folder / "labels.asm",
                                *choices.OPTIONS)
            self.assertIn("is a set of labels", summary)

    def test_codes_with_gaps(self):
        """Even codes alone; the odd ones become what the graph makes them."""
        for mode in ("Round", "Floor"):
            g = Builder(5, 13)
            x = g.set_input([1, 12], g.noise.uniform(-9, 9, (12, 1, 12)))
            y = g.node(mode, g.node("Mul", x, g.constant(0.5)))
            y = g.clip(g.node("Mul", y, g.constant(2.0)), -8.0, 6.0)
            y = g.node("MatMul", y, choices.weights(g, 12, 3))
            path = self.folder / "gaps.onnx"
            onnx.save(g.model([y]), path)
            with self.subTest(mode=mode):
                self.equal(path, [])

    @for_each(("dense", "reshape", "argmax", "pool"))
    def test_batches(self, form):
        """Rows that do not meet; and for comparison rows that do."""
        for batch in (2, 3, 1000):
            for meets in (False, True):
                g = Builder(7, 13)
                g.merge = False
                x = g.set_input([batch, 12], g.noise.integers(
                    0, 16, (2, batch, 12)))
                y = x
                if form == "reshape":
                    y = g.node("Reshape", y, g.integers(batch, 3, 4))
                    y = g.node("Flatten", y, axis=1)
                elif form == "pool":
                    y = g.node("Reshape", y, g.integers(-1, 1, 3, 4))
                    y = g.node("Flatten", g.node(
                        "MaxPool", y, kernel_shape=[1, 2]))
                if meets:
                    y = g.node("Reshape", y, g.integers(1, -1))
                    if batch == 1000:
                        continue
                y = g.node("MatMul", y, choices.weights(
                    g, g.shape(y)[1], 3))
                if form == "argmax":
                    y = g.node("ArgMax", y, axis=1, keepdims=0)
                path = self.folder / "batch.onnx"
                onnx.save(g.model([y]), path)
                with self.subTest(batch=batch, meets=meets):
                    if not meets:
                        self.assertIn(f"has a batch of {batch},",
                                      self.refuse(path, RANGE))
                    elif form != "pool":
                        self.equal(path, [RANGE], 50)

    def test_nodes_nobody_reads(self):
        """Of any domain, type or form, in any place but on the way."""
        g, x = choices.start(3)
        y = choices.scores(g, x)
        model = g.model([y])
        sequence = onnx.ValueInfoProto(name="boxes")
        sequence.type.sequence_type.elem_type.tensor_type.elem_type = 1
        strange = [
            helper.make_node("Explain", [y, x, "names"], ["why", "how"], "explain",
                             domain="com.example", depth=3),
            helper.make_node("Cast", ["why"], ["text"], "text",
                             to=TensorProto.STRING),
            helper.make_node("SequenceConstruct", [y], ["boxes"], "boxes"),
            # Known, but not so.
            helper.make_node("Reshape", [y], ["flat"], "flat"),
            helper.make_node("MatMul", [y, y], ["square"], "square")]
        model.graph.node.extend(strange)
        model.graph.initializer.append(helper.make_tensor(
            "names", TensorProto.STRING, [2], [b"a", b"b"]))
        model.graph.output.extend([
            sequence, onnx.ValueInfoProto(name="text"),
            onnx.ValueInfoProto(name="square")])
        path = self.folder / "strange.onnx"
        onnx.save(model, path)
        self.equal(path, choices.OPTIONS)
        summary = self.pdkc(path, self.folder / "strange.asm",
                            *choices.OPTIONS)
        self.assertRegex(summary, "note: .*is ignored, since the first output "
                                  "does not need it")
        # The same nodes on the way to the first output.
        model.graph.output.insert(0, onnx.ValueInfoProto(name="text"))
        onnx.save(model, path)
        self.assertRegex(
            self.refuse(path, RANGE),
            "'Explain' of domain 'com.example' is not supported|of type STRING")

    def test_inputs_nobody_reads(self):
        """Of a type that pdkc does not know: the module is that of the graph
        without them."""
        g, x = choices.start(3)
        model = g.model([choices.scores(g, x)])
        path = self.folder / "inputs.onnx"
        words = []
        for _ in range(2):
            onnx.save(model, path)
            summary = self.pdkc(path, self.folder / "inputs.asm",
                                *choices.OPTIONS)
            words.append((self.folder / "inputs.asm").read_text())
            model.graph.input.insert(0, helper.make_tensor_value_info(
                "label", TensorProto.STRING, [1]))
        self.assertEqual(words[0], words[1])
        self.assertIn("note: label: is ignored", summary)

    @for_each(("Softmax", "LogSoftmax", "ReduceSum", "ReduceMean"))
    def test_constant_outputs(self, form):
        """A first output that is the same for every input."""
        g, x = choices.start(4)
        y = choices.scores(g, x, 1 if "Soft" in form else 4)
        if "Soft" in form:
            y = g.node(form, y, axis=-1)
        else:
            y = g.reduce(form, g.node("Softmax", y, axis=-1), [1], 0)
        path = self.folder / "constant.onnx"
        onnx.save(g.model([y]), path)
        self.assertRegex(self.refuse(path, RANGE), "is always [01]")
