"""The Debian package: what is in it, and that its tools run."""

from support import BIN, SANITIZED, EndToEndTest, complaint, run


class PackageTest(EndToEndTest):

    def test_package(self):
        if SANITIZED:
            self.skipTest("no package has sanitizers")
        made = run("cpack", "--config", BIN.parent / "CPackConfig.cmake",
                   "-B", self.folder, cwd=BIN.parent)
        self.assertEqual(made.returncode, 0, complaint(made))
        package = next(self.folder.glob("*.deb"))
        root = self.folder / "root"
        opened = run("dpkg-deb", "-x", package, root)
        self.assertEqual(opened.returncode, 0, complaint(opened))
        for path in ("bin/pdkc", "bin/pdkc-opt", "bin/pdk-sim",
                     "include/pdkc-c.h", "lib/libpdkc.so.1",
                     "lib/cmake/pdkc/pdkcConfig.cmake",
                     "lib/pkgconfig/pdkc.pc", "share/man/man1/pdkc.1"):
            self.assertTrue((root / "usr" / path).exists(), path)
        text = (root / "usr/share/man/man1/pdkc.1").read_text()
        for option in ("mcu", "input", "explore"):
            self.assertIn(option, text)
        version = run(root / "usr/bin/pdkc", "--version")
        self.assertRegex(version.stdout, r"^pdkc \d+\.\d+ \(commit \w+")
        fields = run("dpkg-deb", "-f", package, "Depends").stdout
        self.assertNotIn("llvm", fields.lower())
        self.note = f"{package.stat().st_size / 1e6:.1f} MB"
