"""Models to programs: all that is offered here is one call of the library."""

import ctypes
import json
import os
import pathlib
from collections.abc import Callable
from ctypes import byref, c_size_t, sizeof
from typing import Any

from ._library import (EMITS, FORMATS, TEXTS, Options, Progress, decode, each,
                       library)
from ._simulate import Run
from ._simulate import run as simulate
from ._types import (CompileError, Cycles, Device, Diagnostic, DoesNotFit,
                     UsageError)

#: A path, the bytes of a file, or an onnx.ModelProto.
Model = Any

_SEVERITIES = ("error", "warning", "note")


def version() -> str:
    """pdkc's version and commit, and LLVM's version."""
    return decode(library.pdkcGetVersion())


def devices() -> list[Device]:
    """The microcontrollers, the smallest first."""
    return [Device(decode(d.name), decode(d.instruction_set), d.words,
                   d.ram_bytes, d.max_clock)
            for d in each(library.pdkcGetDevice)]


# ---------------------------------------------------------------------------
# What is handed over
# ---------------------------------------------------------------------------

def _read_model(model, form):
    """A model's bytes, its path or None, its form or None."""
    if hasattr(model, "SerializeToString"):  # onnx.ModelProto
        return model.SerializeToString(), None, "onnx"
    if isinstance(model, (bytes, bytearray, memoryview)):
        return bytes(model), None, form
    path = os.fspath(model)
    return pathlib.Path(path).read_bytes(), os.fsencode(path), form


def _read_samples(samples):
    """The bytes of samples, and of what type they are said to be: as on the
    device, uint8 or int8."""
    if samples is None:
        return b"", 0
    if isinstance(samples, (bytes, bytearray, memoryview)):
        return bytes(samples), 0
    import numpy
    array = numpy.asarray(samples)
    if array.dtype.kind not in "iub" or array.dtype.itemsize > 2:
        raise TypeError("samples are bytes or an array of integers of 8 or 16 "
                        f"bits, as the device takes them, not {array.dtype}")
    little = array.astype(array.dtype.newbyteorder("<"))
    of_bytes = 2 if array.dtype.kind == "i" else 1
    return little.tobytes(), of_bytes if array.dtype.itemsize == 1 else 0


def _by_name(value, write=str):
    """An option that is one for all inputs, or a dictionary by their names."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        return ",".join(f"{name}={_by_name(entry, write)}"
                        for name, entry in value.items())
    return write(value)


def _range(value):
    low, high = value
    return f"{int(low)}:{int(high)}"


_CONVERTED = {
    "level": lambda value: str(value).removeprefix("O"),
    "input_range": lambda value: _by_name(value, _range),
    "input_scale": _by_name,
    "input_zero_point": _by_name,
    "outputs": lambda value: (value if value is None or isinstance(value, str)
                              else ",".join(value)),
    "calibrate": lambda value: value and os.fspath(value),
    "labels": lambda value: value and os.fspath(value),
}

_GIVEN = {name for name, _ in Options._fields_} - {
    "size", "emit", "format", "path", "samples_size", "sample_type",
    "progress", "progress_data"}


def make_options(kind, path, form, given, progress):
    """The library's options, which keep alive what they point to."""
    options = Options()
    library.pdkcOptionsInit(byref(options), sizeof(options))
    options.emit = EMITS[kind]
    if form not in FORMATS:
        raise UsageError(f"format is 'onnx' or 'mlir', not {form!r}")
    options.format = FORMATS[form]
    options.path = path
    for name, value in given.items():
        if name not in _GIVEN:
            raise TypeError(f"pdkc has no option {name!r}; there are "
                            f"{', '.join(sorted(_GIVEN))}")
        if name == "samples":
            data, options.sample_type = _read_samples(value)
            options.samples, options.samples_size = data, len(data)
            continue
        value = _CONVERTED.get(name, lambda same: same)(value)
        if isinstance(value, str):
            value = value.encode("utf-8", "surrogateescape")
        if name == "level" and len(value) != 1:
            raise UsageError("level is 3, 2 or 's'")
        if value is not None:
            setattr(options, name, value)
    if progress:
        # How many there will be is not always known.
        options.progress = Progress(
            lambda data, done, total: progress(done, total) if total
            else progress(done))
    return options


