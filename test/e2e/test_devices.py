"""Every device, both ways of handing over inputs: the words in pdk-sim give the
expected classes, or the refusal says what is needed and what there is, and
which device has it. --mcu=auto is the first device that fits, and model_output
holds what the interpreter and NumPy say.

Expected classes are ONNX Runtime's, or what was computed with the data set; of
models in the lowbit dialect, the interpreter's. Devices of the same size count
as one. Every day each random model meets one device; with PDKC_TEST_ALL set, or
by run.py --all, every model meets every device at both levels.
"""

import dataclasses
import functools
import json
import os
import pathlib
import random as any_random
import re

import numpy

from elementwise import random_model
from networks import CODEBOOKS, fitted
from networks import write as write_network
from support import (BIN, LEVELS, MODELS, REFUSED, SHARED, EndToEndTest,
                     complaint, expand, for_each, model_folders, ort_classes,
                     read_bytes, run)
from test_random import make_network

ALL = bool(os.environ.get("PDKC_TEST_ALL"))
MODES = ("stream", "buffer")
RANDOM = 20  # networks, and as many models with steps
SAMPLES = 100


@functools.lru_cache(maxsize=None)
def devices():
    """Names of the devices, one of each size, the smallest first."""
    result = run(BIN / "pdkc", "--list-mcus")
    sizes = {}
    for line in result.stdout.splitlines():
        name, tools, words, ram = re.match(
            r"(\w+) +(\w+) +(\d+) words of +\d+ +(\d+) bytes RAM",
            line).groups()
        sizes.setdefault((int(words), int(ram), tools), name)
    return [sizes[size] for size in sorted(sizes)]


@dataclasses.dataclass
class Model:
    path: pathlib.Path
    options: list
    samples: pathlib.Path
    inputs: int
    expected: pathlib.Path


def trained_models():
    """Folders of models with test sets; the seed's where it is there."""
    seed = [SHARED / "seed"] if (SHARED / "seed").is_dir() else []
    return [*seed, *model_folders()]


def open_trained(folder):
    if folder.parent != MODELS:
        return Model(folder / "seed_integer.onnx", ["--input-range=-31:31"],
                     folder / "t10k_8x8_int8.raw", 64,
                     folder / "seed_integer.expected.raw")
    facts = json.loads((folder / "model.json").read_text())
    return Model(folder / facts["model"],
                 [f"--input-range={facts['input_range']}"],
                 folder / facts["images"], facts["inputs"],
                 folder / facts["expected"])


def make_random(folder, number):
    network, rows, _, _, divide = make_network(1000 + number)
    classes = ort_classes(network.to_onnx(None, divide), rows)
    model, samples, expected = write_network(folder, network, rows, classes,
                                             divide=divide)
    return Model(model, [network.option()], samples, network.inputs, expected)


def interpret(model, samples, *options):
    """What the integers of the lowbit dialect make of the samples."""
    result = run(BIN / "pdkc", model, "-o", "-", "--emit=values",
                 f"--samples={samples}", *options)
    assert result.returncode == 0, complaint(result)
    return json.loads(result.stdout)


def get_outputs(values):
    """The integers of the first output, a row a sample; None without one."""
    return values["outputs"][0]["values"] if values["outputs"] else None


def make_steps(folder, number):
    """A random model of the lowbit dialect, and its logits where it has any."""
    path, samples, expected = (folder / name for name in
                               ("model.mlir", "rows.u8", "classes.u8"))
    text = random_model(number)
    path.write_text(text)
    inputs, low, high = map(int, re.search(
        r"%arg: tensor<(\d+)x!lowbit.int<(-?\d+), (-?\d+)>>", text).groups())
    rows = numpy.random.default_rng(number).integers(low, high + 1,
                                                     (SAMPLES, inputs))
    rows[0], rows[1] = low, high
    rows.astype(numpy.uint8).tofile(samples)
    values = interpret(path, samples)
    numpy.array(values["classes"], numpy.uint8).tofile(expected)
    return Model(path, [], samples, inputs, expected), get_outputs(values)


