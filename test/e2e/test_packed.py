"""Layers over packed tables, whichever way weights are coded and inputs taken.

Random networks by each of the methods, the background taken off in every layer
or in none: numpy, the lowbit interpreter and the words on the simulated chip
agree; half of the rows are mostly one value, some are at their ends.

To look at one: test_packed.py NUMBER FOLDER writes it there.
"""

import pathlib
import random as any_random
import sys

import numpy

from networks import CODEBOOKS, fitted
from support import (BIN, LEVELS, EndToEndTest, complaint, expand, for_each,
                     is_refused, run)

NETWORKS = 120
BATCH = 20
ROWS = 200
INPUT_RANGES = ((0, 1), (0, 15), (-31, 31), (0, 15), (-8, 7), (3, 12), (0, 40))
CLIPS = ((0, 1), (0, 15), (0, 31), (2, 9), (0, 20))
DEVICES = ("pms150c", "pfs154", "pfs173")
# And the weights that go with each.
METHODS = {
    "packed": list(CODEBOOKS.values()),
    "packed-relative": [(-1, 0, 1), (-1, 1), (-3, -1, 1, 3), (-2, -1, 1, 2),
                        (-3,), (-3, 0), (-2, 2)],
}


def make_network(number):
    """Network, rows, method, level and device, all from the number."""
    choose = any_random.Random(number)
    random = numpy.random.default_rng(number)
    method = choose.choice(list(METHODS))
    widths = [choose.randint(1, 40)]
    widths += [choose.randint(1, 18) for _ in range(choose.randint(1, 3))]
    network = fitted(random, widths,
                     [choose.choice(METHODS[method]) for _ in range(3)],
                     *choose.choice(INPUT_RANGES), choose.choices(CLIPS, k=3),
                     biased=choose.random() < 0.5, max_shift=12)
    if choose.random() < 0.2:
        network.layers[0].weights[random.random(widths[0]) < 0.3] = 0
    rows = network.samples(random, ROWS)
    quiet = random.random(rows.shape) < 0.7
    quiet[::2] = False
    rows = numpy.where(quiet, rows[:, :1], rows)
    rows[0], rows[1] = network.low, network.high
    rows[2, 0], rows[2, 1:] = network.low, network.high
    rows[3, 0], rows[3, 1:] = network.high, network.low
    method += choose.choice(("", "-background"))
    if "relative" in method:
        method += choose.choice(("", "-unrolled"))
    return (network, rows, method, choose.choice(LEVELS),
            choose.choice(DEVICES))


def write(folder, number):
    """Model, samples and classes as files, method, level and device."""
    network, rows, method, level, mcu = make_network(number)
    paths = [folder / name for name in ("model.mlir", "rows.u8", "classes.u8")]
    paths[0].write_text(network.to_lowbit(method))
    rows.astype(numpy.int64).astype(numpy.uint8).tofile(paths[1])
    network.evaluate(rows).astype(numpy.uint8).tofile(paths[2])
    return *paths, method, level, mcu


@expand
class PackedTest(EndToEndTest):

    def check(self, number):
        """Whether the network fits, and what is wrong."""
        model, rows, classes, method, level, mcu = write(self.folder, number)
        program = self.folder / "program.ihx"
        compiled = run(BIN / "pdkc", model, "-o", program, "--emit=module",
                       level, f"--mcu={mcu}", f"--samples={rows}",
                       "--verify=0")
        if (is_refused(compiled) or
                "a packed table cannot hold this layer" in compiled.stderr):
            return False, None
        if compiled.returncode:
            return True, complaint(compiled)
        for word in ("background", "unrolled"):
            if (word in compiled.stderr) != (word in method):
                return True, compiled.stderr
        measured = self.simulate(program, rows, f"--mcu={mcu}",
                                 f"--expected={classes}")
        return True, None if measured["equal"] == ROWS else str(measured)

    @for_each(range(0, NETWORKS, BATCH), lambda first: f"from_{first:03}")
    def test_networks(self, first):
        self.check_numbers(range(first, first + BATCH))


if __name__ == "__main__":
    print(*write(pathlib.Path(sys.argv[2]), int(sys.argv[1])))
