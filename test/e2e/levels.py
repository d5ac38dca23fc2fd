"""What -O3 and -Os make of every model that there is.

usage: levels.py [WORD...]

For each model (with WORDs those that have one in their name) and some devices a
line: words and mean cycles at both levels, on the few samples that plans are
measured with. The exit status is 1 where -O3 is slower or -Os larger than the
other, or where the model fits at one level alone.
"""

import dataclasses
import pathlib
import re
import sys
import tempfile

import every_model
from support import BIN, LEVELS, run

DEVICES = ("pms150c", "pfs173")
SAMPLES = 12  # that plans are measured with


@dataclasses.dataclass
class Row:
    model: str
    mcu: str
    figures: list  # by level words and cycles, none where it does not fit

    @property
    def fits(self):
        return all(self.figures)

    @property
    def wrong(self):
        fast, small = self.figures
        if not fast or not small:
            return fast != small
        return fast[1] > small[1] or small[0] > fast[0]

    def __str__(self):
        texts = ["{:5} words {:9} cycles".format(*each) if each else "refused"
                 for each in self.figures]
        return "{:4}{:44} {:8} {} | {}".format(
            "BAD" if self.wrong else "", self.model, self.mcu, *texts)


def figures(model, mcu, level, folder):
    done = run(BIN / "pdkc", model.path, "-o", folder / "model.ihx",
               "--emit=module", f"--mcu={mcu}", f"--verify={SAMPLES}", level,
               *model.options)
    if done.returncode in (1, 2):  # bad, too large, or options not known yet
        return None
    words = re.search(r": (\d+) words of", done.stderr)
    cycles = re.search(r"(\d+) on average", done.stderr)
    return int(words[1]), int(cycles[1])


def rows(words=()):
    with tempfile.TemporaryDirectory(prefix="pdkc-") as temporary:
        folder = pathlib.Path(temporary)
        for model in (*every_model.trained(), *every_model.exported(),
                      *every_model.alone()):
            if words and not any(word in model.name for word in words):
                continue
            for mcu in DEVICES:
                yield Row(model.name, mcu, [figures(model, mcu, level, folder)
                                            for level in LEVELS])


def main():
    bad = 0
    for row in rows(sys.argv[1:]):
        print(row, flush=True)
        bad += row.wrong
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
