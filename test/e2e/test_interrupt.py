"""Interrupts: a C program whose interrupt routine uses A, the flags and p as
SDCC's do, interrupted at each instruction of an inference in turn. The class
stays what it is, p is as C expects it, and the stack goes as deep as the module
and the routine say.
"""

import json

import numpy

from networks import CODEBOOKS, fitted, write
from support import (LEVELS, EndToEndTest, expand, for_each, model_folders,
                     read_bytes, run)

SETS = {"pms150c": "pdk13", "pfs154": "pdk14", "pfs173": "pdk15"}

# The routine writes through a pointer, for which SDCC takes p; it uses no stack
# besides that for what it saves.
MAIN = """
#include "model.h"
__sfr __at(0x04) INTEN;
__sfr __at(0x05) INTRQ;
__sfr __at(0x10) PA;
uint8_t result, ticks[2], phase;
%s
void tick(void) __interrupt(0) {
  INTRQ = 0;
  phase ^= 1;
  ticks[phase]++;
}
void main(void) {
  INTRQ = 0;
  INTEN = 4;
  __asm__("engint");
  for (;;) {
    %s
    result = model_infer();
  }
}
"""
# How inputs come: of MAIN what stands before and in its loop.
MODES = {"stream": ("uint8_t model_next_input(void) { return PA; }", ""),
         "buffer": ("uint8_t i;",
                    "for (i = 0; i != MODEL_INPUTS; ++i) model_input[i] = PA;")}
ROUTINE_STACK = 6  # the return address, A and the flags, p
ROOM = ROUTINE_STACK + 3  # of RAM, for that and for three variables more


# Codebook, inputs, activations: packed and straight-line code; weights and
# activations that need wider sums and loops.
NETWORKS = {"narrow": (CODEBOOKS["ones_and_twos"], (0, 15), (0, 127)),
            "wide": (tuple(range(-90, 91)), (-128, 127), (0, 255))}


def check_interrupts(test, measured):
    """What pdk-sim says of a program interrupted at each instruction is as it
    must be; the stack as deep as the module's header in the test's folder has
    it."""
    test.assertEqual(measured["violations"], [])
    interrupts = measured["interrupts"]
    test.assertGreater(interrupts["runs"], 500)
    test.assertEqual(interrupts["taken"], interrupts["runs"])
    test.assertEqual(interrupts["different"], 0)
    header = (test.folder / "model.h").read_text()
    stack = int(header.split("#define MODEL_STACK ")[1].split()[0])
    test.assertEqual(measured["stack"]["bytes"], stack + ROUTINE_STACK)
    test.note = f"{interrupts['runs']} interrupts"


def make_network(kind):
    codebook, inputs, activations = NETWORKS[kind]
    random = numpy.random.default_rng(7)
    network = fitted(random, [12, 8, 5], [codebook], *inputs, [activations])
    return network, network.samples(random, 3)


@expand
class InterruptTest(EndToEndTest):

    def build(self, mcu, mode):
        """model.asm and main.c, compiled and linked; what sdcc's list says."""
        tools = SETS[mcu]
        sdcc = ("sdcc", f"-m{tools}", "--std-sdcc11", "--opt-code-size")
        (self.folder / "main.c").write_text(MAIN % MODES[mode])
        for command in ((f"sdas{tools}", "-plosgff", "model.asm"),
                        (*sdcc, "-c", "main.c"),
                        (*sdcc, "model.rel", "main.rel", "-o", "out.ihx")):
            result = run(*command, cwd=self.folder)
            self.assertEqual((result.returncode, result.stderr), (0, ""),
                             command)
        return (self.folder / "main.asm").read_text()

    def check(self, mcu, inputs, samples, expected, mode="stream"):
        """Interrupts the program everywhere, for each sample."""
        assembly = self.build(mcu, mode)
        routine = assembly[assembly.index("_tick:"):assembly.index("_main:")]
        self.assertIn("idxm", routine, "the routine does not use p")
        self.assertNotIn("call", routine)
        measured = self.simulate(
            self.folder / "out.ihx", samples, f"--mcu={mcu}",
            "--input-port=0x10", "--interrupt-at-each",
            f"--expected={expected}", f"--inputs={inputs}")
        check_interrupts(self, measured)

    @for_each([(mcu, level, kind, mode) for mcu in SETS for level in LEVELS
               for kind in NETWORKS for mode in MODES], "_".join)
    def test_small(self, case):
        mcu, level, kind, mode = case
        network, rows = make_network(kind)
        model, samples, expected = write(self.folder, network, rows,
                                         network.evaluate(rows))
        self.pdkc(model, self.folder / "model.asm", f"--mcu={mcu}", level,
                  network.option(), f"--input={mode}", f"--reserve-ram={ROOM}")
        self.check(mcu, network.inputs, samples, expected, mode)

    @for_each([("pfs154", "-Os"), ("pfs173", "-O3")], "_".join)
    def test_trained(self, case):
        """A whole inference of a trained model, packed or straight-line."""
        mcu, level = case
        if not model_folders():
            self.skipTest("there are no models")
        folder = model_folders()[-1]
        facts = json.loads((folder / "model.json").read_text())
        self.pdkc(folder / facts["model"], self.folder / "model.asm", level,
                  f"--mcu={mcu}", f"--input-range={facts['input_range']}",
                  "--reserve-words=40", f"--reserve-ram={ROOM}")
        samples, expected = (self.folder / name for name in ("rows", "classes"))
        read_bytes(folder / facts["images"])[:facts["inputs"]].tofile(samples)
        read_bytes(folder / facts["expected"])[:1].tofile(expected)
        self.check(mcu, facts["inputs"], samples, expected)
