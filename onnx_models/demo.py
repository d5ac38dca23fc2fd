"""Compiles every model beside this file, simulates its test set, prints a table.

usage: demo.py [MCU...]

Called by demo, which builds the tools first. words and bytes are what the module
takes of the device's memory, C's share not counted; cycles are those of one
inference, over the test set.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

MODELS = pathlib.Path(__file__).resolve().parent
BIN = MODELS.parent / "build" / "bin"
DEVICES = ("pms150c", "pfs154", "pfs173")
ROW = "{:<24} {:<8} {:<4} {:>6} {:>6} {:>9} {:>14} {:>6} {:>11} {:>6}"


def run(*command):
    return subprocess.run([str(word) for word in command], text=True,
                          capture_output=True)


def measure(folder, facts, mcu, level, scratch):
    """A row of the table, or what went wrong."""
    program = pathlib.Path(scratch) / "model.ihx"
    compiled = run(BIN / "pdkc", folder / facts["model"], "-o", program,
                   "--emit=module", level, f"--mcu={mcu}", f"--input-range={facts['input_range']}")
    if compiled.returncode:
        return compiled.stderr.strip()
    simulated = run(BIN / "pdk-sim", program, f"--mcu={mcu}", "--json",
                    f"--samples={folder / facts['images']}",
                    f"--labels={folder / facts['labels']}",
                    f"--expected={folder / facts['expected']}")
    if simulated.returncode:
        return simulated.stderr.strip()
    result = json.loads(simulated.stdout)
    used = re.search(r": (\d+) words of .*, (\d+) bytes of", compiled.stderr)
    return ROW.format(facts["name"], mcu, level, used[1], used[2],
                      f"{100 * result['accuracy']:.2f} %",
                      f"{result['equal']} of {result['samples']}",
                      *(f"{result['cycles'][key]:.0f}"
                        for key in ("min", "mean", "max")))


def main():
    print(ROW.format("model", "device", "", "words", "bytes", "accuracy",
                     "as expected", "min", "cycles mean", "max"))
    failed = False
    with tempfile.TemporaryDirectory(prefix="pdkc-") as scratch:
        for path in sorted(MODELS.glob("*/model.json")):
            facts = json.loads(path.read_text())
            for mcu in sys.argv[1:] or facts.get("devices", DEVICES):
                for level in ("-O3", "-Os"):
                    row = measure(path.parent, facts, mcu, level, scratch)
                    failed |= not row.startswith(facts["name"])
                    print(row, flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
