"""The quick part of `convcore.testing.run_layer_test`, for tests of many arguments.

`test_layer_contract.py` makes all checks, once for every layer.
"""

import numpy as np
from convcore import testing
from convcore.testing.layer_contract import assert_close

QUICK = ("config", "shapes", "weights", "copy", "reference")

__all__ = ["assert_close", "random_input", "run_layer_test"]


def random_input(shape, seed=0, dtype="float32"):
    """Normal values that are the same on every call."""
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def run_layer_test(
    layer_class,
    arguments,
    input_shape,
    output_shape,
    weights=None,
    non_trainable=(),
    reference=None,
    x=None,
    **options,
):
    """One layer with one set of arguments; no weights unless they are listed. Returns the built layer."""
    return testing.run_layer_test(
        layer_class,
        arguments,
        input_shape,
        output_shape,
        weights or {},
        non_trainable,
        reference,
        x,
        checks=QUICK,
        **options,
    )
