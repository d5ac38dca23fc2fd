"""Of every model that there is, the program of -O3 is no slower on the samples
that it was planned with than the one of -Os, which is no larger.

The table is printed by levels.py.
"""

import unittest

import levels


class LevelsTest(unittest.TestCase):

    def test_levels(self):
        rows = list(levels.rows())
        wrong = [str(row) for row in rows if row.wrong]
        self.assertFalse(wrong, "\n" + "\n".join(wrong))
        # Large devices and small models are many enough.
        fitting = sum(row.fits for row in rows)
        self.assertGreater(3 * fitting, len(rows))
        self.note = f"{fitting} models and devices, {len(rows) - fitting} refused"
