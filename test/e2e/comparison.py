"""A model's meaning in ONNX Runtime beside what pdkc makes of it: the integers
of its interpreter and the emitted words in the simulator.
"""

import dataclasses
import fractions
import json
import pathlib
import re
import resource

import numpy

from reference import InputRule, InputRules, Reference
from support import BIN, REFUSED, EndToEndTest, complaint, run

# The devices that are tried in turn where none is asked for.
DEVICES = ("pms150c", "pfs154", "pfs173")
LOGITS_TOLERANCE = 1e-4  # of the range of the reference's logits
VALUES_TOLERANCE = 1e-5  # of the largest of the reference's values
OFFSET_TOLERANCE = 1e-6  # of the values' offset, in which float32 has them


class Refusal(Exception):
    """pdkc takes the model not, or not on this device; its message."""


class Broken(Exception):
    """Something that must not happen with any model."""


@dataclasses.dataclass
class Computed:
    """What one way of computing gave."""
    classes: numpy.ndarray
    outputs: list = dataclasses.field(default_factory=list)  # as real values
    undecided: numpy.ndarray | None = None  # rows where float32 may differ


@dataclasses.dataclass
class Comparison:
    """All of it; refused, trouble and the rest are empty where all is well."""
    refused: str = ""      # why pdkc takes the model not at all
    no_words: str = ""     # why there are no words for the device
    mcu: str = ""
    samples: int = 0
    different: tuple = ()  # rows whose class or outputs are not the reference's
    undecided: tuple = ()  # rows that float32 leaves undecided
    excused: tuple = ()    # those of them that do differ
    trouble: str = ""      # what else is wrong: crashes, broken rules
    outputs: str = ""      # "equal", "different" or "" where not compared
    seconds: float = 0     # of processor, the slowest run of pdkc
    words: int = 0
    bytes: int = 0
    cycles: float = 0
    detail: str = ""       # of the first different row
    classes: numpy.ndarray | None = None  # the reference's

    @property
    def outcome(self):
        if self.trouble or self.different:
            return "DIFFERENT" if not self.trouble else "BROKEN"
        if self.refused:
            return "refused"
        return "undecided" if self.undecided else "equal"


def first_error(text):
    """The first error of a failed pdkc, without its prefix."""
    errors = re.findall(r"^pdkc: error: (.*)$", text, re.MULTILINE)
    return errors[0] if errors else text.strip()


def pdkc(model, output, options, result):
    """Runs pdkc; stderr. Raises Refusal for an ordinary error."""
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run(BIN / "pdkc", model, "-o", output, *options)
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    result.seconds = max(result.seconds, end.ru_utime - start.ru_utime +
                         end.ru_stime - start.ru_stime)
    if done.returncode == 0 and "error:" not in done.stderr:
        return done.stderr
    # What it finds wrong with its own words is no refusal.
    if (done.returncode in (1, 2) and "pdkc: error:" in done.stderr and
            "the emitted program" not in done.stderr):
        raise Refusal(first_error(done.stderr))
    raise Broken(complaint(done))


def read_rules(lowbit):
    """The inputs' rules from the text of a lowbit module."""
    head = re.search(r"^\s*func\.func .*$", lowbit, re.MULTILINE)[0]
    arguments = re.findall(
        r"%arg\d+: tensor<((?:\d+x)*)!lowbit\.int<(-?\d+), (-?\d+)>>"
        r"(?: \{([^}]*)\})?", head)

    def number(attributes, name, default):
        found = re.search(rf'lowbit\.{name} = "([^"]*)"', attributes)
        return fractions.Fraction(found[1] if found else default)

    return InputRules([
        InputRule(int(low), int(high), number(attributes, "scale", "1"),
                  number(attributes, "zero_point", "0"),
                  int(numpy.prod([int(d) for d in dims.split("x")[:-1]])))
        for dims, low, high, attributes in arguments])


def interpret(lowbit, samples, result):
    """pdkc's interpreter on a file of samples; and the outputs' descriptions.
    """
    output = lowbit.with_suffix(".json")
    pdkc(lowbit, output, ["--emit=values", f"--samples={samples}"], result)
    values = json.loads(output.read_text())
    undecided = numpy.array(values["undecided"]).astype(bool)
    outputs = []
    for each in values["outputs"]:
        outputs.append(numpy.array(each["values"]) * numpy.array(each["scale"])
                       + numpy.array(each["offset"]))
        undecided |= numpy.array(each["undecided"]).astype(bool)
    return (Computed(numpy.array(values["classes"]), outputs, undecided),
            values["outputs"])


