"""pdk-sim as a command: the serial mode with a firmware that SDCC's assembler
made, and what it refuses.
"""

import json

import numpy

from support import BIN, EndToEndTest, complaint, expand, for_each, read_bytes, run

# Adds up four bytes; answers with the sum and its complement. 8 MHz, 9600 baud:
# 833 cycles a bit, RX at PA.0, TX at PA.7.
FIRMWARE = """
	.module firmware
	.area DATA
_received: .ds 1
_left: .ds 1
_sent: .ds 1
_sum: .ds 1
	.area HEADER (ABS)
	.org 0
	nop
	mov a,#0x34
	mov.io 0x03,a
	mov a,#6
	mov.io 0x02,a
	set1.io 0x10,#7
	set1.io 0x11,#7
	set1.io 0x0d,#0
loop:
	clear _sum
	mov a,#4
	mov _left,a
1$:	call receive
	mov a,_received
	add _sum,a
	dzsn _left
	goto 1$
	mov a,_sum
	call send
	mov a,_sum
	not a
	call send
	goto loop

delay:	; 3 A + 3 cycles with the call
	dzsn a
	goto delay
	ret
bit:	; 827 cycles with the call
	nop
	mov a,#254
	call delay
	mov a,#18
	goto delay

receive:
	clear _received
1$:	t0sn.io 0x10,#0
	goto 1$
	mov a,#137
	call delay
	mov a,#8
	mov 0,a
2$:	call bit
	sr _received
	t0sn.io 0x10,#0
	set1 _received,#7
	dzsn 0
	goto 2$
	goto bit

send:
	mov _sent,a
	set0.io 0x10,#7
	mov a,#8
	mov 0,a
	nop
1$:	call bit
	sr _sent
	src a
	mov.io 0x10,a
	dzsn 0
	goto 1$
	call bit
	nop
	nop
	nop
	set1.io 0x10,#7
	goto bit
"""


@expand
class SimulatorTest(EndToEndTest):

    def setUp(self):
        super().setUp()
        (self.folder / "firmware.asm").write_text(FIRMWARE)
        (self.folder / "link.lk").write_text(
            "-muwi firmware\n-b DATA=0x0002\nfirmware.rel\n-e\n")
        for command in (("sdaspdk13", "-plosgff", "firmware.asm"),
                        ("sdldpdk", "-n", "-f", "link.lk")):
            result = run(*command, cwd=self.folder)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.samples = numpy.random.default_rng(3).integers(
            0, 256, (8, 4), numpy.uint8)
        self.samples.tofile(self.folder / "samples")
        self.sums = self.samples.sum(axis=1).astype(numpy.uint8)
        self.sums.tofile(self.folder / "expected")

    def serial(self, *options):
        return run(BIN / "pdk-sim", "firmware.ihx", "--serial",
                   "--samples=samples", *options, cwd=self.folder)

    @for_each((("--gap=0", 3), ("--gap=2.5", 3), ("--sender-deviation=3", 28),
               ("--sender-deviation=-3", 28)), lambda case: case[0].strip("-").replace("=-", "_minus_"))
    def test_serial(self, case):
        option, percent = case
        result = self.serial("--expected=expected", "--answer-bytes=2",
                             "--answers=answers", "--json", option)
        self.assertEqual(result.returncode, 0, complaint(result))
        found = json.loads(result.stdout)
        self.assertEqual((found["samples"], found["equal"]), (8, 8))
        answers = read_bytes(self.folder / "answers").reshape(8, 2)
        self.assertEqual(answers[:, 0].tolist(), self.sums.tolist())
        self.assertEqual(answers[:, 1].tolist(), (255 - self.sums).tolist())
        timing = found["bit_timing"]
        # Bits of 833 cycles where 833.33 are right.
        self.assertLess(timing["worst_sent_percent"], 1)
        self.assertLess(timing["worst_sampled_percent"], percent)
        self.assertGreater(timing["worst_sampled_percent"], percent - 4)
        self.assertEqual(timing["bits_not_sampled"], 0)
        self.assertEqual(found["stack"]["bytes"], 6)

    def test_another_rate(self):
        """Two rates that do not fit each other: no answer, or a wrong one."""
        result = self.serial("--expected=expected", "--baud=12000",
                             "--cycle-limit=1000000")
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("error:", result.stderr)

    def test_wrong_expected(self):
        self.sums[5] ^= 1
        self.sums.tofile(self.folder / "expected")
        # The second byte of each answer is one too many.
        result = self.serial("--expected=expected", "--answer-bytes=2")
        self.assertEqual(result.returncode, 1)
        self.assertIn("first sample 5", result.stderr)

    def test_answer_too_long(self):
        result = self.serial("--expected=expected")
        self.assertEqual(result.returncode, 1)
        self.assertIn("line-busy", result.stderr)

    @for_each((("--rx=PB.0",), ("--tx=PA7",), ("--baud=0",), ("--baud=nan",),
               ("--clock=1000",), ("--gap=-1",), ("--sender-deviation=50",),
               ("--answer-bytes=0",), ("--input-port=16",), ("--from-reset",),
               ("--interrupt-at-each",), ("--mcu=none",), ("--inputs=0",)),
              lambda options: options[0].strip("-"))
    def test_usage(self, options):
        result = self.serial("--expected=expected", *options)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("pdk-sim", result.stderr)

    def test_no_samples(self):
        result = run(BIN / "pdk-sim", self.folder / "firmware.ihx")
        self.assertEqual(result.returncode, 2)
        self.assertIn("--samples", result.stderr)
