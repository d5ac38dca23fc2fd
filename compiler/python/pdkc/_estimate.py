"""What networks will cost, from the shapes of their layers alone."""

import json
from collections.abc import Mapping, Sequence
from ctypes import POINTER, byref, c_double, c_int64, pointer, sizeof
from typing import Any, NamedTuple, Optional

from ._compile import make_options, take
from ._library import Layer, Network, library
from ._types import Cycles, DoesNotFit

#: The values that weights have; or bits, of int4 as in -8 to 7; or values with
#: how often each is a weight: {-1: 0.3, 0: 0.4, 1: 0.3}.
Weights = int | Sequence[int] | Mapping[int, float]
#: The integers that activations have, the smallest and the largest; or bits: 4
#: is (0, 15).
Range = int | tuple[int, int]

_SCALINGS = ("shift", "product", "channel")


class Dense(NamedTuple):
    """A fully connected layer: neurons, what its weights can be, and what its
    sums are clipped to, if they are.

    scaling: how sums become activations: by a "shift", by a "product", or by
        one for each "channel", as BatchNormalization makes it.
    """
    outputs: int
    weights: Weights
    activation: Optional[Range] = None
    scaling: str = "shift"


class Conv(NamedTuple):
    """A convolution; sizes are one number, or one for each dimension."""
    outputs: int  #: channels
    kernel: int | tuple[int, ...]
    weights: Weights
    activation: Optional[Range] = None
    strides: int | tuple[int, ...] = 1
    pads: int | tuple[int, ...] = 0
    groups: int = 1
    scaling: str = "shift"


class MaxPool(NamedTuple):
    """The largest of each window; windows lie side by side unless strides say
    otherwise."""
    kernel: int | tuple[int, ...]
    strides: int | tuple[int, ...] | None = None


class Estimate:
    """About what a network will take. False where it will not fit.

    fits: whether it will fit the device, within the options' limits.
    words, bytes, cycles: as those of a Program; None where it will not fit.
    report: all that is known, a dictionary as Program.report.
    resource, needed, available: what there is too little of where it will not
        fit: "code" (words) or "ram" (bytes).
    diagnostics: notes and warnings, or why it will not fit.
    """

    def __init__(self, report, diagnostics, problem=None):
        self.fits = not problem
        self.report = report
        self.words = report and report["words"]
        self.bytes = report and report["bytes"]
        self.cycles = report and Cycles(**report["cycles"])
        self.resource = problem and problem.resource
        self.needed = problem and problem.needed
        self.available = problem and problem.available
        self.diagnostics = diagnostics

    def __bool__(self):
        return self.fits

    def __repr__(self):
        if self.fits:
            return (f"<pdkc.Estimate for {self.report['device']}: about "
                    f"{self.words} words, {self.bytes} bytes, "
                    f"{self.cycles.mean:.0f} cycles>")
        return (f"<pdkc.Estimate: does not fit, needs about {self.needed} of "
                f"{self.resource}, has {self.available}>")


def _read_weights(weights):
    """A codebook, and how often each value is a weight, or None."""
    if isinstance(weights, int):
        half = 2 ** (weights - 1)
        return list(range(-half, half)), None
    if isinstance(weights, Mapping):
        return list(weights), [float(share) for share in weights.values()]
    return [int(weight) for weight in weights], None


def _read_range(value):
    if isinstance(value, int):
        return 0, 2 ** value - 1
    low, high = value
    return int(low), int(high)


def _read_sizes(value, rank):
    return [value] * rank if isinstance(value, int) else list(value)


def _make_layer(layer, rank):
    """The library's layer, with all that it points to."""
    made = Layer()
    library.pdkcLayerInit(byref(made), sizeof(made))
    made.kind = (Dense, Conv, MaxPool).index(type(layer))
    if not isinstance(layer, Dense):
        sizes = {"kernel": layer.kernel, "strides": layer.strides}
        if isinstance(layer, Conv):
            sizes["pads"] = layer.pads
            made.groups = layer.groups
        elif layer.strides is None:
            sizes["strides"] = layer.kernel
        for name, value in sizes.items():
            numbers = _read_sizes(value, rank)
            if len(numbers) != rank:
                raise ValueError(f"{name} of {layer} has not {rank} dimensions")
            getattr(made, name)[:rank] = numbers
    if isinstance(layer, MaxPool):
        return made
    made.outputs = layer.outputs
    codebook, shares = _read_weights(layer.weights)
    made.codebook = (c_int64 * len(codebook))(*codebook)
    made.codebook_size = len(codebook)
    if shares:
        made.shares = (c_double * len(shares))(*shares)
    if layer.activation is not None:
        made.activation_min, made.activation_max = _read_range(layer.activation)
    if layer.scaling not in _SCALINGS:
        raise ValueError(f"scaling is one of {', '.join(_SCALINGS)}, not "
                         f"{layer.scaling!r}")
    made.scaling = _SCALINGS.index(layer.scaling)
    return made


def estimate(layers: Sequence[Dense | Conv | MaxPool], mcu: str = "pms150c", *,
             inputs: int | tuple[int, ...], input_range: Range = 8,
             **options: Any) -> Estimate:
    """About what a network will take, before there are weights: the compiler
    makes some up and looks for a program that is near the best.

    layers: one after the other; the last one's largest sum is the class.
    inputs: how many there are; or channels and one or two dimensions of
        positions, which convolutions and pools need.
    input_range: the integers that the device hands over, or their bits.
    mcu, options: as of compile: level, max_words, max_cycles, input,
        reserve_words, reserve_ram, samples, verify, undocumented.

    Raises CompileError where the layers make no sense, or UsageError.
    """
    for layer in layers:
        if not isinstance(layer, (Dense, Conv, MaxPool)):
            raise TypeError(f"layers are Dense, Conv or MaxPool, not {layer!r}")
    shape = [inputs] if isinstance(inputs, int) else list(inputs)
    if not 1 <= len(shape) <= 3:
        raise ValueError("inputs are a number, or channels and one or two "
                         "dimensions")
    network = Network()
    library.pdkcNetworkInit(byref(network), sizeof(network))
    network.input_shape[:len(shape)] = shape
    network.input_rank = len(shape)
    network.input_min, network.input_max = _read_range(input_range)
    made = [_make_layer(layer, len(shape) - 1) for layer in layers]
    network.layers = (POINTER(Layer) * len(made))(*map(pointer, made))
    network.layer_count = len(made)
    given = make_options("module", None, None, {"mcu": mcu, **options}, None)
    try:
        texts, _, diagnostics = take(
            library.pdkcEstimate(byref(network), byref(given)))
    except DoesNotFit as problem:
        return Estimate(None, problem.diagnostics, problem)
    return Estimate(json.loads(texts["report"]), diagnostics)
