"""Layers in one loop, weight by weight.

Random networks with all codebooks that the method takes, inputs as a stream or
in a buffer, biased or not, of layers that one loop takes or that fall apart into
several: numpy says the classes, the words on the simulated chip have to agree.

To look at one: test_serial.py NUMBER FOLDER writes it there.
"""

import pathlib
import random as any_random
import re
import sys

import numpy

from networks import CODEBOOKS, fitted, write as write_onnx
from support import (BIN, LEVELS, EndToEndTest, complaint, expand, for_each,
                     is_refused, ort_classes, run)

NETWORKS = 120
BATCH = 20
ROWS = 100
INPUT_RANGES = ((0, 1), (0, 15), (0, 127), (0, 255), (-31, 31), (-127, 127),
                (-8, 7), (3, 12), (-1, 1))
CLIPS = ((0, 1), (0, 15), (0, 63), (0, 127), (0, 255), (-8, 7), (2, 9),
         (-100, 100))
DEVICES = ("pms150c", "pfs154", "pfs173")
REFUSED = "a loop over single weights has sums of at most 16 bits"
TAKEN = [CODEBOOKS[name] for name in (
    "ternary", "binary", "ones_and_threes", "ones_and_twos")] + [
        (0, 1), (0, 1, 2), (1, 2), (-2, -1, 0, 1, 2), (-1, 2), range(-3, 4),
        range(-7, 8), (-5, 0, 2, 7), range(-15, 16), range(-60, 61)]


def make_network(number):
    """Network, rows, whether inputs are a stream, level and device, all from the
    number.
    """
    choose = any_random.Random(number)
    random = numpy.random.default_rng(number)
    widths = [choose.randint(1, 64)]
    widths += [choose.randint(1, 20) for _ in range(choose.randint(1, 4))]
    if choose.random() < 0.4:
        widths[1:] = [widths[1]] * (len(widths) - 1)
    # Mostly all layers alike, as one loop wants them.
    same = choose.random() < 0.7
    network = fitted(random, widths, choose.choices(TAKEN, k=1 if same else 3),
                     *choose.choice(INPUT_RANGES),
                     choose.choices(CLIPS, k=1 if same else 3),
                     biased=choose.random() < 0.5, max_shift=9)
    if same:
        for layer in network.layers[1:-1]:
            layer.shift = network.layers[0].shift
    return (network, network.samples(random, ROWS), choose.random() < 0.7,
            choose.choice(LEVELS), choose.choice(DEVICES))


def write(folder, number):
    """Model, rows and classes as files, and the options of pdkc."""
    network, rows, is_stream, level, mcu = make_network(number)
    paths = [folder / name for name in ("model.mlir", "rows.u8", "classes.u8")]
    paths[0].write_text(network.to_lowbit("serial"))
    rows.astype(numpy.int64).astype(numpy.uint8).tofile(paths[1])
    network.evaluate(rows).astype(numpy.uint8).tofile(paths[2])
    return *paths, [f"--input={'stream' if is_stream else 'buffer'}", level,
                    f"--mcu={mcu}"]


@expand
class SerialTest(EndToEndTest):

    def check(self, number):
        """Whether the network fits; None where all is well, or the trouble."""
        folder = self.folder / str(number)
        folder.mkdir()
        model, rows, classes, options = write(folder, number)
        program = folder / "program.ihx"
        compiled = run(BIN / "pdkc", model, "-o", program, "--emit=module",
                       f"--samples={rows}", "--verify=0", *options)
        if is_refused(compiled) or REFUSED in compiled.stderr:
            return False, None
        if compiled.returncode:
            return True, complaint(compiled)
        if "weight by weight" not in compiled.stderr:
            return True, "by another method"
        measured = self.simulate(program, rows, options[-1],
                                 f"--expected={classes}")
        return True, None if measured["equal"] == ROWS else str(measured)

    @for_each(range(0, NETWORKS, BATCH), lambda first: f"from_{first:03}")
    def test_networks(self, first):
        self.check_numbers(range(first, first + BATCH))

    def test_apart(self):
        """Signed inputs and ones beyond 127 are no one loop; requantisations
        behind both are the same, but not of the same sums."""
        random = numpy.random.default_rng(3)
        network = fitted(random, [20, 8, 8, 8, 5], [CODEBOOKS["ones_and_twos"]],
                         -31, 31, [(0, 255)], biased=False)
        for layer in network.layers[:-1]:
            layer.shift = 1
        rows = network.samples(random, ROWS)
        model, samples = self.folder / "model.mlir", self.folder / "rows.u8"
        expected = self.folder / "classes.u8"
        model.write_text(network.to_lowbit("serial"))
        rows.astype(numpy.uint8).tofile(samples)
        network.evaluate(rows).astype(numpy.uint8).tofile(expected)
        _, measured, _ = self.compile_and_run(
            model, samples, "-Os", f"--samples={samples}", expected=expected,
            mcu="pfs154")
        self.assertEqual(measured["equal"], ROWS)

    @for_each([(biased, mcu) for biased in (False, True) for mcu in DEVICES],
              "{0[1]}_{0[0]}".format)
    def test_smallest(self, case):
        """Chosen at -Os, where four layers are one loop beside their weights."""
        biased, mcu = case
        random = numpy.random.default_rng(8)
        widths = [64, 16, 16, 16, 10]
        network = fitted(random, widths, [CODEBOOKS["ones_and_twos"]], -31, 31,
                         [(0, 127)], biased=biased)
        for layer in network.layers[:-1]:
            layer.shift = 3
        rows = network.samples(random, 500)
        classes = ort_classes(network.to_onnx(batch=None), rows)
        model, samples, expected = write_onnx(self.folder, network, rows,
                                              classes)
        _, measured, summary = self.compile_and_run(
            model, samples, network.option(), "-Os", f"--samples={samples}",
            expected=expected, mcu=mcu)
        self.assertEqual(measured["equal"], 500)
        self.assertEqual(summary.count("weight by weight"), 4, summary)
        weights = sum(a * b for a, b in zip(widths, widths[1:]))
        tables = weights // (7 if mcu == "pfs173" else 4)
        if biased:
            tables += 2 * sum(widths[1:])
        words = int(re.search(r": (\d+) words of", summary)[1])
        self.assertLess(words, tables + 130)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    model, rows, _, options = write(folder, int(sys.argv[1]))
    print("pdkc", model, f"--samples={rows}", *options)
