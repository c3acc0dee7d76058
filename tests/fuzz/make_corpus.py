"""Writes the corpus of the fuzzing driver: small exports that use many operations between them.

python tests/fuzz/make_corpus.py
"""

from pathlib import Path

import convcore as cc
from convcore import layers

FOLDER = Path(__file__).parent / "corpus"


def inverted_residual():
    x = inputs = cc.Input((8, 8, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
    x = skip = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    x = layers.Conv2D(8, 1)(layers.Activation("silu")(layers.BatchNormalization()(x)))
    x = layers.Dropout(0.25)(layers.Add()([x, skip]))
    return cc.Model(inputs, layers.Dense(3, "softmax")(layers.GlobalAveragePooling2D()(x)))


def encoder_decoder():
    x = inputs = cc.Input((8, 8, 2))
    x = skip = layers.Conv2D(4, 3, padding="same", activation="softplus")(x)
    x = layers.Conv2D(6, 3, dilation_rate=2, padding="same", activation="gelu")(layers.MaxPooling2D()(x))
    x = layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="tanh")(x)
    x = layers.Concatenate()(
        [x, skip, layers.UpSampling2D(interpolation="bilinear")(layers.L2Pooling2D()(skip))]
    )
    return cc.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(layers.Cropping2D(1)(x)))


def sequence():
    x = inputs = cc.Input((12, 4))
    x = layers.Conv1D(6, 3, padding="causal", dilation_rate=2, activation="elu")(x)
    x = layers.SeparableConv1D(8, 3, padding="same")(layers.LayerNormalization()(x))
    x = layers.GroupNormalization(2)(layers.AveragePooling1D(2)(x))
    x = layers.Permute((2, 1))(layers.PReLU(shared_axes=[1])(x))
    return cc.Model(inputs, layers.Dense(2)(layers.Flatten()(layers.ZeroPadding1D(1)(x))))


def volume():
    x = inputs = cc.Input((4, 5, 6, 2))
    x = layers.Conv3D(4, 2, groups=2, activation="leaky_relu")(x)
    x = layers.UnitNormalization()(layers.GlobalMaxPooling3D()(layers.AveragePooling3D(2, padding="same")(x)))
    return cc.Model(inputs, layers.Dense(3, "log_softmax")(x))


def augmented():
    x = inputs = cc.Input((8, 8, 3))
    x = layers.Rescaling(1 / 255)(x)
    for step in (
        layers.RandomFlip(),
        layers.RandomRotation(0.1),
        layers.RandomZoom(0.2),
        layers.RandomContrast(0.3),
    ):
        x = step(x)
    x = layers.GaussianNoise(0.1)(layers.SpatialDropout2D(0.2)(layers.Conv2D(4, 3, activation="relu")(x)))
    return cc.Model(inputs, layers.Dense(3, "softmax")(layers.Flatten()(layers.Resizing(3, 3)(x))))


LOSSES = {3: "sparse_categorical_crossentropy", 2: "mse", 1: "binary_crossentropy"}
OPTIMIZERS = {
    inverted_residual: lambda: cc.optimizers.AdamW(clipnorm=1.0),
    encoder_decoder: lambda: cc.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    sequence: lambda: cc.optimizers.RMSprop(cc.optimizers.schedules.CosineDecay(0.1, 10)),
    volume: lambda: cc.optimizers.Lion(use_ema=True),
    augmented: lambda: cc.optimizers.Adam(),
}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for make, optimizer in OPTIMIZERS.items():
        cc.utils.set_random_seed(1)
        model = make()
        model.compile(optimizer(), LOSSES[model.output_shape[-1]], metrics=["accuracy"])
        model.export(FOLDER / f"{make.__name__}.convcore", training=True)


if __name__ == "__main__":
    main()
