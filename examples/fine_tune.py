"""Fine-tunes a backbone from a .keras file: first a new head on frozen features, then all of it.

Without --backbone a small one is trained on half of the digits (0 to 4) and saved first; the head then learns
all ten. The images are scaled up to the size of the backbone's input.
"""

import argparse
import os
import tempfile

import convcore
import numpy as np
from convcore import layers


def train_backbone(path, x, y, epochs):
    """Saves, as a .keras file, the features of a network that tells the digits 0 to 4 apart."""
    few = y < 5
    inputs = convcore.Input((56, 56, 1))
    features = inputs
    for filters in (16, 32, 64):
        features = layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(features)
        features = layers.BatchNormalization(momentum=0.9)(features)  # few steps: its averages must follow
        features = layers.ReLU()(features)
    outputs = layers.Dense(5, activation="softmax")(layers.GlobalAveragePooling2D()(features))
    model = convcore.Model(inputs, outputs)
    model.compile(convcore.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(scaled_up(x[few], (56, 56, 1)), y[few], batch_size=64, epochs=epochs)
    convcore.Model(inputs, features, name="backbone").save(path)


def scaled_up(x, shape):
    """Images (n, 28, 28, 1) in the size and with the channels of ``shape``."""
    x = convcore.ops.image.resize(x, shape[:2])
    return np.repeat(np.asarray(x), shape[2], axis=-1)


def accuracy(model, x, y, batch=500):
    """The share of hits; images are scaled up a batch at a time."""
    hits = 0
    for i in range(0, len(x), batch):
        scores = model.predict(scaled_up(x[i : i + batch], model.input_shape[1:]), verbose=0)
        hits += (scores.argmax(-1) == y[i : i + batch]).sum()
    return hits / len(x)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="path of mnist.npz (default: Keras's cache, or a download)")
    parser.add_argument("--backbone", help="a .keras file: images to feature maps")
    parser.add_argument("--images", type=int, default=20000, help="training images")
    parser.add_argument("--epochs", type=int, default=3, help="of each of the two phases")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    for name, path in (("--data", options.data), ("--backbone", options.backbone)):
        if path and not os.path.isfile(path):
            parser.error(f"argument {name}: expected an existing file; received {path!r}")

    convcore.utils.set_random_seed(options.seed)
    (x_train, y_train), (x_test, y_test) = convcore.datasets.mnist.load_data(options.data or "mnist.npz")
    x_train, x_test = (np.float32(x[..., None]) / 127.5 - 1 for x in (x_train[: options.images], x_test))
    y_train = y_train[: options.images]
    with tempfile.TemporaryDirectory() as folder:
        path = options.backbone or os.path.join(folder, "backbone.keras")
        if not options.backbone:
            train_backbone(path, x_train, y_train, options.epochs)
        backbone = convcore.models.load_model(path, compile=False)

    shape = backbone.input_shape[1:]
    x_train = scaled_up(x_train, shape)
    backbone.trainable = False
    inputs = convcore.Input(shape)
    features = backbone(inputs)
    head = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(features))
    model = convcore.Model(inputs, layers.Dense(10, activation="softmax")(head))

    accuracies = []
    for trainable, rate in ((False, 0.01), (True, 0.001)):
        backbone.trainable = trainable
        for layer in backbone.layers:  # frozen normalisations keep the statistics of the file
            layer.trainable = trainable and not isinstance(layer, layers.BatchNormalization)
        model.compile(convcore.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(x_train, y_train, batch_size=64, epochs=options.epochs)
        accuracies.append(accuracy(model, x_test, y_test))
        trained, count = "all" if trainable else "head", sum(w.size for w in model.trainable_weights)
        print(f"{trained} trained ({count:,} weights): test accuracy {accuracies[-1]:.2%}")
    return accuracies


if __name__ == "__main__":
    main()
