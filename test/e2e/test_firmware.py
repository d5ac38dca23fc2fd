"""Complete firmwares over the simulated chip's pins: a host that sends samples
and reads answers, at its ideal bit times or a little off, and nothing else.
"""

import json
import re
import unittest

import numpy

from support import (BIN, SHARED, EndToEndTest, expand, for_each,
                     model_folders, read_bytes, read_hex, run)

SEED = SHARED / "seed"

# Three bytes in, the class (whether the first is above 99) and two bytes out:
# the sum of the first two and the third.
OUTPUTS = """
pdk.program @model for "pms150c" {
  %output = pdk.cells "output" size 2 exported
  %first = pdk.cells "first" size 1
  pdk.routine @model_infer exported {
    pdk.call_k @model_next_input
    pdk.mov_m_a %first[0]
    pdk.call_k @model_next_input
    pdk.add_a_m %first[0]
    pdk.mov_m_a %output[0]
    pdk.call_k @model_next_input
    pdk.mov_m_a %output[1]
    pdk.mov_a_k 99
    pdk.sub_a_m %first[0]
    pdk.mov_a_k 0
    pdk.addc_a
    pdk.ret
  }
  pdk.external @model_next_input
}
"""

# The same from a buffer.
BUFFER = OUTPUTS.replace(
    '%first = pdk.cells "first" size 1',
    '%input = pdk.cells "input" size 3 exported').replace(
    """    pdk.call_k @model_next_input
    pdk.mov_m_a %first[0]
    pdk.call_k @model_next_input
    pdk.add_a_m %first[0]
    pdk.mov_m_a %output[0]
    pdk.call_k @model_next_input
""", """    pdk.mov_a_m %input[0]
    pdk.add_a_m %input[1]
    pdk.mov_m_a %output[0]
    pdk.mov_a_m %input[2]
""").replace("%first[0]", "%input[0]").replace(
    "  pdk.external @model_next_input\n", "")


def write_hex(path, words):
    """The inverse of support.read_hex."""
    lines = []
    for address, word in sorted(words.items()):
        record = bytes([2, address * 2 >> 8, address * 2 & 255, 0,
                        word & 255, word >> 8])
        record += bytes([-sum(record) & 255])
        lines.append(":" + record.hex().upper())
    path.write_text("\n".join([*lines, ":00000001FF", ""]))