# ---------------------------------------------------------------------------
# What comes back
# ---------------------------------------------------------------------------

def _read_diagnostics(handle):
    found = []
    for d in each(library.pdkcResultGetDiagnostic, handle):
        resource = decode(d.resource)
        shortage = ((resource, decode(d.device), d.needed, d.available)
                    if resource else ())
        diagnostic = Diagnostic(_SEVERITIES[d.severity], decode(d.node),
                                decode(d.text), *shortage)
        if d.is_note_of_before:
            found[-1] = found[-1]._replace(notes=(*found[-1].notes, diagnostic))
        else:
            found.append(diagnostic)
    return found


def _call(kind, model, given, progress=None):
    """Texts by their names, the code words, the diagnostics."""
    data, path, form = model
    options = make_options(kind, path, form, given, progress)
    return take(library.pdkcCompile(data, len(data), byref(options)))


def take(handle):
    """What a result of the library's holds, which ends here: texts by their
    names, the code words, the diagnostics; or raises what these say."""
    try:
        diagnostics = _read_diagnostics(handle)
        status = library.pdkcResultGetStatus(handle)
        if status == 2:
            raise UsageError(diagnostics[0].text)
        if status:
            errors = [d for d in diagnostics if d.severity == "error"]
            fits = not any(d.resource for d in errors)
            raise (CompileError if fits else DoesNotFit)(diagnostics)
        texts, size = {}, c_size_t()
        for name, number in TEXTS.items():
            text = library.pdkcResultGetText(handle, number, byref(size))
            if text:
                texts[name] = ctypes.string_at(text, size.value).decode()
        words = library.pdkcResultGetWords(handle, byref(size))
        return texts, words[:size.value] if words else [], diagnostics
    finally:
        library.pdkcResultDestroy(handle)


class Firmware:
    """A complete program that talks by a serial line.

    ihx, map: texts; code: its words from address 0 on; report: a dictionary.
    diagnostics: notes and warnings.
    """

    def __init__(self, texts, code, diagnostics):
        self.ihx, self.map = texts["ihx"], texts["map"]
        self.code = code
        self.report = json.loads(texts["report"])
        self.diagnostics = diagnostics

    def run(self, samples: Any, cycle_limit: int = 100_000_000) -> Run:
        """Talks to the firmware by the pins of the simulated chip, at its rate;
        see Run. Its cycles are those from the last bit of a sample to the
        answer; `cycle_limit` ends each wait for one."""
        return simulate(self.ihx, self.map, self.report, samples, cycle_limit)


