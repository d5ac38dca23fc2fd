"""Random dense networks of every shape against ONNX Runtime: no class differs.

1 to 4 layers of 1 to 24 neurons, all codebooks, with and without biases, signed
and unsigned inputs and activations, shifts as products and as quotients. A
network too large for its device must be refused with the numbers; most fit.

To look at one: test_random.py NUMBER FOLDER writes it there.
"""

import pathlib
import random as any_random
import sys

import numpy

from networks import CODEBOOKS, fitted, write
from support import (BIN, LEVELS, EndToEndTest, complaint, expand, for_each,
                     is_refused, ort_classes, run)

NETWORKS = 200
BATCH = 10
INPUT_RANGES = ((0, 1), (0, 15), (0, 127), (0, 255), (-1, 1), (-8, 7),
                (-31, 31), (-128, 127), (3, 12))
CLIPS = ((0, 1), (0, 3), (0, 15), (0, 127), (0, 255), (-1, 1), (-8, 7),
         (-128, 127))
DEVICES = ("pms150c", "pms150c", "pfs154", "pfs173")


def make_network(number):
    """Network, rows, options and device, all from the number."""
    choose = any_random.Random(number)
    random = numpy.random.default_rng(number)
    widths = [choose.randint(1, 24) for _ in range(choose.randint(2, 5))]
    network = fitted(random, widths,
                     choose.choices(list(CODEBOOKS.values()), k=4),
                     *choose.choice(INPUT_RANGES), choose.choices(CLIPS, k=4),
                     biased=choose.random() < 0.7)
    return (network, network.samples(random, 200), choose.choice(LEVELS),
            choose.choice(DEVICES), choose.random() < 0.5)


@expand
class RandomTest(EndToEndTest):

    def check(self, number):
        """Whether the network fits; None where all is well, or the trouble."""
        network, rows, level, mcu, divide = make_network(number)
        classes = ort_classes(network.to_onnx(None, divide), rows)
        if (classes != network.evaluate(rows)).any():
            return True, "ONNX Runtime and the integers differ"
        model, samples, expected = write(self.folder, network, rows, classes,
                                         divide=divide)
        program = self.folder / "program.ihx"
        program.unlink(missing_ok=True)
        compiled = run(BIN / "pdkc", model, "-o", program, "--emit=module",
                       level, f"--mcu={mcu}", network.option())
        if compiled.returncode:
            if not is_refused(compiled):
                return True, complaint(compiled)
            if level == "-O3" and run(
                    BIN / "pdkc", model, "-o", program, "--emit=module", "-Os",
                    f"--mcu={mcu}", network.option()).returncode == 0:
                return True, "-O3 refuses what -Os makes fit"
            return False, None
        simulated = run(BIN / "pdk-sim", program, f"--mcu={mcu}",
                        f"--samples={samples}", f"--expected={expected}",
                        f"--inputs={network.inputs}")
        return True, complaint(simulated) if simulated.returncode else None

    @for_each(range(0, NETWORKS, BATCH), lambda first: f"from_{first:03}")
    def test_networks(self, first):
        self.check_numbers(range(first, first + BATCH))


def main():
    network, rows, level, mcu, divide = make_network(int(sys.argv[1]))
    model, *_ = write(pathlib.Path(sys.argv[2]), network, rows,
                      network.evaluate(rows), divide=divide)
    print("pdkc", model, network.option(), level, f"--mcu={mcu}")


if __name__ == "__main__":
    main()
