"""Estimates of networks without weights are near what compiling gives."""

import numpy

from support import SANITIZED, EndToEndTest

if not SANITIZED:  # as Python is not
    import estimates
    from estimates import pdkc

NETWORKS = 40
TERNARY = (-1, 0, 1)


class EstimateTest(EndToEndTest):

    def setUp(self):
        super().setUp()
        if SANITIZED:
            self.skipTest("Python is built without sanitizers")

    def test_near(self):
        """What fits is said to fit; of what is asked for, words or cycles, half
        of the estimates are within a tenth; the worst are of another method."""
        results = estimates.compare_all(range(NETWORKS), self.folder)
        fits = [[bool(it) for it in pair] for pair, *_ in results]
        self.assertGreater(sum(map(all, fits)), NETWORKS / 2)
        self.assertLessEqual(sum(a != b for a, b in fits), NETWORKS / 20)
        errors = estimates.errors(results)
        aimed = errors[estimates.AIM]
        self.assertLess(numpy.median(aimed), 0.1)
        self.assertLess(aimed[int(len(aimed) * 0.9)], 0.8)
        for name in estimates.FIGURES:
            self.assertLess(numpy.median(errors[name]), 0.1, name)
        times = numpy.median([times for _, times, _ in results], axis=0)
        self.assertLess(1.2 * times[0], times[1])

    def test_layers(self):
        """What an estimate says."""
        about = pdkc.estimate(
            [pdkc.Dense(16, TERNARY, 4), pdkc.Dense(10, TERNARY)], inputs=64,
            input_range=(0, 15))
        self.assertTrue(about and about.fits)
        self.assertIn("pms150c", repr(about))
        self.assertEqual([layer["node"] for layer in about.report["layers"]],
                         ["layer 1", "layer 2"])
        self.assertLess(about.cycles.min, about.cycles.max)
        again = pdkc.estimate(
            [pdkc.Dense(16, {-1: 1, 0: 1, 1: 1}, (0, 15)),
             pdkc.Dense(10, TERNARY)], inputs=(64,), input_range=4)
        self.assertEqual(about.report, again.report)
        # Words for cycles, and a larger device.
        small, fast = (pdkc.estimate(
            [pdkc.Dense(16, TERNARY, 4), pdkc.Dense(10, TERNARY)], "pfs173",
            inputs=64, input_range=4, level=level) for level in ("s", 3))
        self.assertLess(small.words, fast.words)
        self.assertLess(fast.cycles.mean, small.cycles.mean)

    def test_shares(self):
        """Of weights that are mostly 0 less code is made."""
        dense, sparse = (pdkc.estimate(
            [pdkc.Dense(12, shares, 4), pdkc.Dense(4, TERNARY)], "pfs173",
            inputs=49, input_range=4)
            for shares in (TERNARY, {-1: 0.05, 0: 0.9, 1: 0.05}))
        self.assertLess(sparse.words, 0.7 * dense.words)

    def test_does_not_fit(self):
        huge = pdkc.estimate([pdkc.Dense(500, 4, 4), pdkc.Dense(10, 4)],
                             inputs=784)
        self.assertFalse(huge)
        self.assertEqual(huge.resource, "code")
        self.assertGreater(huge.needed, huge.available)
        self.assertIsNone(huge.cycles)
        self.assertIn("does not fit", repr(huge))
        wide = pdkc.estimate([pdkc.Dense(60, TERNARY, 8), pdkc.Dense(2, TERNARY)],
                             inputs=4)
        self.assertEqual((wide.fits, wide.resource), (False, "ram"))
        larger = pdkc.estimate(
            [pdkc.Dense(60, TERNARY, 8), pdkc.Dense(2, TERNARY)], "auto",
            inputs=4)
        self.assertTrue(larger)
        self.assertGreater(larger.bytes, 64)

    def test_convolution(self):
        """Shifted in pixel by pixel, as the compiler makes it of ONNX files."""
        about = pdkc.estimate(
            [pdkc.Conv(8, 5, (-1, 1), 4), pdkc.MaxPool(5),
             pdkc.Dense(10, TERNARY)],
            inputs=(1, 24, 24), input_range=1)
        self.assertTrue(about, about)
        methods = [layer["method"] for layer in about.report["layers"]]
        self.assertIn("shift", " ".join(methods))

    def test_errors(self):
        dense = pdkc.Dense(4, TERNARY)

        def refuse(kind, layers, inputs=9, **options):
            with self.assertRaises(kind) as caught:
                pdkc.estimate(layers, inputs=inputs, **options)
            self.assertTrue(str(caught.exception))
            return caught.exception

        refuse(pdkc.CompileError, [])
        refuse(pdkc.CompileError, [dense], inputs=0)
        refuse(pdkc.CompileError, [dense], inputs=2**62)
        refuse(pdkc.CompileError, [dense], input_range=(3, 3))
        refuse(pdkc.CompileError, [dense], input_range=17)
        refuse(pdkc.CompileError, [pdkc.Dense(0, TERNARY)])
        refuse(pdkc.CompileError, [pdkc.Dense(2**40, TERNARY)])
        refuse(pdkc.CompileError, [pdkc.Dense(300, TERNARY)])
        refuse(pdkc.CompileError, [pdkc.Dense(4, ())])
        refuse(pdkc.CompileError, [pdkc.Dense(4, (-(2**40), 0))])
        refuse(pdkc.CompileError, [pdkc.Dense(4, {-1: -1.0, 1: 2.0})])
        refuse(pdkc.CompileError, [pdkc.Dense(4, {-1: float("nan"), 1: 2.0})])
        refuse(pdkc.CompileError, [pdkc.Dense(4, {-1: 0, 1: 0})])
        refuse(pdkc.CompileError, [pdkc.Dense(4, TERNARY, (5, 2)), dense])
        error = refuse(pdkc.CompileError, [pdkc.Conv(2, 5, TERNARY), dense],
                       inputs=(1, 4, 4))
        self.assertEqual(error.diagnostics[0].node, "layer 1")
        refuse(pdkc.CompileError, [pdkc.Conv(2, 3, TERNARY), dense])
        refuse(pdkc.CompileError, [pdkc.Conv(2, 2, TERNARY, pads=2), dense],
               inputs=(1, 4, 4))
        refuse(pdkc.CompileError, [pdkc.Conv(3, 2, TERNARY, groups=2), dense],
               inputs=(2, 4, 4))
        refuse(pdkc.CompileError, [dense, pdkc.MaxPool(2)], inputs=(1, 4, 4))
        refuse(pdkc.UsageError, [dense], mcu="pic16")
        refuse(ValueError, [dense], inputs=(1, 2, 3, 4))
        refuse(ValueError, [pdkc.Conv(2, (3, 3, 3), TERNARY)], inputs=(1, 9, 9))
        refuse(ValueError, [pdkc.Dense(4, TERNARY, 4, scaling="magic"), dense])
        refuse(TypeError, [dense, "softmax"])
        refuse(TypeError, [dense], colour="red")
