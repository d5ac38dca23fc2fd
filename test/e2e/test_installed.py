"""What cmake --install leaves, used from outside: a C program by pkg-config and a
C++ project by CMake get from the library what the command line writes.
"""

import json
import os
import pathlib
import re

from support import (BIN, ROOT, SANITIZED, EndToEndTest, complaint,
                     model_folders, read_bytes, run)

OUTSIDE = pathlib.Path(__file__).with_name("outside")
BUILD = BIN.parent


class InstalledTest(EndToEndTest):

    def setUp(self):
        super().setUp()
        if SANITIZED:
            self.skipTest("programs outside are built without sanitizers")
        if not model_folders():
            self.skipTest("there are no models")
        self.model = model_folders()[0]
        self.facts = json.loads((self.model / "model.json").read_text())
        self.range = f"--input-range={self.facts['input_range']}"
        self.prefix = self.folder / "prefix"
        self.good("cmake", "--install", BUILD, "--prefix", self.prefix)
        self.library = next(self.prefix.rglob("libpdkc.so")).parent

    def good(self, *command, **options):
        result = run(*command, **options)
        self.assertEqual(result.returncode, 0, complaint(result))
        return result

    def test_tools(self):
        """They need no library but the C and C++ compilers' own."""
        for tool in ("pdkc", "pdkc-opt", "pdk-sim"):
            needed = self.good("readelf", "-d", self.prefix / "bin" / tool)
            names = re.findall(r"\(NEEDED\).*\[(.*?)\]", needed.stdout)
            self.assertTrue(names)
            self.assertLessEqual(
                {name.split(".")[0] for name in names},
                {"libc", "libm", "libstdc++", "libgcc_s", "ld-linux-x86-64"})
        version = self.good(self.prefix / "bin" / "pdkc", "--version").stdout
        self.assertRegex(version, r"^pdkc \d+\.\d+ \(commit \w+")

    def test_library(self):
        """It shows the functions of the header and nothing else, and needs the
        C library alone."""
        header = (self.prefix / "include" / "pdkc-c.h").read_text()
        declared = set(re.findall(r"PDKC_EXPORTED [^;(]*?(pdkc\w+)\(", header))
        self.assertGreater(len(declared), 15)
        library = self.library / "libpdkc.so"
        shown = self.good("nm", "-D", "--defined-only", library).stdout
        names = {line.split()[2] for line in shown.splitlines()}
        self.assertEqual({name for name in names if "@@" in name},
                         {f"{name}@@PDKC_1" for name in declared})
        self.assertEqual({name for name in names if "@@" not in name},
                         {"PDKC_1"})
        needed = self.good("readelf", "-d", library).stdout
        self.assertLessEqual(set(re.findall(r"\[(lib\w+|ld-linux-x86-64)\.",
                                            needed)),
                             {"libc", "libm", "libpdkc", "ld-linux-x86-64"})

    def test_c(self):
        flags = self.good("pkg-config", "--cflags", "--libs", "pdkc", cwd=None,
                          env=os.environ | {
                              "PKG_CONFIG_PATH": self.library / "pkgconfig"})
        program = self.folder / "program"
        self.good("cc", "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror",
                  OUTSIDE / "main.c", "-o", program,
                  f"-Wl,-rpath,{self.library}", *flags.stdout.split())
        mine, theirs = self.folder / "mine.asm", self.folder / "theirs.asm"
        self.pdkc(self.model / self.facts["model"], mine, self.range)
        said = self.good(program, self.model / self.facts["model"],
                         self.facts["input_range"], theirs)
        self.assertEqual(said.stderr, "")
        self.assertEqual(mine.read_bytes(), theirs.read_bytes())
        # A model that is none: its diagnostics, nothing on stderr.
        bad = run(program, OUTSIDE / "main.c", "0:1", theirs)
        self.assertEqual((bad.returncode, bad.stderr), (1, ""))
        self.assertIn("is not an ONNX model", bad.stdout)

    def test_cmake(self):
        build = self.folder / "build"
        self.good("cmake", "-S", OUTSIDE, "-B", build,
                  f"-DCMAKE_PREFIX_PATH={self.prefix}")
        self.good("cmake", "--build", build)
        classes = self.folder / "classes"
        self.good(build / "outside", self.model / self.facts["model"],
                  self.facts["input_range"], self.model / self.facts["images"],
                  classes)
        self.assertEqual(
            read_bytes(classes).tolist(),
            read_bytes(self.model / self.facts["expected"]).tolist())
