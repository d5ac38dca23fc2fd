"""Files that real exporters wrote, imported and compared at the lowbit level.

usage: exporters.py [WORD...]

For each folder that has one of the WORDs in its name: the model is imported
with the options of its meta.json, what the integers make of device_input.bin is
compared with the recorded classes and logits, and a line of a table is printed.
Folders lie in test/exporters and, where it is there, in ../shared/exporters.
"""

import json
import sys
import tempfile
import time

import numpy

from support import BIN, ROOT, SHARED, complaint, read_bytes, run

# What an import may take, in seconds, on a machine that does nothing else.
SECONDS = 1.0

def folders():
    """One folder for each name; the larger sample files win."""
    found = {}
    for parent in (ROOT / "test" / "exporters", SHARED / "exporters"):
        for path in sorted(parent.glob("*/meta.json")):
            found[path.parent.name] = path.parent
    return list(found.values())

def softmax(logits):
    powers = numpy.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)

def compare_logits(values, expected):
    """How many decided rows differ from the recorded first output."""
    logits = numpy.array(values["logits"], dtype=float)
    logits = logits * numpy.array(values["scale"]) + numpy.array(
        values["offset"])
    expected = expected.reshape(len(logits), -1).astype(float)
    if expected.shape[1] != logits.shape[1]:
        return 0  # the first output is the class
    if numpy.allclose(expected.sum(axis=1), 1, atol=0.1) and (expected >=
                                                              0).all():
        # Softmax, maybe quantised: equal to half a step.
        wrong = abs(softmax(logits) - expected) > 0.51 / 127
    elif (expected <= 0).all() and numpy.allclose(
            numpy.exp(expected).sum(axis=1), 1, atol=1e-3):
        wrong = abs(softmax(logits) - numpy.exp(expected)) > 1e-4
    else:
        wrong = abs(logits - expected) > 2e-6 * max(1, abs(expected).max())
    decided = numpy.array(values["undecided"]) == 0
    return int((wrong.any(axis=1) & decided).sum())

def interpret(folder, meta, output, *options):
    """pdkc's values for the folder's samples, or what it complains of."""
    result = run(BIN / "pdkc", folder / "model.onnx", "--emit=values", "-o",
                 output, f"--samples={folder / 'device_input.bin'}",
                 *meta["pdkc_options"], *options)
    if result.returncode:
        return None, result
    return json.loads(output.read_text()), result

def check(folder, temporary):
    """One folder: a dictionary with what is wrong (nothing: "") and more."""
    meta = json.loads((folder / "meta.json").read_text())
    output = temporary / "values.json"
    start = time.monotonic()
    emitted = run(BIN / "pdkc", folder / "model.onnx", "--emit=lowbit", "-o",
                  temporary / "model.mlir", *meta["pdkc_options"])
    seconds = time.monotonic() - start
    row = {"name": folder.name, "seconds": seconds, "wrong": "", "undecided": 0,
           "logits": "", "said": emitted.stderr}
    if meta["expect"] == "refuse":
        if emitted.returncode == 1 and "error: " in emitted.stderr:
            row["note"] = "refused: " + next(
                line for line in emitted.stderr.splitlines()
                if "error: " in line)
        else:
            row["wrong"] = "is not refused"
        return row
    if emitted.returncode:
        row["wrong"] = complaint(emitted)
        return row
    values, result = interpret(folder, meta, output)
    if values is None:
        row["wrong"] = complaint(result)
        return row
    expected = read_bytes(folder / "expected.class.u8")
    classes = numpy.array(values["classes"])
    undecided = numpy.array(values["undecided"]) != 0
    differ = classes != expected
    row["undecided"] = int(undecided.sum())
    row["differ"] = int((differ & undecided).sum())
    if (differ & ~undecided).any():
        row["wrong"] = (f"{int((differ & ~undecided).sum())} of {len(classes)} "
                        f"classes differ ({int(differ.sum())} with undecided)")
        return row
    values, result = interpret(folder, meta, output, "--output=logits")
    if values is None:
        row["logits"] = "refused"
        row["said"] += result.stderr
    else:
        wrong = compare_logits(
            values, numpy.fromfile(folder / "expected.f32", numpy.float32))
        row["logits"] = "equal"
        if wrong:
            row["logits"] = f"{wrong} rows differ"
            row["wrong"] = f"logits of {wrong} decided rows differ"
    return row

def main():
    import pathlib
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    good = total = 0
    with tempfile.TemporaryDirectory() as temporary:
        for folder in folders():
            if words and not any(word in folder.name for word in words):
                continue
            row = check(folder, pathlib.Path(temporary))
            total += 1
            good += not row["wrong"]
            print(f"{'ok' if not row['wrong'] else 'BAD':4}{row['name']:32}"
                  f"{row['seconds']:6.2f} s  undecided {row['undecided']:4} "
                  f"(differ {row.get('differ', 0)})  logits {row['logits']:8} "
                  f"{row.get('note', '')[:300]}", flush=True)
            if row["wrong"]:
                print("    " + row["wrong"].strip()[:1500].replace(
                    "\n", "\n    "))
            elif "-v" in sys.argv:
                print("    " + row["said"].strip().replace("\n", "\n    "))
    print(f"{good} of {total}")
    return int(good != total)

if __name__ == "__main__":
    sys.exit(main())
