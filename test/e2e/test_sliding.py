"""Convolutions of pixels that are shifted in as they arrive, against ONNX
Runtime: no class differs.

Random networks of one to three convolutions, in one or two dimensions, with
padding, strides, dilations, groups, an activation, a max pool before or behind it
or none, overlapping or not, and a dense layer or an average of all positions
before one. And trained ones, whose answers are known, where their files are
beside the checkout.

To look at one: test_sliding.py NUMBER FOLDER writes it there. More of them:
test_sliding.py --count=N [--first=N].
"""

import argparse
import dataclasses
import pathlib
import sys
import tempfile
import unittest

import numpy
import onnx
from onnx import TensorProto, helper

from networks import Graph
from support import (BIN, LEVELS, SHARED, EndToEndTest, complaint, expand,
                     for_each, is_refused, ort_classes, run)

NETWORKS = 160
BATCH = 20
ROWS = 60
KERNELS = ((-1, 1), (-1, 0, 1), (-4, -3, -2, -1, 0, 1, 2, 3), (-5, 0, 2, 7),
           tuple(range(-8, 8)), (-8, -4, 4, 8), tuple(range(-20, 21)),
           tuple(range(-128, 128)))
DENSE = ((-1, 1), (-1, 0, 1), (0, 1), (-1, 0), (-2, 0, 2), (-2, -1, 1, 2),
         (-4, -3, -2, -1, 0, 1, 2, 3))
DEVICES = ("pms150c", "pms171b", "pfs154", "pfs173", "pms133")
CONV = SHARED / "conv"
# What a first convolution, one behind it and a fed layer can be computed by.
CONV_METHODS = ("lanes", "lanes-unrolled", "straight", "windows-shifted",
                "windows-shifted-small")
FED_METHODS = ("digits", "digits-counted", "digits-wide", "digits-unrolled",
               "packed")


