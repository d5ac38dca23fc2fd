"""Sums of tensors times integers, shifted and clamped: lowbit.scale with
factors of up to 56 bits of either sign, on words of all three instruction sets.
Outputs are those of Python's integers.
"""

import random as any_random

import numpy

from support import (BIN, LEVELS, EndToEndTest, complaint, expand, for_each,
                     is_refused, run)

MODELS = 48
BATCH = 12
ROWS = 60
DEVICES = ("pms150c", "pfs154", "pfs173", "pms133")


def tensor(count, low, high):
    return f"tensor<{count}x!lowbit.int<{low}, {high}>>"


class Scales:
    """Sums of all inputs times weights, then one or two tensors scaled."""

    def __init__(self, number):
        choose = any_random.Random(number)
        self.inputs = choose.randint(1, 6)
        self.count = choose.randint(1, 9)
        self.weights = [[choose.randint(-100, 100) for _ in range(self.inputs)]
                        for _ in range(self.count)]
        self.sides = choose.randint(1, 2)
        self.shift = choose.choice((1, 7, 8, 9, 16, 21, 24, 40, 47, 56, 64))
        top = (1 << min(56, max(1, self.shift - choose.randint(-2, 14)))) - 1
        signs = choose.choice(((1,), (-1,), (1, -1), (1, -1, 0)))
        same = choose.random() < 0.3
        self.factors = []
        for _ in range(self.sides):
            one = choose.randint(0, top)
            self.factors.append(
                [choose.choice(signs) * (one if same else
                                         choose.randint(0, top))
                 for _ in range(self.count)])
        edge = 1 << min(self.shift, 60)
        self.bias = [choose.randint(-edge, edge) * choose.choice((1, 1, 3, 0))
                     for _ in range(self.count)]
        width = choose.choice((1, 7, 255, 300, 4095, 65535))
        self.low = choose.choice((0, -width // 2, choose.randint(-300, 300)))
        self.high = self.low + width
        self.random = numpy.random.default_rng(number)

    def sums(self, row):
        return [sum(int(w) * int(x) for w, x in zip(weights, row))
                for weights in self.weights]

    def evaluate(self, row):
        """What the scaled elements are, by integers of any size."""
        sums = self.sums(row)
        sides = [sums, [min(max(s >> 3, -7), 900) for s in sums]]
        result = []
        for i in range(self.count):
            total = self.bias[i] + sum(self.factors[k][i] * sides[k][i]
                                       for k in range(self.sides))
            result.append(min(max(total >> self.shift, self.low), self.high))
        return result

    def bounds(self):
        """The result's range as the verifier proves it: from the range of all
        sums together."""
        low = min(sum(min(0, 255 * w) for w in row) for row in self.weights)
        high = max(sum(max(0, 255 * w) for w in row) for row in self.weights)
        ends = [(low, high),
                tuple(min(max(s >> 3, -7), 900) for s in (low, high))]
        results = []
        for i in range(self.count):
            for side in (0, 1):
                total = self.bias[i]
                for k in range(self.sides):
                    factor = self.factors[k][i]
                    total += factor * ends[k][side if factor >= 0 else 1 - side]
                results.append(min(max(total >> self.shift, self.low),
                                   self.high))
        return ends, (min(results), max(results))

    def to_lowbit(self):
        ends, result = self.bounds()
        book = sorted({w for row in self.weights for w in row})
        codes = ", ".join(
            "[" + ", ".join(str(book.index(w) - 256 * (book.index(w) > 127))
                            for w in row) + "]" for row in self.weights)
        sums, clipped = (tensor(self.count, *end) for end in ends)
        sides = [("%1", sums), ("%2", clipped)][:self.sides]
        flat = [factor for factors in self.factors for factor in factors]
        scaled = tensor(self.count, *result)
        answer = tensor(1, 0, self.count - 1)
        zeros = [0] * self.count
        return "\n".join((
            f"func.func @m(%0: {tensor(self.inputs, 0, 255)})"
            f" -> ({answer}, {scaled}) {{",
            f"  %1 = lowbit.dense %0 weights dense<[{codes}]> :"
            f" tensor<{self.count}x{self.inputs}xi8> of {book} bias {zeros}"
            f" : {tensor(self.inputs, 0, 255)} -> {sums}",
            f"  %2 = lowbit.requant %1 shift 3 clamp -7 to 900 :"
            f" {sums} -> {clipped}" if self.sides > 1 else "",
            f"  %3 = lowbit.scale {', '.join(name for name, _ in sides)}"
            f" times {flat} plus {self.bias}"
            f" shift {self.shift} clamp {self.low} to {self.high} :"
            f" {', '.join(kind for _, kind in sides)} -> {scaled}",
            f"  %4 = lowbit.argmax %3 : {scaled} -> {answer}",
            f"  return %4, %3 : {answer}, {scaled}", "}"))


@expand
class ScalesTest(EndToEndTest):

    def check(self, number):
        model = Scales(number)
        path, samples, program, outputs = (
            self.folder / name
            for name in ("m.mlir", "rows.u8", "m.ihx", "outputs"))
        path.write_text(model.to_lowbit())
        rows = model.random.integers(0, 256, (ROWS, model.inputs))
        rows[:4] = [[0], [255], [1], [128]]
        rows[4:20] = model.random.choice((0, 255), (16, model.inputs))
        rows.astype(numpy.uint8).tofile(samples)
        mcu = DEVICES[number % len(DEVICES)]
        compiled = run(BIN / "pdkc", path, "-o", program, "--emit=module",
                       LEVELS[number % 2], f"--mcu={mcu}", "--verify=10")
        if compiled.returncode:
            return False, (None if is_refused(compiled) else
                           complaint(compiled))
        expected = numpy.array([model.evaluate(row) for row in rows])
        low, high = model.bounds()[1]
        base = low if low < 0 and not (-32768 <= low and high < 32768) else 0
        is_byte = (-128 <= low and high < 128) if low < 0 else high < 256
        kind = ("i" if low - base < 0 else "u") + ("1" if is_byte else "2")
        self.simulate(program, samples, f"--mcu={mcu}",
                      f"--inputs={model.inputs}", f"--outputs={outputs}",
                      f"--output-bytes={model.count * int(kind[1])}")
        computed = numpy.fromfile(outputs, f"<{kind}").reshape(expected.shape)
        different = int((computed + base != expected).any(1).sum())
        return True, f"{different} rows differ" if different else None

    @for_each(range(0, MODELS, BATCH), lambda first: f"from_{first:03}")
    def test_models(self, first):
        self.check_numbers(range(first, first + BATCH))
