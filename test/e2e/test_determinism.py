"""The same model gives the same bytes, whatever the folder and the run."""

import json

from support import LEVELS, EndToEndTest, expand, for_each, model_folders


@expand
class DeterminismTest(EndToEndTest):

    @for_each([(folder, level) for folder in model_folders()
               for level in LEVELS], lambda case: case[0].name + case[1])
    def test_same_bytes(self, case):
        folder, level = case
        facts = json.loads((folder / "model.json").read_text())
        runs = []
        for name in ("first", "second"):
            place = self.folder / name
            place.mkdir()
            for output in ("x.asm", "x.ihx"):
                self.pdkc(folder / facts["model"], place / output, level,
                          f"--input-range={facts['input_range']}",
                          "--mcu=pfs173")
            runs.append({path.name: path.read_bytes()
                         for path in sorted(place.iterdir())})
        self.assertEqual(list(runs[0]), ["x.asm", "x.h", "x.ihx", "x.map"])
        for name in runs[0]:
            self.assertEqual(runs[0][name], runs[1][name], name)
