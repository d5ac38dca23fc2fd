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

from reference import InputRule, Reference
from support import BIN, REFUSED, complaint, run

# The devices that are tried in turn where none is asked for.
DEVICES = ("pms150c", "pfs154", "pfs173")
SERIAL_ROWS = 50  # of which a firmware's outputs are compared
LOGITS_TOLERANCE = 1e-4  # of the range of the reference's logits


class Refusal(Exception):
    """pdkc takes the model not, or not on this device; its message."""


class Broken(Exception):
    """Something that must not happen with any model."""


@dataclasses.dataclass
class Computed:
    """What one way of computing gave."""
    classes: numpy.ndarray
    logits: numpy.ndarray | None = None  # as real values
    undecided: numpy.ndarray | None = None  # rows where float32 may differ


@dataclasses.dataclass
class Comparison:
    """All of it; refused, trouble and the rest are empty where all is well."""
    refused: str = ""      # why pdkc takes the model not at all
    no_words: str = ""     # why there are no words for the device
    mcu: str = ""
    samples: int = 0
    different: tuple = ()  # rows whose class or logits are not the reference's
    undecided: tuple = ()  # rows that float32 leaves undecided
    excused: tuple = ()    # those of them that do differ
    trouble: str = ""      # what else is wrong: crashes, broken rules
    logits: str = ""       # "equal", "different" or "" where not compared
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


def read_rule(lowbit):
    """The input's rule from the text of a lowbit module."""
    head = re.search(r"^\s*func\.func .*$", lowbit, re.MULTILINE)[0]
    kind = re.search(r"tensor<((?:\d+x)*)!lowbit\.int<(-?\d+), (-?\d+)>>", head)

    def number(name, default):
        found = re.search(rf'lowbit\.{name} = "([^"]*)"', head)
        text = found[1] if found else default
        return fractions.Fraction(text)

    dims = [int(d) for d in kind[1].split("x")[:-1]]
    return InputRule(int(kind[2]), int(kind[3]), number("scale", "1"),
                     number("zero_point", "0"), int(numpy.prod(dims)))


def interpret(lowbit, samples, result):
    """pdkc's interpreter on a file of samples."""
    output = lowbit.with_suffix(".json")
    pdkc(lowbit, output, ["--emit=values", f"--samples={samples}"], result)
    values = json.loads(output.read_text())
    logits = None
    if values["logits"]:
        logits = (numpy.array(values["logits"]) * numpy.array(values["scale"]) +
                  numpy.array(values["offset"]))
    undecided = numpy.array(values["undecided"]).astype(bool)
    if logits is not None:
        undecided |= numpy.array(values["undecided_logits"]).astype(bool)
    return Computed(numpy.array(values["classes"]), logits, undecided)


def simulate(program, samples, rows, mcu, result):
    """The words on rows of bytes."""
    classes = program.with_suffix(".classes")
    done = run(BIN / "pdk-sim", program, f"--samples={samples}", "--json",
               f"--mcu={mcu}", f"--inputs={rows.shape[1]}",
               f"--classes={classes}", timeout=600)
    if done.returncode:
        raise Broken("simulator: " + complaint(done))
    result.cycles = json.loads(done.stdout)["cycles"]["mean"]
    return Computed(numpy.fromfile(classes, numpy.uint8).astype(int))


def c_numbers(header, macro):
    """The number of a macro of the header, or the list in braces."""
    text = re.search(rf"#define MODEL_{macro}S? (.*)", header)[1]
    return numpy.array([float(number) for number in re.findall(
        r"-?[\d.]+(?:e[+-]?\d+)?", text)])


