"""The module as SDCC's tools see it: sdas takes the assembler text without a
word, it links with C, the linked words are those of pdkc's own encoder, and the
C program computes the same classes. Linking fails wherever the module's cells
are not first in RAM, be they moved by a byte or by nearly all there is.
"""

import re
import json

import numpy

from networks import CODEBOOKS, fitted, write
from support import (LEVELS, SHARED, EndToEndTest, expand, for_each,
                     model_folders, read_bytes, read_hex, read_symbols, run)

MAIN = """
#include <stdint.h>
__sfr __at(0x10) PA;
uint8_t model_infer(void);
uint8_t result;
uint8_t model_next_input(void) { return PA; }
void main(void) { for (;;) result = model_infer(); }
"""

# Instruction set and bits of a code address.
SETS = {"pms150c": ("pdk13", 10), "pfs154": ("pdk14", 11),
        "pfs173": ("pdk15", 12)}


def make_cases():
    seed = SHARED / "seed"
    models = [("seed", seed / "seed_integer.onnx", "-31:31",
               seed / "t10k_8x8_int8.raw", seed / "seed_integer.expected.raw")]
    for folder in model_folders():
        facts = json.loads((folder / "model.json").read_text())
        models.append((folder.name, folder / facts["model"],
                       facts["input_range"], folder / facts["images"],
                       folder / facts["expected"]))
    return [(*model, mcu, level) for model in models for mcu in SETS
            for level in LEVELS]


def case_name(case):
    return "_".join([case[0], *case[-2:]])


@expand
class AssemblerTest(EndToEndTest):

    def quiet(self, *command):
        result = run(*command, cwd=self.folder)
        self.assertEqual((result.returncode, result.stdout, result.stderr),
                         (0, "", ""), command)

    def assert_same_words(self, bits):
        """The module in out.ihx is that in own.ihx, moved to another place."""
        own, linked = (read_hex(self.folder / f"{name}.ihx")
                       for name in ("own", "out"))
        own_at, linked_at = (read_symbols(self.folder / f"{name}.map")
                             for name in ("own", "out"))
        first = 2  # of the module in own.ihx
        moved = (linked_at["_model_infer"] - own_at["_model_infer"]) // 2
        mask = (1 << bits) - 1
        self.assertGreater(len(own), 100)
        text = (self.folder / "model.asm").read_text().split(".area CODE")[1]
        code = re.findall(r"^\t(?!\.(?!dw))(.*)", text, re.MULTILINE)
        labels = {first + i for i, line in enumerate(code)
                  if re.search(r"#[<>]\(", line)}
        data = {first + i for i, line in enumerate(code)
                if line.startswith(".dw")}
        for address in sorted(own):
            # Bytes of a label's address are the linker's to know.
            if address < first or address in labels:
                continue
            word, there = own[address], linked.get(address + moved)
            self.assertIsNotNone(there, f"word {address}")
            # goto, call
            if address not in data and word >> bits in (0b110, 0b111):
                target = word & mask
                wanted = (linked_at["_model_next_input"] // 2
                          if target == own_at["_model_next_input"] // 2 else
                          target + moved)
                word = word & ~mask | wanted
            self.assertEqual(word, there, f"word {address}")

    @for_each(make_cases(), case_name)
    def test_links(self, case):
        _, model, span, rows, expected, mcu, level = case
        if not model.exists():
            self.skipTest("the model is not here")
        instructions, bits = SETS[mcu]
        options = (f"--mcu={mcu}", f"--input-range={span}", level)
        self.pdkc(model, self.folder / "model.asm", *options)
        self.pdkc(model, self.folder / "own.ihx", "--emit=module", *options)
        (self.folder / "main.c").write_text(MAIN)
        self.quiet(f"sdas{instructions}", "-plosgff", "model.asm")
        sdcc = ("sdcc", f"-m{instructions}", "--std-sdcc11",
                "--opt-code-size")
        self.quiet(*sdcc, "-c", "main.c")
        self.quiet(*sdcc, "model.rel", "main.rel", "-o", "out.ihx")
        self.assert_same_words(bits)

        count = 1000
        classes = self.folder / "classes.u8"
        measured = self.simulate(
            self.folder / "out.ihx", rows, f"--mcu={mcu}",
            "--input-port=0x10", f"--limit={count}", f"--classes={classes}")
        self.assertEqual(measured["samples"], count)
        self.assertEqual(numpy.count_nonzero(
            read_bytes(classes) != read_bytes(expected)[:count]), 0)

        wrong = run(*sdcc, "main.rel", "model.rel", "-o", "wrong.ihx",
                    cwd=self.folder)
        self.assertNotEqual(wrong.returncode, 0, "linked in the wrong order")

    @for_each(SETS)
    def test_header(self, mcu):
        """C code with the header compiles without a warning."""
        if not model_folders():
            self.skipTest("there are no models")
        folder = model_folders()[-1]
        facts = json.loads((folder / "model.json").read_text())
        self.pdkc(folder / facts["model"], self.folder / "model.asm", "-Os",
                  f"--mcu={mcu}", f"--input-range={facts['input_range']}")
        (self.folder / "main.c").write_text(
            '#include "model.h"\n' + MAIN +
            f"char inputs[MODEL_INPUTS == {facts['inputs']} ? 1 : -1];\n")
        self.quiet("sdcc", f"-m{SETS[mcu][0]}", "--std-sdcc11", "-c", "main.c")


