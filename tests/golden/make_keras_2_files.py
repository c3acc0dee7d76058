"""Writes the files of Keras 2 in this folder. Run with tf_keras: make_keras_2_files.py FOLDER"""

import sys

import numpy as np
import tf_keras as keras

layers = keras.layers
folder = sys.argv[1]
rng = np.random.default_rng(0)


def functional():
    image, vector = keras.Input((8, 8, 3), name="img"), keras.Input((5,), name="vec")
    x = layers.ZeroPadding2D(1)(image)
    x = layers.Conv2D(4, 3, strides=2, kernel_regularizer=keras.regularizers.l2(1e-3))(x)
    x = layers.LeakyReLU(alpha=0.2)(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.SeparableConv2D(6, 3, activation="relu")(x)
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    x = layers.GlobalAveragePooling2D()(layers.Conv2DTranspose(3, 3)(x))
    inner = keras.Sequential(
        [layers.Dense(3, activation="tanh", input_shape=(5,)), layers.BatchNormalization()], name="inner"
    )
    y = layers.Dropout(0.3)(layers.Concatenate()([x, inner(vector)]))
    model = keras.Model([image, vector], layers.Dense(3, activation="softmax", name="out")(y))
    loss = keras.losses.SparseCategoricalCrossentropy()
    model.compile(keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"])
    x = [rng.normal(size=(4, 8, 8, 3)).astype("float32"), rng.normal(size=(4, 5)).astype("float32")]
    model.fit(x, np.arange(4) % 3, verbose=0, epochs=2)
    name = f"{folder}/keras_2_21_functional"
    model.save(f"{name}.h5")
    model.save(f"{name}.keras")
    model.save_weights(f"{name}_weights.h5")
    np.savez(f"{name}.npz", x0=x[0], x1=x[1], y=model.predict(x, verbose=0))


def sequential():
    stack = [layers.Conv1D(4, 3, activation="relu", input_shape=(10, 2)), layers.MaxPooling1D(2)]
    model = keras.Sequential([*stack, layers.Flatten(), layers.Dense(2)])
    model.compile(keras.optimizers.legacy.SGD(0.01, momentum=0.9), "mse")
    x = rng.normal(size=(4, 10, 2)).astype("float32")
    model.fit(x, np.zeros((4, 2)), verbose=0)
    model.save(f"{folder}/keras_2_21_sequential.h5")
    np.savez(f"{folder}/keras_2_21_sequential.npz", x0=x, y=model.predict(x, verbose=0))


functional()
sequential()
