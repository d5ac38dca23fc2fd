"""Brevitas to a chip in one script: trains a digit classifier of 4-bit weights and
activations with BatchNormalization, exports it as QCDQ, compiles it and runs it in
the simulator.

    pip install -r requirements.txt, and pdkc's wheel (compiler/python)
    python train.py [model.ihx]
"""

import pathlib
import sys
import tempfile

import pdkc
import torch
from brevitas import nn as quantised
from brevitas.export import export_onnx_qcdq
from brevitas.quant import Uint8ActPerTensorFloat
from torch import nn

sys.path.append(str(pathlib.Path(__file__).parents[1]))
import digits

STEP = 1 / 16  # what a pixel's step is worth to the network


def make_network():
    return nn.Sequential(
        quantised.QuantIdentity(act_quant=Uint8ActPerTensorFloat, bit_width=4),
        quantised.QuantLinear(64, 12, bias=False, weight_bit_width=4),
        nn.BatchNorm1d(12),
        quantised.QuantReLU(bit_width=4),
        quantised.QuantLinear(12, 10, bias=True, weight_bit_width=4))


def train(images, labels, epochs=20):
    torch.manual_seed(1)
    net = make_network()
    optimiser = torch.optim.Adam(net.parameters(), 0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    x = torch.from_numpy(images).float() * STEP
    y = torch.from_numpy(labels).long()
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(100):
            loss = nn.functional.cross_entropy(net(x[batch]), y[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
    return net.eval()


def main():
    # Before training: will it fit, and how fast will it be?
    print(pdkc.estimate([pdkc.Dense(12, 4, 4, scaling="channel"),
                         pdkc.Dense(10, 4)], "pfs154", inputs=64,
                        input_range=4))
    (images, labels), (tests, expected) = digits.load()
    net = train(images, labels)

    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "model.onnx"
        export_onnx_qcdq(net, args=torch.zeros(1, 64), export_path=str(file),
                         opset_version=17, dynamo=False)
        program = pdkc.compile(file, mcu="pfs154", input_range=(0, 15),
                               input_scale="1/16", samples=images[:200])
    print(program)
    if len(sys.argv) > 1:
        program.save(sys.argv[1])

    run = program.run(tests)
    with torch.no_grad():
        outputs = net(torch.from_numpy(tests).float() * STEP)
    equal = (run.classes == outputs.argmax(1).numpy()).sum()
    print(f"{(run.classes == expected).mean():.1%} of {len(tests)} images right; "
          f"{equal} classes are Brevitas's")
    # Sums of floats beside a rounding's edge may fall to its other side.
    return int(equal < 0.999 * len(tests))


if __name__ == "__main__":
    sys.exit(main())
