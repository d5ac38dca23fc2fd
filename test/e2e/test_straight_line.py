"""Dense networks as straight-line code.

64-4-10 with weights ±1 and ±2, pixels and activations 0..15, on the smallest
chip: at most 3.5 cycles a weight, everything counted, and exact. On a larger one
layers of all codebooks as one walk, whose inputs are read again and again, are
what numpy says.
"""

import numpy

from networks import CODEBOOKS, fitted, write
from support import (BIN, EndToEndTest, complaint, expand, for_each, ort_classes,
                     run)


@expand
class StraightLineTest(EndToEndTest):

    @for_each(range(3))
    def test_small_dense(self, seed):
        random = numpy.random.default_rng(seed)
        network = fitted(random, [64, 4, 10], [CODEBOOKS["ones_and_twos"]], 0,
                         15, [(0, 15)])
        rows = network.samples(random, 1000)
        classes = ort_classes(network.to_onnx(batch=None), rows)
        self.assertGreater(len(set(classes)), 3, "a network of some interest")
        model, samples, expected = write(self.folder, network, rows, classes)
        _, measured, summary = self.compile_and_run(
            model, samples, network.option(), "-O3", expected=expected)
        self.assertEqual(measured["equal"], 1000)
        self.assertEqual(summary.count("straight-line code"), 2, summary)
        self.assertNotIn("packed tables", summary)
        weights = 64 * 4 + 4 * 10
        self.assertLessEqual(measured["cycles"]["mean"] / weights, 3.5)

    @for_each(CODEBOOKS)
    def test_walk(self, name):
        random = numpy.random.default_rng(list(CODEBOOKS).index(name))
        high = int(random.choice((3, 15, 100, 127)))
        network = fitted(random, [20, 9, 6], [CODEBOOKS[name]], 0, high,
                         [(0, 127)])
        rows = network.samples(random, 300)
        rows[0], rows[1] = 0, high
        model, program = self.folder / "model.mlir", self.folder / "model.ihx"
        samples, expected = self.folder / "rows.u8", self.folder / "classes.u8"
        rows.astype(numpy.uint8).tofile(samples)
        network.evaluate(rows).astype(numpy.uint8).tofile(expected)
        for method, inputs in (("walk", "stream"), ("walk", "buffer"),
                               ("walk-taken", "stream")):
            model.write_text(network.to_lowbit(method))
            result = run(BIN / "pdkc", model, "-o", program, "--emit=module",
                         "--mcu=pfs173", f"--input={inputs}",
                         f"--samples={samples}")
            self.assertEqual(result.returncode, 0, complaint(result))
            self.assertEqual(result.stderr.count("one walk"), 2, result.stderr)
            measured = self.simulate(program, samples,
                                     f"--expected={expected}")
            self.assertEqual(measured["equal"], 300)
