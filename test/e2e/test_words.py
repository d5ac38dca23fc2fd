"""Words at the edges of the command line: names that C cannot have, suffixes,
devices in capitals, versions; sample files that are none; and what pdk-sim knows
of a program from its map.
"""

import io
import json
import re

import numpy

from networks import CODEBOOKS, fitted, write
from support import BIN, EndToEndTest, complaint, read_bytes, run

NO_NAMES = ("my-model", "1net", "a b", "", "while", "_Bool", "x.y", "größe",
            "m" * 33)


class WordsTest(EndToEndTest):

    def setUp(self):
        super().setUp()
        random = numpy.random.default_rng(1)
        network = fitted(random, [8, 4, 3], [CODEBOOKS["ones_and_twos"]], 0, 15,
                         [(0, 15)])
        self.rows = network.samples(random, 20)
        self.classes = network.evaluate(self.rows)
        self.model, self.samples, self.expected = write(
            self.folder, network, self.rows, self.classes)
        self.range = network.option()

    def try_pdkc(self, *options, output="out.asm"):
        return run(BIN / "pdkc", self.model, "-o", self.folder / output,
                   self.range, *options)

    def test_names_that_c_cannot_have(self):
        for name in NO_NAMES:
            with self.subTest(name=name):
                result = self.try_pdkc(f"--name={name}")
                self.assertEqual(result.returncode, 2, complaint(result))
                self.assertIn("--name", result.stderr)
                self.assertFalse((self.folder / "out.asm").exists())

    def test_names_that_c_has(self):
        """They compile, assemble and link, an upper-case one and a long one."""
        for name in ("A", "_x", "int8", "m" * 32, "sp", "f_1"):
            with self.subTest(name=name):
                result = self.try_pdkc(f"--name={name}")
                self.assertEqual(result.returncode, 0, complaint(result))
                (self.folder / "main.c").write_text(
                    f'#include "out.h"\n'
                    f"uint8_t {name}_next_input(void) {{ return 1; }}\n"
                    f"void main(void) {{ for (;;) {name}_infer(); }}\n")
                for command in (["sdaspdk13", "-plosgff", "out.asm"],
                                ["sdcc", "-mpdk13", "-c", "main.c"],
                                ["sdcc", "-mpdk13", "out.rel", "main.rel"]):
                    result = run(*command, cwd=self.folder)
                    self.assertEqual((result.returncode, result.stderr),
                                     (0, ""), command)

    def test_suffixes(self):
        for output in ("x.hex", "x.c", "x", "x.asm.bak", "x.IHX"):
            with self.subTest(output=output):
                result = self.try_pdkc(output=output)
                self.assertEqual(result.returncode, 2, complaint(result))
                for known in (".asm", ".ihx", ".h", ".mlir", "--emit"):
                    self.assertIn(known, result.stderr)
                self.assertFalse((self.folder / output).exists())
                result = self.try_pdkc("--emit=asm", output=output)
                self.assertEqual(result.returncode, 0, complaint(result))
        result = run(BIN / "pdkc", self.model, "-o", "/dev/null", self.range)
        self.assertEqual(result.returncode, 0, complaint(result))

    def test_files_of_one_name(self):
        """The header or the map would be written over the output."""
        for output, emit in (("x.h", "asm"), ("x.map", "ihx"),
                             ("x.map", "module")):
            with self.subTest(output=output, emit=emit):
                result = self.try_pdkc(f"--emit={emit}", output=output)
                self.assertEqual(result.returncode, 2, complaint(result))
                self.assertFalse((self.folder / output).exists())

    def test_levels_and_numbers(self):
        for option in ("-O22", "-O3foo", "-O", "-O1", "--outputs=",
                       "--input-scale=1/0", "--input-scale=1e400"):
            with self.subTest(option=option):
                result = self.try_pdkc(option)
                self.assertEqual(result.returncode, 2, complaint(result))
        for option in ("-O2", "--input-scale=.5", "--input-scale=5.",
                       "--input-scale=+1e+2"):
            with self.subTest(option=option):
                result = self.try_pdkc(option)
                self.assertEqual(result.returncode, 0, complaint(result))
        result = self.try_pdkc("--input-scale=1e40")
        self.assertEqual(result.returncode, 1, complaint(result))
        self.assertIn("values that float32 holds", result.stderr)

    def test_devices_in_capitals(self):
        texts = []
        for mcu in ("pfs154", "PFS154", "Pfs154"):
            result = self.try_pdkc(f"--mcu={mcu}", "--emit=module",
                                   output="out.ihx")
            self.assertEqual(result.returncode, 0, complaint(result))
            texts.append((self.folder / "out.ihx").read_bytes())
            self.simulate(self.folder / "out.ihx", self.samples,
                          f"--mcu={mcu}", f"--expected={self.expected}")
        self.assertEqual(len(set(texts)), 1)
        self.assertEqual(self.try_pdkc("--mcu=AUTO").returncode, 0)

    def test_version(self):
        result = run(BIN / "pdkc", "--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout,
                         r"^pdkc \d+\.\d+ \(commit \S+\), LLVM 22\.\d+\.\d+")

    def save(self, array):
        file = io.BytesIO()
        numpy.save(file, array)
        return file.getvalue()

    def test_arrays_of_bytes(self):
        """A .npy of bytes is its bytes, whatever its shape."""
        plain = self.try_pdkc(f"--samples={self.samples}")
        file = self.folder / "samples.npy"
        rows = self.rows.astype(numpy.uint8)
        for array in (rows, rows.reshape(-1, 1, 2, 4), rows.ravel(),
                      rows.astype(numpy.int8)):
            file.write_bytes(self.save(array))
            result = self.try_pdkc(f"--samples={file}")
            self.assertEqual(result.returncode, 0, complaint(result))
            self.assertEqual(result.stderr, plain.stderr)
        self.try_pdkc("--emit=module", output="out.ihx")
        classes = self.folder / "expected.npy"
        classes.write_bytes(self.save(self.classes.astype(numpy.uint8)))
        measured = self.simulate(self.folder / "out.ihx", file,
                                 f"--expected={classes}")
        self.assertEqual(measured["equal"], len(self.rows))

    def test_files_that_are_no_samples(self):
        rows = self.rows.astype(numpy.uint8)
        text = "\n".join(",".join(map(str, row)) for row in rows)
        good = self.save(rows)
        cases = {
            "floats": (self.save(rows.astype(float)), "<f8"),
            "words": (self.save(rows.astype(numpy.int16)), "<i2"),
            "columns": (self.save(numpy.asfortranarray(rows)), "row by row"),
            "short": (good[:-3], "157"), "head": (good[:20], "cut off"),
            "long": (good + b"\1", "161"),
            "csv": (text.encode(), "text"),
            "csv with names": (b"a,b,c,d,e,f,g,h\r\n" + text.encode(), "text"),
            "columns of text": (text.replace(",", " ").encode() + b"\n",
                                "text"),
            "archive": (b"PK\3\4" + good, "archive"),
            "half": (rows.tobytes()[:-1], "8 bytes each"),
            "outside": (b"\0" * 11 + b"\x10" + b"\0" * 4,
                        "sample 1 holds 16 as input 3"),
        }
        self.try_pdkc("--emit=module", output="out.ihx")
        file = self.folder / "samples"
        for name, (contents, words) in cases.items():
            with self.subTest(name=name):
                file.write_bytes(contents)
                result = self.try_pdkc(f"--samples={file}")
                self.assertEqual(result.returncode, 1, complaint(result))
                errors = re.findall("error: (.*)", result.stderr)
                self.assertEqual(len(errors), 1, result.stderr)
                self.assertIn(words, errors[0])
                if name == "outside":
                    continue
                result = run(BIN / "pdk-sim", self.folder / "out.ihx",
                             f"--samples={file}")
                self.assertEqual(result.returncode, 1, complaint(result))
                self.assertIn("sample 19 ends after 7" if name == "half"
                              else words, result.stderr)

    def test_bytes_that_look_like_text(self):
        """Samples whose values are those of letters and digits are samples."""
        rows = numpy.random.default_rng(2).integers(44, 58, (200, 8))
        file = self.folder / "samples"
        file.write_bytes(rows.astype(numpy.uint8).tobytes())
        result = run(BIN / "pdkc", self.model, "-o", self.folder / "out.asm",
                     "--input-range=0:63", "--mcu=pfs173", f"--samples={file}")
        self.assertNotIn("text", result.stderr)

    def test_what_the_map_says(self):
        """Device, name, inputs, outputs, the serial line: pdk-sim asks for
        none."""
        options = ("--mcu=pfs154", "--name=net", "--output=logits",
                   "--baud=19200", "--clock=4000000", "--tx=PA.3", "--rx=PA.4",
                   "--byte-gap=4")
        result = self.try_pdkc(*options, output="out.ihx")
        self.assertEqual(result.returncode, 0, complaint(result))
        answers = self.folder / "answers"
        command = [BIN / "pdk-sim", self.folder / "out.ihx", "--serial",
                   f"--samples={self.samples}", "--limit=5"]
        result = run(*command, f"--answers={answers}")
        self.assertEqual(result.returncode, 0, complaint(result))
        size = len(read_bytes(answers)) // 5
        self.assertGreater(size, 3)
        self.assertEqual(read_bytes(answers)[::size].tolist(),
                         self.classes[:5].tolist())
        # What is given is taken.
        for option in ("--baud=9600", "--mcu=pms150c", "--rx=PA.0",
                       "--inputs=7"):
            self.assertNotEqual(run(*command, option).returncode, 0, option)
        # A module's outputs.
        self.try_pdkc(*options[:3], "--emit=module", output="out.ihx")
        outputs = self.folder / "outputs"
        result = run(BIN / "pdk-sim", self.folder / "out.ihx", "--json",
                     f"--samples={self.samples}", f"--outputs={outputs}",
                     f"--expected={self.expected}")
        self.assertEqual(result.returncode, 0, complaint(result))
        self.assertEqual(json.loads(result.stdout)["equal"], len(self.rows))
        self.assertEqual(len(read_bytes(outputs)), (size - 1) * len(self.rows))
