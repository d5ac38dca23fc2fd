"""Layers in nested loops: weights of 1 to 8 bits, activations of as many.

Random networks of 1 to 24 neurons a layer and up to 64 inputs with all kinds of
codebooks: pdkc runs the words on the simulated chip, where they have to agree
with the lowbit interpreter for every input.
And the one that the method is for: 49-23-10 with weights and activations of 4
bits, which the smallest chip holds.

To look at one: test_looped.py NUMBER FOLDER writes it there.
"""

import pathlib
import random as any_random
import re
import sys

import numpy

from networks import fitted
from support import (BIN, LEVELS, EndToEndTest, complaint, expand, for_each,
                     is_refused, read_bytes, run)
from test_assembler import MAIN, SETS

NETWORKS = 120
BATCH = 20
ROWS = 100
INPUT_RANGES = ((0, 1), (0, 15), (0, 100), (0, 255), (-128, 127), (-8, 7),
                (3, 12), (-1, 1))
CLIPS = ((0, 1), (0, 15), (0, 63), (0, 255), (-8, 7), (-128, 127), (2, 9))
DEVICES = ("pms150c", "pfs154", "pfs173")
METHODS = ("looped", "looped-skip", "looped-unrolled")


def choose_codebook(choose):
    bits = choose.randint(1, 8)
    low = choose.choice((0, -(1 << bits - 1), choose.randint(1 - (1 << bits), 0)))
    values = range(low, low + (1 << bits))
    if choose.random() < 0.3:
        return sorted(choose.sample(values, choose.randint(1, min(8, 1 << bits))))
    return tuple(values)


def make_network(number):
    """Network, rows, method, level and device, all from the number."""
    choose = any_random.Random(number)
    random = numpy.random.default_rng(number)
    widths = [choose.randint(1, 64)]
    widths += [choose.randint(1, 24) for _ in range(choose.randint(1, 3))]
    network = fitted(random, widths,
                     [choose_codebook(choose) for _ in range(3)],
                     *choose.choice(INPUT_RANGES), choose.choices(CLIPS, k=3),
                     biased=choose.random() < 0.7, max_shift=20)
    return (network, network.samples(random, ROWS), choose.choice(METHODS),
            choose.choice(LEVELS), choose.choice(DEVICES))


def write(folder, rows, text):
    """Model and samples as files; their paths."""
    paths = folder / "model.mlir", folder / "rows.u8"
    paths[0].write_text(text)
    rows.astype(numpy.int64).astype(numpy.uint8).tofile(paths[1])
    return paths


@expand
class LoopedTest(EndToEndTest):

    def check(self, number):
        """Whether the network fits; None where all is well, or the trouble."""
        network, rows, method, level, mcu = make_network(number)
        model, samples = write(self.folder, rows, network.to_lowbit(method))
        compiled = run(BIN / "pdkc", model, "-o", self.folder / "model.asm",
                       level, f"--mcu={mcu}", f"--samples={samples}",
                       "--verify=0")
        if compiled.returncode:
            if not is_refused(compiled):
                return True, complaint(compiled)
            return False, None
        return True, (None if f"{ROWS} inputs verified" in compiled.stderr else
                      compiled.stderr)

    @for_each(range(0, NETWORKS, BATCH), lambda first: f"from_{first:03}")
    def test_networks(self, first):
        self.check_numbers(range(first, first + BATCH))

    @for_each([(seed, level) for seed in range(2) for level in LEVELS],
              "{0[0]}{0[1]}".format)
    def test_int4(self, case):
        seed, level = case
        random = numpy.random.default_rng(seed)
        network = fitted(random, [49, 23, 10], [range(-8, 8)], 0, 15, [(0, 15)])
        raw = random.integers(0, 256, (1000, 49))
        raw[500:] *= random.random(raw[500:].shape) < 0.4
        raw[0], raw[1] = 0, 255
        text = network.to_lowbit(raw=(0, 255, 4))
        model, samples = write(self.folder, raw, text)
        self.assertGreater(len(set(network.evaluate(raw >> 4))), 3,
                           "a network of some interest")
        summary = self.pdkc(model, self.folder / "model.asm", level,
                            f"--samples={samples}", "--verify=0")
        self.assertEqual(summary.count("in loops"), 2, summary)
        self.assertIn("1000 inputs verified", summary)
        for unit, room in ("words", 1014 - 40), ("bytes", 64 - 2):
            used = re.search(rf"(\d+) {unit} of (\d+)", summary)
            self.assertLessEqual(int(used[1]), room)
            self.assertEqual(int(used[2]), room)

    @for_each(SETS)
    def test_links(self, mcu):
        """Linked with C by SDCC the module computes what the integers do."""
        random = numpy.random.default_rng(len(mcu))
        network = fitted(random, [20, 9, 5], [range(-12, 13), range(-7, 8)], 0,
                         255, [(0, 15)], max_shift=20)
        rows = network.samples(random, 200)
        classes = network.evaluate(rows)
        self.assertGreater(len(set(classes)), 3, "a network of some interest")
        model, samples = write(self.folder, rows, network.to_lowbit("looped"))
        self.pdkc(model, self.folder / "model.asm", f"--mcu={mcu}")
        (self.folder / "main.c").write_text(MAIN)
        instructions = SETS[mcu][0]
        sdcc = "sdcc", f"-m{instructions}", "--std-sdcc11", "--opt-code-size"
        for command in ((f"sdas{instructions}", "-plosgff", "model.asm"),
                        (*sdcc, "-c", "main.c"),
                        (*sdcc, "model.rel", "main.rel", "-o", "out.ihx")):
            result = run(*command, cwd=self.folder)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
        taken = self.folder / "classes.u8"
        self.simulate(self.folder / "out.ihx", samples, f"--mcu={mcu}",
                      "--input-port=0x10", f"--classes={taken}")
        self.assertTrue((read_bytes(taken) == classes).all())


def main():
    network, rows, method, level, mcu = make_network(int(sys.argv[1]))
    model, _ = write(pathlib.Path(sys.argv[2]), rows,
                     network.to_lowbit(method))
    print("pdkc", model, level, f"--mcu={mcu}")


if __name__ == "__main__":
    main()
