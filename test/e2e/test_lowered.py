"""The models whose lowering lit tests show, in test/lowbit_to_pdk: what is shown
there is right. The instructions, given addresses as they stand, do in pdk-sim
what the interpreter does, for the device of each RUN line; and pdkc compiles
the model at both levels, with other choices where none is given, and verifies
what it makes.
"""

import json
import re
import sys

import numpy

from every_model import functions
from support import BIN, LEVELS, ROOT, EndToEndTest, expand, for_each, run

sys.path.insert(0, str(ROOT / "test"))
import lowering  # noqa: E402: beside lit.cfg.py, which takes it from there

SAMPLES = 200


def lowered():
    """Of each file and each way in which it is lowered there: the device, and
    whether undocumented instructions are allowed."""
    for path in sorted((ROOT / "test" / "lowbit_to_pdk").glob("*.mlir")):
        for line in sorted(set(re.findall(
                r"^// RUN: (%lower-.*?) %s", path.read_text(), re.MULTILINE))):
            mcu = line.split("-")[-1]
            yield path, mcu, "undocumented" in line


def name(case):
    path, mcu, undocumented = case
    return f"{path.stem}_{mcu}" + ("_undocumented" if undocumented else "")


def samples(text):
    """Bytes for the model's input: its ends, and what lies between."""
    count, low, high = map(int, re.search(
        r"\(%\w+: tensor<(\d+)x!lowbit.int<(-?\d+), (-?\d+)>>", text).groups())
    rows = numpy.random.default_rng(count).integers(
        low, high + 1, (SAMPLES, count))
    rows[0], rows[1] = low, high
    rows[2::3] = low + (rows[2::3] - low) // 2
    return rows.astype(numpy.uint8)


@expand
class LoweredTest(EndToEndTest):

    def check(self, text, mcu, undocumented):
        model, rows, program = (self.folder / file for file in (
            "model.mlir", "rows.u8", "program.ihx"))
        model.write_text(text)
        given = samples(text)
        given.tofile(rows)
        values = json.loads(self.run_tool(
            "pdkc", model, "-o", "-", "--emit=values", f"--samples={rows}"))
        # As it is shown.
        lowered = self.folder / "lowered.mlir"
        lowered.write_text(self.run_tool(
            "pdkc-opt", model, *lowering.passes(mcu, undocumented)))
        self.run_tool("pdkc", lowered, "-o", program, "--emit=module")
        classes, outputs = self.folder / "classes", self.folder / "outputs"
        self.assertEqual(len(values["classes"]), SAMPLES)
        numpy.array(values["classes"], numpy.uint8).tofile(classes)
        options = []
        logits = values["outputs"] and values["outputs"][0]["values"]
        if logits:
            there = int(re.search(r'"output" size (\d+).* exported',
                                  lowered.read_text())[1])
            options = [f"--outputs={outputs}", f"--output-bytes={there}"]
        if undocumented:
            options.append("--allow-undocumented")
        measured = self.simulate(
            program, rows, f"--mcu={mcu}", f"--expected={classes}",
            f"--inputs={given.shape[1]}", *options)
        self.assertEqual(measured["equal"], SAMPLES)
        if logits:
            kind = f"<u{there // len(logits[0])}"
            found = numpy.fromfile(outputs, kind).reshape(SAMPLES, -1)
            self.assertTrue((found == numpy.array(logits).astype(kind)).all())
        # As a whole.
        for level in LEVELS:
            summary = self.pdkc(
                model, self.folder / "whole.ihx", "--emit=module", level,
                f"--mcu={mcu}", *(["--undocumented"] if undocumented else []))
            self.assertIn("100 inputs verified against the model", summary)

    def run_tool(self, tool, *arguments):
        done = run(BIN / tool, *arguments)
        self.assertEqual(done.returncode, 0, f"{tool}: {done.stderr}")
        return done.stdout

    @for_each(list(lowered()), name)
    def test(self, case):
        path, mcu, undocumented = case
        texts = functions(path)
        self.assertTrue(texts)
        for text in texts:
            with self.subTest(re.search(r"@(\w+)", text)[1]):
                self.check(re.sub(r"@\w+\(", "@model(", text, count=1), mcu,
                           undocumented)
        self.note = f"{len(texts)} models"
