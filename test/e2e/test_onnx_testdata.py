"""The models with which ONNX tests its own operators (Debian's package
libonnx-testdata, or a folder of .onnx files named by ONNX_TESTDATA): each is
compiled or refused with one error that names a node, within two seconds of
processor.
"""

import collections
import concurrent.futures
import os
import pathlib
import re
import signal

import numpy
import onnx
from onnx import TensorProto, numpy_helper

from folding import run_pdkc
from support import BIN, TIME_FACTOR, EndToEndTest, run

DATA = pathlib.Path(os.environ.get("ONNX_TESTDATA",
                                   "/usr/share/libonnx-testdata"))
SECONDS = 2 * TIME_FACTOR


class OnnxTestdataTest(EndToEndTest):

    def outcome(self, number, model):
        """What became of a model, and a complaint where that is not right."""
        result = run("prlimit", f"--cpu={SECONDS}", BIN / "pdkc", model, "-o",
                     self.folder / f"{number}.asm")
        errors = [line for line in result.stderr.splitlines()
                  if "error:" in line]
        name = model.relative_to(DATA)
        if result.returncode == -signal.SIGKILL:
            return "slow", f"{name}: takes {SECONDS} s"
        if result.returncode == 0 and not errors:
            return "compiled", None
        if result.returncode == 1 and len(errors) == 1 and re.match(
                r"pdkc: error: [^:]+.*: .+", errors[0]):
            reason = errors[0].split(": ", 3)[-1]
            return re.sub(r"'[^']*'|\[[^]]*\]|-?\d+", "#", reason), None
        return "bad", f"{name}: {result.returncode} {result.stderr[-500:]}"

    def test_all(self):
        models = sorted(DATA.rglob("*.onnx"))
        if not models:
            self.skipTest("libonnx-testdata is not installed")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            outcomes = list(pool.map(self.outcome, range(len(models)), models))
        counts = collections.Counter(outcome for outcome, _ in outcomes)
        self.note = "\n".join(f"{count:5} {outcome[:100]}"
                              for outcome, count in counts.most_common())
        self.assertEqual([text for _, text in outcomes if text], [])

    def fold(self, number, model):
        """What folding makes of a model whose inputs are constants, and a
        complaint where that is not the result that comes with it."""
        name = str(model.parent.name)
        proto = onnx.load(model)
        data = model.parent / "test_data_set_0"

        def load(kind, values):
            tensors = []
            for i, value in enumerate(values):
                tensor = TensorProto()
                tensor.ParseFromString((data / f"{kind}_{i}.pb").read_bytes())
                tensor.name = value.name
                # Half precision comes as its bits.
                tensor.data_type = value.type.tensor_type.elem_type
                tensors.append(tensor)
            return tensors

        kinds = [value.type.WhichOneof("value") for value in
                 [*proto.graph.input, *proto.graph.output]]
        if set(kinds) != {"tensor_type"}:
            return "no tensors", None
        inputs = load("input", proto.graph.input)
        outputs = load("output", proto.graph.output)
        proto.graph.initializer.extend(inputs)
        proto.graph.input.append(onnx.helper.make_tensor_value_info(
            "unused", TensorProto.FLOAT, [1]))
        folder = self.folder / str(number)
        folder.mkdir()
        try:
            results = run_pdkc(proto, folder)
        except AssertionError as error:
            crashed = "error:" not in str(error)
            return "refused", f"{name}: {error}" if crashed else None
        if any(result is None for result in results):
            return "not folded", None
        for ours, tensor in zip(results, outputs):
            theirs = numpy_helper.to_array(tensor)
            if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
                return "wrong", f"{name}: {ours.shape} {ours.dtype}"
            if not numpy.allclose(ours.astype(float), theirs.astype(float),
                                  rtol=1e-3, atol=1e-6, equal_nan=True):
                return "wrong", f"{name}: {ours} {theirs}"
        return "right", None

    def test_folded(self):
        """Operators on the inputs that come with them, as constants."""
        models = sorted(DATA.glob("data/node/*/model.onnx"))
        if not models:
            self.skipTest("libonnx-testdata is not installed")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            outcomes = list(pool.map(self.fold, range(len(models)), models))
        counts = collections.Counter(outcome for outcome, _ in outcomes)
        self.note = str(dict(counts))
        self.assertEqual([text for _, text in outcomes if text], [])
        self.assertGreater(counts["right"], 400)