class DeviceTest(EndToEndTest):

    def attempt(self, model, mcu, *options):
        """Compiles to program.ihx; the summary, or nothing and the refusal."""
        program = self.folder / "program.ihx"
        program.unlink(missing_ok=True)
        result = run(BIN / "pdkc", model.path, "-o", program, "--emit=module",
                     f"--mcu={mcu}", *model.options, *options)
        if result.returncode == 0:
            return result.stderr, None
        refused = REFUSED.search(result.stderr)
        self.assertEqual(result.returncode, 1, complaint(result))
        self.assertTrue(refused, f"{mcu} {options}: {complaint(result)}")
        self.assertGreater(int(refused[1]), int(refused[3]), refused[0])
        self.assertIn(f" of the {mcu}:", refused[0])
        self.assertFalse(program.exists())
        return None, result.stderr

    def run_words(self, model, mcu, *options):
        """The emitted words give the expected classes."""
        measured = self.simulate(
            self.folder / "program.ihx", model.samples, f"--mcu={mcu}",
            f"--inputs={model.inputs}", f"--expected={model.expected}",
            f"--limit={SAMPLES}", *options)
        self.assertEqual(measured["violations"], [])
        self.assertGreater(measured["samples"], 2)
        self.assertEqual(measured["equal"], measured["samples"])

    def check_advice(self, model, mcu, refusal, *options):
        """The first device that a refusal names holds the model indeed."""
        advice = re.search(r"it fits: (\w+) \((\d+) of (\d+) words, "
                           r"(\d+) of (\d+) bytes\)", refusal)
        if not advice:
            self.assertIn("it fits no larger device either", refusal)
            if ALL:
                for other in devices()[devices().index(mcu) + 1:]:
                    self.assertIsNone(
                        self.attempt(model, other, *options)[0])
            return
        words, room, used, ram = map(int, advice.groups()[1:])
        self.assertLessEqual(words, room)
        self.assertLessEqual(used, ram)
        summary, _ = self.attempt(model, advice[1], *options)
        self.assertIsNotNone(summary, f"does not fit: {advice[0]}")
        self.run_words(model, advice[1])

    def check(self, model, mcu, *options):
        """Whether the model fits the device."""
        summary, refusal = self.attempt(model, mcu, *options)
        if summary is None:
            self.check_advice(model, mcu, refusal, *options)
            return False
        self.run_words(model, mcu)
        return True


@expand
class TrainedTest(DeviceTest):

    @for_each([(folder, mcu) for folder in trained_models()
               for mcu in devices()],
              lambda case: f"{case[0].name}_{case[1]}")
    def test(self, case):
        folder, mcu = case
        model = open_trained(folder)
        refused = []
        for i, mode in enumerate(MODES):
            level = LEVELS[(i + devices().index(mcu)) % 2]
            for level in LEVELS if ALL else [level]:
                if not self.check(model, mcu, f"--input={mode}", level,
                                  "--verify=10"):
                    refused.append(f"{mode} {level}")
        self.assertFalse([r for r in refused if "stream" in r])
        self.note = "does not fit: " + ", ".join(refused) if refused else ""


@expand
class RandomModelTest(DeviceTest):

    def check_all(self, mcu, make):
        fits = refused = 0
        for number in range(RANDOM):
            here = number % len(devices()) == devices().index(mcu)
            if not here and not ALL:
                continue
            model = make(self.folder, number)
            choose = any_random.Random(number)
            mode, level = choose.choice(MODES), choose.choice(LEVELS)
            for options in ([(f"--input={m}", l) for m in MODES
                             for l in LEVELS] if ALL else
                            [(f"--input={mode}", level)]):
                with self.subTest(number=number, options=options):
                    if self.check(model, mcu, *options, "--verify=10"):
                        fits += 1
                    else:
                        refused += 1
        self.note = f"{fits} computed, {refused} refused"

    @for_each(devices())
    def test_networks(self, mcu):
        self.check_all(mcu, make_random)

    @for_each(devices())
    def test_steps(self, mcu):
        self.check_all(mcu, lambda *case: make_steps(*case)[0])


# Type of the sums, weights, inputs' range and number; the last ones need more
# than 16 bits.
OUTPUTS = {
    "int8": ((-1, 0, 1), (0, 15), 4),
    "uint8": ((0, 1), (0, 15), 4),
    "int16": (tuple(range(-8, 8)), (0, 255), 9),
    "uint16": ((1, 2, 3), (0, 255), 30),
    "wide": (tuple(range(-128, 128)), (-128, 127), 12),
}


def read_constants(header, name):
    """One number for all outputs, or one each."""
    return numpy.array([float(number) for number in re.search(
        rf"#define {name}S? [({{](.*)[)}}]", header)[1].split(",")])


