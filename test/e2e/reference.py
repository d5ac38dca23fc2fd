"""A model in ONNX Runtime, with graph optimisation disabled: the outside check.

Inputs are what the device is handed, bytes; what they are worth at the graph's
input is InputRule's. One inference at a time, with the graph's own batch
(a symbolic one is 1).
"""

import dataclasses
import fractions
import pathlib

import numpy
import onnx
import onnx.inliner
import onnx.shape_inference
import onnxruntime

from qonnx_functions import with_functions

# Operators that move or copy what they get; those that decide; those that a
# decision does not depend on.
MOVES = {"Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose",
         "Unsqueeze"}
DECIDES = {"ArgMax", "ArgMin", "ArrayFeatureExtractor", "TopK"}
NONE = 255  # pdkc's class for a graph's -1
SQUASHES = {"LogSoftmax", "QLinearSigmoid", "QLinearSoftmax", "Sigmoid",
            "Softmax", "Tanh"}
REQUANTISES = {"DequantizeLinear", "IntQuant", "Quant", "QuantizeLinear",
               "Trunc"}
ELEMENTWISE = REQUANTISES | {
    "Abs", "Add", "Ceil", "Clip", "Div", "Floor", "Greater", "GreaterOrEqual",
    "LeakyRelu", "Less", "LessOrEqual", "Max", "Min", "Mul", "MultiThreshold",
    "Neg", "Not", "PRelu", "Pow", "Relu", "Round", "Sign", "Sub", "Sum"}


def session_options():
    """No optimisation, one thread, no messages."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = (
        onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL)
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return options


def make_session(model):
    """A session for a ModelProto, QONNX's operators among its nodes or not."""
    return onnxruntime.InferenceSession(
        with_functions(model).SerializeToString(), session_options(),
        providers=["CPUExecutionProvider"])


def to_float32(value):
    """A fraction rounded once to float32."""
    near = numpy.float32(float(value))
    candidates = [near, numpy.nextafter(near, numpy.float32(-numpy.inf)),
                  numpy.nextafter(near, numpy.float32(numpy.inf))]
    distances = [abs(fractions.Fraction(float(c)) - value) for c in candidates]
    best = min(distances)
    tied = [c for c, d in zip(candidates, distances) if d == best]
    # Ties go to the even significand.
    return next((c for c in tied if not c.view(numpy.uint32) & 1), tied[0])


@dataclasses.dataclass
class InputRule:
    """Integer r of one input is worth (r - zero_point) * scale."""
    low: int
    high: int
    scale: fractions.Fraction = fractions.Fraction(1)
    zero_point: fractions.Fraction = fractions.Fraction(0)
    inputs: int = 0  # values an inference takes
    size: int = 1    # bytes of a value

    def integers(self, data):
        """The integers in bytes, signed where the range is."""
        data = numpy.ascontiguousarray(data, numpy.uint8)
        kind = f"<{'i' if self.low < 0 else 'u'}{self.size}"
        return data.view(kind).astype(int)

    def values(self, data, kind):
        """Bytes as values of the graph's input, of a NumPy type."""
        integers = self.integers(data)
        if not numpy.issubdtype(kind, numpy.floating):
            return integers.astype(kind)
        table = {r: to_float32((r - self.zero_point) * self.scale)
                 for r in numpy.unique(integers)}
        return numpy.array([table[r] for r in integers.ravel()],
                           kind).reshape(integers.shape)

    def samples(self, random, count):
        """Random rows of integers, the corners of the range among them."""
        rows = random.integers(self.low, self.high + 1, (count, self.inputs))
        corners = [self.low, self.high]
        if self.low <= 0 <= self.high:
            # As images are: mostly background.
            rows[3::3] *= random.random(rows[3::3].shape) < 0.4
            corners.append(0)
        for row, corner in zip(rows, corners):
            row[:] = corner
        return rows


@dataclasses.dataclass
class InputRules:
    """Those of all inputs, one after the other, as sample files have them."""
    rules: list

    def __post_init__(self):
        """All values have as many bytes as the widest needs."""
        def size(rule):
            fits = (rule.low >= -128 and rule.high <= 127 if rule.low < 0
                    else rule.high <= 255)
            return 1 if fits else 2
        self.size = max(size(rule) for rule in self.rules)
        for rule in self.rules:
            rule.size = self.size
        self.bytes = self.size * sum(rule.inputs for rule in self.rules)

    def encode(self, integers):
        """Rows of integers as rows of bytes."""
        kind = f"<i{self.size * 2}"
        wide = numpy.ascontiguousarray(integers).astype(kind)
        parts = wide.view(numpy.uint8).reshape(*wide.shape, 2 * self.size)
        return parts[..., :self.size].reshape(len(wide), -1).copy()

    def samples(self, random, count):
        """Random rows of bytes."""
        return self.encode(numpy.hstack(
            [rule.samples(random, count) for rule in self.rules]))

    def split(self, rows):
        """The bytes of each input."""
        ends = numpy.cumsum([rule.inputs for rule in self.rules])[:-1]
        return numpy.hsplit(rows, ends * self.size)


def drop_unread(graph, outputs):
    """Leaves these outputs and the nodes that they need: what else there is
    may be of domains that ONNX Runtime does not have."""
    wanted = [o for o in graph.output if o.name in outputs]
    del graph.output[:]
    graph.output.extend(wanted)
    needed, kept = set(outputs), []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    del graph.node[:]
    graph.node.extend(reversed(kept))


