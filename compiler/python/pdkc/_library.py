"""The C API (pdkc-c.h) by ctypes, which lets other threads run meanwhile."""

import ctypes
import os
import pathlib
from ctypes import (CFUNCTYPE, POINTER, Structure, c_char, c_char_p, c_double,
                    c_int, c_int64, c_size_t, c_uint, c_uint8, c_uint16,
                    c_uint64, c_void_p)

Progress = CFUNCTYPE(None, c_void_p, c_int64, c_int64)


class Device(Structure):
    _fields_ = [("name", c_char_p), ("instruction_set", c_char_p),
                ("words", c_uint), ("ram_bytes", c_uint),
                ("max_clock", c_uint)]


class Diagnostic(Structure):
    _fields_ = [("severity", c_int), ("is_note_of_before", c_int),
                ("node", c_char_p), ("text", c_char_p), ("resource", c_char_p),
                ("device", c_char_p), ("needed", c_int64),
                ("available", c_int64)]


class Options(Structure):
    _fields_ = [("size", c_size_t), ("emit", c_int), ("format", c_int),
                ("path", c_char_p), ("mcu", c_char_p), ("name", c_char_p),
                ("level", c_char), ("max_words", c_int64),
                ("max_cycles", c_int64), ("undocumented", c_int),
                ("input_range", c_char_p), ("input_scale", c_char_p),
                ("input_zero_point", c_char_p), ("input", c_char_p),
                ("output", c_char_p), ("outputs", c_char_p),
                ("reserve_words", c_int64), ("reserve_ram", c_int64),
                ("verify", c_int64), ("samples", c_char_p),
                ("samples_size", c_size_t), ("sample_type", c_int),
                ("calibrate", c_char_p), ("labels", c_char_p),
                ("baud", c_int64), ("clock", c_int64), ("tx", c_char_p),
                ("rx", c_char_p), ("byte_gap", c_int64), ("vdd", c_int64),
                ("progress", Progress), ("progress_data", c_void_p)]


class Layer(Structure):
    _fields_ = [("size", c_size_t), ("kind", c_int), ("outputs", c_int64),
                ("kernel", c_int64 * 2), ("strides", c_int64 * 2),
                ("pads", c_int64 * 2), ("groups", c_int64),
                ("codebook", POINTER(c_int64)), ("codebook_size", c_size_t),
                ("shares", POINTER(c_double)), ("activation_min", c_int64),
                ("activation_max", c_int64), ("scaling", c_int)]


class Network(Structure):
    _fields_ = [("size", c_size_t), ("input_shape", c_int64 * 3),
                ("input_rank", c_size_t), ("input_min", c_int64),
                ("input_max", c_int64), ("layers", POINTER(POINTER(Layer))),
                ("layer_count", c_size_t)]


class RunOptions(Structure):
    _fields_ = [("size", c_size_t), ("mcu", c_char_p),
                ("sample_bytes", c_size_t), ("cycle_limit", c_uint64),
                ("undocumented", c_int)]


class RunSummary(Structure):
    _fields_ = [("min_cycles", c_uint64), ("max_cycles", c_uint64),
                ("mean_cycles", c_double), ("stack_bytes", c_uint)]


class Violation(Structure):
    _fields_ = [("rule", c_char_p), ("text", c_char_p), ("word", c_uint),
                ("sample", c_size_t), ("count", c_uint64)]


# PdkcEmit, PdkcFormat and PdkcText.
EMITS = {"module": 0, "firmware": 1, "onnx": 2, "lowbit": 3, "plan": 4,
         "pdk": 5, "values": 6, "explore": 7}
FORMATS = {None: 0, "onnx": 1, "mlir": 2}
TEXTS = {"asm": 0, "header": 1, "ihx": 2, "map": 3, "report": 4, "text": 5}

_FUNCTIONS = {
    "pdkcGetVersion": (c_char_p,),
    "pdkcGetDevice": (POINTER(Device), c_size_t),
    "pdkcOptionsInit": (None, POINTER(Options), c_size_t),
    "pdkcCompile": (c_void_p, c_char_p, c_size_t, POINTER(Options)),
    "pdkcResultDestroy": (None, c_void_p),
    "pdkcResultGetStatus": (c_int, c_void_p),
    "pdkcResultGetDiagnostic": (POINTER(Diagnostic), c_void_p, c_size_t),
    "pdkcResultGetText": (c_void_p, c_void_p, c_int, POINTER(c_size_t)),
    "pdkcResultGetWords": (POINTER(c_uint16), c_void_p, POINTER(c_size_t)),
    "pdkcLayerInit": (None, POINTER(Layer), c_size_t),
    "pdkcNetworkInit": (None, POINTER(Network), c_size_t),
    "pdkcEstimate": (c_void_p, POINTER(Network), POINTER(Options)),
    "pdkcRunOptionsInit": (None, POINTER(RunOptions), c_size_t),
    "pdkcRun": (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, c_char_p,
                c_size_t, POINTER(RunOptions)),
    "pdkcRunDestroy": (None, c_void_p),
    "pdkcRunGetError": (c_char_p, c_void_p),
    "pdkcRunGetCount": (c_size_t, c_void_p),
    "pdkcRunGetClasses": (POINTER(c_uint8), c_void_p),
    "pdkcRunGetCycles": (POINTER(c_uint64), c_void_p),
    "pdkcRunGetOutputs": (POINTER(c_uint8), c_void_p, POINTER(c_size_t)),
    "pdkcRunGetSummary": (POINTER(RunSummary), c_void_p),
    "pdkcRunGetViolation": (POINTER(Violation), c_void_p, c_size_t),
    "pdkcMain": (c_int, c_int, POINTER(c_char_p)),
}


def _load():
    """Beside this file; or where PDKC_LIBRARY says, for another build."""
    path = os.environ.get("PDKC_LIBRARY",
                          pathlib.Path(__file__).with_name("libpdkc.so"))
    loaded = ctypes.CDLL(str(path))
    for name, (result, *arguments) in _FUNCTIONS.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


library = _load()


def each(get, *owner):
    """What `get` gives for 0, 1, ... until it gives none."""
    index = 0
    while item := get(*owner, index):
        yield item.contents
        index += 1


def decode(text):
    return text.decode(errors="replace")
