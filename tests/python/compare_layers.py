"""Draws of random layers compared with Keras: configs, weights, shapes, values and gradients.

The default suite compares a sample with Keras on JAX (`test_layers_keras.py`). Any number, on PyTorch, which
need not compile anything, or on JAX:

    KERAS_BACKEND=torch PYTHONPATH=python python tests/python/compare_layers.py --count 3000
"""

import argparse
import inspect
import os
import sys
import time
from collections import Counter

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
import pytest
from convcore import layers
from convcore.core import tree
from convcore.core.trace import Trace
from convcore.core.variable import Variable
from oracle import keras
from random_layers import draw, long_run

# Largest difference, relative to the larger of 1 and the largest magnitude of Keras's numbers.
VALUES, GRADIENTS = 1e-5, 5e-5


def make(family, i):
    """Our layer and Keras's, as drawn."""
    name, arguments, _ = draw(family, i)
    return getattr(layers, name)(**arguments), getattr(keras.layers, name)(**arguments)


def built_alike(family, i):
    """The two layers with equal weights; made from zeros, because JAX compiles each random draw."""
    name, arguments, shape = draw(family, i)
    parameters = inspect.signature(getattr(keras.layers, name).__init__).parameters
    arguments |= {key: "zeros" for key in parameters if key.endswith("_initializer")}
    ours, theirs = getattr(layers, name)(**arguments), getattr(keras.layers, name)(**arguments)
    ours.build(shape)
    theirs.build(shape)
    assert [(w.name, tuple(w.shape), w.trainable) for w in ours.weights] == [
        (w.name, tuple(w.shape), w.trainable) for w in theirs.weights
    ]
    draws = np.random.default_rng(i)
    weights = [
        draws.uniform(0.2, 1.0, w.shape).astype("float32") * draws.choice([-1, 1]) for w in ours.weights
    ]
    weights = [
        np.abs(v) if w.name == "moving_variance" else v for v, w in zip(weights, ours.weights, strict=True)
    ]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs, shape


def inputs_of(shape, i):
    """Normal values, in a list if `shape` is a list."""
    draws = np.random.default_rng(i)
    return tree.map_shapes(lambda s: draws.standard_normal(s).astype("float32"), shape)


def assert_same_config(ours, theirs, path="config"):
    """Equal values under equal keys; Keras rounds some factors to float32, so floats agree to 1e-6."""
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs), f"{path}: keys {sorted(ours)}, Keras has {sorted(theirs)}"
        for key in theirs:
            assert_same_config(ours[key], theirs[key], f"{path}.{key}")
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, rel=1e-6), path
    else:
        # Keras tracks its lists in a class of its own
        same = isinstance(theirs, type(ours)) and ours == theirs
        assert same, f"{path}: {ours!r}, Keras has {theirs!r}"


def assert_close(ours, theirs, tolerance=VALUES):
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    worst = np.abs(ours - theirs).max(initial=0.0)
    assert worst <= tolerance * max(1.0, np.abs(theirs).max(initial=0.0)), f"largest difference {worst:.3g}"


def compare(family, i, gradients=False):
    """AssertionError unless our layer is Keras's, in all that can be seen."""
    assert_same_config(*(layer.get_config() for layer in make(family, i)))
    ours, theirs, shape = built_alike(family, i)
    x = inputs_of(shape, i)
    y = keras.ops.convert_to_numpy(theirs(x))
    assert_close(ours(x), y)
    free = tree.map_shapes(lambda s: (None, *s[1:]), shape)
    for given in (shape, free):
        assert tuple(ours.compute_output_shape(given)) == tuple(theirs.compute_output_shape(given))
    if gradients:
        factors = np.random.default_rng(i + 1).standard_normal(y.shape).astype("float32")
        for a, b in zip(our_gradients(ours, x, factors), their_gradients(theirs, x, factors), strict=True):
            assert_close(a, b, GRADIENTS)


def our_gradients(layer, x, factors):
    """Of sum(outputs * factors), for the inputs and then the trained weights."""
    inputs = [Variable(array, name="x") for array in tree.flatten(x)]
    wrt = [*inputs, *layer.trainable_variables]
    with Trace() as trace:
        y = layer(tree.pack_as(x, [trace.read(variable) for variable in inputs]))
        from convcore import ops

        found = trace.gradients(ops.sum(y * trace.constant(factors)), wrt)
        # No way from a tensor to the result: the gradient is zero.
        zeros = [trace.constant(np.zeros(v.shape, "float32")) for v in wrt]
        function = trace.finish([zero if g is None else g for g, zero in zip(found, zeros, strict=True)])
    return [np.asarray(g) for g in function([])]


def their_gradients(layer, x, factors):
    if keras.backend.backend() == "torch":
        return _torch_gradients(layer, x, factors)
    import jax

    fixed = [v.value for v in layer.non_trainable_variables]

    def loss(x, trained):
        return (layer.stateless_call(trained, fixed, x)[0] * factors).sum()

    of_x, of_weights = jax.grad(loss, argnums=(0, 1))(x, [v.value for v in layer.trainable_variables])
    return [np.asarray(g) for g in [*tree.flatten(of_x), *of_weights]]


def _torch_gradients(layer, x, factors):
    import torch

    x = tree.map_structure(lambda array: torch.tensor(array, requires_grad=True), x)
    trained = [v.value for v in layer.trainable_variables]
    wrt = [*tree.flatten(x), *trained]
    (layer(x) * torch.tensor(factors)).sum().backward()
    return [np.zeros(v.shape, "float32") if v.grad is None else v.grad.numpy() for v in wrt]


def torch_differs(name, arguments):
    """Where Keras on PyTorch is not Keras on JAX: it pads by repeating the border, and fails on some axes."""
    if name.startswith("AveragePooling"):
        return arguments["padding"] == "same"
    if name in ("LayerNormalization", "RMSNormalization"):
        return arguments["axis"] == 1
    return name == "UpSampling2D" and arguments["interpolation"] == "bicubic"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=3000, help="how many draws")
    parser.add_argument("--gradients", type=int, default=4, help="compare the gradients of every n-th draw")
    options = parser.parse_args()
    begin, agreed, failed = time.monotonic(), Counter(), []
    seen, left_out = set(), 0
    for position, (family, i) in enumerate(long_run(options.count)):
        name, arguments, shape = draw(family, i)
        if keras.backend.backend() == "torch" and torch_differs(name, arguments):
            left_out += 1
            continue
        try:
            compare(family, i, gradients=position % options.gradients == 0)
            agreed[name] += 1
            seen.add(repr((name, sorted(arguments.items(), key=str), shape)))
        except Exception as error:
            failed.append((family, i))
            print(
                f"{family} {i}: {name}({arguments}) on {shape}: {type(error).__name__}: {error}", flush=True
            )
    for name, count in sorted(agreed.items()):
        print(f"{name:28} {count:5}")
    print(
        f"{agreed.total()} of {agreed.total() + len(failed)} draws agree, {len(seen)} of them different, "
        f"{len(agreed)} layers; {left_out} left out; {time.monotonic() - begin:.0f} s"
    )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
