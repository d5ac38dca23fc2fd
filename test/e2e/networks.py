"""Random networks of integers, as ONNX files of float operators on integers or
as text of the lowbit dialect.
"""

import dataclasses
import random as any_random

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

CODEBOOKS = {
    "ternary": (-1, 0, 1),
    "binary": (-1, 1),
    "ones_and_threes": (-3, -1, 1, 3),
    "ones_and_twos": (-2, -1, 1, 2),
    "powers_of_two": (-8, -4, -2, -1, 1, 2, 4, 8),
    "int3": tuple(range(-4, 4)),
    "int4": tuple(range(-8, 8)),
    "irregular": (-5, 0, 2, 7),
}


@dataclasses.dataclass
class Layer:
    weights: numpy.ndarray  # inputs x outputs
    biases: numpy.ndarray | None = None
    shift: int = 0
    clip: tuple | None = None  # None in the last layer


@dataclasses.dataclass
class Network:
    layers: list
    low: int
    high: int

    @property
    def inputs(self):
        return self.layers[0].weights.shape[0]

    def option(self):
        return f"--input-range={self.low}:{self.high}"

    def evaluate(self, rows):
        """The classes, in integers."""
        x = numpy.asarray(rows, numpy.int64)
        for layer in self.layers:
            x = x @ layer.weights
            if layer.biases is not None:
                x = x + layer.biases
            if layer.clip:
                x = numpy.clip(x >> layer.shift, *layer.clip)
        return x.argmax(axis=1)

    def samples(self, random, count):
        """Random rows, the corners of the range among them."""
        rows = random.integers(self.low, self.high + 1, (count, self.inputs))
        rows[0], rows[1] = self.low, self.high
        if self.low <= 0 <= self.high:
            rows[2] = 0
            # As images are: mostly background.
            rows[3::3] *= random.random(rows[3::3].shape) < 0.4
        return rows

    def to_onnx(self, batch=1, divide=False):
        """The file's bytes; batch None stands for any."""
        nodes, tensors = [], []

        def constant(name, values):
            tensors.append(numpy_helper.from_array(
                numpy.asarray(values, numpy.float32), name))
            return name

        def node(operator, *inputs, **attributes):
            name = f"{operator.lower()}_{len(nodes)}"
            nodes.append(helper.make_node(operator, inputs, [name], name,
                                          **attributes))
            return name

        x = "input"
        for i, layer in enumerate(self.layers):
            x = node("MatMul", x, constant(f"weights{i}", layer.weights))
            if layer.biases is not None:
                x = node("Add", x, constant(f"biases{i}", layer.biases))
            if not layer.clip:
                continue
            if layer.shift:
                step = 2.0**layer.shift
                x = (node("Div", x, constant(f"step{i}", step)) if divide else
                     node("Mul", x, constant(f"step{i}", 1 / step)))
                x = node("Floor", x)
            x = node("Clip", x, constant(f"low{i}", layer.clip[0]),
                     constant(f"high{i}", layer.clip[1]))
        x = node("ArgMax", x, axis=1, keepdims=0)
        batch = batch or "batch"
        graph = helper.make_graph(
            nodes, "network",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT,
                                           [batch, self.inputs])],
            [helper.make_tensor_value_info(x, TensorProto.INT64, [batch])],
            tensors)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 13)])
        model.ir_version = 8
        onnx.checker.check_model(model)
        return model.SerializeToString()

    def to_lowbit(self, method=None, raw=None):
        """The network as text of the lowbit dialect.

        Layers get the method, where one is given. With raw = (low, high, shift)
        the device hands over integers of that range, of which the network's
        inputs are made by a shift.
        """
        lines, low, high = [], self.low, self.high

        def tensor(count, bounds):
            return f"tensor<{count}x!lowbit.int<{bounds[0]}, {bounds[1]}>>"

        def line(count, bounds, text, before):
            lines.append(f"  %{len(lines) + 1} = lowbit.{text} : "
                         f"{tensor(*before)} -> {tensor(count, bounds)}")
            return count, bounds

        x = self.inputs, raw[:2] if raw else (low, high)
        head = f"func.func @model(%0: {tensor(*x)})"
        if raw:
            x = line(self.inputs, (low, high), f"requant %0 shift {raw[2]} "
                     f"clamp {low} to {high}", x)
        attributes = f' {{method = "{method}"}}' if method else ""
        for layer in self.layers:
            weights = layer.weights.T
            codebook, codes = numpy.unique(weights, return_inverse=True)
            bits = 8 if len(codebook) <= 256 else 16
            codes = codes.reshape(weights.shape).astype(f"uint{bits}")
            biases = (numpy.zeros(len(weights), int) if layer.biases is None
                      else layer.biases)
            ends = weights * x[1][0], weights * x[1][1]
            x = line(len(weights),
                     ((numpy.minimum(*ends).sum(1) + biases).min(),
                      (numpy.maximum(*ends).sum(1) + biases).max()),
                     f"dense %{len(lines)} weights "
                     f"dense<{codes.astype(f'int{bits}').tolist()}> : tensor<"
                     f"{weights.shape[0]}x{weights.shape[1]}xi{bits}> of "
                     f"{codebook.tolist()} bias {biases.tolist()}{attributes}",
                     x)
            if layer.clip:
                low, high = layer.clip
                x = line(len(weights), layer.clip,
                         f"requant %{len(lines)} shift {layer.shift} "
                         f"clamp {low} to {high}", x)
        classes = 1, (0, x[0] - 1)
        line(*classes, f"argmax %{len(lines)}", x)
        return "\n".join([f"{head} -> {tensor(*classes)} {{", *lines,
                          f"  return %{len(lines)} : {tensor(*classes)}",
                          "}", ""])