# Bytes of a buffer of inputs, beyond where bit tests reach; of RAM altogether.
ROOMS = {"pms150c": (32, 64), "pfs154": (84, 128), "pfs173": (180, 256)}

FILLING_MAIN = """
#include "model.h"
__sfr __at(0x10) PA;
uint8_t result;
void main(void) {
  for (;;) {
    uint8_t i = 0;
    do
      ((uint8_t *)model_input)[i] = PA;
    while (++i != MODEL_INPUTS);
    result = model_infer();
  }
}
"""


@expand
class GuardTest(EndToEndTest):
    """A module that takes much of the RAM, before C and behind it."""

    @for_each(SETS)
    def test_shifted(self, mcu):
        inputs, ram = ROOMS[mcu]
        random = numpy.random.default_rng(3)
        network = fitted(random, [inputs, 2], [CODEBOOKS["ternary"]], 0, 15, [])
        rows = network.samples(random, 30)
        model, samples, expected = write(self.folder, network, rows,
                                         network.evaluate(rows))
        self.pdkc(model, self.folder / "model.asm", f"--mcu={mcu}", "-Os",
                  "--input=buffer", "--reserve-ram=8", network.option())
        (self.folder / "main.c").write_text(FILLING_MAIN)
        tools = SETS[mcu][0]
        sdcc = ("sdcc", f"-m{tools}", "--std-sdcc11", "--opt-code-size")

        def do(*command):
            return run(*command, cwd=self.folder).returncode

        self.assertEqual(do(f"sdas{tools}", "-plosgff", "model.asm"), 0)
        self.assertEqual(do(*sdcc, "-c", "main.c"), 0)
        self.assertEqual(do(*sdcc, "model.rel", "main.rel", "-o", "out.ihx"), 0)
        measured = self.simulate(
            self.folder / "out.ihx", samples, f"--mcu={mcu}",
            "--input-port=0x10", f"--inputs={inputs}", f"--expected={expected}")
        self.assertEqual(measured["equal"], len(rows))

        # A step that meets no power of two for long, and both ends.
        shifts = [1, 2, *range(7, ram - 8, ram // 8 + 1), ram - 8]
        for shift in shifts:
            (self.folder / "pad.c").write_text(f"char pad[{shift}];\n")
            self.assertEqual(do(*sdcc, "-c", "pad.c"), 0)
            self.assertNotEqual(
                do(*sdcc, "pad.rel", "model.rel", "main.rel", "-o", "bad.ihx"),
                0, f"linked with the cells moved by {shift}")
        self.assertNotEqual(
            do(*sdcc, "--data-loc", "0x04", "model.rel", "main.rel", "-o",
               "bad.ihx"), 0, "linked with the data moved by --data-loc")
        self.note = f"refused with the cells moved by each of {shifts} bytes"
