"""PyTorch to a chip in one script: trains a digit classifier with ternary weights,
exports it, compiles it and runs it in the simulator.

    pip install -r requirements.txt, and pdkc's wheel (compiler/python)
    python train.py [model.ihx]
"""

import io
import pathlib
import sys

import pdkc
import torch
import torch.nn.functional as F

sys.path.append(str(pathlib.Path(__file__).parents[1]))
import digits

LEVELS = 15  # activations are 0 to 15, as the pixels are


def straight_through(real, quantised):
    """The value of `quantised`, the gradient of `real`."""
    return real + (quantised - real).detach()


class Layer(torch.nn.Module):
    """Weights of -1, 0 and 1, integer biases; sums are divided by 2 ** shift,
    rounded down and clipped, unless there is no shift."""

    def __init__(self, inputs, outputs, shift):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.rand(outputs, inputs) * 2 - 1)
        self.bias = torch.nn.Parameter(torch.zeros(outputs))
        self.shift = shift

    def forward(self, x):
        weight, bias = self.weight.clamp(-1, 1).round(), (self.bias * 64).round()
        if self.training:
            weight = straight_through(self.weight, weight)
            bias = straight_through(self.bias * 64, bias)
        sums = F.linear(x, weight, bias)
        if self.shift is None:
            return sums
        real = (sums / 2 ** self.shift).clamp(0, LEVELS)
        return straight_through(real, real.floor()) if self.training else (
            torch.floor(sums / 2 ** self.shift).clamp(0, LEVELS))


def train(images, labels, epochs=40):
    torch.manual_seed(1)
    net = torch.nn.Sequential(Layer(64, 16, 3), Layer(16, 16, 2),
                              Layer(16, 10, None))
    optimiser = torch.optim.Adam(net.parameters(), 0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    x, y = torch.from_numpy(images).float(), torch.from_numpy(labels).long()
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(100):
            loss = F.cross_entropy(net(x[batch]) / 16, y[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
    return net.eval()


def main():
    # Before training: will it fit, and how fast will it be?
    print(pdkc.estimate([pdkc.Dense(16, (-1, 0, 1), (0, LEVELS)),
                         pdkc.Dense(16, (-1, 0, 1), (0, LEVELS)),
                         pdkc.Dense(10, (-1, 0, 1))],
                        inputs=64, input_range=(0, LEVELS)))
    (images, labels), (tests, expected) = digits.load()
    net = train(images, labels)

    file = io.BytesIO()
    torch.onnx.export(net, (torch.zeros(1, 64),), file, dynamo=True,
                      verbose=False)
    program = pdkc.compile(file.getvalue(), mcu="pms150c",
                           input_range=(0, LEVELS), samples=images[:200])
    print(program)
    if len(sys.argv) > 1:
        program.save(sys.argv[1])

    run = program.run(tests)
    with torch.no_grad():
        classes = net(torch.from_numpy(tests).float()).argmax(1).numpy()
    print(f"{(run.classes == expected).mean():.1%} of {len(tests)} images right; "
          f"{(run.classes == classes).sum()} classes are PyTorch's")
    return int((run.classes != classes).any())


if __name__ == "__main__":
    sys.exit(main())
