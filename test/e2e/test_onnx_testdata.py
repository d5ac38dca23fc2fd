"""The models with which ONNX tests its own operators (Debian's package
libonnx-testdata, or a folder of .onnx files named by ONNX_TESTDATA): each is
compiled or refused with one error that names a node, and soon.
"""

import collections
import concurrent.futures
import os
import pathlib
import re
import time

from support import BIN, EndToEndTest, run

DATA = pathlib.Path(os.environ.get("ONNX_TESTDATA",
                                   "/usr/share/libonnx-testdata"))
SECONDS = 2


class OnnxTestdataTest(EndToEndTest):

    def outcome(self, number, model):
        """What became of a model, and a complaint where that is not right."""
        start = time.monotonic()
        result = run(BIN / "pdkc", model, "-o", self.folder / f"{number}.asm",
                     timeout=60)
        seconds = time.monotonic() - start
        errors = [line for line in result.stderr.splitlines()
                  if "error:" in line]
        name = model.relative_to(DATA)
        if seconds > SECONDS * (os.cpu_count() or 1):
            return "slow", f"{name}: {seconds:.1f} s"
        if result.returncode == 0 and not errors:
            return "compiled", None
        if result.returncode == 1 and len(errors) == 1 and re.match(
                r"pdkc: error: [^:]+.*: .+", errors[0]):
            reason = errors[0].split(": ", 3)[-1]
            return re.sub(r"'[^']*'|\[[^]]*\]|-?\d+", "#", reason), None
        return "bad", f"{name}: {result.returncode} {result.stderr[-500:]}"

    def test_all(self):
        models = sorted(DATA.rglob("*.onnx"))
        if not models:
            self.skipTest("libonnx-testdata is not installed")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            outcomes = list(pool.map(self.outcome, range(len(models)), models))
        counts = collections.Counter(outcome for outcome, _ in outcomes)
        self.note = "\n".join(f"{count:5} {outcome[:100]}"
                              for outcome, count in counts.most_common())
        self.assertEqual([text for _, text in outcomes if text], [])
