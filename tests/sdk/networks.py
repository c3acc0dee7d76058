"""Networks of every kind, exported with a sample: Python and the exported file must compute the same bits.

python tests/sdk/networks.py FOLDER [--small]     (CONVCORE_ISA chooses the instruction set)
"""

import argparse
import pathlib

import convcore
import numpy as np
from convcore import layers


def lenet(size):
    return convcore.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="tanh"),
            layers.Dense(84, activation="tanh"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def unet(size):
    """Two levels down and up, after Ronneberger, Fischer and Brox (2015)."""

    def block(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.ReLU()(layers.BatchNormalization()(x))
        return x

    x = image = layers.Input((size, size, 3))
    skips = []
    for filters in (16, 32):
        x = block(x, filters)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = block(x, 64)
    for filters, skip in zip((32, 16), reversed(skips), strict=True):
        x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
        x = block(layers.Concatenate()([skip, x]), filters)
    return convcore.Model(image, layers.Conv2D(4, 1, activation="softmax")(x))


def conv1d(size):
    return convcore.Sequential(
        [
            layers.Input((4 * size, 5)),
            layers.Conv1D(24, 7, padding="causal", dilation_rate=2, activation="relu"),
            layers.SeparableConv1D(32, 3, strides=2, activation="gelu"),
            layers.LayerNormalization(),
            layers.GlobalMaxPooling1D(),
            layers.Dense(7),
        ]
    )


def conv3d(size):
    return convcore.Sequential(
        [
            layers.Input((size // 4, size // 2, size // 2, 2)),
            layers.Conv3D(12, 3, padding="same", activation="relu"),
            layers.MaxPooling3D(2),
            layers.Conv3D(20, 3, groups=4, activation="elu"),
            layers.BatchNormalization(),
            layers.GlobalAveragePooling3D(),
            layers.Dense(5, activation="sigmoid"),
        ]
    )


def resnet50(size):
    return convcore.applications.ResNet50(weights=None, input_shape=(size, size, 3), classes=1000)


def mobilenet_v2(size):
    return convcore.applications.MobileNetV2(weights=None, input_shape=(size, size, 3), classes=1000)


NETWORKS = {
    make.__name__: (make, small, full)
    for make, small, full in (
        (lenet, 28, 28),
        (unet, 24, 128),
        (conv1d, 24, 256),
        (conv3d, 24, 64),
        (mobilenet_v2, 32, 224),
        (resnet50, 32, 224),
    )
}


def export(folder, small):
    """Writes every network into the folder; raises where the file does not compute what the model does."""
    for name, (make, *sizes) in NETWORKS.items():
        convcore.utils.set_random_seed(7)
        model = make(sizes[0] if small else sizes[1])
        random = np.random.default_rng(11)
        for v in model.variables:  # moving averages as after a training, not zeros and ones
            if "moving_mean" in v.path:
                v.assign(random.normal(0, 0.05, v.shape).astype("float32"))
            elif "moving_variance" in v.path:
                v.assign(random.uniform(0.2, 0.6, v.shape).astype("float32"))
        x = random.normal(size=(3, *model.input_shape[1:])).astype("float32")
        path = folder / f"{name}.convcore"
        model.export(path, sample=x)
        exported = convcore.saving.ExportedModel(path)
        expected = model.predict(x, verbose=0)
        if not np.array_equal(np.asarray(exported.predict(x)), expected) or not exported.verify()["bitwise"]:
            raise SystemExit(f"{name}: the exported file does not compute what the model does")
        if not np.isfinite(expected).all() or np.ptp(expected) == 0:
            raise SystemExit(f"{name}: outputs that prove nothing")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--small", action="store_true")
    arguments = parser.parse_args()
    export(arguments.folder, arguments.small)
    print(convcore._core.isa(), len(NETWORKS), "networks")
