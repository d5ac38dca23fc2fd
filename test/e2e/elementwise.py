"""Random models in the lowbit dialect that use what stands between layers:
step functions of every kind, scales, concatenations, selections, outputs."""

import random


def interval(values):
    return min(values), max(values)


class Builder:
    """Writes one function; tensors are (name, size, low, high)."""

    def __init__(self, rng):
        self.rng = rng
        self.lines = []
        self.count = 0

    def type(self, size, low, high):
        return f"tensor<{size}x!lowbit.int<{low}, {high}>>"

    def add(self, text, operands, size, low, high):
        self.count += 1
        name = f"%{self.count}"
        types = ", ".join(self.type(*o[1:]) for o in operands)
        self.lines.append(
            f"  {name} = {text} : {types} -> {self.type(size, low, high)}")
        return name, size, low, high

    def dense(self, x, rows, codebook):
        _, size, low, high = x
        codebook = sorted(set(codebook))
        codes = [[self.rng.randrange(len(codebook)) for _ in range(size)]
                 for _ in range(rows)]
        bias = [self.rng.randint(-50, 50) for _ in range(rows)]
        ends = []
        for row, constant in zip(codes, bias):
            weights = [codebook[c] for c in row]
            ends.append(constant + sum(min(w * low, w * high) for w in weights))
            ends.append(constant + sum(max(w * low, w * high) for w in weights))
        return self.add(
            f"lowbit.dense {x[0]} weights dense<{codes}> : "
            f"tensor<{rows}x{size}xi8> of {codebook} bias {bias}",
            [x], rows, min(ends), max(ends))

    def steps(self, x, functions, of_element):
        """functions: lists of (start, value), the first start at x's low."""
        _, size, low, high = x
        starts = [s for f in functions for s, _ in f]
        values = [v for f in functions for _, v in f]
        sizes = [len(f) for f in functions]
        number = f" function {of_element}" if len(functions) > 1 else ""
        return self.add(
            f"lowbit.steps {x[0]} starts {starts} values {values} "
            f"sizes {sizes}{number}", [x], size, *interval(values))

    def scale(self, x):
        _, size, low, high = x
        factors = [self.rng.randint(1, 900) for _ in range(size)]
        bias = [self.rng.randint(-9000, 9000) for _ in range(size)]
        ends = [f * e + b for f, b in zip(factors, bias) for e in (low, high)]
        return self.add(f"lowbit.scale {x[0]} times {factors} plus {bias}",
                        [x], size, *interval(ends))

    def requant(self, x, multiplier, shift, low, high):
        def apply(v):
            return min(max((v * multiplier) >> shift, low), high)
        ends = apply(x[2]), apply(x[3])
        return self.add(
            f"lowbit.requant {x[0]} times {multiplier} plus 0 shift {shift} "
            f"clamp {low} to {high}", [x], x[1], *interval(ends))

    def concat(self, parts):
        names = ", ".join(p[0] for p in parts)
        return self.add(f"lowbit.concat {names}", parts,
                        sum(p[1] for p in parts),
                        min(p[2] for p in parts), max(p[3] for p in parts))

    def select(self, x, indices):
        return self.add(f"lowbit.select {x[0]} {indices}", [x], len(indices),
                        x[2], x[3])

    def argmax(self, x):
        return self.add(f"lowbit.argmax {x[0]}", [x], 1, 0, x[1] - 1)


def random_function(rng, low, high, kind, levels, base):
    """A step function on low to high with values from base on."""
    count = min(levels - 1, high - low)
    if kind == "even":
        # What a requantisation by any scale makes.
        width = (high - low) * rng.uniform(0.3, 1.0)
        first = low + rng.uniform(0, high - low - width)
        starts = sorted({int(first + width * (i + 1) / (count + 1))
                         for i in range(count)} - {low})
        values = list(range(base, base + len(starts) + 1))
    else:
        starts = sorted(rng.sample(range(low + 1, high + 1), count))
        values = list(range(base, base + count + 1))
        if kind == "falling":
            values.reverse()
        if kind == "any":
            rng.shuffle(values)
    return list(zip([low] + starts, values))


def random_activation(b, x, kind, levels, per_channel, base):
    rng = b.rng
    functions = [random_function(rng, x[2], x[3], kind, levels, base)
                 for _ in range(x[1] if per_channel else 1)]
    return b.steps(x, functions, list(range(x[1])))


def random_model(seed):
    """The text of a model; the same for the same seed."""
    rng = random.Random(seed)
    b = Builder(rng)
    low = rng.choice([0, 0, -8, -128])
    high = min(low + rng.choice([15, 100, 255]), 127 if low < 0 else 255)
    x = argument = ("%arg", rng.randint(2, 10), low, high)
    kinds = ["even", "even", "rising", "falling", "any"]
    codebooks = [[-1, 1], [-1, 0, 1], [-2, -1, 1, 2], list(range(-8, 8)),
                 list(range(-128, 128, 3))]

    def activate(x, most=255):
        if rng.random() < 0.25:
            shift = max((x[3] - x[2]).bit_length() - rng.randint(2, 7), 0)
            return b.requant(x, rng.choice([1, 1, 3, 7]), shift, 0, most)
        kind = rng.choice(kinds)
        levels = rng.choice([2, 3, 4, 16, 16, 200 if kind == "even" else 16])
        return random_activation(b, x, kind, min(levels, most + 1),
                                 rng.random() < 0.4,
                                 rng.choice([0, 0, -(levels // 2)]))

    if rng.random() < 0.5:
        x = activate(x)
    if rng.random() < 0.2:
        x = b.select(x, [rng.randrange(x[1]) for _ in range(rng.randint(2, 8))])
    hidden = activate(b.dense(x, rng.randint(2, 6), rng.choice(codebooks)))
    if rng.random() < 0.4:
        other = activate(b.dense(hidden, rng.randint(2, 5),
                                 rng.choice(codebooks[:4])))
        hidden = b.concat([hidden, other])
    sums = b.dense(hidden, rng.randint(2, 5), rng.choice(codebooks))
    if rng.random() < 0.3:
        sums = b.scale(sums)
    elif rng.random() < 0.2:
        sums = activate(sums)
    result = b.argmax(sums)
    if rng.random() < 0.3:
        labels = [(i, rng.randint(0, 255)) for i in range(sums[1])]
        result = b.steps(result, [labels], [])
    results = [result]
    if rng.random() < 0.4 and sums[2] >= -2**15 and sums[3] < 2**15:
        results.append(sums)
    names = ", ".join(r[0] for r in results)
    types = ", ".join(b.type(*r[1:]) for r in results)
    return (f"func.func @model(%arg: {b.type(*argument[1:])}) -> ({types}) {{\n"
            + "\n".join(b.lines) + f"\n  return {names} : {types}\n}}\n")
