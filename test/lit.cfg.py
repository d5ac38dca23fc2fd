"""What the lit tests may use beyond the tools on the PATH.

Features:
  shared       the folder with the files of real exporters lies beside this one
  onnx-python  .venv has the Python package onnx

Substitutions:
  %shared      that folder
  %python      the interpreter of .venv
"""

import os
import subprocess

root = os.path.dirname(config.test_source_root)
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
