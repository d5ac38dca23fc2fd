"""Every model that there is, with the options that its folder gives: trained
ones, files of exporters, what lies in ../shared where that is there, the models
that lit tests hold, and random ones of each kind that the tests make.
"""

import dataclasses
import json
import pathlib
import re

from elementwise import random_model
from graphs.network import make as make_graph
from support import ROOT, SHARED, model_folders
from test_random import make_network
from test_windows import make_model as make_windows

RANDOM = 40  # of each kind

# What the files of ../shared that stand alone are given, by their names; the
# last that matches counts.
ALONE = {
    "": ["--input-range=0:255"],
    "seed/": ["--input-range=-31:31"],
    "field/adc": ["--input-range=0:1023"],
    "field/argmin": ["--input-range=0:15"],
    "field/batch": ["--input-range=0:15"],
    "field/bipolar": [],
    "field/fits_note": ["--input-range=0:1"],
    "field/minimum": ["--input-range=0:15"],
    "field/padded_conv": [],
    "field/reduce_min": ["--input-range=0:15"],
    "field/sine": ["--input-range=0:255", "--input-scale=0.02463994"],
    "field/softmax": ["--input-range=0:15"],
    "field/two_inputs": ["--input-range=accelerometer=-16:15",
                         "--input-range=temperature=0:63"],
    "field/unknown": ["--input-range=0:15"],
}


@dataclasses.dataclass(frozen=True)
class Model:
    name: str
    path: pathlib.Path
    options: tuple = ()


def functions(path):
    """The models in a .mlir file of the lowbit dialect, each as a text."""
    found = re.findall(r"^func\.func .*?^}$", path.read_text(),
                       re.MULTILINE | re.DOTALL)
    return [text for text in found if "lowbit." in text]


def trained():
    for folder in model_folders():
        facts = json.loads((folder / "model.json").read_text())
        yield Model(f"onnx_models/{folder.name}", folder / facts["model"],
                    (f"--input-range={facts['input_range']}",))


def exported():
    """The same file with the same options once."""
    seen = set()
    for parent in (SHARED / "exporters", ROOT / "test" / "exporters"):
        for meta in sorted(parent.glob("*/meta.json")):
            path = meta.parent / "model.onnx"
            options = tuple(json.loads(meta.read_text())["pdkc_options"])
            content = path.read_bytes(), options
            if content not in seen:
                seen.add(content)
                yield Model(f"exporters/{meta.parent.name}", path, options)


def alone():
    for folder in ("seed", "field", "conv", "exporters/others"):
        for path in sorted((SHARED / folder).glob("*.onnx")):
            name = f"{folder}/{path.stem}"
            options = [options for prefix, options in ALONE.items()
                       if name.startswith(prefix)][-1]
            yield Model(name, path, tuple(options))


def tested(folder):
    """Of lit tests, a file each in the folder."""
    for part in ("emit", "lowbit_to_pdk"):
        for test in sorted((ROOT / "test" / part).glob("*.mlir")):
            for number, text in enumerate(functions(test)):
                path = folder / f"{part}-{test.stem}-{number}.mlir"
                path.write_text(text)
                yield Model(f"test/{part}/{test.stem}/{number}", path)


def random(folder):
    for number in range(RANDOM):
        for kind, make in (("windows", lambda: make_windows(number)[0]),
                           ("steps", lambda: random_model(number))):
            path = folder / f"{kind}-{number}.mlir"
            path.write_text(make())
            yield Model(f"random/{kind}/{number}", path)
        network, *_, divide = make_network(number)
        path = folder / f"network-{number}.onnx"
        path.write_bytes(network.to_onnx(divide=divide))
        yield Model(f"random/network/{number}", path, (network.option(),))
        graph = make_graph(number)
        path = folder / f"graph-{number}.onnx"
        graph.save(path)
        yield Model(f"random/graph/{number}", path, tuple(graph.options))
