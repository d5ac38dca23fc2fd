"""Adds up the results of every kind of test and prints the total.

usage: tally.py FOLDER KIND...

FOLDER holds KIND.json, as GoogleTest, lit or e2e/run.py wrote it, and
KIND.status, the exit status. A kind that broke off without results, or that
failed without saying which test did, counts as one failed test. The exit status
is 1 if anything failed.
"""

import collections
import json
import pathlib
import sys

LIT_PASSED = {"PASS", "XFAIL", "FLAKYPASS"}
LIT_SKIPPED = {"UNSUPPORTED", "SKIPPED", "EXCLUDED"}


def outcomes(results):
    """One of 'passed', 'failed', 'skipped' for each test."""
    if "testsuites" in results:  # GoogleTest
        for suite in results["testsuites"]:
            for test in suite["testsuite"]:
                if "failures" in test:
                    yield "failed"
                elif test.get("result") == "COMPLETED":
                    yield "passed"
                else:
                    yield "skipped"
        return
    for test in results["tests"]:  # lit, and e2e/run.py alike
        code = test["code"]
        yield ("passed" if code in LIT_PASSED else
               "skipped" if code in LIT_SKIPPED else "failed")


def main():
    folder = pathlib.Path(sys.argv[1])
    total = collections.Counter()
    for kind in sys.argv[2:]:
        status = int((folder / f"{kind}.status").read_text())
        try:
            counts = collections.Counter(
                outcomes(json.loads((folder / f"{kind}.json").read_text())))
        except (OSError, ValueError, KeyError) as error:
            print(f"{kind}: no results: {error}", file=sys.stderr)
            counts = collections.Counter(failed=1)
        if status and not counts["failed"]:
            print(f"{kind}: exit status {status}", file=sys.stderr)
            counts["failed"] = 1
        print(f"{kind}: {line(counts)}")
        total += counts
    print(line(total))
    return 1 if total["failed"] or not total["passed"] else 0


def line(counts):
    text = f"{counts['passed']} passed, {counts['failed']} failed"
    return text + (f", {counts['skipped']} skipped" if counts["skipped"] else "")


if __name__ == "__main__":
    sys.exit(main())
