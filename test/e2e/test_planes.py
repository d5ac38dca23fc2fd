"""Layers from sums of bit planes, modulo 256: exact for every input.

Random networks with all kinds of codebooks, of sums that are proven to fit a
byte and of sums that only most inputs keep within one: numpy, the lowbit
interpreter and the words on the simulated chip agree, for inputs that are all
at their most among them.

To look at one: test_planes.py NUMBER FOLDER writes it there.
"""

import pathlib
import random as any_random
import re
import sys

import numpy

from networks import CODEBOOKS, fitted, write
from support import (BIN, LEVELS, EndToEndTest, complaint, expand, for_each,
                     is_refused, ort_classes, run)

NETWORKS = 60
BATCH = 10
ROWS = 200
HIGHS = (1, 3, 15, 15, 100, 255)
CLIPS = ((0, 1), (0, 7), (0, 15), (0, 127), (0, 255), (2, 9), (0, 63))
METHODS = ("planes", "planes-shared")
DEVICES = ("pms150c", "pfs154", "pfs173", "pfs173")


def choose_codebook(choose):
    if choose.random() < 0.6:
        return choose.choice(list(CODEBOOKS.values()))
    low = choose.randint(-60, 3)
    values = range(low, low + choose.choice((2, 4, 9, 40, 200)))
    return sorted(choose.sample(values, choose.randint(1, min(8, len(values)))))


def make_network(number):
    """Network, rows, level, device and method, all from the number."""
    choose = any_random.Random(number)
    random = numpy.random.default_rng(number)
    widths = [choose.randint(1, 24) for _ in range(choose.randint(2, 4))]
    widths += [choose.randint(2, 10)]
    network = fitted(random, widths,
                     [choose_codebook(choose) for _ in range(3)], 0,
                     choose.choice(HIGHS), choose.choices(CLIPS, k=3),
                     biased=choose.random() < 0.5, max_shift=12)
    rows = network.samples(random, ROWS)
    # A few that are large, where others are small.
    rows[4:40:3] = random.choice((0, network.high), rows[4:40:3].shape)
    level, device = choose.choice(LEVELS), choose.choice(DEVICES)
    return network, rows, level, device, choose.choice(METHODS)


def write_network(folder, number):
    network, rows, level, device, method = make_network(number)
    model = folder / "model.mlir"
    model.write_text(network.to_lowbit(method))
    paths = folder / "rows.u8", folder / "classes.u8"
    rows.astype(numpy.uint8).tofile(paths[0])
    network.evaluate(rows).astype(numpy.uint8).tofile(paths[1])
    return model, *paths, level, device


@expand
class PlanesTest(EndToEndTest):

    def check(self, number):
        """Whether network `number` fits, and what is wrong."""
        folder = self.folder / str(number)
        folder.mkdir()
        model, rows, classes, level, device = write_network(folder, number)
        program = folder / "program.ihx"
        result = run(BIN / "pdkc", model, "-o", program, "--emit=module",
                     f"--mcu={device}", level, f"--samples={rows}",
                     "--verify=0")
        if is_refused(result):
            return False, ""
        if result.returncode:
            return True, complaint(result)
        if "planes" not in result.stderr:
            return True, "no sums of bit planes"
        measured = self.simulate(program, rows, f"--mcu={device}",
                                 f"--expected={classes}")
        return True, "" if measured["equal"] == ROWS else str(measured)

    @for_each(range(0, NETWORKS, BATCH))
    def test_random(self, first):
        self.check_numbers(range(first, first + BATCH))

    def test_shared(self):
        """Layers that are alike in all but weights: fewer words, exact."""
        random = numpy.random.default_rng(6)
        network = fitted(random, [16, 16, 16, 16, 10],
                         [CODEBOOKS["ones_and_twos"]], 0, 127, [(0, 127)],
                         biased=False)
        rows = random.integers(0, 20, (300, 16))
        rows[100:200] = random.integers(0, 128, (100, 16))
        rows[0], rows[1] = 0, 127
        classes = network.evaluate(rows)
        words = {}
        for method in METHODS:
            model = self.folder / f"{method}.mlir"
            model.write_text(network.to_lowbit(method))
            program = self.folder / f"{method}.ihx"
            samples = self.folder / "samples.u8"
            expected = self.folder / "expected.u8"
            rows.astype(numpy.uint8).tofile(samples)
            classes.astype(numpy.uint8).tofile(expected)
            result = run(BIN / "pdkc", model, "-o", program, "--emit=module",
                         "--mcu=pfs173", f"--samples={samples}")
            self.assertEqual(result.returncode, 0, result.stderr)
            words[method] = int(re.search(r"(\d+) words", result.stderr)[1])
            measured = self.simulate(program, samples, "--mcu=pfs173",
                                     f"--expected={expected}")
            self.assertEqual(measured["equal"], len(rows))
        # Sums of rows, digits and how these come together, twice less.
        self.assertLess(words["planes-shared"], words["planes"] - 400)

    @for_each(LEVELS)
    def test_chosen(self, level):
        """Small, and mostly within the limit: the fastest; and exact beyond."""
        random = numpy.random.default_rng(5)
        network = fitted(random, [16, 16, 16, 10],
                         [CODEBOOKS["ones_and_twos"]], 0, 127, [(0, 127)],
                         biased=False)
        rows = random.integers(0, 20, (500, 16))
        # The planner does not see these.
        rows[100::50] = random.integers(0, 128, (8, 16))
        rows[101] = 127
        classes = ort_classes(network.to_onnx(batch=None), rows)
        model, samples, expected = write(self.folder, network, rows, classes)
        _, measured, summary = self.compile_and_run(
            model, samples, network.option(), level, f"--samples={samples}",
            expected=expected, mcu="pfs173")
        self.assertEqual(measured["equal"], 500)
        self.assertEqual("sums of bit planes" in summary, level == "-O3",
                         summary)
        if level == "-O3":
            cycles = measured["cycles"]
            # It is 1,986 without.
            self.assertLess(cycles["mean"], 1700)
            self.assertGreater(cycles["max"], cycles["mean"] + 500)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    print(*write_network(folder, int(sys.argv[1])))
