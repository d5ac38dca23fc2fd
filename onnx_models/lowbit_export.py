"""A front end of one's own, without ONNX: writes a network of integers as text of
the lowbit dialect, compiles it and checks it in the simulator.

    pip install numpy, and pdkc's wheel (compiler/python)
    python3 onnx_models/lowbit_export.py [network.mlir]

dialects/lowbit/README.md describes the operations.
"""

import pathlib
import sys

import numpy
import pdkc


def tensor(size, low, high):
    return f"tensor<{size}x!lowbit.int<{low}, {high}>>"


def export(layers, low, high):
    """The text of a network that takes integers from low to high.

    Each layer is (weights, bias, shift): integers of shape (outputs, inputs) and
    (outputs,); its sums are divided by 2 ** shift, rounded down, and clipped to
    0 to 15. The last one's shift is None: its largest sum is the class.
    """
    size = layers[0][0].shape[1]
    text, last, kind = [], "%x", tensor(size, low, high)
    head = f"func.func @model(%x: {kind}) -> "
    for i, (weights, bias, shift) in enumerate(layers):
        # The codebook is the weights' values in rising order.
        book, codes = numpy.unique(weights, return_inverse=True)
        codes = codes.reshape(weights.shape).tolist()
        # What the sums can be at most.
        ends = numpy.stack([weights * low, weights * high])
        least = int((ends.min(axis=0).sum(axis=1) + bias).min())
        most = int((ends.max(axis=0).sum(axis=1) + bias).max())
        rows, columns = weights.shape
        sums = tensor(rows, least, most)
        text.append(f"  %s{i} = lowbit.dense {last} weights dense<{codes}> : "
                    f"tensor<{rows}x{columns}xi8> of {book.tolist()} bias "
                    f"{bias.tolist()} : {kind} -> {sums}")
        if shift is None:
            kind = tensor(1, 0, rows - 1)
            text.append(f"  %c = lowbit.argmax %s{i} : {sums} -> {kind}")
            text.append(f"  return %c : {kind}")
            break
        low, high = 0, min(15, max(0, most >> shift))
        last, kind = f"%a{i}", tensor(rows, low, high)
        text.append(f"  {last} = lowbit.requant %s{i} shift {shift} clamp {low} "
                    f"to {high} : {sums} -> {kind}")
    return "\n".join([head + kind + " {", *text, "}", ""])


def infer(layers, inputs):
    """The same in NumPy: a class for each row of inputs."""
    for weights, bias, shift in layers:
        inputs = inputs @ weights.T + bias
        if shift is not None:
            inputs = numpy.clip(inputs >> shift, 0, 15)
    return inputs.argmax(axis=1)


def main():
    # Yours in place of this one.
    random = numpy.random.default_rng(1)
    layers = [(random.choice([-2, -1, 0, 1, 2], (12, 16)),
               random.integers(-20, 20, 12), 2),
              (random.choice([-1, 0, 1], (4, 12)),
               random.integers(-5, 5, 4), None)]
    text = export(layers, 0, 15)
    if len(sys.argv) > 1:
        pathlib.Path(sys.argv[1]).write_text(text)
    program = pdkc.compile(text.encode(), mcu="pms150c", format="mlir")
    print(program)
    inputs = random.integers(0, 16, (1000, 16))
    run = program.run(inputs)
    equal = (run.classes == infer(layers, inputs)).sum()
    print(f"{equal} of {len(inputs)} classes are NumPy's")
    return int(equal != len(inputs))


if __name__ == "__main__":
    sys.exit(main())
