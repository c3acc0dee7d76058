"""Keras on JAX."""

import os


def build(case):
    os.environ["KERAS_BACKEND"] = "jax"
    if case["threads"] == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import jax

    from bench.peers import keras_model

    if case["kind"] == "train_mnist":
        return keras_model.train_mnist(case)
    if case["kind"] == "train":
        return keras_model.train(case)
    if case["kind"] == "infer":
        return keras_model.infer(case, lambda model, x: compiled(jax, model, x))
    layer, x = keras_model.layer(case)
    x = jax.numpy.asarray(x)
    weights = [w.value for w in layer.trainable_weights]

    def apply(v, ws):
        return layer.stateless_call(ws, [], v)[0]

    if case["direction"] == "forward":
        forward = jax.jit(apply)
        return lambda: forward(x, weights).block_until_ready()
    dy = jax.numpy.ones_like(apply(x, weights))
    backward = jax.jit(lambda v, ws, seed: jax.vjp(apply, v, ws)[1](seed))
    return lambda: jax.block_until_ready(backward(x, weights, dy))


def compiled(jax, model, x):
    """The jitted forward pass, with the weights as arguments."""
    trainable = [w.value for w in model.trainable_variables]
    others = [w.value for w in model.non_trainable_variables]
    forward = jax.jit(lambda t, o, v: model.stateless_call(t, o, v, training=False)[0])
    x = jax.numpy.asarray(x)
    return lambda: forward(trainable, others, x).block_until_ready()
