"""The plan stands in the IR: a compilation that is cut behind every pass, each
pass run by a pdkc-opt of its own on the text that the one before left, gives
the assembler text that pdkc gives.
"""

import json
import re

from support import (BIN, MODELS, ROOT, EndToEndTest, complaint, expand,
                     for_each, run)

DEVICES = ("pms150c", "pfs154", "pfs173")  # one of each instruction set


def cases():
    """Dense layers, a convolution, residual sums; on each instruction set where
    there is one that they fit."""
    mnist = MODELS / "mnist_64_16_16_16_10"
    for mcu in DEVICES:
        yield mnist / "model.onnx", mcu, ["--input-range=0:15"]
    for name in "qkeras_conv5_pool", "ort_qop_mlp_residual":
        folder = ROOT / "test" / "exporters" / name
        meta = json.loads((folder / "meta.json").read_text())
        yield folder / "model.onnx", meta["mcu"], meta["pdkc_options"]


def name(case):
    model, mcu, _ = case
    return f"{model.parent.name}_{mcu}"


@expand
class CutTest(EndToEndTest):

    def opt(self, *options):
        result = run(BIN / "pdkc-opt", *options)
        self.assertEqual(result.returncode, 0, complaint(result))
        return result

    def passes(self, pipeline):
        """Its passes with their options, as texts."""
        text = self.opt(f"--{pipeline}", "--dump-pass-pipeline",
                        "/dev/null").stderr
        inner = re.search(r"builtin\.module\((.*)\)", text, re.DOTALL)[1]
        return re.findall(r"[\w-]+(?:\{[^}]*\})?", inner)

    @for_each(cases(), name)
    def test_cut(self, case):
        model, mcu, options = case
        whole = self.folder / "whole.asm"
        self.pdkc(model, whole, f"--mcu={mcu}", *options)
        text = self.folder / "imported.mlir"
        self.pdkc(model, text, "--emit=lowbit", *options)
        steps = [*self.passes("pdkc-prepare"), f"lowbit-plan{{device={mcu}}}",
                 *self.passes(f"pdkc-lower=mcu={mcu}")]
        for number, step in enumerate(steps):
            before, text = text, self.folder / f"{number}.mlir"
            self.opt(f"--pass-pipeline=builtin.module({step})",
                     "--mlir-print-debuginfo", before, "-o", text)
        # The program is placed and written by pdkc.
        cut = self.folder / "cut.asm"
        self.pdkc(text, cut)
        self.assertEqual(cut.read_text(), whole.read_text())
