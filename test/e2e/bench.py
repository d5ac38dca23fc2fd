"""What pdkc makes of trained networks, as a table.

usage: bench [--json=FILE] [--markdown] [WORD...]

Compiles the seed's network, where ../shared has it, and every model in
onnx_models (with WORDs those that have one in their name) for three devices, at
each level, with inputs as a stream and in a buffer where either fits. Plans are
made with the first 500 of the images; cycles are those of the others, all of
which have to get the class that the model gives them.

By row: words and bytes of the module, without C's; cycles of one inference at
least, on average, at most, and how many no input takes more than, by analysis;
cycles for each weight; for the seed's network what they are of the 51,787 of the
loop that it came with; seconds of pdkc, verification included; methods by layer.
"""

import argparse
import json
import pathlib
import re
import sys
import tempfile
import time

import numpy
import onnx

from support import BIN, ROOT, run

DEVICES = ("pms150c", "pfs154", "pfs173")
LEVELS = ("-O3", "-O2", "-Os")
INPUTS = ("stream", "buffer")
PLANNED = 500  # images that plans are made with
SEED_CYCLES = 51787
SEED = ROOT.parent / "shared" / "seed"
COLUMNS = ("model", "device", "inputs", "level", "words", "bytes", "least",
           "mean", "most", "bound", "per weight", "of the seed's", "seconds",
           "methods")


def models():
    """Name, file, options, inputs, images, and classes or none."""
    if SEED.is_dir():
        yield ("seed", SEED / "seed_integer.onnx", ["--input-range=-31:31"], 64,
               SEED / "t10k_8x8_int8.raw", SEED / "seed_integer.expected.raw")
    for path in sorted((ROOT / "onnx_models").glob("*/model.json")):
        facts = json.loads(path.read_text())
        folder = path.parent
        yield (facts["name"], folder / facts["model"],
               [f"--input-range={facts['input_range']}"], facts["inputs"],
               folder / facts["images"], folder / facts["expected"])


def count_weights(path):
    """Of MatMuls, Gemms and Convs: elements of their constants."""
    model = onnx.load(path)
    shapes = {tensor.name: tensor.dims for tensor in model.graph.initializer}
    total = 0
    for node in model.graph.node:
        if node.op_type in ("MatMul", "Gemm", "Conv"):
            total += sum(int(numpy.prod(shapes[name]))
                         for name in node.input[1:2] if name in shapes)
    return total


def measure(case, mcu, inputs, level, folder):
    """A row, or None where the model does not fit."""
    name, model, options, size, images, classes = case
    pixels, expected = images.read_bytes(), classes.read_bytes()
    planned, rest = folder / "planned.u8", folder / "rest.u8"
    planned.write_bytes(pixels[:PLANNED * size])
    rest.write_bytes(pixels[PLANNED * size:])
    wanted = folder / "expected.u8"
    wanted.write_bytes(expected[PLANNED:])
    program = folder / "model.ihx"
    begun = time.perf_counter()
    compiled = run(BIN / "pdkc", model, "-o", program, "--emit=module", level,
                   f"--mcu={mcu}", f"--input={inputs}", f"--samples={planned}",
                   *options)
    seconds = time.perf_counter() - begun
    if compiled.returncode:
        return None
    simulated = run(BIN / "pdk-sim", program, "--json", f"--samples={rest}",
                    f"--expected={wanted}")
    if simulated.returncode:
        raise RuntimeError(simulated.stderr)
    result = json.loads(simulated.stdout)
    if result["equal"] != result["samples"]:
        raise RuntimeError(f"{name}: {result['equal']} of {result['samples']} "
                           "images get the model's class")
    used = re.search(r": (\d+) words of .*, (\d+) bytes of", compiled.stderr)
    bound = re.search(r"no input takes more than (\d+)", compiled.stderr)
    cycles = result["cycles"]
    return dict(zip(COLUMNS, (
        name, mcu, inputs, level, int(used[1]), int(used[2]), cycles["min"],
        round(cycles["mean"]), cycles["max"], int(bound[1]) if bound else None,
        round(cycles["mean"] / count_weights(model), 2),
        round(cycles["mean"] / SEED_CYCLES, 3) if name == "seed" else None,
        round(seconds, 2),
        "; ".join(re.findall(r"(?m)^\S+: \d+ to \d+, (.*)$",
                             compiled.stderr)))))


def rows(words=()):
    with tempfile.TemporaryDirectory(prefix="pdkc-") as temporary:
        for case in models():
            if words and not any(word in case[0] for word in words):
                continue
            for mcu in DEVICES:
                for inputs in INPUTS:
                    for level in LEVELS:
                        row = measure(case, mcu, inputs, level,
                                      pathlib.Path(temporary))
                        if row:
                            yield row


def main():
    parser = argparse.ArgumentParser(
        usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    made = []
    form = ("| " + " | ".join(["{}"] * len(COLUMNS)) + " |"
            if options.markdown else
            "{:<22} {:<8} {:<7} {:<5} {:>5} {:>5} {:>7} {:>7} {:>7} {:>7} "
            "{:>10} {:>13} {:>7}  {}")
    print(form.format(*COLUMNS))
    if options.markdown:
        print("|" + "---|" * len(COLUMNS))
    for row in rows(options.words):
        made.append(row)
        print(form.format(*("" if cell is None else cell
                            for cell in row.values())), flush=True)
    if options.json:
        options.json.write_text(json.dumps(made, indent=1) + "\n")
    return 0 if made else 1


if __name__ == "__main__":
    sys.exit(main())
