"""Convolutions and pooling on the device.

Random ones of one and two dimensions, with strides, padding, dilations, groups,
biases by channel and by element, and what may follow them: pdkc runs the words
on the simulated chip, where they have to agree with the lowbit interpreter for
every input and every output.

To look at one: test_windows.py NUMBER writes it to standard output.
"""

import itertools
import math
import random as any_random
import sys

from support import (BIN, LEVELS, REFUSED, EndToEndTest, complaint, expand,
                     for_each, run)

MODELS = 160
BATCH = 20
INPUT_RANGES = ((0, 1), (0, 15), (0, 255), (-128, 127), (-8, 7), (3, 12))
CODEBOOKS = ((-1, 1), (-1, 0, 1), (-8, -3, 0, 2, 7), tuple(range(-128, 128)),
             tuple(range(256)), (0, 1), tuple(range(-7, 8)), (-4, -2),
             tuple(range(-180, 151, 3)), (-700, 0, 30, 700))
DEVICES = ("pfs173", "pms134", "pfs154")


def listed(values):
    return "[" + ", ".join(map(str, values)) + "]"


def nested(values, shape):
    if not shape:
        return str(values.pop(0))
    return "[" + ", ".join(nested(values, shape[1:])
                           for _ in range(shape[0])) + "]"


