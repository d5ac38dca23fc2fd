"""Scales that depend on the input, made constant from samples: networks as
BitNet's BitLinear is exported, and DynamicQuantizeLinear.
"""

import json
import re

import numpy
from onnx import TensorProto, helper, numpy_helper

from support import BIN, SHARED, EndToEndTest, ort_classes, read_bytes, run

SCALE = ["--input-range=0:255", "--input-scale=1/255"]


def bitlinear(widths, weights):
    """BitLinear layers: RMS norm, then codes by the largest magnitude."""
    nodes, constants = [], []

    def constant(value):
        name = f"c{len(constants)}"
        constants.append(numpy_helper.from_array(
            numpy.asarray(value, numpy.float32), name))
        return name

    def node(kind, *inputs, **attributes):
        name = f"{kind}_{len(nodes)}"
        nodes.append(helper.make_node(kind, inputs, [name], name=name,
                                      **attributes))
        return name

    x = "x"
    for i, matrix in enumerate(weights):
        square = node("Pow", x, constant(2))
        mean = node("ReduceMean", square, axes=[-1], keepdims=1)
        rms = node("Sqrt", node("Add", mean, constant(1e-6)))
        normed = node("Div", x, rms)
        largest = node("ReduceMax", node("Abs", normed), axes=[-1], keepdims=1)
        scale = node("Mul", node("Reciprocal", node(
            "Clip", largest, constant(1e-5))), constant(127))
        code = node("Clip", node("Round", node("Mul", normed, scale)),
                    constant(-128), constant(127))
        x = node("MatMul", node("Div", code, scale), constant(matrix))
        if i + 1 < len(weights):
            x = node("Relu", x)
    graph = helper.make_graph(
        nodes, "bitlinear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, widths[0]])],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, widths[-1]])],
        constants)
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


class CalibrateTest(EndToEndTest):

    def counts(self, text):
        found = re.search(r"accuracy with dynamic scales (\d+) of (\d+) .*, "
                          r"calibrated (\d+) of", text)
        self.assertIsNotNone(found, text)
        return [int(group) for group in found.groups()]

    def interpreted(self, model, samples):
        """The classes of the calibrated integers on the same samples."""
        output = self.folder / "values.json"
        self.pdkc(model, output, *SCALE, f"--calibrate={samples}",
                  f"--samples={samples}", "--emit=values")
        return numpy.array(json.loads(output.read_text())["classes"])

    def test_bitlinear(self):
        random = numpy.random.default_rng(3)
        widths = (12, 6, 4)
        model = bitlinear(widths, [random.integers(-1, 2, shape) for shape in
                                   zip(widths, widths[1:])])
        path = self.folder / "model.onnx"
        path.write_bytes(model.SerializeToString())
        rows = random.integers(0, 256, (200, 12), numpy.uint8)
        samples, labels = self.folder / "rows.u8", self.folder / "labels.u8"
        rows.tofile(samples)
        floats = rows.astype(numpy.float32) / numpy.float32(255)
        logits = ort_classes(model.SerializeToString(), floats)
        classes = logits.reshape(200, 4).argmax(axis=1)
        classes.astype(numpy.uint8).tofile(labels)

        out = self.folder / "out.asm"
        refused = run(BIN / "pdkc", path, "-o", out, *SCALE)
        self.assertEqual(refused.returncode, 1)
        text = self.pdkc(path, out, *SCALE, f"--calibrate={samples}",
                         f"--labels={labels}", "--mcu=pfs173")
        self.assertEqual(len(re.findall("takes the (largest|mean)", text)), 4)
        before, count, after = self.counts(text)
        # ONNX Runtime gave the labels, with dynamic scales.
        self.assertEqual((before, count), (200, 200))
        self.assertGreater(after, 180)
        agree = (self.interpreted(path, samples) == classes).sum()
        self.assertLessEqual(abs(int(agree) - after), 1)

    def test_dynamic_quantize_linear(self):
        folder = SHARED / "exporters" / "ort_dynamic_mlp"
        if not folder.is_dir():
            self.skipTest("no ../shared/exporters")
        model, samples = folder / "model.onnx", folder / "device_input.bin"
        labels = read_bytes(folder / "labels.u8")
        result = run(BIN / "pdkc", model, "-o", self.folder / "out.mlir",
                     "--emit=lowbit", *SCALE, f"--calibrate={samples}",
                     f"--labels={folder / 'labels.u8'}")
        self.assertEqual(result.returncode, 0, result.stderr)
        before, count, after = self.counts(result.stderr)
        expected = read_bytes(folder / "expected.class.u8")
        self.assertEqual(before, (expected == labels).sum())
        self.assertEqual(count, len(labels))
        agree = (self.interpreted(model, samples) == labels).sum()
        self.assertLessEqual(abs(int(agree) - after), 1)

    def test_bad_samples(self):
        path = self.folder / "model.onnx"
        path.write_bytes(bitlinear((3, 2), [numpy.eye(3, 2)])
                         .SerializeToString())
        for data, labels, message in (
                (b"", b"", "holds 0 bytes"), (b"1234", b"", "holds 4 bytes"),
                (b"123", b"12", "holds 2 labels for 1 samples"),
                (None, b"", "cannot read")):
            samples = self.folder / "samples.u8"
            samples.unlink(missing_ok=True)
            if data is not None:
                samples.write_bytes(data)
            options = [f"--calibrate={samples}"]
            if labels:
                (self.folder / "labels.u8").write_bytes(labels)
                options.append(f"--labels={self.folder / 'labels.u8'}")
            result = run(BIN / "pdkc", path, "-o", self.folder / "out.asm",
                         *SCALE, *options)
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertIn(message, result.stderr)
