"""What README.md shows: its lines of Python print what it says; its whole program
is taken from there, built with the commands that it shows, and run from reset in
the simulator.
"""

import json
import re

from support import (MODELS, ROOT, SANITIZED, EndToEndTest, complaint,
                     model_folders, read_bytes, run, run_python)


def read_blocks():
    """The program and the commands below it, as README.md has them."""
    text = (ROOT / "README.md").read_text()
    text = text[text.index("A whole program:"):]
    blocks = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE)
            for block in blocks[:2]]


class ReadmeTest(EndToEndTest):

    def test_python(self):
        """The first lines, and the estimate, print what stands below them."""
        if SANITIZED:
            self.skipTest("Python is built without sanitizers")
        text = (ROOT / "README.md").read_text()
        lines, printed = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)[:2]
        script = re.sub("^ +", "", lines, flags=re.MULTILINE)
        estimate = re.search(r"^    (pdkc\.estimate\((?:.*\n)+?.*\)\n)", text,
                             re.MULTILINE)[1]
        said = re.search(r"`(<pdkc\.Estimate.*>)`", text)[1]
        result = run_python(
            "import os, sys; os.chdir(sys.argv[1])\n" + script +
            "print(" + estimate.strip() + ")",
            MODELS / "mnist_64_16_16_16_10")
        self.assertEqual(result.returncode, 0, complaint(result))
        self.assertEqual(result.stdout.splitlines(), [printed.strip(), said])

    def test_whole_program(self):
        if not model_folders():
            self.skipTest("there are no models")
        folder = model_folders()[0]
        facts = json.loads((folder / "model.json").read_text())
        program, commands = read_blocks()
        # The clock is set before anything else.
        self.assertRegex(program, r"main\(void\) \{\n *CLKMD = 0x34;")
        (self.folder / "main.c").write_text(program)
        self.pdkc(folder / facts["model"], self.folder / "model.asm",
                  f"--input-range={facts['input_range']}")
        built = 0
        for command in commands.splitlines():
            if command.startswith("easypdkprog"):
                continue
            result = run(*command.split(), cwd=self.folder)
            self.assertEqual((result.returncode, result.stdout, result.stderr),
                             (0, "", ""), command)
            built += 1
        self.assertEqual(built, 3)
        classes = self.folder / "classes.u8"
        self.simulate(self.folder / "out.ihx", folder / facts["images"],
                      "--input-port=0x10", "--limit=50",
                      f"--classes={classes}")
        self.assertEqual(read_bytes(classes).tolist(),
                         read_bytes(folder / facts["expected"])[:50].tolist())
