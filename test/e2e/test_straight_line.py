"""A small dense network on the smallest chip as straight-line code.

64-4-10 with weights ±1 and ±2, pixels and activations 0..15: at most 3.5 cycles
a weight, everything counted, and exact.
"""

import numpy

from networks import CODEBOOKS, fitted, write
from support import EndToEndTest, expand, for_each, ort_classes


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
