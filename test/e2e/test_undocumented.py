"""LDSPTL and LDSPTH: only where they are asked for, and fewer words with them.

Weights of 4 and 6 bits fill whole code words, of which the tables without them
use a byte; weights of 8 bits gain nothing.
"""

import re

import numpy

from networks import fitted, write
from support import (BIN, LEVELS, REFUSED, EndToEndTest, expand, for_each,
                     read_bytes, read_hex, run)
from test_interrupt import MAIN, MODES, ROOM, SETS, check_interrupts
from test_looped import make_network as random_looped
from test_looped import write as write_looped

OPTION = "--undocumented"
DEVICES = ("pms150c", "pfs154")
# Weights in a word, by device and bits of a weight.
CODES = {"pms150c": {3: 4, 4: 3, 5: 2, 6: 2}, "pfs154": {3: 4, 4: 3, 6: 2, 7: 2}}
INSTRUCTIONS = re.compile(r"^\s*ldspt[lh]$", re.MULTILINE)
WIDTHS = (18, 12, 7)
RANDOM = 80
BATCH = 40


def make_network(bits, biased=True, widths=WIDTHS):
    random = numpy.random.default_rng(bits)
    codebook = tuple(range(-(1 << bits - 1), 1 << bits - 1))
    network = fitted(random, widths, [codebook], 0, 15, [(0, 15)],
                     biased=biased, max_shift=20)
    return network, network.samples(random, 200)