def read_header(text):
    """The arrays that a header declares: symbol, NumPy type, count, scale and
    offset of each.
    """
    def numbers(macro):
        found = re.search(rf"#define {macro}S? (.*)", text)[1]
        return numpy.array([float(n) for n in re.findall(
            r"-?[\d.]+(?:e[+-]?\d+)?", found)])

    return [(symbol, numpy.dtype(kind), int(count),
             numbers(f"{symbol.upper()}_SCALE"),
             numbers(f"{symbol.upper()}_OFFSET"))
            for kind, symbol, count in re.findall(
                r"extern (u?int\d+)_t (model_output\w*)\[(\d+)\]", text)]


def simulate(model, program, samples, rules, options, result):
    """The words on rows of bytes; outputs by the header."""
    header = program.with_suffix(".h")
    pdkc(model, header, [*options, f"--mcu={result.mcu}"], result)
    arrays = read_header(header.read_text())
    classes = program.with_suffix(".classes")
    memory = program.with_suffix(".outputs")
    wanted = [f"--outputs={memory}"] + [
        f"--output-bytes={symbol.removeprefix('model_')}={count * kind.itemsize}"
        for symbol, kind, count, _, _ in arrays] if arrays else []
    done = run(BIN / "pdk-sim", program, f"--samples={samples}", "--json",
               f"--mcu={result.mcu}", f"--inputs={rules.bytes}",
               f"--value-bytes={rules.size}", f"--classes={classes}", *wanted,
               timeout=600)
    if done.returncode:
        raise Broken("simulator: " + complaint(done))
    result.cycles = json.loads(done.stdout)["cycles"]["mean"]
    computed = Computed(numpy.fromfile(classes, numpy.uint8).astype(int))
    if not arrays:
        return computed
    ends = numpy.cumsum([count * kind.itemsize
                         for _, kind, count, _, _ in arrays])
    rows = numpy.fromfile(memory, numpy.uint8).reshape(-1, ends[-1])
    for (_, kind, _, scale, offset), part in zip(
            arrays, numpy.hsplit(rows, ends[:-1])):
        integers = numpy.ascontiguousarray(part).view(kind)
        computed.outputs.append(integers * scale + offset)
    return computed


def read_summary(summary, result):
    found = re.search(r"^(\w+): (\d+) words of.*?, (\d+) bytes of", summary,
                      re.MULTILINE)
    result.mcu, result.words, result.bytes = (found[1], int(found[2]),
                                              int(found[3]))


def rows_differing(computed, classes, outputs):
    """Rows of which the class or any of the outputs differs. Of each output the
    reference's values and what they may be off.
    """
    differ = computed.classes != classes
    for mine, (values, tolerance) in zip(computed.outputs, outputs):
        differ |= (abs(mine - values) > tolerance).any(axis=1)
    return differ


def devices_of(options):
    """The devices to try, and the options without them."""
    asked = [o.split("=", 1)[1] for o in options if o.startswith("--mcu=")]
    return asked or DEVICES, [o for o in options if not o.startswith("--mcu=")]


def compile_for(model, folder, options, result):
    """The program for the first device that has room, or None."""
    devices, others = devices_of(options)
    for mcu in devices:
        program = folder / "compared.ihx"
        try:
            summary = pdkc(model, program,
                           [*others, f"--mcu={mcu}"], result)
        except Refusal as refusal:
            result.no_words = str(refusal)
            if REFUSED.search("error: " + str(refusal)):
                continue
            return None
        result.no_words = ""
        read_summary(summary, result)
        return program
    return None


def compare(model, folder, options, rows=None, count=1000, seed=0,
            reference=None, words=True, two_codes=False):
    """Compares a model's file, with pdkc's options.

    rows: the samples' bytes, or None for `count` random ones of the range.
    folder: for files in between. words: whether the emitted words are compared
    too, where they fit the device. two_codes: random rows hold -1 and 1 only, as a
    BipolarQuant at the input asks for. A Comparison; raises ValueError where the
    rows do not fit the model, and what ONNX Runtime raises.
    """
    result = Comparison()
    try:
        _compare(model, folder, list(options), rows, count, seed, reference,
                 words, two_codes, result)
    except Refusal as refusal:
        result.refused = str(refusal)
    except Broken as broken:
        result.trouble = str(broken)
    return result