def simulate_outputs(model, program, samples, rows, options, result):
    """As simulate(), but as a firmware that sends its outputs as well; on the
    first SERIAL_ROWS rows.
    """
    header = program.with_suffix(".h")
    pdkc(model, header, [*options, f"--mcu={result.mcu}"], result)
    text = header.read_text()
    kind, outputs = re.search(r"extern (u?int\d+)_t model_output\[(\d+)\]",
                              text).groups()
    kind, outputs = numpy.dtype(kind), int(outputs)
    size = 1 + outputs * kind.itemsize
    answers = program.with_suffix(".answers")
    rows = rows[:SERIAL_ROWS]
    done = run(BIN / "pdk-sim", program, f"--samples={samples}", "--serial",
               f"--mcu={result.mcu}", f"--inputs={rows.shape[1]}",
               f"--limit={len(rows)}", f"--answer-bytes={size}",
               f"--answers={answers}", timeout=600)
    if done.returncode:
        raise Broken("simulator: " + complaint(done))
    answers = numpy.fromfile(answers, numpy.uint8).reshape(-1, size)
    integers = numpy.ascontiguousarray(answers[:, 1:]).view(kind)
    logits = (integers * c_numbers(text, "OUTPUT_SCALE") +
              c_numbers(text, "OUTPUT_OFFSET"))
    return Computed(answers[:, 0].astype(int), logits)


def read_summary(summary, result):
    found = re.search(r"^(\w+): (\d+) words of.*?, (\d+) bytes of", summary,
                      re.MULTILINE)
    result.mcu, result.words, result.bytes = (found[1], int(found[2]),
                                              int(found[3]))


def rows_differing(computed, classes, logits):
    """Rows of which the class or, where there are any, the logits differ."""
    count = len(computed.classes)
    differ = computed.classes != classes[:count]
    if computed.logits is not None:
        tolerance = LOGITS_TOLERANCE * max(numpy.ptp(logits), 1e-30)
        differ |= (abs(computed.logits - logits[:count]) > tolerance).any(
            axis=1)
    return numpy.pad(differ, (0, len(classes) - count))


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
    rule = read_rule(lowbit.read_text())
    if rows is None:
        rows = rule.samples(numpy.random.default_rng(seed), count)
        if two_codes:
            rows[rows == 0] = 1
    if rows.size % rule.inputs:
        raise ValueError(f"{rows.size} bytes are not a whole number of samples "
                         f"of {rule.inputs}")
    rows = rows.reshape(-1, rule.inputs)
    result.samples = len(rows)
    reference = reference or Reference(model)
    classes, _, logits = reference.run(rule, rows)
    result.classes = classes
    if "--output=logits" not in options:
        logits = None

    samples = folder / "compared.u8"
    rows.tofile(samples)
    ways = [("interpreter", interpret(lowbit, samples, result))]
    if logits is None:
        options.append("--emit=module")
    program = words and compile_for(model, folder, options, result)
    if program and logits is None:
        ways.append(("words", simulate(program, samples, rows, result.mcu,
                                       result)))
    elif program:
        _, others = devices_of(options)
        module = folder / "module.ihx"
        pdkc(model, module, [*others, f"--mcu={result.mcu}", "--emit=module"],
             result)
        simulate(module, samples, rows, result.mcu, result)  # for the cycles
        ways.append(("words", simulate_outputs(model, program, samples, rows,
                                               others, result)))
    judge(ways, rows, classes, logits, result)


def same(interpreted, words):
    """Whether both computed the same, as far as the words went."""
    count = len(words.classes)
    if (interpreted.classes[:count] != words.classes).any():
        return False
    return words.logits is None or numpy.allclose(
        interpreted.logits[:count], words.logits, rtol=1e-6, atol=1e-9)


def judge(ways, rows, classes, logits, result):
    """Fills in the rows that differ and those that are undecided."""
    different = numpy.zeros(len(rows), bool)
    undecided = numpy.zeros(len(rows), bool)
    for name, way in ways:
        if way.undecided is not None:
            undecided |= way.undecided
        differ = rows_differing(way, classes, logits)
        if way.logits is not None:
            result.logits = "equal" if not differ.any() else "different"
        new = numpy.flatnonzero(differ & ~undecided & ~different)
        if new.size and not result.detail:
            row = new[0]
            result.detail = (f"sample {row}: {name} gives class "
                             f"{way.classes[row]}, ONNX Runtime {classes[row]}")
            if way.logits is not None:
                result.detail += f"; {way.logits[row]}, {logits[row]}"
        different |= differ
    # The words compute what the interpreter computes, whatever that is.
    if len(ways) == 2 and not same(ways[0][1], ways[1][1]):
        result.trouble = "the words differ from the interpreter"
    result.undecided = tuple(numpy.flatnonzero(undecided))
    result.different = tuple(numpy.flatnonzero(different & ~undecided))
    result.excused = tuple(numpy.flatnonzero(different & undecided))
