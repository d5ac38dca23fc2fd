"""Compiles ONNX files with random faults: each is compiled or refused with one
clear error, in a few seconds, and nothing else.

usage: mutated_files.py [--count=N] [--first=S] [--keep=FOLDER] [FILE...]

File S is one of FILEs (by default of the repository's own models) with one to
four random changes to its attributes, shapes, types, names, nodes, tensors or
bytes; the same for the same S. With --keep those on which pdkc fails are kept.
PDKC_BIN names the folder of other tools than those in build/bin, such as those
of a build with sanitizers.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import resource
import struct
import subprocess
import sys
import tempfile

import onnx
from onnx import TensorProto

from support import BIN, MODELS, ROOT, SANITIZED, SHARED, TIME_FACTOR

SECONDS = 5  # of processor time
MEGABYTES = 2000
OPTIONS = (["--input-range=0:15"], ["--input-range=0:255", "--input-scale=1/255"],
           ["--input-range=-128:127", "--output=logits"], [])
NUMBERS = (0, 1, -1, 2, 3, 7, 8, 16, 127, 128, 255, 256, 65535, -2 ** 31,
           2 ** 31 - 1, 2 ** 31, -2 ** 63, 2 ** 63 - 1)
REALS = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-45, 1e-30, 1e30, 3.4e38, float("inf"),
         float("-inf"), float("nan"))


def default_files():
    folders = [MODELS, ROOT / "test" / "exporters", ROOT / "test" / "e2e"]
    if SHARED.is_dir():
        folders.append(SHARED / "field")
    files = [path for folder in folders for path in folder.glob("**/*.onnx")]
    return sorted(path for path in files if path.stat().st_size < 60000)


# Changes to a model, each of which may find nothing to change.

def change_attribute(model, rng):
    attributes = [a for node in model.graph.node for a in node.attribute]
    if not attributes:
        return
    attribute = rng.choice(attributes)
    kind = rng.randrange(5)
    if kind == 0 and attribute.ints:
        i = rng.randrange(len(attribute.ints))
        attribute.ints[i] = rng.choice(NUMBERS)
    elif kind == 1 and attribute.ints:
        if rng.random() < 0.5:
            attribute.ints.pop()
        else:
            attribute.ints.append(rng.choice(NUMBERS))
    elif kind == 2:
        attribute.type = rng.choice([1, 2, 3, 4, 6, 7, 8])
    elif kind == 3:
        attribute.name = rng.choice(
            [a.name for a in attributes] + ["axis", "keepdims", "strides"])
    elif attribute.type == onnx.AttributeProto.FLOAT:
        attribute.f = rng.choice(REALS)
    elif attribute.type == onnx.AttributeProto.STRING:
        attribute.s = rng.choice([b"", b"VALID", b"SAME_UPPER", b"FLOOR",
                                  b"\xff\0", attribute.s * 2])
    else:
        attribute.i = rng.choice(NUMBERS)


def drop_attribute(model, rng):
    nodes = [node for node in model.graph.node if node.attribute]
    if nodes:
        node = rng.choice(nodes)
        del node.attribute[rng.randrange(len(node.attribute))]


def change_shape(model, rng):
    values = [*model.graph.input, *model.graph.output, *model.graph.value_info]
    values = [v.type.tensor_type.shape for v in values
              if v.type.HasField("tensor_type")]
    if not values:
        return
    dims = rng.choice(values).dim
    kind = rng.randrange(4)
    if kind == 0 and dims:
        dims[rng.randrange(len(dims))].dim_value = rng.choice(NUMBERS)
    elif kind == 1 and dims:
        dims[rng.randrange(len(dims))].dim_param = "n"
    elif kind == 2 and dims:
        del dims[rng.randrange(len(dims))]
    else:
        dims.add().dim_value = rng.choice(NUMBERS)


def change_type(model, rng):
    values = [*model.graph.input, *model.graph.output, *model.graph.value_info]
    if values:
        rng.choice(values).type.tensor_type.elem_type = rng.randrange(0, 24)


def change_name(model, rng):
    nodes = model.graph.node
    names = [n for node in nodes for n in [*node.input, *node.output]]
    names += [t.name for t in model.graph.initializer]
    names += [v.name for v in [*model.graph.input, *model.graph.output]]
    new = rng.choice([*names, "", "nowhere", "a\0b", "\n"])
    kind = rng.randrange(4)
    node = rng.choice(nodes) if nodes else None
    if kind == 0 and node is not None and node.input:
        node.input[rng.randrange(len(node.input))] = new
    elif kind == 1 and node is not None and node.output:
        node.output[rng.randrange(len(node.output))] = new
    elif kind == 2 and model.graph.initializer:
        rng.choice(model.graph.initializer).name = new
    elif model.graph.output:
        rng.choice(model.graph.output).name = new


def change_nodes(model, rng):
    nodes = list(model.graph.node)
    if not nodes:
        return
    i, kind = rng.randrange(len(nodes)), rng.randrange(6)
    if kind == 0:
        del nodes[i]
    elif kind == 1:
        nodes.insert(rng.randrange(len(nodes)), nodes[i])
    elif kind == 2:
        nodes[i], nodes[-1] = nodes[-1], nodes[i]
    elif kind == 3:
        nodes[i].op_type = rng.choice(
            [n.op_type for n in nodes] +
            ["Relu", "Conv", "MatMul", "Concat", "Gather", "Reshape", "Slice",
             "Softmax", "MaxPool", "Transpose", "ReduceSum", "QLinearConv",
             "Where", "Split", "Pad", "Resize", "Loop", "BipolarQuant"])
    elif kind == 4 and nodes[i].input:
        if rng.random() < 0.5:
            nodes[i].input.pop()
        else:
            nodes[i].input.append(rng.choice(nodes[i].input))
    else:
        nodes[i].domain = rng.choice(["", "ai.onnx.ml", "qonnx.custom_op.general",
                                      "com.microsoft", "nowhere"])
    copies = [onnx.NodeProto.FromString(n.SerializeToString()) for n in nodes]
    del model.graph.node[:]
    model.graph.node.extend(copies)


def change_tensor(model, rng):
    tensors = list(model.graph.initializer)
    tensors += [a.t for n in model.graph.node for a in n.attribute
                if a.HasField("t")]
    if not tensors:
        return
    tensor = rng.choice(tensors)
    kind = rng.randrange(6)
    if kind == 0 and tensor.dims:
        tensor.dims[rng.randrange(len(tensor.dims))] = rng.choice(NUMBERS)
    elif kind == 1 and tensor.dims:
        if rng.random() < 0.5:
            tensor.dims.pop()
        else:
            tensor.dims.append(rng.choice((0, 1, 2)))
    elif kind == 2:
        tensor.data_type = rng.randrange(0, 24)
    elif kind == 3 and tensor.raw_data:
        data = bytearray(tensor.raw_data)
        for _ in range(rng.randrange(1, 5)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        tensor.raw_data = bytes(data)
    elif kind == 4 and tensor.raw_data:
        tensor.raw_data = tensor.raw_data[:rng.randrange(len(tensor.raw_data))]
    elif tensor.data_type == TensorProto.FLOAT and len(tensor.raw_data) >= 4:
        data = bytearray(tensor.raw_data)
        at = 4 * rng.randrange(len(data) // 4)
        data[at:at + 4] = struct.pack("<f", rng.choice(REALS))
        tensor.raw_data = bytes(data)


def change_opset(model, rng):
    if model.opset_import:
        rng.choice(model.opset_import).version = rng.choice(
            (0, 1, 6, 9, 11, 13, 17, 21, 99, -1))


CHANGES = (change_attribute, change_attribute, drop_attribute, change_shape,
           change_type, change_name, change_nodes, change_nodes, change_tensor,
           change_tensor, change_opset)


def change_bytes(data, rng):
    data = bytearray(data)
    kind = rng.randrange(4)
    at = rng.randrange(len(data))
    if kind == 0:
        for _ in range(rng.randrange(1, 9)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    elif kind == 1:
        del data[at:]
    elif kind == 2:
        del data[at:at + rng.randrange(1, 20)]
    else:
        data[at:at] = data[at:at + rng.randrange(1, 40)]
    return bytes(data)


def mutate(seed, files):
    """The bytes of file number `seed`, and pdkc's options for it."""
    rng = random.Random(seed)
    data = rng.choice(files).read_bytes()
    if rng.random() < 0.15:
        data = change_bytes(data, rng)
    else:
        model = onnx.ModelProto.FromString(data)
        for _ in range(rng.randrange(1, 5)):
            rng.choice(CHANGES)(model, rng)
        data = model.SerializeToString()
    level = rng.choice(["-O3", "-Os"])
    return data, [*rng.choice(OPTIONS), level, "--mcu=pfs173", "--verify=5"]


