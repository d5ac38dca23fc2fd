"""The Python package: a wheel, whose programs are the command line's."""

import json
import os
import re
import shutil
import sys
import zipfile

from support import (BIN, ROOT, SANITIZED, EndToEndTest, complaint,
                     model_folders, run, run_python)

SETUP = """
import json, sys, pathlib
import numpy, pdkc
folder = pathlib.Path(sys.argv[1])
facts = json.loads((folder / "model.json").read_text())
model = folder / facts["model"]
low, high = map(int, facts["input_range"].split(":"))
given = {"input_range": (low, high)}
images = numpy.fromfile(folder / facts["images"], numpy.uint8)
expected = numpy.fromfile(folder / facts["expected"], numpy.uint8)
images = images.reshape(len(expected), -1)
"""


class PythonTest(EndToEndTest):

    def setUp(self):
        super().setUp()
        if SANITIZED:
            self.skipTest("Python is built without sanitizers")
        if not model_folders():
            self.skipTest("there are no models")
        self.model = model_folders()[0]
        self.facts = json.loads((self.model / "model.json").read_text())

    def script(self, script, *words):
        """Runs a script with SETUP before it, which must work; its output."""
        result = run_python(SETUP + script, self.model, *words)
        self.assertEqual(result.returncode, 0, complaint(result))
        self.assertEqual(result.stderr, "")
        return result.stdout

    def test_wheel(self):
        """One file for every Python, of less than 8 MB, that needs nothing else
        and is quickly imported."""
        # A copy, since the build writes beside the sources.
        source = self.folder / "source"
        shutil.copytree(ROOT / "compiler" / "python",
                        source / "compiler" / "python",
                        ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "CMakeLists.txt", source)
        built = run(sys.executable, "-m", "pip", "wheel", "--quiet",
                    "--disable-pip-version-check", "--no-build-isolation",
                    "--no-deps", "--wheel-dir", self.folder,
                    source / "compiler" / "python",
                    "--config-settings",
                    f"cmake.define.PDKC_BUILD={BIN.parent}",
                    "--config-settings",
                    "wheel.tags=py3-none-manylinux_2_36_x86_64")
        self.assertEqual(built.returncode, 0, complaint(built))
        wheel = next(self.folder.glob("*.whl"))
        self.assertRegex(wheel.name,
                         r"^pdkc-[\d.]+-py3-none-manylinux_2_36_x86_64\.whl$")
        self.assertLess(wheel.stat().st_size, 8e6)
        # A Python of its own without packages; unpacked as pip does it.
        made = run("/usr/bin/python3", "-m", "venv", "--without-pip",
                   self.folder / "venv")
        self.assertEqual(made.returncode, 0, complaint(made))
        packages = next((self.folder / "venv").glob("lib/*/site-packages"))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(packages)
        # As the name says, it asks for no newer C library than that of Debian 12.
        needed = run("objdump", "-T", packages / "pdkc" / "libpdkc.so").stdout
        versions = {tuple(map(int, version.split("."))) for version in
                    re.findall(r"\(GLIBC_([\d.]+)\)", needed)}
        self.assertTrue(versions)
        self.assertLessEqual(max(versions), (2, 36))
        model = self.model / self.facts["model"]
        used = run(self.folder / "venv" / "bin" / "python", "-c", """
import sys, time
start = time.perf_counter()
import pdkc
print(f"{1000 * (time.perf_counter() - start):.0f}")
pdkc.compile(sys.argv[1], input_range=sys.argv[2]).save(sys.argv[3])
""", model, self.facts["input_range"], self.folder / "mine.ihx",
                   env={"PATH": os.environ["PATH"]})
        self.assertEqual((used.returncode, used.stderr), (0, ""),
                         complaint(used))
        self.pdkc(model, self.folder / "tool.ihx",
                  f"--input-range={self.facts['input_range']}")
        self.assertEqual((self.folder / "mine.ihx").read_bytes(),
                         (self.folder / "tool.ihx").read_bytes())
        self.note = (f"{wheel.stat().st_size / 1e6:.1f} MB, imported in "
                     f"{used.stdout.strip()} ms")
        self.assertLess(int(used.stdout), 500)  # the machine has other work

    def test_same_files(self):
        """From a path, bytes and a ModelProto; module and firmware."""
        option = f"--input-range={self.facts['input_range']}"
        model = self.model / self.facts["model"]
        for suffix in ("asm", "ihx"):
            self.pdkc(model, self.folder / f"tool.{suffix}", option)
        said = self.script("""
import onnx
out = pathlib.Path(sys.argv[2])
proto = onnx.load(model)
programs = [pdkc.compile(form, **given)
            for form in (model, str(model), model.read_bytes(), proto)]
assert len({program.asm for program in programs}) == 1
programs[0].save(out / "mine.asm")
programs[0].save(out / "mine.ihx")
programs[0].save(out / "mine.json")
assert json.loads((out / "mine.json").read_text()) == programs[0].report
print(programs[0].words, programs[0].bytes, len(programs[0].code))
""", self.folder)
        for suffix in ("asm", "h", "ihx", "map"):
            self.assertEqual((self.folder / f"mine.{suffix}").read_bytes(),
                             (self.folder / f"tool.{suffix}").read_bytes(),
                             suffix)
        words, _, count = map(int, said.split())
        self.assertEqual(count, words + 2)  # and what stands before the module

    def test_run(self):
        """All images: the classes expected, by the cycles of pdk-sim."""
        program = self.folder / "program.ihx"
        self.pdkc(self.model / self.facts["model"], program, "--emit=module",
                  f"--input-range={self.facts['input_range']}")
        measured = self.simulate(program, self.model / self.facts["images"])
        said = self.script("""
program = pdkc.compile(model, **given)
run = program.run(images)
assert (run.classes == expected).all()
assert run.cycles.min() == run.summary.min
print(json.dumps(run.summary._asdict() | {"stack": run.stack_bytes}))
""")
        mine = json.loads(said)
        for name in ("min", "max"):
            self.assertEqual(mine[name], measured["cycles"][name])
        self.assertAlmostEqual(mine["mean"], measured["cycles"]["mean"])
        self.assertEqual(mine["stack"], measured["stack"]["bytes"])

    def test_logits(self):
        """The largest logit is the class; they are what lowbit's are."""
        self.script("""
program = pdkc.compile(model, mcu="pfs154", output="logits", **given)
run = program.run(images[:50])
assert run.logits.shape == (50, program.report["classes"])
values = pdkc.emit(model, "values", output="logits", samples=images[:50],
                   **given)
assert values["classes"] == run.classes.tolist()
assert values["outputs"][0]["values"] == run.logits.tolist()
assert (run.values["output"].argmax(axis=1) == run.classes).all()
""")

    def test_errors(self):
        self.script("""
def raised(kind, call):
    try:
        call()
    except kind as error:
        assert type(error) is kind, error
        assert str(error), kind
        return error
    raise AssertionError(kind)

wrong = raised(pdkc.CompileError, lambda: pdkc.compile(b"no model"))
assert wrong.diagnostics[0].severity == "error"
small = raised(pdkc.DoesNotFit,
               lambda: pdkc.compile(model, reserve_words=900, **given))
assert (small.resource, small.device, small.available) == (
    "code", "pms150c", 1014)
assert small.needed > 1014
assert any(d.notes for d in small.diagnostics)
raised(pdkc.UsageError, lambda: pdkc.compile(model, mcu="pic16"))
raised(pdkc.UsageError, lambda: pdkc.compile(model, level="13"))
raised(pdkc.UsageError, lambda: pdkc.compile(model, format="tflite"))
raised(pdkc.UsageError, lambda: pdkc.fits(model, "pic16", **given))
raised(pdkc.UsageError, lambda: pdkc.emit(model, "asm"))
raised(TypeError, lambda: pdkc.compile(model, colour="red"))
raised(FileNotFoundError, lambda: pdkc.compile("nowhere.onnx"))
program = pdkc.compile(model, **given)
raised(ValueError, lambda: program.run(images[0, :-1]))
raised(ValueError, lambda: program.run(images[0].astype(int) + high + 1))
raised(TypeError, lambda: program.run(images[0] / 2))
raised(TypeError, lambda: pdkc.compile(model, samples=images / 2, **given))
raised(pdkc.UsageError, lambda: program.save("program.exe"))
raised(AttributeError, lambda: program.run(images[0]).logits)
stopped = raised(pdkc.SimulationError,
                 lambda: program.run(images, cycle_limit=100))
assert stopped.violations[0].rule == "cycle-limit"
""")

    def test_fits_and_devices(self):
        self.script("""
names = [device.name for device in pdkc.devices()]
fitting = pdkc.fits(model, **given)
assert fitting and list(fitting) == [n for n in names if n in fitting]
assert fitting["pfs173"].run(images[:5]).classes.tolist() == (
    expected[:5].tolist())
assert pdkc.fits(model, "PMS150C", **given)
assert not pdkc.fits(model, "pms150c", reserve_words=900, **given)
told = []
points = pdkc.explore(model, "pms150c", progress=lambda *it: told.append(it),
                      verify=5, **given)
assert points and {point["device"] for point in points} == {"pms150c"}
assert told and told[-1][0] == told[-1][1]
""")

    def test_firmware(self):
        """Answers over its simulated pins what the module gives."""
        self.script("""
told = []
program = pdkc.compile(model, "pfs154", output="logits", progress=told.append,
                       **given)
assert told == list(range(1, len(told) + 1)) and len(told) > 20
firmware = program.firmware(baud=19200, byte_gap=40)
run, module = firmware.run(images[:5]), program.run(images[:5])
assert (run.classes == expected[:5]).all()
assert (run.logits == module.logits).all()
assert run.summary.min > 0
""")

    def test_bad_files(self):
        """Every file of the tests of bad input is the error that the command line
        says, as a path and as bytes; nothing is printed, nothing crashes."""
        folder = ROOT / "test" / "errors" / "Inputs"
        files = sorted(path for path in folder.iterdir()
                       if path.suffix in (".onnx", ".mlir"))
        self.assertGreater(len(files), 40)
        said = json.loads(self.script("""
def get_errors(form, kind):
    try:
        pdkc.compile(form, format=kind)
    except pdkc.CompileError as error:
        return [d.text for d in error.diagnostics if d.severity == "error"]
    return []
print(json.dumps([[get_errors(form, pathlib.Path(path).suffix[1:])
                   for form in (path, pathlib.Path(path).read_bytes())]
                  for path in sys.argv[2:]]))
""", *files))
        refused = 0
        for path, (errors, of_bytes) in zip(files, said, strict=True):
            with self.subTest(path.name):
                tool = run(BIN / "pdkc", path, "-o", self.folder / "out.asm")
                self.assertEqual(tool.returncode, 1 if errors else 0)
                self.assertEqual(bool(errors), bool(of_bytes))
                for text in errors:
                    self.assertIn(text, tool.stderr)
                refused += bool(errors)
        self.assertGreater(refused, 40)

    def test_threads(self):
        """Compilations at once give what they give one by one."""
        self.script("""
import concurrent.futures
def make(level):
    program = pdkc.compile(model, "pfs154", level=level, **given)
    return program.asm, program.run(images[:100]).classes.tolist()
levels = [2, 3, "s"] * 3
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    together = list(pool.map(make, levels))
assert together == [make(level) for level in levels]
""")

    def test_beside_others(self):
        """Shared MLIR and LLVM, whose symbols all see, and ONNX Runtime in the
        same process disturb nothing, whichever comes first."""
        for order in ("others(); mine()", "mine(); others(); mine()"):
            self.script("""
import ctypes, onnxruntime
def others():
    for name in ("LLVM", "MLIR"):
        ctypes.CDLL(f"/usr/lib/llvm-22/lib/lib{name}.so", ctypes.RTLD_GLOBAL)
    session = onnxruntime.InferenceSession(model)
    name = session.get_inputs()[0].name
    given = images[:1].astype(numpy.float32)
    assert session.run(None, {name: given})[0].ravel()[0] == expected[0]
def mine():
    classes = pdkc.compile(model, **given).run(images[:20]).classes
    assert (classes == expected[:20]).all()
""" + order)

    def test_without_onnx(self):
        """The front end of one's own, as people start it."""
        script = ROOT / "onnx_models" / "lowbit_export.py"
        text = self.folder / "network.mlir"
        result = run_python("import runpy, sys; sys.argv = sys.argv[1:]; "
                            "runpy.run_path(sys.argv[0], run_name='__main__')",
                            script, text)
        self.assertEqual((result.returncode, result.stderr), (0, ""),
                         complaint(result))
        self.assertIn("1000 of 1000 classes are NumPy's", result.stdout)
        self.pdkc(text, self.folder / "network.asm")
        self.assertLess(len(script.read_text().splitlines()), 100)

    def test_command_line(self):
        model = self.model / self.facts["model"]
        option = f"--input-range={self.facts['input_range']}"
        program, same = self.folder / "a.asm", self.folder / "b.asm"
        tool = run(BIN / "pdkc", model, "-o", program, option)
        module = run_python(
            "import runpy, sys; sys.argv[0] = 'pdkc'; "
            "runpy.run_module('pdkc', run_name='__main__')",
            model, "-o", same, option)
        self.assertEqual((module.returncode, module.stdout, module.stderr),
                         (0, "", tool.stderr))
        self.assertEqual(program.read_bytes(), same.read_bytes())
        bad = run_python("import runpy; runpy.run_module('pdkc', "
                         "run_name='__main__')", "-O7")
        self.assertEqual(bad.returncode, 2)
