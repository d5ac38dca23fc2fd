"""Layers of wide weights or activations. Weights are of 9 to 17 bits, from a zero point of each row's own,
multiples of a large number, few and far apart; activations of 10 to 16 bits.

Random networks on all three instruction sets, their inputs as a stream and in
a buffer; the classes of the words have to be those of NumPy's integers.
"""

import random as any_random

import numpy

from networks import fitted
from support import (BIN, LEVELS, EndToEndTest, complaint, expand, for_each,
                     is_refused, read_bytes, run)

NETWORKS = 60
BATCH = 12
ROWS = 100
INPUT_RANGES = ((0, 15), (0, 255), (-128, 127), (-8, 7), (3, 12))
CLIPS = ((0, 15), (0, 255), (-128, 127), (2, 9))
WIDE_CLIPS = ((0, 1000), (-3000, 3000), (0, 65535), (-32768, 32767), (5, 300))
NARROW = (range(-128, 128), range(-8, 8), (-1, 0, 1), (-5, 0, 2, 7))
DEVICES = ("pms150c", "pfs154", "pfs173", "pms133")


def by_row(random, shape):
    """Bytes from another zero point in each row."""
    return random.integers(0, 256, shape) - random.integers(0, 600, shape[1])


def with_unread(random, shape):
    weights = random.integers(-3000, 3000, shape)
    weights[random.random(shape[0]) < 0.3] = 0
    return weights


CODEBOOKS = (range(-180, 151), range(-2047, 2048), range(-32768, 32768),
             range(0, 65536), range(-65535, 1), (-300, 0, 300),
             (-30000, -7, 0, 11, 29999), by_row, with_unread,
             (256, 512, 1024, 2048), (-1000000, 0, 3000000))


def make_network(number):
    choose = any_random.Random(number)
    random = numpy.random.default_rng(number)
    widths = [choose.randint(1, 24)]
    widths += [choose.randint(2, 10) for _ in range(choose.randint(1, 2))]
    codebooks = [CODEBOOKS[number % len(CODEBOOKS)],
                 choose.choice((*CODEBOOKS[:-1], range(-8, 8)))]
    clips = choose.choices(CLIPS, k=2)
    if number % 3 == 0:
        widths.append(choose.randint(2, 8))
        codebooks, clips = choose.choices(NARROW, k=3), [
            choose.choice(WIDE_CLIPS), choose.choice((*CLIPS, *WIDE_CLIPS))]
    network = fitted(random, widths, codebooks, *choose.choice(INPUT_RANGES),
                     clips, max_shift=31)
    return (network, network.samples(random, ROWS), choose.choice(LEVELS),
            DEVICES[number % len(DEVICES)],
            choose.choice(("stream", "buffer", "auto")))


@expand
class WideTest(EndToEndTest):

    def check(self, number):
        """Whether the network fits; None where all is well, or the trouble."""
        network, rows, level, mcu, form = make_network(number)
        model, samples, classes, program = (
            self.folder / name for name in ("model.mlir", "rows.u8",
                                            "classes.u8", "program.ihx"))
        model.write_text(network.to_lowbit())
        rows.astype(numpy.int64).astype(numpy.uint8).tofile(samples)
        compiled = run(BIN / "pdkc", model, "-o", program, "--emit=module",
                       level, f"--mcu={mcu}", f"--input={form}", "--verify=10")
        if compiled.returncode:
            return False, (None if is_refused(compiled) else
                           complaint(compiled))
        self.simulate(program, samples, f"--mcu={mcu}", f"--classes={classes}",
                      f"--inputs={network.inputs}")
        expected = network.evaluate(rows)
        different = int((read_bytes(classes) != expected).sum())
        return True, f"{different} classes differ" if different else None

    @for_each(range(0, NETWORKS, BATCH), lambda first: f"from_{first:03}")
    def test_networks(self, first):
        self.check_numbers(range(first, first + BATCH))
