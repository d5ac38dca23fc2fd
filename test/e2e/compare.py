"""Compares a model in ONNX Runtime with what pdkc makes of it.

usage: compare MODEL.onnx [pdkc options] [--samples=FILE | --random=N]
               [--seed=S]

The model runs in ONNX Runtime (float32, no graph optimisation), in pdkc's
interpreter and, where it fits, as emitted words in the simulator, on the
samples of FILE (one byte a value, two where pdkc says so) or on N random ones
(1000). Classes are compared; with --output=logits the logits too, within 1e-4 of
their range, with --output=values the outputs.
Without --mcu the smallest device that the model fits is taken. The exit status
is 1 where anything differs that float32 does not leave undecided, or where pdkc
refuses the model, and 2 for wrong usage.
"""

import pathlib
import sys
import tempfile

import numpy

from comparison import compare


def usage(message):
    print(f"compare: error: {message}", file=sys.stderr)
    return 2


def main(arguments):
    if not arguments or "--help" in arguments or "-h" in arguments:
        print(__doc__.strip())
        return 0 if arguments else 2
    own = {"random": "1000", "seed": "0"}
    options, models, samples = [], [], None
    for argument in arguments:
        name, _, value = argument.lstrip("-").partition("=")
        if not argument.startswith("-"):
            models.append(argument)
        elif name in own:
            own[name] = value
        else:
            options.append(argument)
            samples = value if name == "samples" else samples
    if len(models) != 1:
        return usage("one MODEL.onnx is needed")
    if not all(value.isdigit() for value in own.values()):
        return usage("--random and --seed take a number")
    model = pathlib.Path(models[0])
    if not model.is_file():
        return usage(f"cannot read {model}")
    rows = None
    if samples is not None:
        if not pathlib.Path(samples).is_file():
            return usage(f"cannot read {samples}")
        rows = (numpy.load(samples).astype(numpy.uint8).ravel()
                if samples.endswith(".npy")
                else numpy.fromfile(samples, numpy.uint8))

    with tempfile.TemporaryDirectory(prefix="pdkc-") as folder:
        try:
            result = compare(model, pathlib.Path(folder), options, rows,
                             int(own["random"]), int(own["seed"]))
        except Exception as error:  # of ONNX Runtime; any kind
            print(f"compare: error: {error}", file=sys.stderr)
            return 1
    return report(result)


def report(result):
    """Prints what came out; the exit status."""
    if result.trouble:
        print(f"compare: error: {result.trouble}", file=sys.stderr)
    if result.refused:
        print(f"refused: {result.refused}")
        return 1
    if result.words:
        print(f"{result.mcu}: {result.words} words, {result.bytes} bytes, "
              f"{result.cycles:.0f} cycles on average")
    elif result.no_words:
        print(f"no words, interpreted only: {result.no_words}")
    undecided = len(result.undecided)
    different = len(result.different)
    print(f"{result.samples} samples: "
          f"{result.samples - different - undecided} agree with ONNX Runtime, "
          f"{different} differ, {undecided} are undecided in float32 "
          f"({len(result.excused)} of these differ)")
    for name, rows in (("differ", result.different),
                       ("undecided", result.undecided)):
        if rows:
            more = " ..." if len(rows) > 20 else ""
            print(f"{name}: samples", *rows[:20], end=more + "\n")
    if result.detail:
        print(result.detail)
    return int(bool(result.trouble or different))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