def limit():
    seconds = SECONDS * TIME_FACTOR
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not SANITIZED:  # whose shadow memory is most of the address space
        resource.setrlimit(resource.RLIMIT_AS,
                           (MEGABYTES << 20, MEGABYTES << 20))


def judge(status, errors):
    """What is wrong with an end of pdkc; empty where all is well."""
    lines = [line for line in errors.splitlines()
             if line.startswith("pdkc: error:")]
    if status == 0:
        return "an error, but status 0" if lines else ""
    if status == 1 and len(lines) == 1 and "ERROR:" not in errors:
        if len(lines[0]) < 20 or "emitted program" in lines[0]:
            return lines[0]
        return ""
    if status in (-24, -9):
        return f"more than {SECONDS} s"
    found = re.search(r"runtime error: .*|ERROR: AddressSanitizer.*|"
                      r"Assertion.*|LLVM ERROR.*", errors)
    return f"status {status}, {len(lines)} errors: " + (
        found[0] if found else "\n".join(lines[:2]))


def try_one(seed, files, keep=None):
    """What is wrong with pdkc on file number `seed`, or the empty text."""
    data, options = mutate(seed, files)
    with tempfile.TemporaryDirectory(prefix="pdkc-") as folder:
        model = pathlib.Path(folder) / "model.onnx"
        model.write_bytes(data)
        result = subprocess.run(
            [BIN / "pdkc", model, "-o", model.with_suffix(".asm"), *options],
            stdin=subprocess.DEVNULL, capture_output=True, preexec_fn=limit)
        errors = result.stderr.decode(errors="replace")
        wrong = judge(result.returncode, errors)
        left = sorted(path.name for path in pathlib.Path(folder).iterdir())
        if not wrong and result.returncode and left != ["model.onnx"]:
            wrong = f"left behind: {left}"
    if wrong and keep:
        (keep / f"{seed}.onnx").write_bytes(data)
        (keep / f"{seed}.txt").write_text(" ".join(options) + "\n" + errors)
    return wrong


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    files = arguments.files or default_files()
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    seeds = range(arguments.first, arguments.first + arguments.count)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for seed, wrong in zip(seeds, pool.map(
                lambda seed: try_one(seed, files, arguments.keep), seeds)):
            if wrong:
                bad += 1
                print(f"{seed}: {wrong}", flush=True)
    print(f"{len(seeds)} files, {bad} on which pdkc fails")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