@expand
class FirmwareTest(EndToEndTest):

    def setUp(self):
        super().setUp()
        self.program = self.folder / "firmware.ihx"

    def build(self, folder, *options):
        """A firmware of a model of onnx_models; what pdkc says of it."""
        self.facts = json.loads((folder / "model.json").read_text())
        self.images = folder / self.facts["images"]
        self.expected = folder / self.facts["expected"]
        return self.pdkc(folder / self.facts["model"], self.program,
                         f"--input-range={self.facts['input_range']}", *options)

    def talk(self, *options, count=20):
        """Sends images over the pins; all answers have to be right."""
        return self.talk_with(self.images, self.expected, *options,
                              inputs=self.facts["inputs"], count=count)

    def talk_with(self, images, expected, *options, inputs, count):
        measured = self.simulate(
            self.program, images, "--serial", f"--inputs={inputs}",
            f"--expected={expected}", f"--limit={count}", *options)
        self.assertEqual(measured["equal"], count)
        self.assertLess(measured["bit_timing"]["worst_sent_percent"], 2)
        self.assertEqual(measured["bit_timing"]["bits_not_sampled"], 0)
        return measured

    def assert_fits(self, summary, words, ram):
        """The figures are true of the words, and within the device."""
        found = re.search(r": (\d+) words of (\d+), (\d+) bytes of (\d+)",
                          summary)
        used, there, used_ram, there_ram = map(int, found.groups())
        self.assertEqual((there, there_ram), (words, ram))
        self.assertEqual(len(read_hex(self.program)), used)
        self.assertLessEqual(used, words)
        self.assertLessEqual(used_ram, ram)
        return used_ram

    @for_each(model_folders(), lambda folder: folder.name)
    def test_model(self, folder):
        summary = self.build(folder)
        used = self.assert_fits(summary, 1014, 64)
        measured = self.talk(count=100)
        self.assertLessEqual(measured["stack"]["deepest_sp"], used)
        # Samples are taken near the bits' middles.
        self.assertLess(measured["bit_timing"]["worst_sampled_percent"], 2)

    @for_each(model_folders(), lambda folder: folder.name)
    def test_calls(self, folder):
        """The module within the firmware, called as C would."""
        self.build(folder)
        measured = self.simulate(self.program, self.images, "--limit=1000")
        self.assertEqual(measured["samples"], 1000)

    @for_each([("pfs154", "PB.3", "PB.6", "-O3"),
               ("pfs154", "PA.0", "PB.7", "-Os"),
               ("pfs173", "PA.4", "PA.5", "-O3"),
               ("pms150g", "PA.6", "PA.3", "-Os")], "_".join)
    def test_pins(self, case):
        mcu, tx, rx, level = case
        clock = 2000000 if mcu == "pms150g" else 8000000
        pins = (f"--mcu={mcu}", f"--tx={tx}", f"--rx={rx}")
        self.build(model_folders()[0], level, "--byte-gap=4", *pins)
        self.talk(f"--clock={clock}", "--gap=4", *pins)

    def test_highest_rate(self):
        """The rate named works without gaps, the sender off by 2 %; above it
        bytes need gaps, and pdkc says how long."""
        folder = model_folders()[0]
        summary = self.build(folder)
        rate = int(re.search(r"up to (\d+) baud", summary).group(1))
        self.assertGreater(rate, 9600)
        self.build(folder, f"--baud={rate}")
        for deviation in (-2, 0, 2):
            self.talk(f"--baud={rate}", f"--sender-deviation={deviation}")

        above = 250000
        refused = run(BIN / "pdkc", folder / self.facts["model"], "-o",
                      self.folder / "refused.ihx", f"--baud={above}",
                      f"--input-range={self.facts['input_range']}")
        self.assertEqual(refused.returncode, 1)
        found = re.search(
            r"error: .*does not fit the pauses between bytes sent to the "
            r"pms150c: needs (\d+) bits at 250000 baud .*, has 0; use "
            r"--byte-gap=\1, or --baud=(\d+), the highest", refused.stderr)
        self.assertIsNotNone(found, refused.stderr)
        self.assertFalse((self.folder / "refused.ihx").exists())
        self.assertGreaterEqual(int(found.group(2)), 9600)
        gap = int(found.group(1))
        self.build(folder, f"--baud={above}", f"--byte-gap={gap}")
        for deviation in (-2, 0, 2):
            self.talk(f"--baud={above}", f"--gap={gap}",
                      f"--sender-deviation={deviation}")
        # With much less the chip has to lose bytes: the bound is no idle one.
        lost = run(BIN / "pdk-sim", self.program, "--serial",
                   f"--samples={self.images}", f"--expected={self.expected}",
                   f"--inputs={self.facts['inputs']}", "--limit=5",
                   f"--baud={above}", f"--gap={gap // 4}",
                   "--cycle-limit=1000000")
        self.assertEqual(lost.returncode, 1)

    def test_calibration(self):
        """What easypdkprog finds, and the program that it leaves behind."""
        self.build(model_folders()[0], "--vdd=3300")
        words = read_hex(self.program)
        operands = [ord("R"), ord("C"), 1, *(8000000).to_bytes(4, "little"),
                    *(3300).to_bytes(2, "little"), 0x0B]
        pattern = [0x1400 | operand for operand in operands]
        image = [words[i] for i in range(len(words))]
        places = [i for i in range(len(image))
                  if image[i:i + len(pattern)] == pattern]
        self.assertEqual(len(places), 1)
        place = places[0]
        # Trimmed: `mov a,#0x7F`, `mov.io IHRCR,a`, and nops.
        for i in range(len(pattern)):
            words[place + i] = {2: 0x177F, 5: 0x008B}.get(i, 0)
        write_hex(self.program, words)
        self.talk()

    @for_each([OUTPUTS, BUFFER], lambda text:
              "streamed" if text is OUTPUTS else "buffered")
    def test_outputs(self, text):
        """The bytes of the model's outputs follow the class."""
        source = self.folder / "outputs.mlir"
        source.write_text(text)
        rows = numpy.array([[100, 100, 7], [99, 200, 255], [0, 0, 0],
                            [255, 255, 128]], numpy.uint8)
        answers = numpy.array([[1, 200, 7], [0, 43, 255], [0, 0, 0],
                               [1, 254, 128]], numpy.uint8)
        rows.tofile(self.folder / "rows.u8")
        answers[:, 0].tofile(self.folder / "classes.u8")
        self.pdkc(source, self.program)
        self.talk_with(self.folder / "rows.u8", self.folder / "classes.u8",
                       "--answer-bytes=3",
                       f"--answers={self.folder / 'answers.u8'}",
                       inputs=3, count=len(rows))
        self.assertEqual(read_bytes(self.folder / "answers.u8").tolist(),
                         answers.ravel().tolist())

    def test_buffer(self):
        """A module that wants its inputs in an array gets them there."""
        mcu = "--mcu=pfs173"
        self.build(model_folders()[0], "--input=buffer", "-Os", mcu)
        self.assertIn("_model_input ",
                      self.program.with_suffix(".map").read_text())
        self.talk(mcu)

    def test_logits(self):
        """With --output=logits the answers hold what the interpreter says."""
        count = 20
        folder = model_folders()[0]
        mcu = "--mcu=pfs154"
        self.build(folder, "--output=logits", mcu)
        samples = self.folder / "samples.u8"
        read_bytes(self.images)[:count * self.facts["inputs"]].tofile(samples)
        values = self.folder / "values.json"
        self.pdkc(folder / self.facts["model"], values, "--output=logits",
                  "--emit=values", f"--samples={samples}", "--verify=0", mcu,
                  f"--input-range={self.facts['input_range']}")
        logits = numpy.array(
            json.loads(values.read_text())["outputs"][0]["values"])
        self.assertGreater(abs(logits).max(), 127)  # so two bytes each
        answers = self.folder / "answers.u8"
        size = 1 + 2 * logits.shape[1]
        self.talk(f"--answer-bytes={size}", f"--answers={answers}", mcu,
                  count=count)
        sent = read_bytes(answers).reshape(count, size)[:, 1:]
        self.assertEqual(
            numpy.ascontiguousarray(sent).view("<i2").tolist(),
            logits.tolist())

    def test_usage(self):
        folder = model_folders()[0]
        for option in ("--tx=PA.5", "--rx=PA.2", "--baud=115200",
                       "--clock=16000000"):
            refused = run(BIN / "pdkc", folder / "model.onnx", "-o",
                          self.program, option)
            self.assertEqual(refused.returncode, 2, refused.stderr)
            self.assertEqual(refused.stderr.count("error:"), 1)
        self.assertEqual(list(self.folder.iterdir()), [])

    @unittest.skipUnless(SEED.is_dir(), "the seed's files are not here")
    def test_seed(self):
        """A thousand images, a thousand right answers."""
        summary = self.pdkc(SEED / "seed_integer.onnx", self.program,
                            "--input-range=-31:31")
        self.assert_fits(summary, 1014, 64)
        self.talk_with(SEED / "t10k_8x8_int8.raw",
                       SEED / "seed_integer.expected.raw",
                       inputs=64, count=1000)