@expand
class UndocumentedTest(EndToEndTest):

    def prepare(self, bits, **form):
        """Network, rows, classes, and model, rows and classes as files."""
        network, rows = make_network(bits, **form)
        classes = network.evaluate(rows)
        self.assertGreater(len(set(classes)), 2, "a network of some interest")
        return network, *write(self.folder, network, rows, classes)

    @for_each([(mcu, bits, biased) for mcu in DEVICES for bits in CODES[mcu]
               for biased in (True, False)], "{0[0]}_int{0[1]}_{0[2]}".format)
    def test_saves_words(self, case):
        mcu, bits, biased = case
        network, model, samples, expected = self.prepare(bits, biased=biased)
        arguments = model, samples, "-Os", network.option()
        without, measured, summary = self.compile_and_run(
            *arguments, mcu=mcu, expected=expected)
        self.assertEqual(measured["violations"], [])
        self.assertNotIn("undocumented", summary)
        program = self.folder / "program.ihx"
        summary = self.pdkc(model, program, "--emit=module", f"--mcu={mcu}",
                            "-Os", network.option(), OPTION)
        found = re.search(r"undocumented ldsptl, ldspth: (\d+) words instead "
                          r"of (\d+)\n", summary)
        self.assertIsNotNone(found, summary)
        words = int(found[1])
        self.assertEqual(len(read_hex(program)), words + 2)
        self.assertEqual(int(found[2]), without)
        weights = sum(a * b for a, b in zip(WIDTHS, WIDTHS[1:]))
        # At most 50 words more of code.
        saved = weights // (8 // bits) - -(-weights // CODES[mcu][bits])
        self.assertGreater(without - words, saved - 50)
        self.assertLess(words, without)
        measured = self.simulate(program, samples, f"--mcu={mcu}",
                                 f"--expected={expected}",
                                 "--allow-undocumented")
        self.assertEqual(measured["violations"], [])
        self.assertEqual(measured["equal"], 200)
        self.note = f"{words} words instead of {without}"

    def test_short_of_ram(self):
        """Where a routine would take more stack than there is, words are
        fetched without one."""
        random = numpy.random.default_rng(0)
        network = fitted(random, [49, 23, 10], [range(-8, 8)], 0, 15, [(0, 15)])
        model = self.folder / "model.mlir"
        model.write_text(network.to_lowbit(raw=(0, 255, 4)))
        summary = self.pdkc(model, self.folder / "model.asm", "-Os", OPTION)
        found = re.search(r"(\d+) words instead of (\d+)\n", summary)
        self.assertIsNotNone(found, summary)
        self.assertGreater(int(found[2]) - int(found[1]), 150)
        self.assertIn("62 bytes of 62", summary)
        self.assertIn("100 inputs verified", summary)
        self.note = found[0].strip()

    @for_each(range(0, RANDOM, BATCH), lambda first: f"from_{first:03}")
    def test_random(self, first):
        """The random networks of looped layers, wherever they fit."""
        used = 0
        for number in range(first, first + BATCH):
            network, rows, method, _, mcu = random_looped(number)
            if mcu not in DEVICES:
                continue
            model, samples = write_looped(self.folder, rows,
                                          network.to_lowbit(method))
            compiled = run(BIN / "pdkc", model, "-o", self.folder / "model.asm",
                           "-Os", f"--mcu={mcu}", f"--samples={samples}",
                           "--verify=0", OPTION)
            if compiled.returncode:
                self.assertRegex(compiled.stderr, REFUSED, f"network {number}")
                continue
            self.assertIn(f"{len(rows)} inputs verified", compiled.stderr,
                          f"network {number}")
            used += "words instead of" in compiled.stderr
        self.assertGreater(used, 0)
        self.note = f"{used} use them"

    @for_each(DEVICES)
    def test_saves_nothing(self, mcu):
        """Weights of 8 bits: the same program as without."""
        network, model, *_ = self.prepare(8, widths=(14, 9, 5))
        texts = []
        for options in (), (OPTION,):
            summary = self.pdkc(model, self.folder / "model.asm", "-Os",
                                f"--mcu={mcu}", network.option(), *options)
            texts.append((self.folder / "model.asm").read_text())
        self.assertIn("not used", summary)
        self.assertEqual(*texts)

    @for_each([(mcu, level) for mcu in SETS for level in LEVELS], "_".join)
    def test_only_if_asked_for(self, case):
        mcu, level = case
        network, model, *_ = self.prepare(4)
        for method in "looped", "looped-skip", "looped-unrolled", None:
            text = self.folder / "model.mlir"
            text.write_text(network.to_lowbit(method))
            for options in (), (OPTION,):
                self.pdkc(text, self.folder / "model.asm", level,
                          f"--mcu={mcu}", *options)
                used = INSTRUCTIONS.findall(
                    (self.folder / "model.asm").read_text())
                if mcu == "pfs173" or not options:
                    self.assertEqual(used, [])
                elif level == "-Os" and method:
                    self.assertIn("ldsptl", "".join(used))

    def link(self, mcu):
        """model.asm and main.c to out.ihx, by SDCC."""
        sdcc = ("sdcc", f"-m{SETS[mcu]}", "--std-sdcc11", "--opt-code-size")
        (self.folder / "main.c").write_text(MAIN % MODES["stream"])
        for command in ((f"sdas{SETS[mcu]}", "-plosgff", "model.asm"),
                        (*sdcc, "-c", "main.c"),
                        (*sdcc, "model.rel", "main.rel", "-o", "out.ihx")):
            result = run(*command, cwd=self.folder)
            self.assertEqual((result.returncode, result.stderr), (0, ""),
                             command)

    @for_each([(mcu, biased) for mcu in DEVICES for biased in (True, False)],
              "{0[0]}_{0[1]}".format)
    def test_links(self, case):
        """Linked with C the tables are there, word by word, and are read; an
        interrupt anywhere changes nothing, and the stack is the declared one.
        """
        mcu, biased = case
        network, model, samples, expected = self.prepare(
            6, biased=biased, widths=(9, 8, 5))
        text = self.folder / "model.mlir"
        text.write_text(network.to_lowbit("looped"))
        options = ("-Os", f"--mcu={mcu}", OPTION, f"--reserve-ram={ROOM}")
        self.pdkc(text, self.folder / "model.asm", *options)
        self.pdkc(text, self.folder / "own.ihx", "--emit=module", *options)
        assembly = (self.folder / "model.asm").read_text()
        self.assertIsNotNone(INSTRUCTIONS.search(assembly))
        self.link(mcu)
        tables = [int(word) for word in re.findall(r"^\s*\.dw (\d+)$", assembly,
                                                   re.MULTILINE)]
        self.assertGreater(len(tables), 10)
        for name in "own", "out":
            words = read_hex(self.folder / f"{name}.ihx")
            image = [words.get(at, -1) for at in range(max(words) + 1)]
            places = [at for at in range(len(image))
                      if image[at:at + len(tables)] == tables]
            self.assertEqual(len(places), 1, name)
        taken = self.folder / "taken.u8"
        run_out = (self.folder / "out.ihx", samples, f"--mcu={mcu}",
                   "--input-port=0x10", "--allow-undocumented")
        self.simulate(*run_out, f"--classes={taken}")
        self.assertTrue((read_bytes(taken) == read_bytes(expected)).all())

        measured = self.simulate(*run_out, "--interrupt-at-each", "--limit=3",
                                 f"--expected={expected}")
        check_interrupts(self, measured)
