"""The seed's network: exact on all 10,000 images, small and quick enough.

It was computed before in 760 words and 51,787 cycles; both levels must be
better than that in their own respect. Skipped where its files are not beside
the checkout.
"""

import unittest

from support import LEVELS, SHARED, EndToEndTest, expand, for_each

SEED = SHARED / "seed"
RANGE = "--input-range=-31:31"


@unittest.skipUnless(SEED.is_dir(), "the seed's files are not here")
@expand
class SeedTest(EndToEndTest):

    def measure(self, level):
        words, measured, _ = self.compile_and_run(
            SEED / "seed_integer.onnx", SEED / "t10k_8x8_int8.raw", RANGE,
            level)
        return words, measured["cycles"]["mean"]

    @for_each(LEVELS)
    def test_exact(self, level):
        _, measured, _ = self.compile_and_run(
            SEED / "seed_integer.onnx", SEED / "t10k_8x8_int8.raw", RANGE,
            level, expected=SEED / "seed_integer.expected.raw")
        self.assertEqual(measured["equal"], 10000)
        self.assertEqual(measured["different"], 0)

    def test_speed(self):
        words, mean = self.measure("-O3")
        self.assertLessEqual(words, 1014 - 40)
        self.assertLessEqual(mean, 30000)

    def test_size(self):
        words, mean = self.measure("-Os")
        self.assertLessEqual(words, 550)
        self.assertLess(mean, 80000)
