"""Two models in one C program, as SDCC links them: in either order, with what C
has behind them, each computes what ONNX Runtime computes. The example of two
models shows on its pins what the two say, for many windows of readings.
"""

import json
import pathlib

import numpy

from reference import InputRule, InputRules, Reference
from support import (BIN, LEVELS, MODELS, ROOT, EndToEndTest, complaint, expand,
                     for_each, read_bytes, read_hex, run)
from test_assembler import SETS

EXAMPLE = ROOT / "runtime_pdk" / "example" / "two_models"
FOLDER = MODELS / "two_models"
FIELD = ROOT / "test" / "e2e" / "field"
# Files of wake and sort.
FILES = {"example": FOLDER / "{}.onnx", "field": FIELD / "two_models_{}.onnx"}
INPUTS = {"wake": 6, "sort": 8}

MAIN = """
#include <stdint.h>
#include "wake.h"
#include "sort.h"
__sfr __at(0x10) PA;
uint8_t odd, wake_class, sort_class;
uint8_t %s_next_input(void) { return PA; }
uint8_t %s_next_input(void) { return 77; }
void main(void) {
  for (;;) {
    wake_class = wake_infer();
    sort_class = sort_infer();
  }
}
"""


def read_windows():
    return read_bytes(FOLDER / "windows.u8").reshape(-1, 8)


def get_file(source, name):
    return pathlib.Path(str(FILES[source]).format(name))


def classify(name, windows, source="example"):
    """What ONNX Runtime makes of the first inputs of each window."""
    rows = windows[:, :INPUTS[name]]
    rules = InputRules([InputRule(0, 255, inputs=INPUTS[name])])
    return Reference(get_file(source, name)).run(rules, rows)[0]


@expand
class TwoModulesTest(EndToEndTest):

    @for_each([(source, mcu, level) for source in FILES for mcu in SETS
               for level in LEVELS], "_".join)
    def test_links(self, case):
        source, mcu, level = case
        tools = SETS[mcu][0]
        sdcc = ("sdcc", f"-m{tools}", "--std-sdcc11", "--opt-code-size")
        for name in INPUTS:
            self.pdkc(get_file(source, name), self.folder / f"{name}.asm",
                      f"--name={name}", "--input-range=0:255", f"--mcu={mcu}",
                      level)
            result = run(f"sdas{tools}", "-plosgff", f"{name}.asm",
                         cwd=self.folder)
            self.assertEqual(result.returncode, 0, complaint(result))
        windows = read_windows()
        # Each reads the port in its turn, while the other one runs between two
        # of its inferences.
        for order in (("wake", "sort"), ("sort", "wake")):
            (self.folder / "main.c").write_text(MAIN % order)
            self.assertEqual(run(*sdcc, "-c", "main.c",
                                 cwd=self.folder).returncode, 0)
            result = run(*sdcc, *(f"{name}.rel" for name in order), "main.rel",
                         "-o", "out.ihx", cwd=self.folder)
            self.assertEqual((result.returncode, result.stdout, result.stderr),
                             (0, "", ""), order)
            name, inputs = order[0], INPUTS[order[0]]
            samples = self.folder / "samples.u8"
            windows[:, :inputs].tofile(samples)
            classes = self.folder / "classes.u8"
            self.simulate(self.folder / "out.ihx", samples, f"--mcu={mcu}",
                          f"--name={name}", f"--inputs={inputs}",
                          "--input-port=0x10", f"--classes={classes}")
            self.assertEqual(read_bytes(classes).tolist(),
                             classify(name, windows, source).tolist(),
                             order)

    @for_each(["pms150c", "pfs154", "pfs173"])
    def test_example(self, mcu):
        windows = read_windows()
        awake, kinds = classify("wake", windows), classify("sort", windows)
        wanted = numpy.where(awake == 1, kinds + 1, 0)
        chosen = [wanted.tolist().index(value)
                  for value in sorted(set(wanted.tolist()))]
        self.assertGreater(len(chosen), 2, "windows that show too little")
        for window in chosen:
            result = run("make", "-C", EXAMPLE, f"MCU={mcu}",
                         f"WINDOW={window}", f"TOOLS={BIN}",
                         f"OUT={self.folder}")
            self.assertEqual(result.returncode, 0, complaint(result))
            self.assertNotIn("warning",
                             (result.stdout + result.stderr).lower())
            program = self.folder / mcu / "both.ihx"
            words = {"pms150c": 1014, "pfs154": 2016, "pfs173": 3040}[mcu]
            self.assertLess(max(read_hex(program)), words)
            result = run(BIN / "pdk-sim", program, f"--mcu={mcu}", "--json",
                         "--name=wake", "--from-reset", "--limit=3")
            self.assertEqual(result.returncode, 0, complaint(result))
            self.assertEqual(json.loads(result.stdout)["outputs"]["PA"],
                             int(wanted[window]) << 3)
