"""Trains a convolutional network on the 60,000 images of MNIST and prints its test accuracy."""

import argparse
import math
import os
import time

import convcore
import numpy as np
from convcore import layers


def make_model():
    return convcore.Sequential(
        [
            convcore.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ],
        name="mnist_convnet",
    )


def load_data(path):
    """Images (n, 28, 28, 1) shifted and scaled by the mean and spread of the training pixels, with labels."""
    (x_train, y_train), (x_test, y_test) = convcore.datasets.mnist.load_data(path)
    scaled = [(np.float32(x[..., None]) / 255 - 0.13) / 0.31 for x in (x_train, x_test)]
    return (scaled[0], y_train), (scaled[1], y_test)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="path of mnist.npz (default: Keras's cache, or a download)")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", help="where to write the trained model, a .keras file")
    options = parser.parse_args(arguments)
    if options.data and not os.path.isfile(options.data):
        parser.error(f"argument --data: expected an existing file; received {options.data!r}")
    if options.save and not os.path.isdir(os.path.dirname(os.path.abspath(options.save))):
        parser.error(f"argument --save: expected a path in an existing folder; received {options.save!r}")

    convcore.utils.set_random_seed(options.seed)
    train, test = load_data(options.data or "mnist.npz")
    model = make_model()
    steps = options.epochs * math.ceil(len(train[0]) / options.batch_size)
    optimizer = convcore.optimizers.Adam(convcore.optimizers.schedules.CosineDecay(0.003, steps))
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.summary()
    begin = time.perf_counter()
    model.fit(*train, batch_size=options.batch_size, epochs=options.epochs)
    seconds = time.perf_counter() - begin
    print(f"{options.epochs * len(train[0]) / seconds:,.0f} training images per second")
    loss, accuracy = model.evaluate(*test, batch_size=500, verbose=0)
    print(f"test accuracy {accuracy:.2%} on {len(test[0])} images, loss {loss:.4f}")
    if options.save:
        model.save(options.save)
    return accuracy


if __name__ == "__main__":
    main()