class Reference:
    """One model; raises ValueError or ONNX Runtime's error where it cannot.

    outputs: names of the outputs that are wanted, the first for the class.
    """

    def __init__(self, path, outputs=None):
        self.path = pathlib.Path(path)
        # Functions are taken apart, to see what the output comes from.
        self.model = onnx.inliner.inline_local_functions(onnx.load(path))
        graph = self.model.graph
        self.outputs = list(outputs or [graph.output[0].name])
        self.output = self.outputs[0]
        drop_unread(graph, self.outputs)
        stored = {t.name for t in graph.initializer}
        inputs = [i for i in graph.input if i.name not in stored]
        self.inputs = [i.name for i in inputs]
        self.shapes = [[d.dim_value or 1  # without a number a batch: one
                        for d in i.type.tensor_type.shape.dim] for i in inputs]
        self.kinds = [onnx.helper.tensor_dtype_to_np_dtype(
            i.type.tensor_type.elem_type) for i in inputs]
        self.makers = {o: n for n in graph.node for o in n.output}
        self.varying = set(self.inputs)
        for node in graph.node:
            if self.varying.intersection(node.input):
                self.varying.update(node.output)
        self.session = self._make_session()

    def _make_session(self):
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        # What stands before the squashing and the deciding, as well.
        self.logits = self._before_decision()
        outputs = list(self.outputs)
        if self.logits not in outputs:
            outputs.append(self.logits)
            if self.logits not in {o.name for o in model.graph.output}:
                model.graph.output.append(onnx.ValueInfoProto(
                    name=self.logits))
        self.names = outputs
        return make_session(model)

    def _source(self, name):
        """The node that makes a tensor; moves and copies are looked through."""
        node = self.makers.get(name)
        while node is not None and node.op_type in MOVES:
            node = self.makers.get(node.input[0])
        return node

    def _before_decision(self):
        """The tensor before the last Softmax, Sigmoid, ArgMax and the like."""
        name = found = self.output
        while (node := self.makers.get(name)) is not None:
            if node.op_type not in (MOVES | DECIDES | SQUASHES | REQUANTISES):
                break
            # ArrayFeatureExtractor takes the class second.
            label = node.op_type == "ArrayFeatureExtractor"
            name = node.input[1 if label else 0]
            if node.op_type in DECIDES | SQUASHES:
                found = name
        return found

    def _decision(self):
        """How the first output becomes a class: 'class', 'sigmoid', 'value'."""
        if self._is_class(self.output):
            return "class"
        node = self._source(self.output)
        while node is not None and not node.op_type.endswith("Sigmoid"):
            # Elementwise, of one tensor that is none of the constants'.
            variable = [i for i in node.input if i in self.varying]
            if node.op_type not in ELEMENTWISE or len(variable) != 1:
                return "value"
            node = self._source(variable[0])
        if node is None:
            return "value"
        low, high = self._behind(node.output[0], (0, 1))
        return "sigmoid" if (low > 0.5) != (high > 0.5) else "value"

    def _behind(self, name, values):
        """What the output is where a tensor is made of each of the values."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        graph = model.graph
        for node in graph.node:
            if name in node.output:
                graph.node.remove(node)
                break
        del graph.input[:]
        del graph.output[1:]
        graph.output[0].name = self.output
        graph.input.append(onnx.helper.make_tensor_value_info(
            name, onnx.TensorProto.FLOAT, None))
        drop_unread(graph, [self.output])
        session = make_session(model)
        return [session.run(None, {name: numpy.full(
            self._shape(name), v, numpy.float32)})[0].ravel()[0] for v in values]

    def _shape(self, name):
        """As far as it can be told; a batch is one."""
        inferred = onnx.shape_inference.infer_shapes(with_functions(self.model))
        for info in (*inferred.graph.value_info, *inferred.graph.output):
            if info.name == name and info.type.tensor_type.HasField("shape"):
                return [d.dim_value or 1
                        for d in info.type.tensor_type.shape.dim]
        return [1, 1]

    def _is_class(self, name):
        """Whether the number of a class is, or is part of, what the tensor is
        computed from."""
        open_names, seen = [name], set()
        while open_names:
            name = open_names.pop()
            node = self.makers.get(name)
            if node is None or name in seen:
                continue
            seen.add(name)
            # The values that TopK finds are no classes.
            if node.op_type in DECIDES and not (
                    node.op_type == "TopK" and name == node.output[0]):
                return True
            open_names += node.input
        return False

    def run(self, rules, rows):
        """For rows of bytes: classes, and the wanted outputs' values by name,
        and those of the tensor before the decision."""
        parts = [rule.values(part, kind) for rule, part, kind in
                 zip(rules.rules, rules.split(rows), self.kinds)]
        results = [self.session.run(self.names, {
            name: part[i].reshape(shape) for name, part, shape in
            zip(self.inputs, parts, self.shapes)}) for i in range(len(rows))]
        values = {name: numpy.array([numpy.ravel(r[k]) for r in results])
                  for k, name in enumerate(self.names)}
        return (self.classes(values[self.output]),
                {name: values[name] for name in self.outputs},
                values[self.logits])

    def classes(self, outputs):
        decision = self._decision()
        if decision == "class" and outputs.shape[1] == 1:
            classes = outputs[:, 0].astype(int)
            return numpy.where(classes == -1, NONE, classes)
        if outputs.shape[1] > 1:
            return outputs.argmax(axis=1)
        bound = 0.5 if decision == "sigmoid" else 0
        return (outputs[:, 0] > bound).astype(int)