class Model:
    """Lines of a function, the last value, its elements and range."""

    def __init__(self, choose):
        self.choose = choose
        self.lines = []
        self.number = 0
        self.range = choose.choice(INPUT_RANGES)
        rank = choose.choice((1, 2, 2, 3))
        largest = (0, 40, 7, 4)[rank]
        self.shape = [choose.choice((1, 1, 2, 4)),
                      *(choose.randint(1, largest) for _ in range(rank))]
        while math.prod(self.shape) > 60:
            self.shape = [max(1, size - 1) for size in self.shape]
        self.input = self.type()

    def type(self):
        low, high = self.range
        return f"tensor<{math.prod(self.shape)}x!lowbit.int<{low}, {high}>>"

    def add(self, text, shape, low_high):
        before = self.type()
        self.shape, self.range = shape, low_high
        self.lines.append(f"  %{self.number + 1} = lowbit.{text[0]} "
                          f"%{self.number} {text[1]} : {before} -> "
                          f"{self.type()}")
        self.number += 1

    def conv(self):
        choose = self.choose
        channels, *space = self.shape
        groups = choose.choice([1, *(g for g in (2, 4) if channels % g == 0)])
        rows = groups * choose.randint(1, 3)
        kernel, strides, pads, dilations, result = [], [], [], [], []
        for size in space:
            pad = choose.choice(((0, 0), (0, 0), (1, 1), (2, 0), (0, 3)))
            dilation = choose.choice((1, 1, 2))
            most = (size + sum(pad) - 1) // dilation + 1
            kernel.append(choose.randint(1, min(most, 5)))
            strides.append(choose.randint(1, 3))
            pads.append(pad)
            dilations.append(dilation)
            result.append((size + sum(pad) - dilation * (kernel[-1] - 1) - 1)
                          // strides[-1] + 1)
        book = choose.choice(CODEBOOKS)
        shape = [rows, channels // groups, *kernel]
        taps = math.prod(shape[1:])
        codes = choose.choices(range(len(book)), k=math.prod(shape))
        largest = taps * max(map(abs, book)) * max(map(abs, self.range))
        per_row = math.prod(result)
        bias = [0] * rows
        if choose.random() < 0.6:
            bias = [choose.randint(-largest, largest) // 2 for _ in range(rows)]
        value = choose.choice((0, 0, *self.range, sum(self.range) // 2))
        if value:
            # As a padding of that value would have it.
            outside = self.outside(kernel, strides, pads, dilations, result)
            for row, start in enumerate(bias[:]):
                weights = [book[code] for code in codes[row * taps:][:taps]]
                bias += [start + value * sum(
                    weights[tap] for tap in range(taps)
                    if tap % math.prod(kernel) in outside[position])
                    for position in range(per_row)]
            bias = bias[rows:]
        bound = largest + max(map(abs, bias))
        ends = [[pad[side] for pad in pads] for side in (0, 1)]
        signed = [code - 256 if code > 127 else code for code in codes]
        suffix = f" groups {groups}" if groups > 1 else ""
        self.add(("conv", f"shape {listed(self.shape)} weights "
                  f"dense<{nested(signed, shape)}> : "
                  f"tensor<{'x'.join(map(str, shape))}xi8> of {listed(book)} "
                  f"bias {listed(bias)} strides {listed(strides)} "
                  f"pads {listed(ends[0] + ends[1])} "
                  f"dilations {listed(dilations)}{suffix}"),
                 [rows, *result], (-bound - 1, bound + 1))

    def outside(self, kernel, strides, pads, dilations, result):
        """By position, the elements of the kernel that lie in the padding."""
        found = []
        for position in itertools.product(*map(range, result)):
            taps = set()
            for number, tap in enumerate(
                    itertools.product(*map(range, kernel))):
                at = [p * s + t * d - pad[0] for p, s, t, d, pad in
                      zip(position, strides, tap, dilations, pads)]
                if any(not 0 <= a < size
                       for a, size in zip(at, self.shape[1:])):
                    taps.add(number)
            found.append(taps)
        return found

    def elementwise(self):
        choose = self.choose
        low, high = self.range
        least, most = choose.choice(((0, 15), (0, 255), (-8, 7), (0, 1)))
        kind = choose.choice(("requant", "requant", "one", "channels", "falls"))
        if kind == "requant":
            shift = max(0, (high - low).bit_length() - choose.randint(3, 9))
            offset = choose.randint(-1 << shift, 1 << shift)
            self.add(("requant", f"plus {offset} shift {shift} "
                      f"clamp {least} to {most}"), self.shape, (least, most))
            return
        starts, values, sizes = [], [], []
        rows = self.shape[0] if kind == "channels" else 1
        for _ in range(rows):
            count = min(choose.randint(1, 9), most - least + 1, high - low)
            steps = sorted(choose.sample(
                range(low // 3, high // 3 + 1) if high - low > 60 else
                range(low, high + 1), count))
            starts += steps
            values += sorted(choose.sample(range(least, most + 1), count),
                             reverse=kind == "falls")
            sizes.append(count)
        function = ""
        if rows > 1:
            each = math.prod(self.shape[1:])
            function = " function " + listed(
                row for row in range(rows) for _ in range(each))
        self.add(("steps", f"starts {listed(starts)} values {listed(values)} "
                  f"sizes {listed(sizes)}{function}"),
                 self.shape, (least, most))

    def pool(self):
        choose = self.choose
        channels, *space = self.shape
        window = [choose.randint(1, min(size, 3)) for size in space]
        strides = [choose.randint(1, 3) for _ in space]
        # The last windows may be smaller than the others.
        result = [max(1, size // stride) if choose.random() < 0.5 else
                  (size - width) // stride + 1
                  for size, width, stride in zip(space, window, strides)]
        indices, sizes = [], []
        for channel in range(channels):
            for position in itertools.product(*map(range, result)):
                elements = []
                for tap in itertools.product(*map(range, window)):
                    at = [p * s + t for p, s, t in
                          zip(position, strides, tap)]
                    if all(a < size for a, size in zip(at, space)):
                        place = channel
                        for a, size in zip(at, space):
                            place = place * size + a
                        elements.append(place)
                indices += elements
                sizes.append(len(elements))
        self.add(("maxpool", f"windows {listed(indices)} "
                  f"sizes {listed(sizes)}"), [channels, *result], self.range)

    def text(self):
        values, result = self.type(), f"%{self.number}"
        count = math.prod(self.shape)
        last = "tensor<1x!lowbit.int<0, %d>>" % max(count - 1, 1)
        return "\n".join([
            f"func.func @model(%0: {self.input}) -> ({last}, {values}) {{",
            *self.lines,
            f"  %c = lowbit.argmax {result} : {values} -> {last}",
            f"  return %c, {result} : {last}, {values}", "}", ""])


def make_model(number):
    choose = any_random.Random(number)
    model = Model(choose)
    if choose.random() < 0.2:
        model.elementwise()
    for _ in range(choose.choice((1, 1, 1, 2))):
        if choose.random() < 0.9:
            model.conv()
        order = choose.choice((("elementwise",), ("elementwise", "pool"),
                               ("elementwise", "pool"), ("pool", "elementwise"),
                               ("pool",), ()))
        for step in order:
            getattr(model, step)()
        if model.range[1] - model.range[0] > 255:
            break
    if model.range[1] - model.range[0] > 30000:
        model.elementwise()
    return model.text(), choose.choice(DEVICES), choose.choice(LEVELS)


@expand
class WindowsTest(EndToEndTest):

    def check(self, number):
        """Whether the model fits; None where all is well, or the trouble."""
        text, mcu, level = make_model(number)
        model = self.folder / "model.mlir"
        model.write_text(text)
        options = [f"--mcu={mcu}", level, "--verify=30"]
        if number % 4 == 0:
            options.append("--input=stream")
        compiled = run(BIN / "pdkc", model, "-o", self.folder / "model.asm",
                       *options)
        if compiled.returncode == 0:
            return True, None
        refused = REFUSED.search(compiled.stderr)
        if (compiled.returncode == 1 and refused and
                int(refused[1]) > int(refused[3])):
            return False, None
        return False, complaint(compiled)

    @for_each(range(0, MODELS, BATCH), lambda first: f"from_{first:03}")
    def test_models(self, first):
        troubles, refused = [], []
        for number in range(first, first + BATCH):
            fits, trouble = self.check(number)
            if trouble:
                troubles.append(f"model {number}: {trouble}")
            elif not fits:
                refused.append(number)
        self.assertFalse(troubles, "\n" + "\n".join(troubles))
        self.assertLessEqual(len(refused), BATCH // 2, f"refused: {refused}")
        self.note = f"{BATCH - len(refused)} computed, {len(refused)} refused"


if __name__ == "__main__":
    sys.stdout.write(make_model(int(sys.argv[1]))[0])
