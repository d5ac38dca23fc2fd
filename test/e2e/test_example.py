"""The example project: built by its Makefile for each device it knows, and run
from reset in the simulator, it shows the expected class of several images on its
pins.
"""

import json

from support import (BIN, ROOT, EndToEndTest, complaint, expand, for_each,
                     model_folders, read_bytes, read_hex, run)

EXAMPLE = ROOT / "runtime_pdk" / "example"

# Words that a program can use, by device; facts of the devices.
WORDS = {"pms150c": 1014, "pfs154": 2016, "pfs173": 3040}

# The pins of PA that the bits of the class, from the lowest on, are put out on.
PINS = (3, 4, 6, 7)


@expand
class ExampleTest(EndToEndTest):

    def make(self, model, mcu, image):
        result = run("make", "-C", EXAMPLE, f"MODEL={model}", f"MCU={mcu}",
                     f"IMAGE={image}", f"TOOLS={BIN}", f"OUT={self.folder}")
        self.assertEqual(result.returncode, 0, complaint(result))
        self.assertNotIn("warning", (result.stdout + result.stderr).lower())
        return self.folder / mcu / "digit.ihx"

    @for_each(WORDS)
    def test_builds_and_runs(self, mcu):
        models = [folder for folder in model_folders()
                  if folder.name.startswith("mnist")]
        if not models:
            self.skipTest("the model is not here")
        model = models[0]
        facts = json.loads((model / "model.json").read_text())
        expected = read_bytes(model / facts["expected"])
        # One image of each class, and the first one again.
        images = [expected.tolist().index(c) for c in range(facts["classes"])]
        for image in images + images[:1]:
            program = self.make(model, mcu, image)
            self.assertLess(max(read_hex(program)), WORDS[mcu])
            classes = self.folder / "classes"
            result = run(BIN / "pdk-sim", program, f"--mcu={mcu}", "--json",
                         "--from-reset", "--limit=3", f"--classes={classes}")
            self.assertEqual(result.returncode, 0, complaint(result))
            wanted = expected[image]
            self.assertEqual(read_bytes(classes).tolist(), [wanted] * 3)
            pins = sum(1 << pin for bit, pin in enumerate(PINS)
                       if wanted >> bit & 1)
            self.assertEqual(json.loads(result.stdout)["outputs"]["PA"], pins)