class Layers:
    """A network as it grows: a tensor of channels by space."""

    def __init__(self, network, space, x):
        self.network, self.space, self.x = network, space, x
        self.channels, self.most = 1, 0  # the most that an element can be

    def convolve(self, is_first):
        """A convolution with its activation and, now and then, a pool."""
        network = self.network
        choose, random = network.choose, network.random
        constant, node = network.constant, network.node
        space, rank = self.space, len(self.space)
        kernel = [choose.randint(1, min(5, size)) for size in space]
        dilations = [choose.choice((1, 1, 1, 2)) if (k - 1) * 2 < size else 1
                     for k, size in zip(kernel, space)]
        strides = [choose.choice((1, 1, 1, 2, 3)) for _ in space]
        pads = [choose.choice((0, 0, 1, 2) if is_first else (0, 0, 0, 0, 1))
                for _ in range(2 * rank)]
        groups = choose.choice((1, 1, self.channels))
        channels = groups * choose.randint(1, max(1, 8 // groups))
        weights = random.choice(choose.choice(KERNELS),
                                (channels, self.channels // groups, *kernel))
        x = node("Conv", self.x, constant(weights),
                 constant(random.integers(-12, 6, channels)),
                 kernel_shape=kernel, pads=pads, strides=strides,
                 dilations=dilations, group=groups)
        sums = weights[0].size * self.most * numpy.abs(weights).max()
        shift = choose.choice((0, 1, max(int(sums).bit_length() - 4, 0),
                               max(int(sums).bit_length() - 6, 0)))
        clip = choose.choice((1, 3, 15, 15, 255))
        positions = [(size + pads[i] + pads[rank + i] -
                      (kernel[i] - 1) * dilations[i] - 1) // strides[i] + 1
                     for i, size in enumerate(space)]
        pool = [min(choose.randint(1, 5), size) for size in positions]
        pool_strides = [choose.choice((size, size, 1, 2)) for size in pool]
        pools = choose.choice(("behind", "behind", "before", "never"))

        def pooled(x):
            nonlocal positions
            positions = [(size - p) // s + 1
                         for size, p, s in zip(positions, pool, pool_strides)]
            return node("MaxPool", x, kernel_shape=pool, strides=pool_strides)

        if pools == "before":
            x = pooled(x)
        falls = choose.random() < 0.15
        x = node("Mul", x, constant((-1 if falls else 1) * 2.0**-shift))
        x = node("Clip", node("Floor", x), constant(0), constant(clip))
        if pools == "behind":
            x = pooled(x)
        self.x, self.space, self.channels = x, positions, channels
        self.most = clip


def make_network(number):
    """The file's bytes, rows of pixels, options and device."""
    network = Graph(number)
    choose, random = network.choose, network.random
    constant, node = network.constant, network.node
    rank = choose.choice((1, 2, 2, 2))
    convolutions = choose.choice((1, 1, 2, 2, 3))
    space = [choose.randint(4, 40 if rank == 1 else 13) for _ in range(rank)]
    bits = choose.choice((1, 1, 2, 3, 4, 8))
    # Raw pixels, with a sign or without, or those that the network computes
    # with.
    raw = choose.choice((0, 1, 2))
    low, high = (0, 2**bits - 1) if raw == 0 else (0, 255)
    if raw == 0 and bits == 8 and choose.random() < 0.5:
        low, high = -128, 127
    x = "input"
    if raw:
        x = node("Add", x, constant(choose.randint(0, 255) - 127
                                    if bits == 1 else choose.randint(0, 15)))
        x = node("Floor", node("Mul", x, constant(2.0**(bits - 8))))
        x = node("Clip", x, constant(0), constant(2**bits - 1))
    layers = Layers(network, space, x)
    layers.most = 2**bits - 1
    for i in range(convolutions):
        layers.convolve(i == 0)
    x, features = layers.x, layers.channels
    count = int(numpy.prod(layers.space))
    if choose.random() < 0.2:
        # The average, whose rounding is undone.
        x = node("GlobalAveragePool", x)
        x = node("Round", node("Mul", x, constant(count)))
        x = node("Floor", node("Mul", x, constant(1 / 8)))
    else:
        features *= count
    classes = choose.randint(2, 10)
    x = node("Flatten", x, axis=1)
    x = node("Gemm", x,
             constant(random.choice(choose.choice(DENSE),
                                    (features, classes))),
             constant(random.integers(-20, 20, classes)))
    x = node("ArgMax", x, axis=1, keepdims=0)
    rows = random.integers(low, high + 1, (ROWS, int(numpy.prod(space))))
    rows[0], rows[1] = low, high
    # As images are: mostly background.
    rows[2::2] *= random.random(rows[2::2].shape) < 0.3
    return (save(network, x, [1, 1, *space]), rows.reshape(ROWS, 1, *space),
            [f"--input-range={low}:{high}", choose.choice(LEVELS),
             choose.choice(("--input=stream", "--input=auto",
                            "--input=buffer"))],
            choose.choice(DEVICES))


def save(network, x, shape):
    """The file's bytes."""
    graph = helper.make_graph(
        network.nodes, "network",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(x, TensorProto.INT64, [1])],
        network.tensors)
    model = helper.make_model(graph,
                              opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model.SerializeToString()


@dataclasses.dataclass
class Series:
    """A network on samples over time: its convolutions as channels, kernel,
    stride, dilation and groups, their average or all of them to classes."""
    name: str
    shape: tuple
    convolutions: tuple
    averages: bool
    mcu: str

    def make(self):
        """The file's bytes, and 1,000 rows."""
        network = Graph(1)
        random, constant, node = (network.random, network.constant,
                                  network.node)
        x, (channels, length) = "input", self.shape
        for outputs, kernel, stride, dilation, groups in self.convolutions:
            weights = random.integers(-3, 4, (outputs, channels // groups,
                                              kernel))
            x = node("Conv", x, constant(weights),
                     constant(random.integers(0, 60, outputs)),
                     kernel_shape=[kernel], strides=[stride],
                     dilations=[dilation], group=groups)
            x = node("Mul", x, constant(2.0**(-5 if channels == 1 else -2)))
            x = node("Clip", node("Floor", x), constant(0), constant(15))
            channels = outputs
            length = (length - (kernel - 1) * dilation - 1) // stride + 1
        features = channels * length
        if self.averages:
            x = node("Mul", node("GlobalAveragePool", x), constant(length))
            x = node("Clip", node("Floor", node("Mul", node("Round", x),
                                                constant(1 / 2))),
                     constant(0), constant(127))
            features = channels
        x = node("Flatten", x, axis=1)
        # As many of each weight in each class, so that none wins always.
        weights = numpy.resize((-1, 1), (5, features))
        x = node("Gemm", x, constant(random.permuted(weights, axis=1).T),
                 constant(random.integers(-2, 3, 5)))
        x = node("ArgMax", x, axis=1, keepdims=0)
        return (save(network, x, [1, *self.shape]),
                random.integers(-128, 128, (1000, *self.shape)))


SERIES = (
    Series("180_samples", (1, 180), ((4, 8, 4, 1, 1), (8, 5, 4, 1, 1)), False,
           "pfs154"),
    Series("64_samples", (1, 64), ((8, 8, 8, 1, 1),), False, "pms150c"),
    Series("96_samples_depthwise", (1, 96),
           ((3, 4, 4, 1, 1), (3, 5, 1, 2, 3), (8, 1, 1, 1, 1)), True,
           "pfs154"),
)


def write(folder, number):
    """Model, samples and answers as files; options and device."""
    model, rows, options, mcu = make_network(number)
    paths = [folder / name for name in ("model.onnx", "rows.u8", "classes.u8")]
    paths[0].write_bytes(model)
    rows.astype(numpy.uint8).tofile(paths[1])
    classes = numpy.concatenate([ort_classes(model, row[None])
                                 for row in rows])
    classes.astype(numpy.uint8).tofile(paths[2])
    return paths, options, mcu, rows[0].size


def with_methods(text, conv, fed):
    """A network's text with these methods, those of convolutions that are fed
    being others where they have to; the first dense layer is fed.
    """
    lines, convolutions, layers = [], 0, 0
    for line in text.splitlines():
        method = None
        if "lowbit.conv " in line:
            shifts = convolutions == 0 or conv.startswith("windows")
            method = conv if shifts else "windows-shifted"
            convolutions += 1
        elif "lowbit.dense " in line:
            method = fed if layers == 0 else None
            layers += 1
        if method:
            at = line.rindex(" : tensor<", 0, line.rindex("->"))
            line = f'{line[:at]} {{method = "{method}"}}{line[at:]}'
        lines.append(line)
    return "\n".join(lines)


def compile_it(folder, model, samples, options, mcu):
    """The program, and what pdkc did."""
    program = folder / "program.ihx"
    program.unlink(missing_ok=True)
    return program, run(BIN / "pdkc", model, "-o", program, "--emit=module",
                        f"--samples={samples}", f"--mcu={mcu}", *options)


def compare(program, samples, expected, mcu, inputs):
    """None where all classes are the expected ones, or the trouble."""
    simulated = run(BIN / "pdk-sim", program, f"--mcu={mcu}",
                    f"--samples={samples}", f"--expected={expected}",
                    f"--inputs={inputs}")
    return complaint(simulated) if simulated.returncode else None


def check_network(folder, number):
    """Whether the network fits; None where all is well, or the trouble."""
    (model, samples, expected), options, mcu, inputs = write(folder, number)
    program, compiled = compile_it(folder, model, samples, options, mcu)
    if compiled.returncode:
        return (not is_refused(compiled),
                None if is_refused(compiled) else complaint(compiled))
    return True, compare(program, samples, expected, mcu, inputs)


@expand
class SlidingTest(EndToEndTest):

    def check(self, number):
        return check_network(self.folder, number)

    @for_each(range(0, NETWORKS, BATCH), lambda first: f"from_{first:03}")
    def test_networks(self, first):
        self.check_numbers(range(first, first + BATCH))

    def test_sums_of_nine_bits(self):
        """Of pixels of one bit, which lanes of a byte do not hold."""
        self.check_numbers([2032])

    @for_each(range(0, 40, BATCH), lambda first: f"from_{first:03}")
    def test_methods(self, first):
        """By each method that a plan could have taken, on a large device."""
        network = self.folder / "network.mlir"
        pairs = [(conv, "looped") for conv in CONV_METHODS] + [
            ("windows-shifted", fed) for fed in FED_METHODS]
        tried = 0
        for number in range(first, first + BATCH):
            (model, samples, expected), options, _, inputs = write(
                self.folder, number)
            options = [options[0], "--input=stream"]
            self.pdkc(model, network, "--emit=lowbit", *options)
            text = network.read_text()
            for conv, fed in pairs:
                network.write_text(with_methods(text, conv, fed))
                program, compiled = compile_it(self.folder, network, samples,
                                               ["--input=stream"], "pms133")
                at = f"network {number}, {conv}, {fed}"
                # Not every method can do everything.
                if compiled.returncode:
                    self.assertIn("error: ", compiled.stderr, at)
                    self.assertEqual(compiled.returncode, 1, at)
                    continue
                self.assertIsNone(compare(program, samples, expected,
                                          "pms133", inputs), at)
                tried += 1
        self.note = f"{tried} programs"
        self.assertGreaterEqual(tried, BATCH // 2)

    @for_each(SERIES, lambda series: series.name)
    def test_series(self, series):
        """Convolutions over time in tens of bytes; exact."""
        model, rows = series.make()
        paths = [self.folder / name
                 for name in ("model.onnx", "rows.u8", "classes.u8")]
        paths[0].write_bytes(model)
        rows.astype(numpy.int8).tofile(paths[1])
        numpy.concatenate([ort_classes(model, row[None]) for row in rows]
                          ).astype(numpy.uint8).tofile(paths[2])
        _, measured, _ = self.compile_and_run(
            paths[0], paths[1], "--input-range=-128:127", mcu=series.mcu,
            expected=paths[2])
        self.assertEqual(measured["different"], 0)

    @unittest.skipUnless(CONV.is_dir(), "the trained ones are not here")
    @for_each((
        ("conv5x5_15_pool5_24x24_1bit", "t10k_24x24_uint8_2000", "pms150c"),
        ("patch4x4s3_12_tern", "t10k_10x10_uint8", "pms150c"),
    ), lambda case: case[0])
    def test_trained(self, case):
        """Exact on all images, in less RAM than the image takes."""
        name, images, mcu = case
        _, measured, _ = self.compile_and_run(
            CONV / f"{name}.onnx", CONV / f"{images}.raw",
            "--input-range=0:255", mcu=mcu,
            expected=CONV / f"{name}.expected.raw")
        self.assertEqual(measured["different"], 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("look", nargs="*")
    arguments = parser.parse_args()
    if arguments.look:
        number, folder = arguments.look
        paths, options, mcu, _ = write(pathlib.Path(folder), int(number))
        print("pdkc", paths[0], *options, f"--mcu={mcu}",
              f"--samples={paths[1]}")
        return 0
    fitting = different = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(arguments.first,
                            arguments.first + arguments.count):
            fits, trouble = check_network(pathlib.Path(folder), number)
            fitting += fits
            if trouble:
                different += 1
                print(f"network {number}: {trouble}", flush=True)
    print(f"{arguments.count} networks, {fitting} fit, {different} in trouble")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
