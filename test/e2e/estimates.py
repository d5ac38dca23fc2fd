"""How far pdkc.estimate is off.

usage: estimates.py [--count=N] [--first=N]

Random networks, of dense layers or with a convolution and a pool before them,
with codebooks, widths and scalings of all kinds, for some devices at -O3 and
-Os. Each is estimated from the shapes of its layers, then given weights and
compiled as an ONNX file; the weights are none that the estimate knows. Prints
how often both say that it fits, and how far words, bytes and cycles are off;
the milliseconds that both take.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import sys
import tempfile
import time

import numpy

from networks import CODEBOOKS, Graph
from support import BIN, ROOT

os.environ.setdefault("PDKC_LIBRARY", str(BIN.parent / "lib" / "libpdkc.so"))
sys.path.insert(0, str(ROOT / "compiler" / "python"))
import pdkc

DEVICES = ("pms150c", "pfs154", "pfs173")
FIGURES = ("words", "bytes", "cycles")
AIM = "what is asked for"  # fewest words at -Os, fewest cycles at -O3


def describe(number):
    """The layers of a network, its inputs, their range, and options."""
    choose = random.Random(number)
    scaling = choose.choice(("shift", "shift", "product", "channel"))
    codebook = choose.choice(list(CODEBOOKS.values()))
    if choose.random() < 0.3:  # as training leaves weights: most are small
        codebook = {weight: 1 / (1 + abs(weight)) for weight in codebook}
    activation = choose.choice((1, 2, 4, 4, 7, (-8, 7)))
    inputs, bits = choose.choice((4, 9, 16, 36, 49, 64)), choose.choice(
        (1, 2, 4, 4, 8))
    layers = []
    if choose.random() < 0.25:
        size, bits = choose.randint(6, 16), choose.choice((1, 2, 4))
        inputs = (1, size, size)
        layers.append(pdkc.Conv(choose.randint(2, 6), choose.randint(2, 4),
                                codebook, choose.choice((1, 2, 4)),
                                strides=choose.randint(1, 2)))
        if choose.random() < 0.7:
            layers.append(pdkc.MaxPool(2))
    for _ in range(choose.randint(0 if layers else 1, 3)):
        layers.append(pdkc.Dense(choose.choice((4, 8, 12, 16, 24)), codebook,
                                 activation, scaling))
    layers.append(pdkc.Dense(choose.choice((2, 3, 4, 10)), codebook))
    return layers, inputs, bits, {"mcu": choose.choice(DEVICES),
                                  "level": choose.choice((3, "s"))}


def windows(x, kernel, stride):
    """x: samples, channels, rows, columns; windows behind the positions."""
    view = numpy.lib.stride_tricks.sliding_window_view(
        x, (kernel, kernel), axis=(2, 3))
    return view[:, :, ::stride, ::stride]


def write(number, path):
    """The network as an ONNX file: other weights than the estimate's, scales
    that let what flows spread over the activations."""
    layers, inputs, bits, _ = describe(number)
    graph = Graph(number)
    constant, node, noise = graph.constant, graph.node, graph.random
    shape = [inputs] if isinstance(inputs, int) else list(inputs)
    rows = noise.integers(0, 2**bits, (200, *shape)).astype(float)
    x = "x"
    for layer in layers:
        if isinstance(layer, pdkc.MaxPool):
            x = node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
            rows = windows(rows, 2, 2).max(axis=(-2, -1))
            continue
        book = layer.weights
        shares = (numpy.array(list(book.values())) / sum(book.values())
                  if isinstance(book, dict) else None)
        pick = lambda shape: noise.choice(list(book), shape, p=shares)
        if isinstance(layer, pdkc.Conv):
            weights = pick((layer.outputs, 1, layer.kernel, layer.kernel))
            sums = numpy.einsum("ncijuv,ocuv->noij", windows(
                rows, layer.kernel, layer.strides), weights)
            axes, each = (0, 2, 3), (1, -1, 1, 1)
        else:
            if rows.ndim > 2:
                x = node("Flatten", x)
                rows = rows.reshape(len(rows), -1)
            weights = pick((rows.shape[1], layer.outputs))
            sums = rows @ weights
            axes, each = 0, (1, -1)
        spread = sums.std(axis=axes)
        biases = numpy.rint(noise.normal(0, spread / 3 + 0.1) -
                            sums.mean(axis=axes))
        sums = sums + biases.reshape(each)
        if isinstance(layer, pdkc.Conv):
            x = node("Conv", x, constant(weights), constant(biases),
                     strides=[layer.strides] * 2)
        else:
            x = node("Add", node("MatMul", x, constant(weights)),
                     constant(biases))
        if layer.activation is None:
            break
        low, high = (layer.activation if isinstance(layer.activation, tuple)
                     else (0, 2**layer.activation - 1))
        scale = max(abs(low), high) / (1.5 * spread.mean() + 0.1)
        if layer.scaling == "shift":
            scale = 2.0**round(numpy.log2(min(scale, 1)))
        elif layer.scaling == "channel":
            scale = (scale * noise.uniform(0.7, 1.3, len(spread))).reshape(each)
        scale = numpy.float32(scale)
        x = node("Mul", x, constant(scale))
        x = node("Floor", node("Add", x, constant(0.5)))
        x = node("Clip", x, constant(low), constant(high))
        rows = numpy.clip(numpy.floor(sums * scale + 0.5), low, high)
    graph.write(path, x, [1, *shape])


def compare(number, folder):
    """Estimated and compiled figures, each None where it does not fit; the
    seconds of both; which figure it is that is to be small."""
    layers, inputs, bits, options = describe(number)
    path = folder / f"{number}.onnx"
    write(number, path)
    start = time.thread_time()
    about = pdkc.estimate(layers, inputs=inputs, input_range=bits, **options)
    middle = time.thread_time()
    try:
        made = pdkc.compile(path, input_range=(0, 2**bits - 1), **options)
    except pdkc.DoesNotFit:
        made = None
    end = time.thread_time()
    path.unlink()
    aim = "words" if options["level"] == "s" else "cycles"
    return [it and (it.words, it.bytes, it.cycles.mean)
            for it in (about or None, made)], (middle - start,
                                               end - middle), aim


def compare_all(numbers, folder):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda n: compare(n, folder), numbers))


def errors(results):
    """By figure the parts by which estimates are off, in rising order."""
    both = numpy.array([pair for pair, *_ in results if all(pair)])
    off = numpy.abs(both[:, 0] / both[:, 1] - 1)
    aims = [FIGURES.index(aim) for pair, _, aim in results if all(pair)]
    aimed = off[numpy.arange(len(off)), aims]
    return dict(zip(FIGURES, numpy.sort(off, axis=0).T),
                **{AIM: numpy.sort(aimed)})


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    numbers = range(given.first, given.first + given.count)
    with tempfile.TemporaryDirectory(prefix="pdkc-") as folder:
        results = compare_all(numbers, pathlib.Path(folder))
    fits = [[bool(it) for it in pair] for pair, *_ in results]
    print(f"{sum(map(all, fits))} fit, {sum(not any(f) for f in fits)} do not; "
          f"of {sum(f == [True, False] for f in fits)} only the estimate says "
          f"that they fit, of {sum(f == [False, True] for f in fits)} only the "
          "compiler")
    for name, off in errors(results).items():
        print(f"{name:17} off by {numpy.median(off):6.1%} (median), "
              f"{off[int(len(off) * 0.9)]:6.1%} (nine of ten), "
              f"{off[-1]:6.1%} at most")
    times = 1000 * numpy.array([times for _, times, _ in results])
    for name, each in zip(("estimate", "compile"), times.T):
        print(f"{name:8} {numpy.median(each):6.0f} ms (median), "
              f"{each.max():6.0f} ms at most")


if __name__ == "__main__":
    main()
