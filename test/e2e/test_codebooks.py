"""Weights from every codebook: ONNX Runtime, the integers of the lowbit
interpreter and the words on the simulated chip agree on 1,000 inputs.
"""

import numpy

from networks import CODEBOOKS, fitted, write
from support import LEVELS, EndToEndTest, expand, for_each, ort_classes


@expand
class CodebooksTest(EndToEndTest):

    @for_each([(name, level) for name in CODEBOOKS for level in LEVELS],
              "".join)
    def test_codebook(self, case):
        name, level = case
        random = numpy.random.default_rng(sum(map(ord, name)))
        network = fitted(random, [24, 12, 5], [CODEBOOKS[name]], 0, 15,
                         [(0, 15)])
        rows = network.samples(random, 1000)
        classes = ort_classes(network.to_onnx(batch=None), rows)
        self.assertEqual(set(numpy.unique(network.layers[0].weights)),
                         set(CODEBOOKS[name]))
        self.assertGreater(len(set(classes)), 1, "a network of some interest")
        model, samples, expected = write(self.folder, network, rows, classes)
        # With --samples pdkc itself compares words and interpreter.
        _, measured, summary = self.compile_and_run(
            model, samples, network.option(), level, f"--samples={samples}",
            "--verify=0", expected=expected)
        self.assertEqual(measured["equal"], 1000)
        self.assertIn("1000 inputs verified", summary)
