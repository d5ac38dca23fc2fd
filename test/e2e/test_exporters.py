"""Files that real exporters wrote, where they are beside the checkout: every
class is ONNX Runtime's. LISTED are those whose form is supported.
"""

import json

from support import LEVELS, SHARED, EndToEndTest, expand, for_each

LISTED = ("torch_intfloat_dynamo",)


@expand
class ExportersTest(EndToEndTest):

    @for_each([(name, level) for name in LISTED for level in LEVELS], "".join)
    def test_exported(self, case):
        name, level = case
        folder = SHARED / "exporters" / name
        if not folder.is_dir():
            self.skipTest("the file is not here")
        facts = json.loads((folder / "meta.json").read_text())
        _, measured, _ = self.compile_and_run(
            folder / "model.onnx", folder / "device_input.bin", level,
            *facts["pdkc_options"], mcu=facts["mcu"],
            expected=folder / "expected.class.u8")
        self.assertEqual(measured["samples"], facts["samples"])
        self.assertEqual(measured["equal"], facts["samples"])
