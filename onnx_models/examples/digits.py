"""The digits of mnist_64_16_16_16_10's test set, 8x8 pixels from 0 to 15: most to
train with, the rest to test with."""

import pathlib

import numpy

FOLDER = pathlib.Path(__file__).parents[1] / "mnist_64_16_16_16_10"


def load(tests=2000):
    """Images (n, 64) and labels (n,), uint8: to train with, and to test with."""
    labels = numpy.fromfile(FOLDER / "labels.u8", numpy.uint8)
    images = numpy.fromfile(FOLDER / "images.u8", numpy.uint8)
    images = images.reshape(len(labels), -1)
    return (images[tests:], labels[tests:]), (images[:tests], labels[:tests])