def _compare(model, folder, options, rows, count, seed, reference, words,
             two_codes, result):
    lowbit = folder / "compared.mlir"
    pdkc(model, lowbit, [*options, "--emit=lowbit"], result)
    rules = read_rules(lowbit.read_text())
    if rows is None:
        rows = rules.samples(numpy.random.default_rng(seed), count)
        if two_codes:
            rows[rows == 0] = 1
    if rows.size % rules.bytes:
        raise ValueError(f"{rows.size} bytes are not a whole number of samples "
                         f"of {rules.bytes}")
    rows = rows.reshape(-1, rules.bytes)
    result.samples = len(rows)
    names = [o.split("=", 1)[1].split(",") for o in options
             if o.startswith("--outputs=")]
    reference = reference or Reference(model, names[-1] if names else None)
    classes, values, logits = reference.run(rules, rows)
    result.classes = classes

    samples = folder / "compared.u8"
    rows.tofile(samples)
    interpreted, described = interpret(lowbit, samples, result)
    ways = [("interpreter", interpreted)]
    options.append("--emit=module")
    program = words and compile_for(model, folder, options, result)
    if program:
        _, others = devices_of(options[:-1])
        ways.append(("words", simulate(model, program, samples, rules, others,
                                       result)))
    judge(ways, classes,
          [expected(each, reference, values, logits,
                    "--output=values" in options) for each in described],
          result)


def expected(described, reference, values, logits, are_values):
    """The reference's values of an output, and what they may be off; what
    stands before a decision other than the first output's is not known.
    """
    name = described["name"]
    if are_values or name != reference.output:
        if described["meaning"] != f"output '{name}'":
            return numpy.zeros((len(logits), 1)), numpy.inf
        wanted = values[name].astype(float)
        return wanted, (described["error"] +
                        VALUES_TOLERANCE * abs(wanted).max() +
                        OFFSET_TOLERANCE * numpy.max(numpy.abs(
                            described["offset"])))
    # The low bits of logits may be cut.
    return logits, LOGITS_TOLERANCE * max(numpy.ptp(logits), 1e-30)


def same(interpreted, words):
    """Whether both computed the same."""
    return (interpreted.classes == words.classes).all() and all(
        numpy.allclose(mine, theirs, rtol=1e-6, atol=1e-9)
        for mine, theirs in zip(interpreted.outputs, words.outputs))


def judge(ways, classes, outputs, result):
    """Fills in the rows that differ and those that are undecided."""
    different = numpy.zeros(len(classes), bool)
    undecided = numpy.zeros(len(classes), bool)
    for name, way in ways:
        if way.undecided is not None:
            undecided |= way.undecided
        differ = rows_differing(way, classes, outputs)
        if way.outputs:
            result.outputs = "equal" if not differ.any() else "different"
        new = numpy.flatnonzero(differ & ~undecided & ~different)
        if new.size and not result.detail:
            row = new[0]
            result.detail = (f"sample {row}: {name} gives class "
                             f"{way.classes[row]}, ONNX Runtime {classes[row]}")
            for mine, (values, _) in zip(way.outputs, outputs):
                result.detail += f"; {mine[row]}, {values[row]}"
        different |= differ
    # The words compute what the interpreter computes, whatever that is.
    if len(ways) == 2 and not same(ways[0][1], ways[1][1]):
        result.trouble = "the words differ from the interpreter"
    result.undecided = tuple(numpy.flatnonzero(undecided))
    result.different = tuple(numpy.flatnonzero(different & ~undecided))
    result.excused = tuple(numpy.flatnonzero(different & undecided))


class ComparisonTest(EndToEndTest):

    def agree(self, model, options, rows, seed=0):
        """Equal to ONNX Runtime but for few samples, which float32 does not
        decide; the comparison, whose words are none where the device has not
        the room.
        """
        result = compare(model, self.folder, options, count=rows, seed=seed)
        self.assertIn(result.outcome, ("equal", "undecided"),
                      f"{result} {options}")
        self.assertLess(len(result.excused), rows / 20, options)
        return result

    def equal(self, model, options, rows=300):
        """Compiled, and decided by float32 for nearly all of the random rows,
        too; the comparison.
        """
        result = self.agree(model, options, rows)
        self.assertTrue(result.words, result.no_words)
        self.assertLess(len(result.undecided), rows / 20, options)
        self.note = f"{result.words} words on the {result.mcu}"
        return result


class NetworksTest(ComparisonTest):
    """Of networks that make_network(number, path) writes, which gives the
    options.
    """

    def equal_networks(self, numbers):
        computed = 0
        for number in numbers:
            with self.subTest(number=number):
                path = self.folder / f"{number}.onnx"
                options = self.make_network(number, path)
                result = self.agree(path, options, 200, seed=number)
                computed += result.words > 0
        self.note = f"{computed} of {len(numbers)} fit their device"
        self.assertTrue(computed)
