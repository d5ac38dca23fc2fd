"""Convolutions of pixels that are shifted in as they arrive, against ONNX
Runtime: no class differs.

Random networks of one convolution of one channel, in one or two dimensions,
with padding, strides, dilations, an activation, a max pool before or behind it
or none, overlapping or not, and a dense layer. And trained ones, whose answers
are known, where their files are beside the checkout.

To look at one: test_sliding.py NUMBER FOLDER writes it there.
"""

import pathlib
import sys
import unittest

import numpy
import onnx
from onnx import TensorProto, helper

from networks import Graph
from support import (BIN, LEVELS, SHARED, EndToEndTest, complaint, expand,
                     for_each, is_refused, ort_classes, run)

NETWORKS = 120
BATCH = 10
ROWS = 60
KERNELS = ((-1, 1), (-1, 0, 1), (-4, -3, -2, -1, 0, 1, 2, 3), (-5, 0, 2, 7),
           tuple(range(-8, 8)), (-8, -4, 4, 8), tuple(range(-20, 21)))
DENSE = ((-1, 1), (-1, 0, 1), (-2, -1, 1, 2), (-4, -3, -2, -1, 0, 1, 2, 3))
DEVICES = ("pms150c", "pms171b", "pfs154", "pfs173")
CONV = SHARED / "conv"


def make_network(number):
    """The file's bytes, rows of pixels, options and device."""
    network = Graph(number)
    choose, random = network.choose, network.random
    constant, node = network.constant, network.node
    rank = choose.choice((1, 2, 2, 2))
    space = [choose.randint(4, 30 if rank == 1 else 13) for _ in range(rank)]
    bits = choose.choice((1, 1, 2, 3, 4))
    kernel = [choose.randint(1, min(5, size)) for size in space]
    dilations = [choose.choice((1, 1, 1, 2)) if (k - 1) * 2 < size else 1
                 for k, size in zip(kernel, space)]
    strides = [choose.choice((1, 1, 1, 2, 3)) for _ in space]
    pads = [choose.choice((0, 0, 1, 2)) for _ in range(2 * rank)]
    channels = choose.randint(1, 8)
    # Raw pixels, or those that the network computes with.
    raw = choose.choice((0, 1, 2))
    low, high = (0, 2**bits - 1) if raw == 0 else (0, 255)
    x = "input"
    if raw:
        x = node("Add", x, constant(choose.randint(0, 255) - 127
                                    if bits == 1 else choose.randint(0, 15)))
        x = node("Floor", node("Mul", x, constant(2.0**(bits - 8))))
        x = node("Clip", x, constant(0), constant(2**bits - 1))
    weights = random.choice(choose.choice(KERNELS), (channels, 1, *kernel))
    biases = random.integers(-12, 6, channels)
    x = node("Conv", x, constant(weights), constant(biases),
             kernel_shape=kernel, pads=pads, strides=strides,
             dilations=dilations)
    taps = weights[0].size * 2**(bits - 1)
    shift = choose.choice((0, 0, 1, max(taps.bit_length() - 2, 0)))
    clip = choose.choice((1, 3, 15, 15, 255))
    positions = [(size + pads[i] + pads[rank + i] -
                  (kernel[i] - 1) * dilations[i] - 1) // strides[i] + 1
                 for i, size in enumerate(space)]
    pool = [min(choose.randint(1, 5), size) for size in positions]
    pool_strides = [choose.choice((size, size, 1, 2)) for size in pool]
    pools = choose.random() < 0.7
    falls = choose.random() < 0.15
    if pools and choose.random() < 0.2:
        x = node("MaxPool", x, kernel_shape=pool, strides=pool_strides)
        pools, positions = False, [
            (size - p) // s + 1
            for size, p, s in zip(positions, pool, pool_strides)]
    x = node("Mul", x, constant((-1 if falls else 1) * 2.0**-shift))
    x = node("Clip", node("Floor", x), constant(0), constant(clip))
    if pools:
        x = node("MaxPool", x, kernel_shape=pool, strides=pool_strides)
        positions = [(size - p) // s + 1
                     for size, p, s in zip(positions, pool, pool_strides)]
    features = channels * int(numpy.prod(positions))
    classes = choose.randint(2, 10)
    x = node("Flatten", x, axis=1)
    x = node("Gemm", x,
             constant(random.choice(choose.choice(DENSE),
                                    (features, classes))),
             constant(random.integers(-20, 20, classes)))
    x = node("ArgMax", x, axis=1, keepdims=0)
    graph = helper.make_graph(
        network.nodes, "network",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT,
                                       [1, 1, *space])],
        [helper.make_tensor_value_info(x, TensorProto.INT64, [1])],
        network.tensors)
    model = helper.make_model(graph,
                              opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    rows = random.integers(low, high + 1, (ROWS, int(numpy.prod(space))))
    rows[0], rows[1] = low, high
    # As images are: mostly background.
    rows[2::2] *= random.random(rows[2::2].shape) < 0.3
    return (model.SerializeToString(), rows.reshape(ROWS, 1, *space),
            [f"--input-range={low}:{high}", choose.choice(LEVELS),
             choose.choice(("--input=stream", "--input=auto",
                            "--input=buffer"))],
            choose.choice(DEVICES))


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


@expand
class SlidingTest(EndToEndTest):

    def check(self, number):
        """Whether the network fits; None where all is well, or the trouble."""
        (model, samples, expected), options, mcu, inputs = write(self.folder,
                                                                 number)
        program = self.folder / "program.ihx"
        program.unlink(missing_ok=True)
        compiled = run(BIN / "pdkc", model, "-o", program, "--emit=module",
                       f"--samples={samples}", f"--mcu={mcu}", *options)
        if compiled.returncode:
            return (not is_refused(compiled),
                    None if is_refused(compiled) else complaint(compiled))
        simulated = run(BIN / "pdk-sim", program, f"--mcu={mcu}",
                        f"--samples={samples}", f"--expected={expected}",
                        f"--inputs={inputs}")
        return True, complaint(simulated) if simulated.returncode else None

    @for_each(range(0, NETWORKS, BATCH), lambda first: f"from_{first:03}")
    def test_networks(self, first):
        self.check_numbers(range(first, first + BATCH))

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
    paths, options, mcu, _ = write(pathlib.Path(sys.argv[2]),
                                   int(sys.argv[1]))
    print("pdkc", paths[0], *options, f"--mcu={mcu}", f"--samples={paths[1]}")


if __name__ == "__main__":
    main()
