"""What the end-to-end tests share: the tools, the paths, ONNX Runtime."""

import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("PDKC_BIN", ROOT / "build" / "bin"))
MODELS = ROOT / "onnx_models"
SHARED = ROOT.parent / "shared"  # beside some checkouts; never needed

# Tools with sanitizers, which take several times as long; see test/run.
SANITIZED = bool(os.environ.get("PDKC_SANITIZED"))
TIME_FACTOR = 20 if SANITIZED else 1

LEVELS = ("-O3", "-Os")

# What a refusal for want of room says: the number needed and the number there.
REFUSED = re.compile(
    r"error: .*does not fit .*needs (\d+) (words|bytes).* has (\d+)")


def run(*command, cwd=None, timeout=120, env=None):
    return subprocess.run([str(word) for word in command], cwd=cwd, text=True,
                          env=env,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=timeout and timeout * TIME_FACTOR)


def run_python(script, *words, timeout=120):
    """Runs a script that finds the Python package, with the library of the
    build folder."""
    return run(sys.executable, "-c", script, *words, timeout=timeout,
               env=os.environ | {
                   "PYTHONPATH": str(ROOT / "compiler" / "python"),
                   "PYTHONDONTWRITEBYTECODE": "1",
                   "PDKC_LIBRARY": str(BIN.parent / "lib" / "libpdkc.so")})


def complaint(result):
    """What a failed command said; of a crash what matters."""
    lines = result.stderr.splitlines()
    if not any("Stack dump" in line for line in lines):
        return f"status {result.returncode}: {result.stderr}"
    lines = [line for line in lines if "Assertion" in line or "pdkc::" in line]
    return "\n".join([f"crash, status {result.returncode}", *lines])


def is_refused(result):
    """Whether pdkc failed for want of room alone, of which it needs more than
    there is."""
    refused = REFUSED.search(result.stderr)
    return bool(result.returncode == 1 and refused and
                int(refused[1]) > int(refused[3]))


def read_bytes(path):
    return numpy.fromfile(path, dtype=numpy.uint8)


def read_hex(path):
    """The words of an .ihx, as {word address: word}."""
    data = {}
    for line in pathlib.Path(path).read_text().split():
        record = bytes.fromhex(line[1:])
        assert sum(record) % 256 == 0, line
        count, address, kind = record[0], record[1] << 8 | record[2], record[3]
        if kind == 0:
            data.update(enumerate(record[4:4 + count], address))
    return {address // 2: data[address] | data[address + 1] << 8
            for address in data if address % 2 == 0}


def read_symbols(path):
    """The symbols of an sdld map and their byte addresses."""
    return {name: int(value, 16) for value, name in re.findall(
        r"^\s+([0-9A-F]{8})\s+(\S+)\s+\S+\s*$", pathlib.Path(path).read_text(),
        re.MULTILINE)}


@functools.lru_cache(maxsize=None)
def model_folders():
    return sorted(path.parent for path in MODELS.glob("*/model.json"))


def ort_classes(model, inputs):
    """The first output of the model for each row of inputs.

    The model is a path or bytes; where its batch dimension is 1 it is run row
    by row.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = (
        onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL)
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    if isinstance(model, pathlib.Path):
        model = str(model)
    session = onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    rows = numpy.asarray(inputs, numpy.float32)
    batches = [rows] if given.shape[0] != 1 else rows[:, None, :]
    return numpy.concatenate(
        [session.run(None, {given.name: batch})[0].ravel()
         for batch in batches])


class EndToEndTest(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pdkc-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def pdkc(self, model, output, *options):
        """Compiles, which must work; the summary."""
        result = run(BIN / "pdkc", model, "-o", output, *options)
        self.assertEqual(result.returncode, 0, complaint(result))
        self.assertNotIn("error:", result.stderr)
        return result.stderr

    def simulate(self, program, samples, *options):
        """Runs the program, which must break no rule; pdk-sim's JSON."""
        result = run(BIN / "pdk-sim", program, f"--samples={samples}", "--json",
                     *options)
        self.assertEqual(result.returncode, 0, complaint(result))
        return json.loads(result.stdout)

    def compile_and_run(self, model, samples, *options, mcu="pms150c",
                        expected=None):
        """Compiles and runs; words of the module, pdk-sim's JSON, summary."""
        program = self.folder / "program.ihx"
        summary = self.pdkc(model, program, "--emit=module", f"--mcu={mcu}",
                            *options)
        simulation = [f"--mcu={mcu}"]
        if expected is not None:
            simulation.append(f"--expected={expected}")
        measured = self.simulate(program, samples, *simulation)
        words = int(re.search(r": (\d+) words of", summary).group(1))
        # Two words before the module: the reset goto, model_next_input.
        self.assertEqual(len(read_hex(program)), words + 2)
        return words, measured, summary

    def check_numbers(self, numbers):
        """Of each numbered network self.check says whether it fits, and what
        is wrong; nothing may be, and half of them or more must fit."""
        troubles, refused = [], []
        for number in numbers:
            fits, trouble = self.check(number)
            if trouble:
                troubles.append(f"network {number}: {trouble}")
            if not fits:
                refused.append(number)
        self.assertFalse(troubles, "\n" + "\n".join(troubles))
        self.assertLessEqual(2 * len(refused), len(numbers),
                             f"refused: {refused}")
        self.note = (f"{len(numbers) - len(refused)} computed, "
                     f"{len(refused)} refused")


def for_each(values, name=str):
    """Makes a test method into one for each of the values."""

    def decorate(method):
        method.cases = [(name(value), value) for value in values]
        return method

    return decorate


def expand(cls):
    """Class decorator: replaces the methods that for_each marked."""
    for method in list(vars(cls).values()):
        for name, value in getattr(method, "cases", ()):
            def case(self, method=method, value=value):
                method(self, value)
            case.__doc__ = method.__doc__
            suffix = re.sub(r"\W+", "_", name).strip("_")
            setattr(cls, f"{method.__name__}_{suffix}", case)
        if hasattr(method, "cases"):
            delattr(cls, method.__name__)
    return cls
