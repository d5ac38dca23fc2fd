"""Evaluates graphs of constants with pdkc, to compare with ONNX Runtime.

A Case is one node; many cases make one model whose outputs pdkc folds.
"""

import re

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from support import BIN, complaint, run

TYPES = {"f16": numpy.float16, "f32": numpy.float32, "f64": numpy.float64,
         "i1": numpy.bool_, "i8": numpy.int8, "i16": numpy.int16,
         "i32": numpy.int32, "i64": numpy.int64, "ui8": numpy.uint8,
         "ui16": numpy.uint16, "ui32": numpy.uint32, "ui64": numpy.uint64}
BITS = {"f16": numpy.uint16, "f32": numpy.uint32, "f64": numpy.uint64}


class Case:
    """A node on constant arrays; an input that is None is left out."""

    def __init__(self, op, *inputs, opset=13, domain="", outputs=1, ulps=0,
                 expected=None, **attributes):
        self.op, self.inputs, self.opset = op, inputs, opset
        self.domain, self.outputs, self.ulps = domain, outputs, ulps
        self.expected, self.attributes = expected, attributes

    def __str__(self):
        shapes = ", ".join("-" if i is None else
                           f"{getattr(i, 'dtype', type(i).__name__)}"
                           f"{list(getattr(i, 'shape', []))}"
                           for i in self.inputs)
        return f"{self.op}-{self.opset}({shapes}) {self.attributes}"

    def tensor(self, name, value):
        if isinstance(value, TensorProto):
            copy = TensorProto()
            copy.CopyFrom(value)
            copy.name = name
            return copy
        return numpy_helper.from_array(numpy.asarray(value), name)


def make_model(cases):
    nodes, initializers, outputs, domains = [], [], [], {"": cases[0].opset}
    for n, case in enumerate(cases):
        names = []
        for i, value in enumerate(case.inputs):
            names.append("" if value is None else f"in{n}_{i}")
            if value is not None:
                initializers.append(case.tensor(names[-1], value))
        results = [f"out{n}_{i}" for i in range(case.outputs)]
        nodes.append(helper.make_node(case.op, names, results, name=f"n{n}",
                                      domain=case.domain, **case.attributes))
        outputs += [onnx.ValueInfoProto(name=name) for name in results]
        if case.domain:
            domains[case.domain] = 1
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("unused", TensorProto.FLOAT,
                                                   [1])], [], initializers)
    graph.output.extend(outputs)
    return helper.make_model(graph, ir_version=10, opset_imports=[
        helper.make_opsetid(*item) for item in domains.items()])


def run_ort(model):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = (
        onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL)
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"unused": numpy.zeros(1, numpy.float32)})


def parse_constant(text):
    """The array of an attribute dense<...> : tensor<...>; None where NumPy has
    no such type."""
    body, shape, kind = re.fullmatch(
        r"dense<(.*)> : tensor<((?:\d+x)*)([a-z0-9]+)>", text).groups()
    if kind not in TYPES:
        return None
    shape = [int(size) for size in shape.split("x")[:-1]]
    words = [word for word in re.split(r"[\[\],\s]+", body) if word]

    def number(word):
        if word in ("true", "false"):
            return word == "true"
        if kind in BITS and word.startswith("0x"):
            bits = numpy.array(int(word, 16), BITS[kind])
            return bits.view(TYPES[kind])[()]
        return TYPES[kind](float(word) if kind in BITS else int(word))

    values = numpy.array([number(word) for word in words], TYPES[kind])
    count = int(numpy.prod(shape))
    return numpy.broadcast_to(values, (count,)).reshape(shape) if len(
        values) == 1 else values.reshape(shape)


def run_pdkc(model, folder):
    """The outputs as pdkc folds them."""
    (folder / "cases.onnx").write_bytes(model.SerializeToString())
    imported = folder / "cases.mlir"
    result = run(BIN / "pdkc", folder / "cases.onnx", "--emit=onnx", "-o",
                 imported)
    assert result.returncode == 0, complaint(result)
    result = run(BIN / "pdkc-opt", imported, "--onnx-decompose-qlinear",
                 "--onnx-infer-types", "--onnx-fold-constants",
                 "--mlir-print-elementsattrs-with-hex-if-larger=-1")
    assert result.returncode == 0, complaint(result)
    constants = dict(re.findall(
        r"^\s*(%\S+) = onnx\.Constant \{value = (dense<.*>)\}",
        result.stdout, re.MULTILINE))
    names = re.search(r"^\s*return (.*) :", result.stdout, re.MULTILINE)[1]
    return [parse_constant(constants[name.strip()])
            if name.strip() in constants else None
            for name in names.split(",")]


def distance(ours, theirs):
    """The largest difference in units in the last place; inf where shapes,
    types or NaNs differ."""
    if ours is None or ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return numpy.inf
    if ours.size == 0:
        return 0
    if ours.dtype.kind != "f":
        return 0 if numpy.array_equal(ours, theirs) else numpy.inf
    nan = numpy.isnan(ours)
    if not numpy.array_equal(nan, numpy.isnan(theirs)):
        return numpy.inf
    kind = {2: numpy.int16, 4: numpy.int32, 8: numpy.int64}[ours.dtype.itemsize]

    def ordered(values):
        bits = numpy.where(nan, 0, values).astype(values.dtype).view(kind)
        bits = bits.astype(numpy.int64 if kind != numpy.int64 else object)
        lowest = -(1 << (8 * ours.dtype.itemsize - 1))
        return numpy.where(bits < 0, lowest - bits, bits)

    return int(numpy.max(numpy.abs(ordered(ours) - ordered(theirs))))


def compare(cases, folder):
    """A line for each case whose results differ by more than it may."""
    complaints = []
    for opset in sorted({case.opset for case in cases}):
        batch = [case for case in cases if case.opset == opset]
        try:
            ours = run_pdkc(make_model(batch), folder)
        except AssertionError as error:
            if len(batch) == 1:
                complaints.append(f"{batch[0]}: {error}")
            else:
                for case in batch:
                    complaints += compare([case], folder)
            continue
        position = 0
        for case in batch:
            results = ours[position:position + case.outputs]
            position += case.outputs
            theirs = case.expected
            if theirs is None:
                theirs = run_ort(make_model([case]))
            for mine, other in zip(results, theirs):
                ulps = distance(mine, numpy.asarray(other))
                if ulps > case.ulps:
                    complaints.append(f"{case}: {ulps} ulps\n  {mine}\n  "
                                      f"{other}"[:700])
    return complaints
