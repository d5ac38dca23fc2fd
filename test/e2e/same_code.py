"""Says whether two compilers write the same code for every model that there is.

usage: same-code [options] OLD NEW [WORD...]

OLD and NEW are folders that hold pdkc or bin/pdkc. Each model (with WORDs those
that have one in their name) is compiled by both for one device of each size and
instruction set, at -O3 and -Os; for some devices also with inputs as a stream
and in a buffer, with logits, as a firmware, and with undocumented instructions.
Models of lit tests are compiled for these devices alone, random ones for one
device each.

  --quick       all but the random models, for two devices, no further options
  --jobs=N      so many compilations at a time (default 2)
  --cache=DIR   keep results there, by compiler, model and options
  --json=FILE   write there what differs

For each difference a line: its kind, model, device and options, and what became
of words, bytes of RAM and mean cycles, or of the numbers of a refusal. Kinds:

  other code           the instructions are not the same
  other RAM addresses  they are, but for the places of cells
  other firmware       words of a firmware, whose instructions are not compared
  other map            the words are the same, the places of symbols are not
  other header         nor is what C sees of them; compared for the pms150c alone
  other outcome        compiled by one alone; or another exit status
  other refusal        needs or has other numbers of words or bytes

The exit status is 1 where anything differs, 2 for wrong usage.
"""

import argparse
import collections
import dataclasses
import gzip
import hashlib
import json
import multiprocessing
import pathlib
import re
import resource
import sys
import tempfile
import time

import every_model
from support import LEVELS, REFUSED, TIME_FACTOR, run

QUICK = ("pms150c", "pfs173")
PART = ("pms150c", "pfs154", "pfs173")
HEADERS_OF = "pms150c"  # at -O3; others differ in what the summary says too
FIRMWARE = "--emit=ihx"
VARIANTS = ("--input=buffer", "--input=stream", "--output=logits",
            "--undocumented", FIRMWARE)
SECONDS = 300 * TIME_FACTOR  # of processor; nothing takes so long


@dataclasses.dataclass
class Outcome:
    """What a compiler made of a model: two files, empty where it refused."""
    status: int
    summary: str            # standard error
    files: tuple = ("", "")
    seconds: float = 0      # of processor

    def __post_init__(self):
        self.files = tuple(self.files)  # JSON has lists

    @property
    def refusal(self):
        """The numbers needed and there, of all refusals for want of room."""
        return [f"{needed} {unit} of {there}"
                for needed, unit, there in REFUSED.findall(self.summary)]

    @property
    def figures(self):
        """Words, bytes of RAM and mean cycles."""
        size = re.search(r": (\d+) words of .*?, (\d+) bytes of", self.summary)
        mean = re.search(r"(\d+) on average", self.summary)
        return (*map(int, size.groups()), int(mean[1])) if size and mean else ()

    def __str__(self):
        if self.figures:
            return "{} words, {} bytes, {} cycles".format(*self.figures)
        if self.status != 1:
            return f"status {self.status}"
        errors = re.findall(r"error: (.*)", self.summary)
        return "needs " + ", ".join(self.refusal) if self.refusal else (
            "refused: " + (errors[0] if errors else "")[:100])


@dataclasses.dataclass
class Case:
    model: every_model.Model
    mcu: str
    options: tuple

    def __str__(self):
        return " ".join([self.model.name, self.mcu, *self.options])


class Compiler:
    """One of the two, with the outcomes that the cache has of it."""

    def __init__(self, folder, cache):
        self.path = next((path for path in (folder / "bin" / "pdkc",
                                            folder / "pdkc")
                          if path.is_file()), None)
        if not self.path:
            raise FileNotFoundError(f"no pdkc in {folder}")
        self.path = self.path.resolve()
        self.cache = cache
        self.hash = hashlib.sha256(self.path.read_bytes()).hexdigest()

    def devices(self):
        """Names of the devices, one of each size."""
        sizes = {}
        for line in run(self.path, "--list-mcus").stdout.splitlines():
            name, *size = re.match(r"(\w+) +(\w+) +(\d+) words of +\d+ +(\d+)",
                                   line).groups()
            sizes.setdefault(tuple(size), name)
        return list(sizes.values())

    def words(self, case):
        """Outcome with the .ihx and its map."""
        return self.compile(case, "ihx", "map", *(
            [] if FIRMWARE in case.options else ["--emit=module"]))

    def module(self, case):
        """Outcome with the assembler's text and the header."""
        return self.compile(case, "asm", "h")

    def compile(self, case, *form):
        if not self.cache:
            return self.compile_anew(case, *form)
        key = hashlib.sha256(json.dumps([
            self.hash, case.model.path.suffix, case.mcu, case.model.options,
            case.options, form]).encode() +
            case.model.path.read_bytes()).hexdigest()
        path = self.cache / key[:2] / f"{key}.json.gz"
        if path.is_file():
            return Outcome(**json.loads(gzip.decompress(path.read_bytes())))
        outcome = self.compile_anew(case, *form)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all, whoever else writes it.
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(gzip.compress(
                json.dumps(dataclasses.asdict(outcome)).encode()))
        pathlib.Path(file.name).replace(path)
        return outcome

    def compile_anew(self, case, suffix, beside, *options):
        start = processor_seconds()
        with tempfile.TemporaryDirectory(prefix="pdkc-") as folder:
            path = pathlib.Path(folder) / f"model.{suffix}"
            done = run("prlimit", f"--cpu={SECONDS}", self.path,
                       case.model.path, "-o", path, f"--mcu={case.mcu}",
                       *case.model.options, *options, *case.options,
                       timeout=None)
            outcome = Outcome(done.returncode, done.stderr)
            if outcome.status == 0:
                outcome.files = (path.read_text(),
                                 path.with_suffix(f".{beside}").read_text())
        outcome.seconds = processor_seconds() - start
        return outcome


