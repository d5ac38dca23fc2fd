"""Runs the end-to-end tests, a process for each core.

usage: run.py [--output FILE.json] [--all] [WORD...]

Every method test_* of every test_*.py beside this file is a test; with WORDs
only those whose name (module.Class.test_method) holds one of them. --all sets
PDKC_TEST_ALL: tests that try a part every day try everything. FILE.json gets a
list of names and outcomes, of the form that lit writes.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent


class Recorder(unittest.TestResult):
    """Keeps one outcome and one text for the test that runs."""

    def __init__(self):
        super().__init__()
        self.code, self.text = "PASS", ""

    def addError(self, test, err):
        super().addError(test, err)
        self.code, self.text = "FAIL", self.errors[-1][1]

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.code, self.text = "FAIL", self.failures[-1][1]

    def stopTest(self, test):
        super().stopTest(test)
        if self.code == "PASS":
            self.text = getattr(test, "note", "")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            text = self._exc_info_to_string(err, subtest)
            self.code, self.text = "FAIL", f"{self.text}{subtest}\n{text}"

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.code, self.text = "SKIPPED", reason


def tests_in(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from tests_in(item)
        else:
            yield item


def run_one(name):
    start = time.monotonic()
    recorder = Recorder()
    unittest.defaultTestLoader.loadTestsFromName(name).run(recorder)
    return {"name": name, "code": recorder.code, "output": recorder.text,
            "elapsed": time.monotonic() - start}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    if options.all:
        os.environ["PDKC_TEST_ALL"] = "1"
    # One thread for each process: there is one process for each core.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.path.insert(0, str(HERE))
    suite = unittest.defaultTestLoader.discover(str(HERE))
    if unittest.defaultTestLoader.errors:
        print(*unittest.defaultTestLoader.errors, sep="\n")
        return 1
    names = [test.id() for test in tests_in(suite)]
    if options.words:
        names = [n for n in names if any(w in n for w in options.words)]

    results = []
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for result in pool.imap_unordered(run_one, names):
            results.append(result)
            print(f"{result['code']:8}{result['elapsed']:6.1f} s  "
                  f"{result['name']}", flush=True)
            if result["output"]:
                print("    " + result["output"].rstrip().replace("\n", "\n    "))
    if options.output:
        pathlib.Path(options.output).write_text(json.dumps({"tests": results}))
    return int(any(result["code"] == "FAIL" for result in results))


if __name__ == "__main__":
    sys.exit(main())
