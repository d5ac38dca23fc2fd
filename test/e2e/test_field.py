"""What people bring: small files in field/, each of one kind.

A row says with which options a file is compiled, and what has to come of it:
the classes of ONNX Runtime, from the interpreter and from the words on the
simulated chip; how many words and bytes of the device they take at most.
"""

import dataclasses
import pathlib
import re

from comparison import compare
from support import BIN, EndToEndTest, complaint, expand, for_each, run

FIELD = pathlib.Path(__file__).resolve().parent / "field"


@dataclasses.dataclass
class Row:
    file: str
    options: str
    words: int = 0     # at most; 0: any number
    bytes: int = 0
    refused: str = ""  # a part of the error instead of all that


ROWS = (
    Row("scaler_by_feature", "--input-range=0:255 -Os --mcu=pms150c", 700),
    Row("scaler_by_feature", "--input-range=0:255 -O3 --mcu=pms150c"),
    Row("scaler_by_feature",
        "--input-range=0:255 -Os --mcu=pfs154 --input=buffer", 700),
    Row("scaler_by_feature", "--input-range=-128:127 -Os --mcu=pfs173", 720),
    Row("padded_conv_zero", "-Os --mcu=pfs173", 300, 90),
    Row("padded_conv_zero_point", "-Os --mcu=pfs173", 450, 80),
    Row("padded_conv_zero_point", "-O3 --mcu=pfs154"),
    Row("requant_speed", "--input-range=0:255 -Os --mcu=pfs154", 206),
)

# Which -O3 must not make slower than -Os.
FASTER = (
    ("requant_speed", "--input-range=0:255 --mcu=pfs154"),
    ("scaler_by_feature", "--input-range=0:255 --mcu=pfs173"),
    ("padded_conv_zero_point", "--mcu=pfs173"),
)


@expand
class Field(EndToEndTest):

    @for_each(ROWS, name=lambda row: re.sub(r"\W+", "_", f"{row.file} "
                                            f"{row.options}"))
    def test_row(self, row):
        result = compare(FIELD / f"{row.file}.onnx", self.folder,
                         row.options.split(), count=300)
        if row.refused:
            self.assertIn(row.refused, result.refused or result.no_words)
            return
        self.assertIn(result.outcome, ("equal", "undecided"), result)
        self.assertEqual(result.no_words, "")
        # Float32 leaves few open, if any: the others are compared.
        self.assertLess(len(result.undecided), result.samples / 4)
        self.assertLessEqual(result.words, row.words or result.words)
        self.assertLessEqual(result.bytes, row.bytes or result.bytes)

    @for_each(FASTER, name=lambda row: row[0])
    def test_speed(self, row):
        file, options = row
        cycles = []
        for level in ("-O3", "-Os"):
            done = run(BIN / "pdkc", FIELD / f"{file}.onnx", level,
                       *options.split(), "-o", self.folder / "field.asm")
            self.assertEqual(done.returncode, 0, complaint(done))
            mean, most = re.search(r"(\d+) on average, (\d+) at most",
                                   done.stderr).groups()
            cycles.append((int(mean), int(most)))
        fast, small = cycles
        self.assertLessEqual(fast[0], small[0])
        self.assertLessEqual(fast[1], small[1])


if __name__ == "__main__":
    import unittest
    unittest.main()
