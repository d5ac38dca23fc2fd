"""Files that real exporters wrote: compiled as their meta.json says, compared.

usage: exporters.py [-v] [WORD...]

For each folder that has one of the WORDs in its name, a line: what pdkc makes
of the model (or why it refuses it), how many of the recorded classes and of the
logits it gives for device_input.bin, in its interpreter and as words in the
simulator, how many samples float32 leaves undecided (in
brackets those of them that differ); words, bytes and mean
cycles on the folder's device; seconds of processor of the slowest run. Folders
lie in test/exporters and, where it is there, in ../shared/exporters; with the
same name, the latter counts. The exit status is 1 where a class or logit
differs, where a file is refused or compiled against its meta.json, or where a
run takes a second. -v says more of each refusal.
"""

import json
import pathlib
import sys
import tempfile

import numpy

from comparison import compare
from reference import Reference
from support import REFUSED, ROOT, SHARED, TIME_FACTOR, read_bytes

SECONDS = 1.0 * TIME_FACTOR  # that a run of pdkc may take
COLUMNS = "{:4} {:28} {:11} {:>11} {:>11} {:>9} {:>6} {:>5} {:>8} {:>6}"


def folders():
    """One folder for each name."""
    found = {}
    for parent in (ROOT / "test" / "exporters", SHARED / "exporters"):
        for path in sorted(parent.glob("*/meta.json")):
            found[path.parent.name] = path.parent
    return list(found.values())


def too_large(message):
    return bool(REFUSED.search("error: " + message))


def agreement(comparison):
    """Decided samples that agree, of all decided ones."""
    decided = comparison.samples - len(comparison.undecided)
    return f"{decided - len(comparison.different)}/{decided}"


def check(folder, temporary):
    """One folder: its line's cells, and under "wrong" what is wrong, if
    anything; under "note" why it is refused.
    """
    meta = json.loads((folder / "meta.json").read_text())
    model = folder / "model.onnx"
    options = [*meta["pdkc_options"], f"--mcu={meta['mcu']}"]
    rows = read_bytes(folder / "device_input.bin")
    reference = Reference(model)
    row = {"name": folder.name, "result": "compiled", "wrong": "", "note": ""}

    one = compare(model, temporary, options, rows, reference=reference)
    row["seconds"] = one.seconds
    if meta["expect"] == "refuse":
        row["result"], row["note"] = "refused", one.refused
        if not one.refused:
            row["wrong"] = "is not refused: " + meta["why_refused"]
        return row
    row["note"] = one.refused or one.no_words
    if one.refused:
        row["result"] = "refused"
    elif one.no_words:
        row["result"] = "too large" if too_large(one.no_words) else "no words"
    else:
        row["words"], row["bytes"] = one.words, one.bytes
        row["cycles"] = round(one.cycles)
    may_be_large = meta.get("needs") == "conv" and too_large(row["note"])
    if row["note"] and not may_be_large:
        row["wrong"] = "refused: " + row["note"]
    if one.refused:
        return row
    if one.trouble or one.different:
        row["wrong"] = one.trouble or one.detail
    row["classes"] = agreement(one)
    row["undecided"] = f"{len(one.undecided)} ({len(one.excused)})"
    check_recorded(folder, reference, rows, one, row)

    logits = compare(model, temporary, [*options, "--output=logits"], rows,
                     reference=reference, words=False)
    row["logits"] = "refused" if logits.refused else agreement(logits)
    if logits.refused or logits.different or logits.trouble:
        row["wrong"] = row["wrong"] or "logits: " + (
            logits.refused or logits.trouble or logits.detail)
    row["seconds"] = max(row["seconds"], logits.seconds)
    if row["seconds"] >= SECONDS:
        row["wrong"] = row["wrong"] or f"takes {row['seconds']:.1f} s"
    return row


def check_recorded(folder, reference, rows, comparison, row):
    """ONNX Runtime here gives the recorded classes."""
    expected = read_bytes(folder / "expected.class.u8")
    if len(expected) != comparison.samples:
        row["wrong"] = f"{comparison.samples} samples, {len(expected)} recorded"
    elif comparison.classes is not None:
        differ = numpy.flatnonzero(comparison.classes != expected)
        if differ.size:
            row["wrong"] = (f"the reference differs from what is recorded, "
                            f"first in sample {differ[0]}")


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    chosen = [folder for folder in folders()
              if not words or any(word in folder.name for word in words)]
    print(COLUMNS.format("", "folder", "result", "classes", "logits",
                         "undecided", "words", "bytes", "cycles", "s"))
    good = 0
    for folder in chosen:
        with tempfile.TemporaryDirectory(prefix="pdkc-") as temporary:
            row = check(folder, pathlib.Path(temporary))
        good += not row["wrong"]
        cells = [row.get(key, "-") for key in (
            "name", "result", "classes", "logits", "undecided", "words",
            "bytes", "cycles")]
        print(COLUMNS.format("BAD" if row["wrong"] else "ok", *cells,
                             f"{row['seconds']:.2f}"), flush=True)
        text = row["wrong"] or row["note"]
        if text:
            print("     " + (text if "-v" in sys.argv else text[:150]))
    print(f"{good} of {len(chosen)}")
    return int(good != len(chosen))


if __name__ == "__main__":
    sys.exit(main())
