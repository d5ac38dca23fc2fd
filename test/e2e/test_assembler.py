"""The module as SDCC's tools see it: sdas takes the assembler text without a
word, it links with C, the linked words are those of pdkc's own encoder, and the
C program computes the same classes. Wherever else its cells lie, be they moved
by a byte or by nearly all there is, linking fails or the classes are the same.
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
        # Cells that may lie anywhere come behind what C has.
        far = {first + i for i, line in enumerate(code) if "Lfar" in line}
        text = (self.folder / "model.asm").read_text().split(".area CELLS")[0]
        near = sum(map(int, re.findall(r"\.ds (\d+)", text)))
        area = re.search(r"^CELLS +([0-9A-F]{8}) ",
                         (self.folder / "out.map").read_text(), re.MULTILINE)
        shift = int(area[1], 16) - 2 - near if area else 0
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
            if address in far:
                word += shift
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

        # The module behind C: its cells are mostly out of reach.
        other = run(*sdcc, "main.rel", "model.rel", "-o", "other.ihx",
                    cwd=self.folder)
        self.note = f"behind C: status {other.returncode}"
        if other.returncode == 0:
            measured = self.simulate(
                self.folder / "other.ihx", rows, f"--mcu={mcu}",
                "--input-port=0x10", "--limit=100", f"--classes={classes}")
            self.assertEqual(read_bytes(classes).tolist(),
                             read_bytes(expected)[:100].tolist())

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

# What stands before a module: another one with so many bytes of cells.
PAD = """
	.module pad
	.optsdcc -m{tools}
	.area DATA
	.ds {bytes}
	.area CELLS
	.area OSEG (OVR,DATA)
	.area SSEG
	.area HOME
	.area GSINIT
	.area GSFINAL
	.area CODE
"""

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
    """A module that takes much of the RAM, before C and behind it: where it
    links, the classes are right."""

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
        linked = []
        for shift in shifts:
            (self.folder / "pad.asm").write_text(
                PAD.format(tools=tools, bytes=shift))
            self.assertEqual(do(f"sdas{tools}", "-plosgff", "pad.asm"), 0)
            if do(*sdcc, "pad.rel", "model.rel", "main.rel", "-o", "pad.ihx"):
                continue
            linked.append(shift)
            measured = self.simulate(
                self.folder / "pad.ihx", samples, f"--mcu={mcu}",
                "--input-port=0x10", f"--inputs={inputs}",
                f"--expected={expected}")
            self.assertEqual(measured["equal"], len(rows), f"moved by {shift}")
        self.assertLess(max(linked, default=0), ram - inputs)
        self.note = f"linked with the cells moved by {linked} of {shifts} bytes"


@expand
class PlacesTest(EndToEndTest):
    """Where the linker may put a module's cells: as low as its short
    instructions need and, where it has pointers of its own, at even addresses;
    and the stack must stay in RAM."""

    def find_places(self, mcu):
        random = numpy.random.default_rng(3)
        network = fitted(random, [20, 9, 3], [CODEBOOKS["ternary"]] * 2, 0, 15,
                         [(0, 127)])
        rows = network.samples(random, 20)
        model, samples, expected = write(self.folder, network, rows,
                                         network.evaluate(rows))
        self.pdkc(model, self.folder / "model.asm", f"--mcu={mcu}", "-Os",
                  "--input=stream", network.option())
        (self.folder / "main.c").write_text(MAIN)
        tools = SETS[mcu][0]
        sdcc = ("sdcc", f"-m{tools}", "--std-sdcc11", "--opt-code-size")
        self.assertEqual(run(f"sdas{tools}", "-plosgff", "model.asm",
                             cwd=self.folder).returncode, 0)
        self.assertEqual(run(*sdcc, "-c", "main.c",
                             cwd=self.folder).returncode, 0)
        linked = []
        for shift in range(24):
            (self.folder / "pad.asm").write_text(
                PAD.format(tools=tools, bytes=shift))
            self.assertEqual(run(f"sdas{tools}", "-plosgff", "pad.asm",
                                 cwd=self.folder).returncode, 0)
            if run(*sdcc, "pad.rel", "model.rel", "main.rel", "-o", "pad.ihx",
                   cwd=self.folder).returncode:
                continue
            linked.append(shift)
            measured = self.simulate(
                self.folder / "pad.ihx", samples, f"--mcu={mcu}",
                "--input-port=0x10", f"--expected={expected}")
            self.assertEqual(measured["equal"], len(rows), f"moved by {shift}")
        return (self.folder / "model.asm").read_text(), linked

    @for_each(SETS)
    def test_places(self, mcu):
        text, linked = self.find_places(mcu)
        reach = {"pms150c": 15, "pfs154": 63, "pfs173": 127}[mcu]
        bits = [int(offset) for offset in re.findall(
            r"\t(?:t[01]sn|set[01]) Lcells\+(\d+),", text)]
        pointers = re.findall(r"\tidxm.*Lcells\+(\d+)", text)
        self.assertTrue(bits and pointers, "the test needs both")
        self.assertNotRegex(text, r"\t(t[01]sn|set[01]|idxm a,) ?Lfar")
        wanted = [shift for shift in range(0, 24, 2)
                  if 2 + shift + max(bits) <= reach]
        if mcu == "pms150c":
            wanted = [shift for shift in wanted
                      if 2 + shift + max(map(int, pointers)) <= 30]
        self.note = f"moved by {linked}"
        self.assertEqual(linked, wanted)