def processor_seconds():
    """Of the processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def instructions(asm):
    """The text of a module without comments and without the places of cells.
    Labels are numbers of words, so that they say nothing else."""
    code = re.sub(r"\s*;.*", "", asm).partition("\t.area CODE\n")[2]
    return re.sub(r"L(cells|far)\+\d+", "Lcells", code)


def difference(old, new, modules):
    """Which kind, or none. Of both compilers the outcomes with the words, and,
    where a function that is called for it gives them, those with the module."""
    if old.status != new.status:
        return "other outcome"
    if old.refusal != new.refusal:
        return "other refusal"
    if old.files == new.files:
        return None
    if old.files[0] == new.files[0]:
        return "other map"
    texts = modules()
    if not texts:
        return "other firmware"
    same = instructions(texts[0].files[0]) == instructions(texts[1].files[0])
    return "other RAM addresses" if same else "other code"


def cases(folder, devices, is_quick, words):
    """All of them; files that are no files yet go to the folder."""

    def chosen(models):
        return [model for model in models
                if not words or any(word in model.name for word in words)]

    files = chosen([*every_model.trained(), *every_model.exported(),
                    *every_model.alone()])
    texts = chosen(every_model.tested(folder))
    for models, mcus in ((files, QUICK if is_quick else devices),
                         (texts, QUICK if is_quick else PART)):
        for model in models:
            for mcu in mcus:
                yield from (Case(model, mcu, (level,)) for level in LEVELS)
    if is_quick:
        return
    for model in files:
        for mcu in PART:
            yield from (Case(model, mcu, (level, variant))
                        for variant in VARIANTS for level in LEVELS)
    for number, model in enumerate(chosen(every_model.random(folder))):
        mcu = devices[number % len(devices)]
        yield from (Case(model, mcu, (level,)) for level in LEVELS)


def try_both(case, compilers):
    """The case, both outcomes, and which kind of difference there is."""
    outcomes = [compiler.words(case) for compiler in compilers]
    extra = []

    def modules():
        if FIRMWARE not in case.options and not extra:
            extra.extend(compiler.module(case) for compiler in compilers)
        return extra

    kind = difference(*outcomes, modules)
    if (not kind and outcomes[0].status == 0 and case.mcu == HEADERS_OF and
            LEVELS[0] in case.options and modules() and
            extra[0].files[1] != extra[1].files[1]):
        kind = "other header"
    for outcome, module in zip(outcomes, extra):
        outcome.seconds += module.seconds
    return case, outcomes, kind


def _job(arguments):
    return try_both(*arguments)


class Report:
    """What differed, and what it all took."""

    def __init__(self):
        self.count = self.compiled = 0
        self.seconds = [0, 0]
        self.kinds = collections.Counter()
        self.changes = collections.Counter()  # fewer or more of what
        self.rows = []

    def add(self, case, old, new, kind):
        self.count += 1
        self.compiled += old.status == 0
        self.seconds[0] += old.seconds
        self.seconds[1] += new.seconds
        if not kind:
            return
        self.kinds[kind] += 1
        print(f"{kind}: {case}: {old} -> {new}", flush=True)
        for unit, before, after in zip(("words", "bytes", "cycles"),
                                       old.figures, new.figures):
            if before != after:
                self.changes[f"{'fewer' if after < before else 'more'} "
                             f"{unit}"] += 1
        self.rows.append({
            "kind": kind, "model": case.model.name, "mcu": case.mcu,
            "options": case.options, "old": self.row(old),
            "new": self.row(new)})

    @staticmethod
    def row(outcome):
        return {"status": outcome.status, "refusal": outcome.refusal,
                **dict(zip(("words", "bytes", "cycles"), outcome.figures))}

    def print_summary(self, elapsed):
        def listed(counter):
            return ", ".join(f"{name} {count}" for name, count
                             in sorted(counter.items()))

        print(f"{self.count} cases, {self.compiled} of them compiled by OLD, in "
              f"{elapsed:.0f} s; seconds of processor: OLD "
              f"{self.seconds[0]:.0f}, NEW {self.seconds[1]:.0f}")
        print(f"{len(self.rows)} differ" +
              (f": {listed(self.kinds)}" if self.rows else ""))
        if self.changes:
            print(listed(self.changes))


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="same-code", description=__doc__.split("\n\n", 2)[0],
        epilog=__doc__.split("\n\n", 2)[2], allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=pathlib.Path)
    parser.add_argument("new", type=pathlib.Path)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cache", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_intermixed_args(arguments)
    try:
        compilers = [Compiler(folder, options.cache)
                     for folder in (options.old, options.new)]
    except FileNotFoundError as error:
        parser.error(str(error))
    start = time.monotonic()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="pdkc-") as folder, \
            multiprocessing.Pool(options.jobs) as pool:
        todo = [(case, compilers) for case in cases(
            pathlib.Path(folder), compilers[0].devices(), options.quick,
            options.words)]
        if not todo:
            parser.error("no model has such a name")
        for case, outcomes, kind in pool.imap(_job, todo):
            report.add(case, *outcomes, kind)
    report.print_summary(time.monotonic() - start)
    if options.json:
        options.json.write_text(json.dumps(
            {"cases": report.count, "seconds": report.seconds,
             "different": report.rows}, indent=1) + "\n")
    return int(bool(report.rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
