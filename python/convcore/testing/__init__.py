"""Checks for layers, built in or your own: the whole contract of a layer, and its gradients. `reference` says
in plain NumPy what layers and ops compute, and where a model departs from that.

>>> import numpy as np
>>> from convcore import layers, testing
>>> layer = testing.run_layer_test(
...     layers.Dense, {"units": 3}, (2, 4), (2, 3), weights={"kernel": (4, 3), "bias": (3,)}
... )
>>> testing.check_gradients(layers.Conv1D(2, 3), np.ones((1, 5, 2), "float32"))
"""

from .gradient_check import check_gradients
from .layer_contract import run_layer_test

__all__ = ["check_gradients", "run_layer_test"]
