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
