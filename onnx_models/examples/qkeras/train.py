"""QKeras to a chip in one script: trains a digit classifier of 4-bit weights and
activations, converts it to QONNX, compiles it and runs it in the simulator.

    pip install -r requirements.txt, and pdkc's wheel (compiler/python)
    python train.py [model.ihx]
"""

import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # no words about processors
import numpy
import pdkc
import tensorflow as tf
import tf2onnx.optimizer  # which qonnx takes to be there
from qkeras import QActivation, QDense, quantized_bits, quantized_relu
from qonnx.converters import from_keras
from tensorflow.keras import layers

sys.path.append(str(pathlib.Path(__file__).parents[1]))
import digits

STEP = 1 / 16  # what a pixel's step is worth to the network


def dense(neurons, name):
    return QDense(neurons, name=name,
                  kernel_quantizer=quantized_bits(4, 0, alpha=1),
                  bias_quantizer=quantized_bits(8, 3, alpha=1))


def train(images, labels, epochs=15):
    tf.keras.utils.set_random_seed(1)
    model = tf.keras.Sequential([
        layers.Input((64,)),
        QActivation(quantized_relu(4, 0), name="pixels"),
        dense(12, "first"),
        QActivation(quantized_relu(4, 2), name="hidden"),
        dense(10, "last")])
    model.compile(
        tf.keras.optimizers.Adam(0.005),
        tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images * numpy.float32(STEP), labels, 100, epochs, verbose=0)
    return model


def main():
    # Before training: will it fit, and how fast will it be?
    print(pdkc.estimate([pdkc.Dense(12, 4, 4), pdkc.Dense(10, 4)], "pfs154",
                        inputs=64, input_range=4))
    (images, labels), (tests, expected) = digits.load()
    model = train(images, labels)

    file, _ = from_keras(model, "digits", opset=13)
    program = pdkc.compile(file, mcu="pfs154", input_range=(0, 15),
                           input_scale="1/16", samples=images[:200])
    print(program)
    if len(sys.argv) > 1:
        program.save(sys.argv[1])

    run = program.run(tests)
    classes = model.predict(tests * numpy.float32(STEP),
                            verbose=0).argmax(axis=1)
    print(f"{(run.classes == expected).mean():.1%} of {len(tests)} images right; "
          f"{(run.classes == classes).sum()} classes are QKeras's")
    return int((run.classes != classes).any())


if __name__ == "__main__":
    sys.exit(main())
