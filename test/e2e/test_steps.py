"""Step functions by each method of computing them: for each of the 256 values of
an input, model_output in pdk-sim is what Python makes of the function.
"""

import random as any_random
import re
from functools import partial

import numpy

from elementwise import Builder, interval
from support import EndToEndTest, expand, for_each

METHODS = ("compare", "table", "search", "multiply")
# The sums weight * input + bias that the functions are of: bytes, and wider.
SUMS = {"byte": (1, 3), "wide": (37, -90)}
# With pieces that are longer than two bytes count.
LONG = {"long": (12345, 77)}
RUN = 1 << 20  # of lines

# Each of the following gives a function's steps and its line: the rise and the
# offset over a run of RUN, or nothing.


def product(choose, low, high, levels):
    """A function that rises evenly, as products do, from somewhere on."""
    first = choose.randint(low + 1, (low + high) // 2)
    factor = int(levels / (high - first + 1) * RUN)
    steps = {low: -1}
    for x in range(first, high + 1):
        value = (x - first) * factor // RUN
        if value != list(steps.values())[-1]:
            steps[x] = value
    return list(steps.items()), (factor, -first * factor)


def line(choose, low, high, levels):
    """A requantisation by a scale of its own, from -40 to 90; it may never get
    down to the one, or up to the other."""
    factor = int(choose.uniform(0.3, 2.5) * 130 / (high - low) * RUN)
    begin = int(choose.uniform(-70, 60) * RUN)
    steps = {}
    for x in range(low, high + 1):
        value = min(max((begin + (x - low) * factor) // RUN, -40), 90)
        if not steps or value != list(steps.values())[-1]:
            steps[x] = value
    return list(steps.items()), (factor, begin - low * factor)


def nearly(choose, low, high, levels, *, weight=1):
    """A line but for two steps that are an integer late, of which the device
    reaches the integer that makes the difference: every weight-th from low on.
    The steps lie in the line's middle, so that no other line has them too."""
    while True:
        begin = int(choose.uniform(-70, -40) * RUN)
        factor = int(choose.uniform(100, 120) / (high - low) * RUN)
        value = lambda x: min(max((begin + (x - low) * factor) // RUN, -40), 20)
        steps = {low: value(low)} | {
            x: value(x) for x in range(low + 1, high + 1)
            if value(x) != value(x - 1)}
        late = [x for x in list(steps)[15:-15]
                if (x - low) % weight == 0 and value(x + 1) == value(x)]
        if len(late) < 2:
            continue
        late = choose.sample(late, 2)
        return ([(x + (x in late), value(x)) for x in steps],
                (factor, begin - low * factor))


def one_step(choose, low, high, levels):
    return anything(choose, low, high, 1)


def anything(choose, low, high, levels):
    starts = sorted(choose.sample(range(low + 1, high + 1), levels))
    values = [choose.randint(-100, 100) for _ in range(levels + 1)]
    return list(zip([low, *starts], values)), None


def evaluate(function, x):
    return [value for start, value in function
            if start == function[0][0] or start <= x][-1]


@expand
class StepsTest(EndToEndTest):

    @for_each([(method, sums, mcu, functions) for method in METHODS
               for sums in SUMS for mcu in ("pms150c", "pfs154", "pfs173")
               for functions in (1, 2)] +
              [("multiply", sums, mcu, functions) for sums in SUMS
               for mcu in ("pms150c", "pfs154", "pfs173")
               for functions in ("lines", "unmoved", "nearly", "nearly_one",
                                 "others")] +
              [("table", sums, mcu, functions)
               for sums, functions in (("byte", "one_step"),
                                       ("wide", "one_step"), ("long", 1))
               for mcu in ("pms150c", "pfs154", "pfs173")],
              lambda case: "_".join(map(str, case)))
    def test(self, case):
        method, sums, mcu, count = case
        kind, is_moved = count, count != "unmoved"
        count = {"lines": 8, "unmoved": 8, "nearly": 8, "nearly_one": 1,
                 "others": 8, "one_step": 3}.get(kind, kind)
        rows = max(count, 2)
        choose = any_random.Random(str(case))
        weight, bias = (SUMS | LONG)[sums]
        low, high = -128 * weight + bias, 127 * weight + bias
        make = {"lines": line, "unmoved": line, "others": line,
                "one_step": one_step,
                "nearly": partial(nearly, weight=weight),
                "nearly_one": partial(nearly, weight=weight)}.get(
                    kind, product if method == "multiply" else anything)
        functions, lines = map(list, zip(
            *(make(choose, low, high, 20) for _ in range(count))))
        if kind == "others":  # two that are none, between the same ends
            for i in (0, 5):
                functions[i] = [(start, min(max(value, -40), 90)) for start,
                                value in anything(choose, low, high, 20)[0]]
                lines[i] = None
        b = Builder(choose)
        x = b.add(f"lowbit.dense %arg weights dense<0> : tensor<{rows}x1xi8> of "
                  f"[{weight}] bias {[bias] * rows}", [("%arg", 1, -128, 127)],
                  rows, low, high)
        y = b.add(f"lowbit.steps {x[0]} "
                  f"starts {[s for f in functions for s, _ in f]} "
                  f"values {[v for f in functions for _, v in f]} "
                  f"sizes {[len(f) for f in functions]}"
                  + " lines [" + ", ".join(
                      f"{line[0]} x + {line[1]} over {RUN}" if line else "none"
                      for line in lines) + "]"
                  + (f" function {list(range(count))}" if count > 1 else "")
                  + f' {{method = "{method}"}}', [x], rows,
                  *interval([v for f in functions for _, v in f]))
        # A second reader keeps the biases, and so the functions, as they are.
        c = b.argmax(y if is_moved else x)
        types = f"{b.type(*c[1:])}, {b.type(*y[1:])}"
        model, samples, program, outputs = (
            self.folder / name for name in
            ("model.mlir", "rows", "model.ihx", "outputs"))
        model.write_text(
            f"func.func @model(%arg: {b.type(1, -128, 127)}) -> ({types}) {{\n"
            + "\n".join(b.lines) + f"\n  return {c[0]}, {y[0]} : {types}\n}}\n")
        inputs = numpy.arange(-128, 128)
        inputs.astype(numpy.int8).tofile(samples)
        self.pdkc(model, program, "--emit=module", f"--mcu={mcu}")
        self.pdkc(model, self.folder / "model.h", f"--mcu={mcu}")
        header = (self.folder / "model.h").read_text()
        unsigned = re.search(r"extern (u?)int8_t model_output\[\d\];", header)[1]
        self.simulate(program, samples, f"--mcu={mcu}", "--inputs=1",
                      f"--outputs={outputs}", f"--output-bytes={rows}")
        values = numpy.fromfile(outputs, numpy.uint8 if unsigned else
                                numpy.int8).reshape(-1, rows)
        wanted = [[evaluate(functions[i % count], weight * r + bias)
                   for i in range(rows)] for r in inputs]
        self.assertEqual(values.tolist(), wanted)
        self.assertGreater(len(numpy.unique(values)), 5)
        if kind == "nearly":
            self.pdkc(model, self.folder / "model.asm", f"--mcu={mcu}")
            self.assertIn("exceptions", (self.folder / "model.asm").read_text())