def fitted(random, widths, codebooks, low, high, clips, biased=True,
           max_shift=8):
    """A random network whose activations spread over their ranges.

    A codebook may be a function of the random numbers and the weights' shape.
    """
    rows = random.integers(low, high + 1, (500, widths[0]))
    layers = []
    for i, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        codebook = codebooks[i % len(codebooks)]
        weights = (codebook(random, (inputs, outputs)) if callable(codebook)
                   else random.choice(codebook, (inputs, outputs)))
        sums = rows @ weights
        layer = Layer(weights)
        last = i == len(widths) - 2
        if biased:
            middle = sums.mean(axis=0)
            noise = random.normal(0, sums.std() / 2 + 1, outputs)
            layer.biases = numpy.rint(noise - middle).astype(numpy.int64)
            sums = sums + layer.biases
        if not last:
            layer.clip = clips[i % len(clips)]
            largest = max(abs(layer.clip[0]), abs(layer.clip[1]))
            spread = max(2 * sums.std(), 1) / largest
            layer.shift = int(numpy.clip(numpy.rint(numpy.log2(spread)), 0,
                                         max_shift))
            sums = numpy.clip(sums >> layer.shift, *layer.clip)
        layers.append(layer)
        rows = sums
    return Network(layers, low, high)


def write(folder, network, rows, classes, **form):
    """Model, samples and expected classes as files; their paths."""
    paths = [folder / name for name in ("model.onnx", "rows.u8", "classes.u8")]
    paths[0].write_bytes(network.to_onnx(**form))
    numpy.asarray(rows).astype(numpy.int64).astype(numpy.uint8).tofile(paths[1])
    numpy.asarray(classes).astype(numpy.uint8).tofile(paths[2])
    return paths


class Graph:
    """The nodes of a quantised network in the making, with its luck."""

    def __init__(self, seed):
        self.random = numpy.random.default_rng(seed)
        self.choose = any_random.Random(seed)
        self.nodes, self.tensors = [], []

    def constant(self, values, kind=numpy.float32):
        name = f"c{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(
            numpy.asarray(values, kind), name))
        return name

    def node(self, operator, *inputs, **attributes):
        name = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name,
                                           **attributes))
        return name

    def quantised(self, x, scale, kind, zero_point):
        scale = self.constant(scale)
        zero_point = self.constant(zero_point, kind)
        x = self.node("QuantizeLinear", x, scale, zero_point)
        return self.node("DequantizeLinear", x, scale, zero_point)

    def weights(self, shape, bits):
        most = 2 ** (bits - 1) - 1
        codes = self.constant(self.random.integers(-most, most + 1, shape),
                              numpy.int8)
        return self.node("DequantizeLinear", codes,
                         self.constant(self.random.uniform(0.005, 0.1)),
                         self.constant(0, numpy.int8))

    def write(self, path, x, shape, kind=TensorProto.FLOAT):
        """The model that makes x of the input "x"."""
        model = helper.make_model(helper.make_graph(
            self.nodes, "graph",
            [helper.make_tensor_value_info("x", kind, shape)],
            [helper.make_tensor_value_info(x, TensorProto.FLOAT, None)],
            self.tensors),
            opset_imports=[helper.make_opsetid("", 13),
                           helper.make_opsetid("ai.onnx.ml", 3)], ir_version=8)
        onnx.save(model, path)
