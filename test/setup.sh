#!/usr/bin/env bash
# From a bare Debian 12 to the tools in build/bin and the Python packages in
# .venv; quick where all of it is there. Called by test/run and
# onnx_models/demo; works from any folder and asks nothing. Its arguments are
# packages of Debian to install besides.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

packages=(cmake ninja-build make g++ libmlir-22-dev mlir-22-tools llvm-22-dev
          llvm-22-tools libprotozero-dev libboost-dev libgtest-dev
          libonnx-testdata help2man pkg-config sdcc python3-venv "$@")

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = \
    installed ] || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "setup: error: run as root, or install: ${missing[*]}" >&2
      exit 1
    }
    as_root=(sudo)
  fi
  echo "setup: installing ${missing[*]}"
  log=$(mktemp)
  apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q \
      -o Acquire::Retries=3 "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  }
  apt update
  apt install -y --no-install-recommends "${missing[@]}"
  rm -f "$log"
fi

if ! cmp -s test/requirements.txt .venv/requirements.txt; then
  echo "setup: Python packages into .venv"
  /usr/bin/python3 -m venv --clear .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check \
    --requirement test/requirements.txt
  cp test/requirements.txt .venv/requirements.txt # says: all is installed
fi

if [ ! -f build/build.ninja ]; then
  log=$(mktemp)
  cmake -G Ninja -S . -B build >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  rm -f "$log"
fi
cmake --build build --parallel "$(nproc)"
