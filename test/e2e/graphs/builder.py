"""Builds an ONNX graph piece by piece, in any opset from 7 to 25.

Pieces (the other files of this folder) are functions of a Builder and of tensor
names; they add nodes and return the name of what they made. The operators whose
form depends on the opset are methods here. look() runs what is built so far in
ONNX Runtime on a few inputs, so that pieces see shapes and choose scales that
fit what really flows.
"""

import random as any_random

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented

from reference import make_session

IR_VERSIONS = ((25, 12), (23, 11), (21, 10), (19, 9), (0, 8))
SAMPLES = 12


class Unsuitable(Exception):
    """The piece has no form in this opset or for this tensor."""


class Builder:

    def __init__(self, seed, opset):
        self.random = any_random.Random(seed)
        self.noise = numpy.random.default_rng(seed)
        self.opset = opset
        self.nodes, self.constants = [], {}
        self.domains = {"": opset}
        self.functions = []
        self.tags = []  # names of the pieces, for reports
        self.serial = 0
        self.seen = {}  # results of look()
        self.prefix = self.random.choice(("", "/model/", "net.", "main::"))
        # Constants that are equal are one initializer, as in Brevitas' files.
        self.merge = self.random.random() < 0.3
        self.power_of_two = self.random.random() < 0.4
        self.options = []
        self.inputs = {}  # by name: shape, kind, a few values for look()
        self.input = "input"  # the one that pieces set
        self.is_wide = False  # the device hands over more than bytes
        self.two_codes = False  # the device hands over -1 and 1, no 0

    # Choices --------------------------------------------------------------

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, *choices):
        return self.random.choice(choices)

    def needs(self, opset):
        if self.opset < opset:
            raise Unsuitable

    def tag(self, name):
        self.tags.append(name)

    def try_pieces(self, pieces, *arguments):
        """Applies a random piece of those that suit; its result."""
        pieces = list(pieces)
        while pieces:
            piece = pieces.pop(self.random.randrange(len(pieces)))
            state = (len(self.nodes), len(self.tags), dict(self.domains),
                     len(self.options))
            try:
                self.tag(piece.__name__)
                return piece(self, *arguments)
            except Unsuitable:
                del self.nodes[state[0]:], self.tags[state[1]:]
                del self.options[state[3]:]
                self.domains = state[2]
        raise Unsuitable

    # Inputs, constants, nodes ---------------------------------------------

    def set_input(self, shape, values, kind=TensorProto.FLOAT, batch=1):
        """Declares the graph's input; values: a few inputs for look()."""
        self.batch = batch
        dtype = helper.tensor_dtype_to_np_dtype(kind)
        values = [numpy.asarray(v).astype(dtype).reshape(shape)
                  for v in values]
        self.inputs[self.input] = shape, kind, values
        self.seen[self.input] = numpy.array(values)
        return self.input

    def tell(self, option, value):
        """An option of pdkc that says what the input is."""
        name = "" if self.input == "input" else self.input + "="
        self.options.append(f"--{option}={name}{value}")

    def name(self, stem):
        self.serial += 1
        return f"{self.prefix}{stem.lower()}_{self.serial}"

    def constant(self, values, dtype=numpy.float32, stem="constant"):
        """An initializer; dtype: of NumPy, or an ONNX data type."""
        if isinstance(dtype, int) and not isinstance(dtype, type):
            values = numpy.asarray(values)
            tensor = helper.make_tensor("", dtype, values.shape,
                                        values.ravel().tolist())
        else:
            tensor = numpy_helper.from_array(
                numpy.asarray(values, dtype, order="C"))
        if self.merge:
            for name, other in self.constants.items():
                tensor.name = name
                if other == tensor:
                    return name
        tensor.name = self.name(stem)
        self.constants[tensor.name] = tensor
        return tensor.name

    def integers(self, *values):
        return self.constant(values, numpy.int64, "dims")

    def node(self, operator, *inputs, domain="", outputs=1, **attributes):
        """Adds a node; the name of its output, or of its outputs."""
        made = [self.name(operator) for _ in range(outputs)]
        if domain:
            self.domains.setdefault(domain, 1)
        self.nodes.append(helper.make_node(
            operator, list(inputs), made, self.name("node_" + operator),
            domain=domain, **attributes))
        return made[0] if outputs == 1 else made

    # Operators whose form depends on the opset ------------------------------

    def clip(self, x, low, high, dtype=numpy.float32):
        if self.opset >= 11:
            if dtype != numpy.float32:
                self.needs(12)
            bounds = ["" if b is None else self.constant(b, dtype)
                      for b in (low, high)]
            return self.node("Clip", x, *(bounds if bounds[1]
                                          else bounds[:1]))
        if dtype != numpy.float32:
            raise Unsuitable
        limits = {k: float(v) for k, v in (("min", low), ("max", high))
                  if v is not None}
        return self.node("Clip", x, **limits)

    def with_axes(self, operator, x, axes, since, **attributes):
        if self.opset >= since:
            return self.node(operator, x, self.integers(*axes), **attributes)
        return self.node(operator, x, axes=list(axes), **attributes)

    def unsqueeze(self, x, *axes):
        return self.with_axes("Unsqueeze", x, axes, 13)

    def squeeze(self, x, *axes):
        return self.with_axes("Squeeze", x, axes, 13)

    def reduce(self, operator, x, axes, keepdims):
        since = 13 if operator == "ReduceSum" else 18
        return self.with_axes(operator, x, axes, since, keepdims=keepdims)

    def slice(self, x, starts, ends, axes, steps=None):
        if self.opset >= 10:
            lists = [starts, ends, axes] + ([steps] if steps else [])
            return self.node("Slice", x, *[self.integers(*v) for v in lists])
        if steps:
            raise Unsuitable
        return self.node("Slice", x, starts=starts, ends=ends, axes=axes)

    def pad(self, x, pads, value=0.0):
        if self.opset >= 11:
            extra = [self.constant(value)] if value or self.chance(0.5) else []
            return self.node("Pad", x, self.integers(*pads), *extra,
                             mode="constant")
        return self.node("Pad", x, pads=pads, value=value, mode="constant")

    def round(self, x):
        self.needs(11)
        return self.node("Round", x)

    def cast(self, x, kind):
        return self.node("Cast", x, to=kind)

    # Looking and finishing --------------------------------------------------

    def look(self, name):
        """What a tensor is for the few inputs: samples x its shape."""
        if name not in self.seen:
            try:
                session = make_session(self.model([name]))
            except NotImplemented as error:  # ONNX Runtime lacks the kernel
                raise Unsuitable from error
            count = len(self.inputs[self.input][2])
            self.seen[name] = numpy.array([
                session.run(None, {n: values[i % len(values)] for n, (
                    _, _, values) in self.inputs.items()})[0]
                for i in range(count)])
        return self.seen[name]

    def shape(self, name):
        """The shape of a tensor, its batch dimension with it."""
        return list(self.look(name).shape[1:])

    def model(self, outputs):
        """The ModelProto with these outputs, without declared types."""
        inputs = []
        for name, (shape, kind, _) in self.inputs.items():
            if shape and self.batch != 1:
                shape = [self.batch, *shape[1:]]
            inputs.append(helper.make_tensor_value_info(name, kind, shape))
        graph = helper.make_graph(
            self.nodes, "graph", inputs,
            [onnx.ValueInfoProto(name=n) for n in outputs],
            self.used_constants())
        model = helper.make_model(graph, opset_imports=[
            helper.make_opsetid(d, v) for d, v in self.domains.items()])
        model.functions.extend(self.functions)
        model.ir_version = next(ir for opset, ir in IR_VERSIONS
                                if self.opset >= opset)
        return model

    def used_constants(self):
        used = {i for n in self.nodes for i in n.input}
        return [t for name, t in self.constants.items() if name in used]
