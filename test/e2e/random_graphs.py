"""Random graphs of everything that is imported, against ONNX Runtime.

usage: random_graphs.py [--count=N] [--first=N] [--kind=KIND] [--keep=FOLDER]
                        [--jobs=N] [--show=N] [NUMBER...]

Makes graphs first, first + 1, ..., compares each in ONNX Runtime with pdkc's
interpreter and, where the device (pfs173) has room, with the emitted words, and
prints how many agree, what is refused for which reason, and what differs; those
files are kept in FOLDER (default: random_graphs below the temporary folder).
KIND is dense, image, qoperators or integers. With NUMBERs these graphs alone
are made, kept and told about. The exit status is 1 if one differs.
"""

import argparse
import collections
import dataclasses
import multiprocessing
import os
import pathlib
import re
import sys
import tempfile
import time

from comparison import Comparison, compare
from graphs.network import make

MCU = "pfs173"
ROWS = 100
FAILURES = ("DIFFERENT", "BROKEN")


@dataclasses.dataclass
class Tried:
    """One graph and what came of it."""
    number: int
    options: list
    tags: list
    comparison: Comparison

    def __str__(self):
        outcome = self.comparison
        why = (outcome.trouble or outcome.detail or outcome.refused or
               outcome.no_words)
        return (f"{self.number}: {outcome.outcome}: {why}\n"
                f"    pdkc {' '.join(self.options)}\n"
                f"    made of {', '.join(dict.fromkeys(self.tags))}")


def try_graph(number, kind=None, keep=None):
    """Makes and compares one; the file goes to `keep` where it fails."""
    graph = make(number, kind)
    with tempfile.TemporaryDirectory(prefix="pdkc-") as folder:
        path = pathlib.Path(folder) / "model.onnx"
        graph.save(path)
        options = [*graph.options, f"--mcu={MCU}", "--verify=10"]
        try:
            result = compare(path, pathlib.Path(folder), options, None, ROWS,
                             number, two_codes=graph.two_codes)
        except Exception as error:  # whatever ONNX Runtime raises
            result = Comparison(trouble=f"reference: {error}")
    if keep and result.outcome in FAILURES:
        save(keep, graph)
    return Tried(number, graph.options, graph.tags, result)


def save(keep, graph):
    keep = pathlib.Path(keep)
    keep.mkdir(parents=True, exist_ok=True)
    path = keep / f"{graph.number}.onnx"
    graph.save(path)
    return path


def reason(message):
    """A refusal without the node's name, numbers and lists."""
    message = re.sub(r"^[^:]*(::[^:]*)*: ", "", message.split("\n")[0])
    message = message.split("; dialects/onnx/README.md lists")[0]
    return re.sub(r"-?\d+(\.\d+)?(e-?\d+)?", "N", message)


# Why a graph may be refused at all: what the figures and not the operators are
# to blame for.
ACCEPTED = re.compile("")


def unexpected(one):
    """Whether a graph is refused that should not be."""
    refused = one.comparison.refused
    return bool(refused) and not ACCEPTED.search(refused)


def histogram(tried):
    """Lines: how often what was refused, and the first that were."""
    numbers = collections.defaultdict(list)
    for one in tried:
        if one.comparison.refused:
            numbers[reason(one.comparison.refused)].append(one.number)
    for text, found in sorted(numbers.items(), key=lambda i: -len(i[1])):
        yield f"{len(found):5}  {text}  ({', '.join(map(str, found[:4]))})"


def pieces_refused(tried):
    """Lines: pieces by how many of their graphs are refused."""
    all_of, refused = collections.Counter(), collections.Counter()
    for one in tried:
        all_of.update(set(one.tags))
        if one.comparison.refused:
            refused.update(set(one.tags))
    for tag, count in refused.most_common():
        yield f"{count:5} of {all_of[tag]:5}  {tag}"


def summary(tried):
    counts = collections.Counter(one.comparison.outcome for one in tried)
    words = sum(bool(one.comparison.words) for one in tried)
    undecided = sum(len(one.comparison.undecided) for one in tried)
    excused = sum(len(one.comparison.excused) for one in tried)
    return (", ".join(f"{count} {outcome}" for outcome, count
                      in sorted(counts.items())) +
            f"; {words} as words in the simulator; {undecided} of "
            f"{sum(one.comparison.samples for one in tried)} samples "
            f"undecided, {excused} of these differ")


def _job(arguments):
    return try_graph(*arguments)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kind")
    parser.add_argument("--keep", default=os.path.join(tempfile.gettempdir(),
                                                       "random_graphs"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--pieces", action="store_true")
    parser.add_argument("numbers", nargs="*", type=int)
    options = parser.parse_args()

    if options.numbers:
        failed = False
        for number in options.numbers:
            graph = make(number, options.kind)
            print(save(options.keep, graph))
            one = try_graph(number, options.kind)
            print(one)
            failed |= one.comparison.outcome in FAILURES
        return int(failed)

    start = time.monotonic()
    numbers = range(options.first, options.first + options.count)
    with multiprocessing.Pool(options.jobs) as pool:
        tried = list(pool.imap(_job, [(n, options.kind, options.keep)
                                      for n in numbers], chunksize=4))
    lines = list(histogram(tried))
    if lines:
        print("refused:", *lines, sep="\n")
    if options.pieces:
        print("pieces of refused graphs:", *pieces_refused(tried), sep="\n")
    failures = [one for one in tried if one.comparison.outcome in FAILURES]
    for one in failures[:options.show]:
        print(one)
    if failures:
        print(f"kept in {options.keep}:",
              *[f"{one.number}.onnx" for one in failures])
    print(f"{summary(tried)}; {time.monotonic() - start:.0f} s")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
