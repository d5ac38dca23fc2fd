"""The comparison of two compilers finds what differs, says what kind it is, and
how large, with its exit status; what it keeps it finds again.
"""

import json
import pathlib
import sys

from every_model import Model, functions
from same_code import Case, Compiler, Outcome, difference
from support import BIN, ROOT, EndToEndTest, run

TOOL = pathlib.Path(__file__).with_name("same_code.py")

# Cells at given addresses, and what is done with them.
PROGRAM = """
pdk.program @model for "pms150c" {{
  %p = pdk.cells "p" size 2 align 2 at 0
  %x = pdk.cells "x" size 1 at {x}
  %y = pdk.cells "y" size 1 at {y}
  pdk.routine @model_infer exported {{
    pdk.clear_m %x[0]
    pdk.mov_m_a %y[0]
    pdk.mov_a_k 0 plus %x
    pdk.mov_m_a %p[0]
    pdk.idxm_a_m %p[0] into %x
    {operation} %y[0]
    pdk.ret
  }}
}}
"""


class SameCodeTest(EndToEndTest):

    def compare(self, new, *options):
        done = run(sys.executable, TOOL, "--quick", BIN, new, *options)
        return done.returncode, done.stdout.splitlines(), done.stderr

    def test_same(self):
        cache = self.folder / "cache"
        for _ in range(2):
            status, lines, errors = self.compare(
                BIN, f"--cache={cache}", "emit/zero-one", "emit/windows-bias")
            self.assertEqual((status, lines[-1]), (0, "0 differ"), errors)
            self.assertIn("8 cases, 4 of them compiled", lines[0])
        # Two devices, two levels, two models, and a module of the one that
        # is compiled.
        kept = list(cache.glob("*/*.json.gz"))
        self.assertEqual(len(kept), 9)

    def test_different(self):
        """A compiler that does at -O3 what it should do at -Os."""
        new = self.folder / "pdkc"
        new.write_text(f"""#!/bin/bash
exec {BIN / "pdkc"} "${{@/-O3/-Os}}"
""")
        new.chmod(0o755)
        report = self.folder / "report.json"
        status, lines, errors = self.compare(
            self.folder, f"--json={report}", "onnx_models")
        self.assertEqual(status, 1, errors)
        self.assertRegex(lines[0], r"^other code: onnx_models/\w+ pms150c -O3: "
                         r"\d+ words, 62 bytes, \d+ cycles -> "
                         r"\d+ words, 62 bytes, \d+ cycles$")
        self.assertRegex(lines[1], r"^other code: onnx_models/\w+ pfs173 -O3: ")
        self.assertTrue(lines[2].startswith("4 cases, 4 of them compiled"))
        self.assertEqual(lines[3], "2 differ: other code 2")
        rows = json.loads(report.read_text())["different"]
        for row in rows:
            self.assertLess(row["new"]["words"], row["old"]["words"])

    def test_wrong_usage(self):
        self.assertEqual(self.compare(self.folder)[0], 2)
        self.assertEqual(self.compare(BIN, "no such model")[0], 2)

    def outcomes(self, **program):
        """With the words and with the module, as the compiler gives them."""
        path = self.folder / "program.mlir"
        path.write_text(PROGRAM.format(**program))
        case = Case(Model("program", path), "pms150c", ())
        compiler = Compiler(BIN, None)
        return compiler.words(case), compiler.module(case)

    def test_kinds(self):
        one = self.outcomes(x=2, y=3, operation="pdk.add_a_m")
        moved = self.outcomes(x=4, y=3, operation="pdk.add_a_m")
        other = self.outcomes(x=2, y=3, operation="pdk.sub_a_m")

        def kind(old, new):
            return difference(old[0], new[0], lambda: (old[1], new[1]))

        self.assertNotEqual(one[0].files[0], moved[0].files[0])
        self.assertEqual(kind(one, one), None)
        self.assertEqual(kind(one, moved), "other RAM addresses")
        self.assertEqual(kind(one, other), "other code")
        self.assertEqual(difference(one[0], other[0], list), "other firmware")
        words = one[0].files[0]
        self.assertEqual(difference(one[0], Outcome(0, "", (words, "")), list),
                         "other map")
        self.assertEqual(difference(one[0], Outcome(1, ""), list),
                         "other outcome")
        needs = "error: does not fit the RAM of the x: needs {} bytes, has 64"
        self.assertEqual(difference(Outcome(1, needs.format(66)),
                                    Outcome(1, needs.format(68)), list),
                         "other refusal")

    def test_header(self):
        """Another name of a constant, which no word shows."""
        new = self.folder / "pdkc"
        new.write_text(f"""#!/bin/bash
{BIN / "pdkc"} "$@" || exit
for word; do
  [[ $word == *.asm ]] && sed -i s/CLASSES/KINDS/ "${{word%.asm}}.h"
done
exit 0
""")
        new.chmod(0o755)
        status, lines, errors = self.compare(self.folder, "emit/zero-one")
        self.assertEqual(status, 1, errors)
        self.assertTrue(lines[0].startswith(
            "other header: test/emit/zero-one/0 pms150c -O3: "), lines)
        self.assertEqual(lines[-1], "1 differ: other header 1")

    def test_functions(self):
        """Models are found in files of several, marked as parts or not."""
        self.assertEqual(
            len(functions(ROOT / "test" / "emit" / "widths.mlir")), 10)
        self.assertFalse(functions(ROOT / "test" / "pdk" / "allocate.mlir"))

    def test_devices(self):
        """One of each size and set."""
        self.assertEqual(
            Compiler(BIN, None).devices(),
            ["pms150c", "pms152", "pms171b", "pms131", "pfs154", "pms154b",
             "pms132b", "pfs173", "pms133"])
