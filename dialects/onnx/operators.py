"""Writes README.md beside this file: the operators, from their ODS records.

    python3 dialects/onnx/operators.py [--tblgen=PATH] [--check]

With --check the file must be up to date already.
"""

import argparse
import difflib
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LLVM = pathlib.Path("/usr/lib/llvm-22")

# Class of a record, what becomes of a node whose operands are constant, and of
# one whose operands depend on the data.
KINDS = (
    ("Onnx_FoldedOp", "Always constant", "folded", "-"),
    ("Onnx_LinearOp", "Sums of products", "folded", "lowered"),
    ("Onnx_MovementOp", "Movement of elements", "folded", "lowered"),
    ("Onnx_CompositeOp", "On quantised tensors", "taken apart", "taken apart"),
    ("Onnx_ElementwiseOp", "Elementwise", "folded", "lowered"),
    ("Onnx_Op", "Others", "typed", "if it decides the class"),
)

HEAD = """# The operators of the onnx dialect

Written by operators.py from the ODS records (`OnnxOps.td`,
`OnnxElementwise.td`); do not edit.

- *folded*: computed at compile time, bit for bit as ONNX Runtime does without
  optimisations, where its operands are constant; irrational functions within a
  few units in the last place (`approximate`).
- *lowered*: becomes integer arithmetic. Elementwise operators between two sums
  are evaluated for every integer that reaches them, so any of them is exact;
  what cannot be lowered in a given place is an error that names the node.
- *taken apart*: `--onnx-decompose-qlinear` writes it as other operators.
- *typed*: its shape and type are inferred.

Element types: float16, bfloat16, float32, float64, signed and unsigned integers
of 2, 4, 8, 16, 32 and 64 bits, booleans. Opsets from 7 on. Inputs in brackets
may be left out; an attribute that became an input in a later opset is taken in
both forms. Whatever is not listed (control flow, sequences, strings, sparse
tensors, 8-bit floats) is refused with an error that names the node.
"""


def get_kind(record):
    return next(kind for kind in KINDS if kind[0] in record["!superclasses"])


def describe(record):
    """Name, inputs, attributes, domains, note."""
    inputs, attributes = [], []
    for (value, name) in record["arguments"]["args"]:
        kind = value["printable"]
        if kind == "Onnx_Tensor":
            inputs.append(name)
        elif kind == "Onnx_Optional":
            inputs.append(f"[{name}]")
        elif "Variadic" in VALUES[kind]["!superclasses"]:
            inputs.append(f"{name}...")
        elif name not in ("opset", "counts_overhang"):
            # The suffix only keeps it apart from an input.
            attributes.append(name.removesuffix("_attr"))
    notes = [record["note"]] if record["note"] else []
    if "isApproximate" in record["methods"]:
        notes.append("approximate")
    if record["maxOutputs"] != "1" and "output" not in record["note"]:
        notes.append("several outputs")
    if record["domains"] != "ai.onnx":
        notes.append("domains " + ", ".join(record["domains"].split()))
    return (record["opName"], ", ".join(inputs),
            ", ".join(dict.fromkeys(attributes)), "; ".join(notes))


def write_table(records):
    lines = [HEAD]
    for kind in KINDS:
        rows = sorted(describe(r) for r in records if get_kind(r) == kind)
        _, title, constant, variable = kind
        lines += [f"## {title}", "",
                  f"{len(rows)} operators; of constants: {constant}; of data: "
                  f"{variable}.", "",
                  "| operator | inputs | attributes | |", "|---|---|---|---|"]
        lines += [f"| {' | '.join(row)} |" for row in rows] + [""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tblgen", default=LLVM / "bin" / "llvm-tblgen")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    dump = subprocess.run(
        [options.tblgen, "--dump-json", "-I", LLVM / "include", "-I", ROOT,
         HERE / "OnnxOps.td"], check=True, capture_output=True, text=True)
    VALUES.update(json.loads(dump.stdout))
    table = write_table([VALUES[name]
                        for name in VALUES["!instanceof"]["Onnx_Op"]])
    path = HERE / "README.md"
    if not options.check:
        path.write_text(table)
        return 0
    changes = list(difflib.unified_diff(path.read_text().splitlines(),
                                        table.splitlines(), lineterm=""))
    print(*changes, sep="\n")
    return int(bool(changes))


VALUES = {}

if __name__ == "__main__":
    sys.exit(main())
