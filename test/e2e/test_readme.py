"""The whole program that README.md shows: taken from there, built with the
commands that it shows, and run from reset in the simulator.
"""

import json
import re

from support import ROOT, EndToEndTest, model_folders, read_bytes, run


def read_blocks():
    """The program and the commands below it, as README.md has them."""
    text = (ROOT / "README.md").read_text()
    text = text[text.index("A whole program:"):]
    blocks = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE)
            for block in blocks[:2]]


class ReadmeTest(EndToEndTest):

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