@expand
class OutputsTest(DeviceTest):

    def read_outputs(self, model, mcu, count):
        """model_output after each sample, by what the header says of it."""
        header = (self.folder / "model.h").read_text()
        unsigned, bits = re.search(
            rf"extern (u?)int(8|16|32)_t model_output\[{count}\];",
            header).groups()
        kind = numpy.dtype(f"<{'u' if unsigned else 'i'}{int(bits) // 8}")
        outputs = self.folder / "outputs"
        self.run_words(model, mcu, f"--outputs={outputs}",
                       f"--output-bytes={count * kind.itemsize}")
        return (f"{unsigned}int{bits}_t",
                numpy.fromfile(outputs, kind).reshape(-1, count), header)

    def compile(self, model, mcu, *options):
        """The words and the header, from one compilation each."""
        summary, refusal = self.attempt(model, mcu, *options)
        self.assertIsNotNone(summary, refusal)
        self.pdkc(model.path, self.folder / "model.h", f"--mcu={mcu}",
                  *model.options, *options)

    @for_each([(name, mode) for name in OUTPUTS for mode in MODES], "_".join)
    def test_sums(self, case):
        name, mode = case
        codebook, (low, high), inputs = OUTPUTS[name]
        random = numpy.random.default_rng(len(name))
        network = fitted(random, [inputs, 3], [codebook], low, high, [])
        layer = network.layers[0]
        rows = network.samples(random, SAMPLES)
        path, samples, expected = write_network(self.folder, network, rows,
                                                network.evaluate(rows))
        model = Model(path, [network.option()], samples, inputs, expected)
        mcu = any_random.Random(str(case)).choice(devices())
        self.compile(model, mcu, "--output=logits", f"--input={mode}")
        declared, outputs, header = self.read_outputs(model, mcu, 3)
        sums = rows.astype(numpy.int64) @ layer.weights + layer.biases
        self.assertEqual(declared, "int16_t" if name == "wide" else name + "_t")
        scale, offset = (read_constants(header, f"MODEL_OUTPUT_{word}")
                         for word in ("SCALE", "OFFSET"))
        self.assertEqual((scale > 1).all(), name == "wide")
        error = numpy.abs(outputs * scale + offset - sums)
        self.assertTrue((error <= numpy.where(scale > 1, scale / 2, 0)).all())
        values = interpret(model.path, model.samples, "--output=logits",
                           *model.options)
        self.assertTrue((numpy.array(get_outputs(values)) == outputs).all())
        self.note = f"{declared} on the {mcu}"

    def test_steps(self):
        """Those of the random models that have outputs."""
        seen = set()
        for number in range(RANDOM * 2):
            model, logits = make_steps(self.folder, number)
            if not logits:
                continue
            mcu = devices()[number % len(devices())]
            if self.attempt(model, mcu)[0] is None:
                continue
            self.compile(model, mcu)
            declared, outputs, _ = self.read_outputs(model, mcu, len(logits[0]))
            self.assertTrue((outputs == numpy.array(logits)).all(), number)
            seen.add(declared)
        self.assertGreaterEqual(len(seen), 2, seen)
        self.note = ", ".join(sorted(seen))


@expand
class AutoTest(DeviceTest):

    # As many inputs in a buffer as need more and more RAM; the last too much.
    @for_each([10, 56, 66, 100, 240, 250], str)
    def test_buffer(self, inputs):
        random = numpy.random.default_rng(inputs)
        network = fitted(random, [inputs, 4], [CODEBOOKS["ternary"]], 0, 15, [])
        rows = network.samples(random, SAMPLES)
        path, samples, expected = write_network(self.folder, network, rows,
                                                network.evaluate(rows))
        model = Model(path, [network.option()], samples, inputs, expected)
        options = "--input=buffer", "--verify=10"
        first = next((mcu for mcu in devices()
                      if self.attempt(model, mcu, *options)[0] is not None),
                     None)
        program = self.folder / "program.ihx"
        result = run(BIN / "pdkc", path, "-o", program, "--emit=module",
                     "--mcu=auto", network.option(), *options)
        if not first:
            self.assertEqual(result.returncode, 1)
            refused = REFUSED.search(result.stderr)
            self.assertGreater(int(refused[1]), int(refused[3]))
            self.assertIn(f" of the {devices()[-1]}:", refused[0])
            self.note = "none"
            return
        self.assertEqual(result.returncode, 0, complaint(result))
        self.note = result.stderr.split(":")[0]
        self.assertEqual(self.note, first)
        self.run_words(model, first)