class Program:
    """A model compiled for a device.

    words, bytes: code words and RAM of the module, its stack included.
    cycles: of an inference, on the samples or on inputs made up.
    report: all that is known, as a dictionary; pdkc-c.h lists its members.
    diagnostics: notes and warnings.
    asm, header: the module, to be linked with C.
    ihx: a complete firmware. code: the module's words as `run` runs them.
    """

    def __init__(self, model, given, progress=None):
        self._model, self._given = model, given
        self._texts, self.code, self.diagnostics = _call("module", model, given,
                                                         progress)
        self.report = json.loads(self._texts["report"])
        self.asm, self.header = self._texts["asm"], self._texts["header"]
        self.words = self.report["words"]
        self.bytes = self.report["bytes"]
        self.cycles = (Cycles(**self.report["cycles"])
                       if "cycles" in self.report else None)
        self._firmware = None

    @property
    def ihx(self) -> str:
        return self._get_firmware().ihx

    def _get_firmware(self):
        if not self._firmware:
            self._firmware = self.firmware()
        return self._firmware

    def firmware(self, **options: Any) -> Firmware:
        """The model as a firmware: baud, clock, tx, rx, byte_gap, vdd."""
        return Firmware(*_call("firmware", self._model,
                               {**self._given, **options}))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes what the suffix says, .asm with a .h beside it, .ihx with a
        .map, .h, or .json, the report."""
        path = pathlib.Path(path)
        if path.suffix == ".asm":
            files = {".asm": self.asm, ".h": self.header}
        elif path.suffix == ".ihx":
            firmware = self._get_firmware()
            files = {".ihx": firmware.ihx, ".map": firmware.map}
        elif path.suffix == ".h":
            files = {".h": self.header}
        elif path.suffix == ".json":
            files = {".json": self._texts["report"]}
        else:
            raise UsageError(f"cannot tell from '{path}' what to write: .asm, "
                             ".ihx, .h or .json")
        for suffix, text in files.items():
            path.with_suffix(suffix).write_text(text)

    def run(self, samples: Any, cycle_limit: int = 100_000_000) -> Run:
        """Runs the program on the simulated chip; see Run.

        samples: integers as the device hands them over, one sample or a row
        each. ValueError where they are outside the inputs' ranges,
        SimulationError where the program breaks a rule of the device.
        """
        return simulate(self._texts["ihx"], self._texts["map"],
                        self.report, samples, cycle_limit)

    def __repr__(self):
        return (f"<pdkc.Program for {self.report['device']}: {self.words} "
                f"words, {self.bytes} bytes, {self.cycles}>")


# ---------------------------------------------------------------------------
# What is offered
# ---------------------------------------------------------------------------

def compile(model: Model, mcu: str = "pms150c", *, format: str | None = None,
            progress: Callable[[int], Any] | None = None,
            **options: Any) -> Program:
    """Compiles a model for a device and gives a Program.

    model: a path, the bytes of a file, or an onnx.ModelProto.
    mcu: the device's name; "auto" is the smallest that the model fits.
    format: "onnx" or "mlir"; of a path its suffix says it.
    options: those of the command line: name, level (3, 2, "s"), max_words,
        max_cycles, undocumented, input_range ((low, high), or a dictionary by
        the inputs' names), input_scale, input_zero_point (numbers, or texts
        such as "1/255"), input, output, outputs, reserve_words, reserve_ram,
        samples (bytes, or an array of integers of 8 or 16 bits), verify,
        calibrate, labels (paths); and those of the firmware.
    progress: called with how many plans have been priced so far.

    Raises DoesNotFit, CompileError, or UsageError.
    """
    return Program(_read_model(model, format), {"mcu": mcu, **options},
                   progress)


def fits(model: Model, mcu: str | None = None, *, format: str | None = None,
         **options: Any) -> bool | dict[str, Program]:
    """The devices that a model fits, the smallest first, as a dictionary: of
    each the Program of fewest words; or, where `mcu` names one, whether it fits
    that. Raises CompileError for a model that is wrong, or too large for each.
    """
    data = _read_model(model, format)
    given = {"level": "s", "verify": 1, **options}
    programs, problem = {}, None
    sizes = {}  # a program for each size
    for device in devices():
        if mcu and device.name != mcu.lower():
            continue
        size = (device.instruction_set, device.words, device.ram_bytes)
        try:
            if size not in sizes:
                sizes[size] = Program(data, {**given, "mcu": device.name})
            programs[device.name] = sizes[size]
        except DoesNotFit as error:
            problem = problem or error
    if mcu:
        if not programs and not problem:
            raise UsageError(f"unknown device {mcu!r}; see pdkc.devices()")
        return bool(programs)
    if not programs:
        raise problem
    return programs


def explore(model: Model, mcu: str | None = None, *, format: str | None = None,
            progress: Callable[[int, int], Any] | None = None,
            **options: Any) -> list[dict[str, Any]]:
    """What the model can be: programs, each a dictionary of device, words,
    bytes, cycles and the command line's options that make it, of which no other
    one is better in all; on all devices or on `mcu`.

    progress: called with how many programs are made, and of how many.
    """
    texts, _, _ = _call("explore", _read_model(model, format),
                        {"mcu": mcu, **options}, progress)
    return json.loads(texts["text"])


def emit(model: Model, stage: str, *, format: str | None = None,
         **options: Any) -> str | dict[str, Any]:
    """A stage of the compilation as text: "onnx", "lowbit", "plan", "pdk"; or
    "values", what the integers make of `samples`, as a dictionary."""
    if stage not in ("onnx", "lowbit", "plan", "pdk", "values"):
        raise UsageError(f"there is no stage {stage!r}")
    texts, _, _ = _call(stage, _read_model(model, format), options)
    return json.loads(texts["text"]) if stage == "values" else texts["text"]
