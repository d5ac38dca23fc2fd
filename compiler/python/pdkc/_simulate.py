"""Programs on the simulated chip, with samples and results as NumPy arrays."""

import ctypes
from ctypes import byref, c_size_t, sizeof

from ._library import RunOptions, decode, each, library
from ._types import Cycles, SimulationError, Violation


class Run:
    """What samples gave. Where one sample was run, the arrays have one row.

    classes: uint8, of each sample.
    outputs: of each output asked for its integers, a row a sample, by the name
        that it has in C behind the model's.
    values: the same as real numbers: integer * scale + offset.
    cycles: uint64, of each sample; `summary` has their least, mean and most.
    stack_bytes: most that were ever on the stack.
    """

    def __init__(self, classes, outputs, values, cycles, summary, stack_bytes):
        self.classes = classes
        self.outputs = outputs
        self.values = values
        self.cycles = cycles
        self.summary = summary
        self.stack_bytes = stack_bytes

    @property
    def logits(self):
        """The integers of the first output: compile with output="logits"."""
        if not self.outputs:
            raise AttributeError(
                'there are no logits; compile with output="logits"')
        return next(iter(self.outputs.values()))

    def __repr__(self):
        return f"<pdkc.Run of {len(self.classes)} samples, {self.summary}>"


def encode(report, samples):
    """The bytes of samples, which are integers within the inputs' ranges."""
    import numpy
    given = numpy.asarray(samples)
    if given.dtype.kind not in "iub":
        raise TypeError(
            "samples are the integers that the device takes; of real numbers "
            "x these are round(x / scale) + zero_point, as the report says")
    count = sum(entry["count"] for entry in report["inputs"])
    if not given.size or given.size % count:
        raise ValueError(f"a sample has {count} inputs; {given.shape} is no "
                         "whole number of them")
    rows = given.reshape(-1, count)
    first = 0
    for entry in report["inputs"]:
        part = rows[:, first:first + entry["count"]]
        first += entry["count"]
        if part.min() < entry["min"] or part.max() > entry["max"]:
            raise ValueError(
                f"input {entry['name']} takes {entry['min']} to "
                f"{entry['max']}, not {part.min()} to {part.max()}")
    # Two's complement, whether or not C sees the values as signed.
    width = int(report["input_type"].strip("uint_")) // 8
    return rows.astype("<i8").astype(f"<u{width}").tobytes(), len(rows)


def _split(report, data, count):
    """The bytes of all outputs as an array each."""
    import numpy
    rows = numpy.frombuffer(data, numpy.uint8).reshape(count, -1)
    outputs, values, first = {}, {}, 0
    for entry in report["outputs"]:
        kind = numpy.dtype(entry["type"].removesuffix("_t")).newbyteorder("<")
        size = entry["count"] * kind.itemsize
        part = numpy.ascontiguousarray(rows[:, first:first + size])
        first += size
        outputs[entry["symbol"]] = part.view(kind)
        values[entry["symbol"]] = (outputs[entry["symbol"]] *
                                   numpy.asarray(entry["scale"]) +
                                   numpy.asarray(entry["offset"]))
    return outputs, values


def run(ihx, map_text, report, samples, cycle_limit):
    """Runs a module; SimulationError where it breaks a rule of the device."""
    import numpy
    data, _ = encode(report, samples)
    options = RunOptions()
    library.pdkcRunOptionsInit(byref(options), sizeof(options))
    options.cycle_limit = cycle_limit
    options.undocumented = report.get("undocumented", {}).get("used", False)
    handle = library.pdkcRun(ihx.encode(), len(ihx), map_text.encode(),
                             len(map_text), data, len(data), byref(options))
    try:
        error = library.pdkcRunGetError(handle)
        if error:
            raise SimulationError(decode(error), [
                Violation(decode(v.rule), decode(v.text), v.word, v.sample,
                          v.count)
                for v in each(library.pdkcRunGetViolation, handle)])
        count = library.pdkcRunGetCount(handle)
        size = c_size_t()
        output = library.pdkcRunGetOutputs(handle, byref(size))
        output_bytes = (ctypes.string_at(output, count * size.value)
                        if size.value else b"")
        outputs, values = (_split(report, output_bytes, count)
                           if report["outputs"] else ({}, {}))
        classes = ctypes.string_at(library.pdkcRunGetClasses(handle), count)
        cycles = ctypes.string_at(library.pdkcRunGetCycles(handle), 8 * count)
        summary = library.pdkcRunGetSummary(handle).contents
        return Run(numpy.frombuffer(classes, numpy.uint8), outputs, values,
                   numpy.frombuffer(cycles, "<u8"),
                   Cycles(summary.min_cycles, summary.mean_cycles,
                          summary.max_cycles), summary.stack_bytes)
    finally:
        library.pdkcRunDestroy(handle)
