"""Of every model that there is, the program of -O3 is no slower on the samples
that it was planned with than the one of -Os, which is no larger.

The table is printed by levels.py.
"""

import pathlib
import re

import levels
from support import EndToEndTest

EXPORTERS = pathlib.Path(__file__).resolve().parents[1] / "exporters"


class LevelsTest(EndToEndTest):

    def test_shared_routines(self):
        """-Os finds that activations are smallest where they share a product:
        no plan that gives them all one method is smaller."""
        options = ("-Os", "--mcu=pfs173", "--input=stream")
        model = EXPORTERS / "aimet_mlp_int8_qdq" / "model.onnx"
        plan = self.folder / "plan.mlir"
        output = self.folder / "model.asm"

        def count(file, *more):
            return int(re.search(r"(\d+) words of",
                                 self.pdkc(file, output, *options, *more))[1])

        ranges = ("--input-range=0:255", "--input-scale=1/255")
        planned = count(model, *ranges)
        self.pdkc(model, plan, *options, *ranges, "--emit=plan")
        text = plan.read_text()
        for method in ("multiply", "multiply-bent"):
            plan.write_text(re.sub(
                r'(lowbit\.steps .*method = )"[a-z-]*"', rf'\1"{method}"', text))
            self.assertLessEqual(planned, count(plan), method)

    def test_levels(self):
        rows = list(levels.rows())
        wrong = [str(row) for row in rows if row.wrong]
        self.assertFalse(wrong, "\n" + "\n".join(wrong))
        # Large devices and small models are many enough.
        fitting = sum(row.fits for row in rows)
        self.assertGreater(3 * fitting, len(rows))
        self.note = f"{fitting} models and devices, {len(rows) - fitting} refused"
