"""The stack that pdkc declares is the one that a program uses: the deepest found
in simulation is at most that, and at most 2 bytes less.
"""

import json
import re

import numpy

from networks import CODEBOOKS, fitted, write
from support import (LEVELS, SHARED, EndToEndTest, expand, for_each,
                     model_folders)

DEVICES = ("pms150c", "pfs154", "pfs173")


@expand
class StackTest(EndToEndTest):

    def check(self, mcu, level, model, samples, inputs, option):
        program = self.folder / "program.ihx"
        summary = self.pdkc(model, program, f"--mcu={mcu}", level, option)
        declared = int(re.search(r"stack (\d+)\)", summary).group(1))
        measured = self.simulate(program, samples, f"--mcu={mcu}",
                                 f"--inputs={inputs}",
                                 "--limit=50")["stack"]["bytes"]
        # Never without the call of model_infer and that of model_next_input.
        self.assertGreaterEqual(measured, 4)
        self.assertLessEqual(measured, declared)
        self.assertLessEqual(declared - measured, 2)
        return f"{level} {declared}/{measured}"

    @for_each(DEVICES)
    def test_random(self, mcu):
        """One to three layers: routines called from none to several places."""
        notes = []
        for layers in (1, 2, 3):
            random = numpy.random.default_rng(layers)
            network = fitted(random, [10] + [6] * (layers - 1) + [4],
                             list(CODEBOOKS.values()), 0, 15, [(0, 15)])
            rows = network.samples(random, 50)
            model, samples, _ = write(self.folder, network, rows,
                                      network.evaluate(rows))
            notes += [self.check(mcu, level, model, samples, network.inputs,
                                 network.option()) for level in LEVELS]
        self.note = "declared/measured: " + ", ".join(notes)

    @for_each(DEVICES)
    def test_trained(self, mcu):
        models = [(folder, json.loads((folder / "model.json").read_text()))
                  for folder in model_folders()]
        cases = [(folder / facts["model"], folder / facts["images"],
                  facts["inputs"], facts["input_range"])
                 for folder, facts in models]
        seed = SHARED / "seed"
        if seed.exists():
            cases.append((seed / "seed_integer.onnx",
                          seed / "t10k_8x8_int8.raw", 64, "-31:31"))
        if not cases:
            self.skipTest("there are no models")
        self.note = "declared/measured: " + ", ".join(
            self.check(mcu, level, model, samples, inputs,
                       f"--input-range={span}")
            for model, samples, inputs, span in cases for level in LEVELS)
