"""Writes README.md beside this file: the lowbit dialect, from its ODS records.

    python3 dialects/lowbit/reference.py [--tblgen=PATH] [--check PDKC_OPT]

With --check the file must be up to date already, every operation must have an
example, and pdkc-opt must take all examples.
"""

import argparse
import difflib
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LLVM = pathlib.Path("/usr/lib/llvm-22")

HEAD = """# The lowbit dialect

Written by reference.py from the ODS records (`LowbitOps.td`, `LowbitTypes.td`);
do not edit. Every example here is a test.

A network in integers, and the way into pdkc for a front end of one's own: a
`func.func` of these operations, as text, is compiled as an ONNX file is.
`onnx_models/lowbit_export.py` writes one without ONNX. The interpreter
(`Interpreter.h`) says what each operation means.

The function's arguments are what the device hands over, an integer an element of
the range that its type names, in one byte or two. Its first result is the class,
one element; each further one becomes an array beside it. Attributes of arguments
and results name them and say what the integers are worth: `lowbit.name`,
`lowbit.scale`, `lowbit.zero_point`, `lowbit.offset` (`ModelInterface.h`). The range
of an operation's result has to hold what its operands' ranges can give, which
verifiers prove; one that is too wide costs code, a narrower one is an error.

Stable, so that text written today is taken by later versions: the types without
storage, and `reshape`, `select`, `concat`, `dense`, `conv`, `maxpool`, `requant`,
`scale`, `steps` and `argmax` without attributes of plans (`method`, storage,
`lowbit.ram`). The others, and those attributes, are how pdkc writes down what it
has decided; they change as it does.

"""


def write_page(tblgen):
    page = subprocess.run(
        [tblgen, "-gen-dialect-doc", "-dialect=lowbit", "-I", ROOT, "-I",
         LLVM / "include", HERE / "LowbitOps.td"], check=True,
        capture_output=True, text=True).stdout
    page = page[page.index("## Operations"):]
    # What is the same for all says nothing.
    page = re.sub(r"^(Traits|Interfaces|Effects): .*\n\n", "", page,
                  flags=re.MULTILINE)
    page = re.sub(r" \(::pdkc::lowbit::\w+\)$", "", page, flags=re.MULTILINE)
    return HEAD + re.sub(r"\n{3,}", "\n\n", page).rstrip() + "\n"


def split_types(text):
    """The types of a list with commas of their own."""
    types, depth = [""], 0
    for char in text:
        depth += (char == "<") - (char == ">")
        if char == "," and depth == 0:
            types.append("")
        else:
            types[-1] += char
    return [kind.strip() for kind in types]


def wrap(example, number):
    """A function of an example, whose arguments are what it does not define."""
    body = re.sub(r"//.*", "", example)
    arguments = {}
    for statement in re.split(r"(?=^%\w+ =)", body, flags=re.MULTILINE)[1:]:
        head = " ".join(statement.partition("^bb0")[0].split())
        defined, _, use = head.partition(" = ")
        before, _, _ = use.rpartition("->")
        operands, _, types = before.rpartition(" : ")
        for name, kind in zip(re.findall(r"%\w+", operands),
                              split_types(types), strict=True):
            if not re.search(rf"^{name} = ", body, re.MULTILINE):
                arguments[name] = kind
    given = ", ".join(f"{name}: {kind}" for name, kind in arguments.items())
    return f"func.func @example{number}({given}) {{\n{body}return\n}}\n"


def check_examples(page, pdkc_opt):
    """What is wrong with the examples of the operations."""
    operations = page[:page.find("\n## Attributes")]
    examples = re.findall(r"```mlir\n(.*?)```", operations, re.DOTALL)
    for name in re.findall(r"^### `(lowbit\.\w+)`", page, re.MULTILINE):
        if not any(re.search(rf"{name}\b", example) for example in examples):
            yield f"{name} has no example"
    text = "".join(wrap(example, i) for i, example in enumerate(examples))
    taken = subprocess.run([pdkc_opt, "-", "-o", "-"], input=text, text=True,
                           capture_output=True)
    if taken.returncode:
        yield text + taken.stderr
    elif taken.stdout.count("func.func @example") != len(examples):
        yield "some examples were not read"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tblgen", default=LLVM / "bin" / "mlir-tblgen")
    parser.add_argument("--check", metavar="PDKC_OPT")
    options = parser.parse_args()
    page = write_page(options.tblgen)
    path = HERE / "README.md"
    if not options.check:
        path.write_text(page)
        return 0
    wrong = [*difflib.unified_diff(path.read_text().splitlines(),
                                   page.splitlines(), lineterm=""),
             *check_examples(page, options.check)]
    print(*wrong, sep="\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
