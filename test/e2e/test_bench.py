"""The table of test/bench: a row is what pdkc and pdk-sim say."""

import unittest
from unittest import mock

import bench


class BenchTest(unittest.TestCase):

    def test_rows(self):
        with mock.patch.multiple(bench, DEVICES=("pms150c",), LEVELS=("-O3",)):
            rows = list(bench.rows(["mnist"]))
        # The images are more than the device's RAM holds.
        self.assertEqual([row["inputs"] for row in rows], ["stream"])
        row, = rows
        self.assertEqual(list(row), list(bench.COLUMNS))
        self.assertTrue(0 < row["least"] <= row["mean"] <= row["most"] <=
                        row["bound"])
        self.assertLessEqual(row["words"], 974)
        # 64 x 16 + 16 x 16 + 16 x 16 + 16 x 10 weights.
        self.assertEqual(row["per weight"], round(row["mean"] / 1696, 2))
        self.assertEqual(len(row["methods"].split("; ")), 4)
        self.assertIsNone(row["of the seed's"])


if __name__ == "__main__":
    unittest.main()
