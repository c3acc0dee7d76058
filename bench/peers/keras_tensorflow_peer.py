"""Keras on TensorFlow."""

import os


def build(case):
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(case["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(1)
    from bench.peers import keras_model

    if case["kind"] == "train_mnist":
        return keras_model.train_mnist(case)
    if case["kind"] == "train":
        return keras_model.train(case)
    if case["kind"] == "infer":
        return keras_model.infer(case, lambda model, x: compiled(tf, model, x))
    if case["kind"] == "augment":
        return augment(tf, case)
    import numpy as np

    layer, x = keras_model.layer(case)
    x = tf.constant(x)
    layer(x)
    if case["direction"] == "forward":
        forward = tf.function(lambda v: layer(v))
        return lambda: forward(x)
    dy = tf.constant(np.ones(layer(x).shape, "float32"))

    @tf.function
    def backward(v, seed):
        with tf.GradientTape() as tape:
            tape.watch(v)
            y = layer(v)
        return tape.gradient(y, [v, *(w.value for w in layer.trainable_weights)], seed)

    return lambda: backward(x, dy)


def compiled(tf, model, x):
    """The forward pass as a tf.function."""
    x = tf.constant(x)
    forward = tf.function(lambda v: model(v, training=False))
    return lambda: forward(x).numpy()


def augment(tf, case):
    import keras

    from bench import cases

    x = tf.constant(cases.photographs(case))
    made = {
        "flip": lambda: keras.layers.RandomFlip("horizontal"),
        "rotation": lambda: keras.layers.RandomRotation(0.1),
        "zoom": lambda: keras.layers.RandomZoom(0.2),
        "contrast": lambda: keras.layers.RandomContrast(0.3),
    }
    model = keras.Sequential([made[step]() for step in case["steps"]])
    function = tf.function(lambda images: model(images, training=True))
    return lambda: function(x)
