"""The models of onnx_models: the words on the simulated chip, ONNX Runtime and
the classes computed when the model was made agree on the whole test set.
"""

import json

import numpy

from support import (LEVELS, EndToEndTest, expand, for_each, model_folders,
                     ort_classes, read_bytes)

DEVICES = ("pms150c", "pfs154", "pfs173")


def case_name(case):
    return "_".join([case[0].name, *case[1:]])


@expand
class ModelsTest(EndToEndTest):

    @for_each([(folder, mcu, level) for folder in model_folders()
               for mcu in DEVICES for level in LEVELS], case_name)
    def test_simulated(self, case):
        folder, mcu, level = case
        facts = json.loads((folder / "model.json").read_text())
        _, measured, _ = self.compile_and_run(
            folder / facts["model"], folder / facts["images"],
            f"--input-range={facts['input_range']}", level, mcu=mcu,
            expected=folder / facts["expected"])
        self.assertEqual(measured["samples"], facts["samples"])
        self.assertEqual(measured["equal"], facts["samples"])

    @for_each(model_folders(), lambda folder: folder.name)
    def test_onnx_runtime(self, folder):
        facts = json.loads((folder / "model.json").read_text())
        rows = read_bytes(folder / facts["images"])
        classes = ort_classes(folder / facts["model"],
                              rows.reshape(-1, facts["inputs"]))
        expected = read_bytes(folder / facts["expected"])
        self.assertEqual(len(classes), facts["samples"])
        self.assertEqual(numpy.count_nonzero(classes != expected), 0)

    @for_each(model_folders(), lambda folder: folder.name)
    def test_accuracy(self, folder):
        facts = json.loads((folder / "model.json").read_text())
        correct = (read_bytes(folder / facts["expected"]) ==
                   read_bytes(folder / facts["labels"]))
        self.assertAlmostEqual(correct.mean(), facts["accuracy"], places=4)
