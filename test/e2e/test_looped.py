"""Layers in nested loops: weights of 1 to 8 bits, activations of as many.

Random networks of 1 to 24 neurons a layer and up to 64 inputs with all kinds of
codebooks: the words on the simulated chip and the integers differ for no input.
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
from support import (BIN, LEVELS, REFUSED, EndToEndTest, complaint, expand,
                     for_each, run)

NETWORKS = 120
BATCH = 20
INPUT_RANGES = ((0, 1), (0, 15), (0, 100), (0, 255), (-128, 127), (-8, 7),
                (3, 12), (-1, 1))
CLIPS = ((0, 1), (0, 15), (0, 63), (0, 255), (-8, 7), (-128, 127), (2, 9))
DEVICES = ("pms150c", "pfs154", "pfs173")
METHODS = ("looped", "looped-skip")


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
    return (network, network.samples(random, 100), choose.choice(METHODS),
            choose.choice(LEVELS), choose.choice(DEVICES))


def write(folder, network, rows, text):
    """Model, samples and expected classes as files; their paths."""
    paths = [folder / name for name in ("model.mlir", "rows.u8", "classes.u8")]
    paths[0].write_text(text)
    rows.astype(numpy.int64).astype(numpy.uint8).tofile(paths[1])
    network.evaluate(rows).astype(numpy.uint8).tofile(paths[2])
    return paths


@expand
class LoopedTest(EndToEndTest):

    def check(self, number):
        """Whether the network fits; None where all is well, or the trouble."""
        network, rows, method, level, mcu = make_network(number)
        model, samples, expected = write(self.folder, network, rows,
                                         network.to_lowbit(method))
        program = self.folder / "program.ihx"
        compiled = run(BIN / "pdkc", model, "-o", program, level,
                       f"--mcu={mcu}")
        if compiled.returncode:
            refused = REFUSED.search(compiled.stderr)
            if (compiled.returncode != 1 or not refused or
                    int(refused[1]) <= int(refused[3])):
                return True, complaint(compiled)
            return False, None
        simulated = run(BIN / "pdk-sim", program, f"--mcu={mcu}",
                        f"--samples={samples}", f"--expected={expected}",
                        f"--inputs={network.inputs}")
        return True, complaint(simulated) if simulated.returncode else None

    @for_each(range(0, NETWORKS, BATCH), lambda first: f"from_{first:03}")
    def test_networks(self, first):
        troubles, refused = [], []
        for number in range(first, first + BATCH):
            fits, trouble = self.check(number)
            if trouble:
                troubles.append(f"network {number}: {trouble}")
            if not fits:
                refused.append(number)
        self.assertFalse(troubles, "\n" + "\n".join(troubles))
        self.assertLessEqual(len(refused), BATCH // 2, f"refused: {refused}")
        self.note = f"{BATCH - len(refused)} computed, {len(refused)} refused"

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
        model, samples, expected = write(self.folder, network, raw >> 4, text)
        raw.astype(numpy.uint8).tofile(samples)
        classes = numpy.fromfile(expected, numpy.uint8)
        self.assertGreater(len(set(classes)), 3, "a network of some interest")
        words, measured, summary = self.compile_and_run(
            model, samples, level, f"--samples={samples}", "--verify=0",
            expected=expected)
        self.assertEqual(measured["equal"], 1000)
        self.assertEqual(summary.count("in loops"), 2, summary)
        self.assertIn("1000 inputs verified", summary)
        self.assertLessEqual(words, 1014 - 40)
        used = re.search(r", (\d+) bytes of (\d+)", summary)
        self.assertLessEqual(int(used[1]), int(used[2]))


def main():
    network, rows, method, level, mcu = make_network(int(sys.argv[1]))
    model, *_ = write(pathlib.Path(sys.argv[2]), network, rows,
                      network.to_lowbit(method))
    print("pdkc", model, level, f"--mcu={mcu}")


if __name__ == "__main__":
    main()
