"""The examples that train networks, and pdkc beside what they train with, where
that is installed: for the tests' Python, or one of those that PDKC_PYTHONS names,
separated by colons.
"""

import functools
import os
import re
import sys

from support import (BIN, MODELS, ROOT, SANITIZED, EndToEndTest, complaint,
                     expand, for_each, model_folders, run)

EXAMPLES = {"pytorch": ["torch", "onnxscript"], "brevitas": ["brevitas"],
            "qkeras": ["qkeras", "qonnx", "tf2onnx"]}

# Each does something that uses its own LLVM or its own threads.
OTHERS = {
    "torch": """
import torch
assert torch.ones(300, 300).mm(torch.ones(300, 300))[0, 0] == 300
assert torch.jit.script(torch.nn.ReLU())(torch.tensor(-1.0)) == 0
""",
    "numba": """
import numba
assert numba.njit(lambda n: n * n)(7) == 49
""",
    "triton": """
import triton, triton._C.libtriton
triton._C.libtriton.ir.context()
""",
    "onnxruntime": """
import onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1])
""",
}


@functools.lru_cache(maxsize=None)
def find_python(*modules):
    """One that has them all; None where there is none."""
    script = ("import importlib.util, sys; "
              "sys.exit(not all(map(importlib.util.find_spec, sys.argv[1:])))")
    named = os.environ.get("PDKC_PYTHONS", "")
    for python in [sys.executable, *filter(None, named.split(":"))]:
        if run(python, "-c", script, *modules).returncode == 0:
            return python
    return None


@expand
class TrainingTest(EndToEndTest):

    def setUp(self):
        super().setUp()
        if SANITIZED:
            self.skipTest("Python is built without sanitizers")
        if not model_folders():
            self.skipTest("there are no models")

    def python(self, modules, *words):
        """What a Python that has the modules prints; the test is skipped where
        there is none."""
        python = find_python(*modules)
        if not python:
            self.skipTest(f"no Python has {', '.join(modules)}")
        result = run(python, *words, timeout=600, env=os.environ | {
            "PYTHONPATH": str(ROOT / "compiler" / "python"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PDKC_LIBRARY": str(BIN.parent / "lib" / "libpdkc.so")})
        self.assertEqual(result.returncode, 0, complaint(result))
        return result.stdout

    @for_each(EXAMPLES)
    def test_example(self, name):
        """It trains, fits as estimated, and the chip's classes are its own."""
        script = MODELS / "examples" / name / "train.py"
        self.assertLess(len(script.read_text().splitlines()), 100)
        said = self.python(EXAMPLES[name], script, self.folder / "model.ihx")
        self.assertTrue((self.folder / "model.ihx").exists())
        about = re.search(r"about (\d+) words", said)
        made = re.search(r"<pdkc.Program.*: (\d+) words", said)
        self.assertLess(abs(int(about[1]) / int(made[1]) - 1), 0.25, said)
        self.assertGreater(float(re.search(r"([\d.]+)% of", said)[1]), 80, said)
        self.note = said.strip().splitlines()[-1]

    @for_each(OTHERS)
    def test_beside(self, name):
        """In one process, whichever is loaded first."""
        facts = model_folders()[0]
        for others_first in (True, False):
            mine = """
program = pdkc.compile(sys.argv[1], input_range=(0, 15))
assert program.words > 100
"""
            parts = [OTHERS[name], "import pdkc" + mine]
            if not others_first:
                parts = ["import pdkc" + mine, OTHERS[name], mine]
            self.python([name], "-c", "import sys\n" + "\n".join(parts),
                        facts / "model.onnx")
