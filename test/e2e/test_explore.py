"""What a model can be: budgets of words and cycles, and --explore.

Every point of --explore is what pdkc makes with the options that it names, no
point is better than another in all, and the smallest and the fastest program of
the device are among them.
"""

import itertools
import json
import re
import unittest

import numpy

from networks import fitted
from support import BIN, ROOT, EndToEndTest, complaint, run


def figures(summary):
    words = int(re.search(r": (\d+) words of", summary)[1])
    least, mean, most = map(int, re.search(
        r"(\d+) cycles at least, (\d+) on average, (\d+) at most",
        summary).groups())
    return words, {"min": least, "mean": mean, "max": most}


class ExploreTest(EndToEndTest):

    def setUp(self):
        super().setUp()
        random = numpy.random.default_rng(1)
        network = fitted(random, [20, 12, 6], [(-2, -1, 1, 2)], 0, 15,
                         [(0, 15)])
        self.model = self.folder / "model.mlir"
        self.model.write_text(network.to_lowbit())
        self.samples = self.folder / "rows.u8"
        network.samples(random, 60).astype(numpy.uint8).tofile(self.samples)

    def compile(self, *options):
        return run(BIN / "pdkc", self.model, "-o", self.folder / "model.asm",
                   f"--samples={self.samples}", *options)

    def figures(self, *options):
        result = self.compile(*options)
        self.assertEqual(result.returncode, 0, complaint(result))
        return figures(result.stderr)

    def explore(self, *options):
        path = self.folder / "points.json"
        result = run(BIN / "pdkc", self.model, "--explore", "-o", path,
                     f"--samples={self.samples}", *options)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return json.loads(path.read_text())

    def test_points(self):
        points = self.explore("--mcu=pfs154")
        self.assertGreater(len(points), 3)
        for point in points:
            words, cycles = self.figures(*point["options"].split())
            self.assertEqual(words, point["words"])
            point["cycles"]["mean"] = round(point["cycles"]["mean"])
            bound = point["cycles"].pop("bound")
            self.assertEqual(cycles, point["cycles"])
            self.assertLessEqual(cycles["max"], bound)

        def costs(point):
            return point["words"], point["bytes"], point["cycles"]["mean"]

        for one, other in itertools.permutations(points, 2):
            self.assertFalse(
                all(a <= b for a, b in zip(costs(one), costs(other))),
                f"{one}, {other}")
        modes = "--input=stream", "--input=buffer"
        smallest = min(self.figures("--mcu=pfs154", "-Os", mode)[0]
                       for mode in modes)
        fastest = min(self.figures("--mcu=pfs154", mode)[1]["mean"]
                      for mode in modes)
        self.assertEqual(min(p["words"] for p in points), smallest)
        self.assertEqual(min(p["cycles"]["mean"] for p in points), fastest)
        self.note = f"{len(points)} points"

    def test_devices(self):
        points = self.explore("--input=stream")
        devices = list(dict.fromkeys(point["device"] for point in points))
        self.assertGreater(len(devices), 1)
        self.assertEqual(devices[0], "pms150c")
        self.assertTrue(all("--input=stream" in p["options"] for p in points))

    def test_table(self):
        result = run(BIN / "pdkc", self.model, "--explore", "--mcu=pms150c",
                     f"--samples={self.samples}")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        head, *lines = result.stdout.splitlines()
        self.assertEqual(head.split()[:3], ["device", "words", "bytes"])
        points = self.explore("--mcu=pms150c")
        self.assertEqual([int(line.split()[1]) for line in lines],
                         [point["words"] for point in points])

    def test_none(self):
        random = numpy.random.default_rng(1)
        network = fitted(random, [250, 250, 6], [(-2, -1, 1, 2)], 0, 15,
                         [(0, 15)])
        self.model.write_text(network.to_lowbit())
        result = run(BIN / "pdkc", self.model, "--explore")
        self.assertEqual(result.returncode, 1)
        self.assertIn("fits none of the devices", result.stderr)
        self.assertEqual(result.stdout, "")

    def test_words(self):
        smallest, slow = self.figures("-Os")
        largest, fast = self.figures("-O3")
        self.assertLess(smallest, largest)
        middle = (smallest + largest) // 2
        words, cycles = self.figures("-O3", f"--max-words={middle}")
        self.assertLessEqual(words, middle)
        self.assertLessEqual(cycles["mean"], slow["mean"])
        self.assertLessEqual(fast["mean"], cycles["mean"])
        self.assertEqual(self.figures(f"--max-words={smallest}")[0], smallest)
        few = self.compile(f"--max-words={smallest - 1}")
        self.assertEqual(few.returncode, 1)
        self.assertIn(f"takes {smallest} words, --max-words allows "
                      f"{smallest - 1}", few.stderr)
        words, cycles = self.figures("-O2")
        self.assertLessEqual(4 * words, 5 * smallest)
        self.assertLessEqual(cycles["mean"], slow["mean"])

    def test_cycles(self):
        smallest, slow = self.figures("-Os")
        largest, fast = self.figures("-O3")
        allowed = (slow["mean"] + fast["mean"]) // 2
        words, cycles = self.figures("-Os", f"--max-cycles={allowed}")
        self.assertLessEqual(cycles["mean"], allowed)
        self.assertTrue(smallest <= words <= largest)
        for level in "-Os", "-O3":
            few = self.compile(level, f"--max-cycles={fast['mean'] // 2}")
            self.assertEqual(few.returncode, 1)
            self.assertIn(f"--max-cycles allows {fast['mean'] // 2}",
                          few.stderr)

    def test_samples_outside_the_range(self):
        numpy.full(20, 99, numpy.uint8).tofile(self.samples)
        result = run(BIN / "pdkc", self.model, "--explore",
                     f"--samples={self.samples}")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("sample 0 holds 99 as input 0, outside the range 0:15",
                      result.stderr)

    def test_device_that_is_fast_enough(self):
        """The smallest of those; 1,696 weights take each one its time."""
        folder = ROOT / "onnx_models" / "mnist_64_16_16_16_10"
        self.model = folder / "model.onnx"
        self.samples.write_bytes((folder / "images.u8").read_bytes()[:64 * 50])
        allowed, chosen = 20000, []
        while allowed > 1000 and len(chosen) < 2:
            result = self.compile("--mcu=auto", "--input-range=0:15",
                                  f"--max-cycles={allowed}")
            if result.returncode:
                break
            self.assertLessEqual(figures(result.stderr)[1]["mean"], allowed)
            device = re.search(r"(?m)^(\w+): \d+ words", result.stderr)[1]
            if device not in chosen:
                chosen.append(device)
            allowed //= 2
        self.assertEqual(chosen[0], "pms150c")
        self.assertEqual(len(chosen), 2)

    def test_too_few_for_weights(self):
        few = self.compile("--max-words=10")
        self.assertEqual(few.returncode, 1)
        self.assertIn("words or more up to this layer, --max-words allows 10",
                      few.stderr)


if __name__ == "__main__":
    unittest.main()
