"""What the lit tests may use beyond the tools on the PATH.

Features:
  shared       the folder with the files of real exporters lies beside this one
  onnx-python  .venv has the Python package onnx

Substitutions:
  %shared      that folder
  %python      the interpreter of .venv
  %lower-pms150c, %lower-pfs154, %lower-pfs173
               pdkc-opt with the passes that lower a model whose methods are
               chosen to the device; %lower-undocumented-... allows LDSPTL
"""

import os
import shlex
import subprocess
import sys

sys.path.insert(0, config.test_source_root)
import lowering

root = os.path.dirname(config.test_source_root)
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
shared = os.path.join(os.path.dirname(root), "shared")
python = os.path.join(root, ".venv", "bin", "python")

if os.path.isdir(shared):
    config.available_features.add("shared")
if os.path.exists(python) and subprocess.run(
        [python, "-c", "import onnx"], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL).returncode == 0:
    config.available_features.add("onnx-python")

config.substitutions.append(("%shared", shared))
config.substitutions.append(("%python", python))
for device in lowering.DEVICES:
    for name, undocumented in (("lower", False), ("lower-undocumented", True)):
        config.substitutions.append((f"%{name}-{device}", shlex.join(
            ["pdkc-opt", *lowering.passes(device, undocumented)])))
