"""What layers and ops compute, in plain NumPy and float64: apart from the kernels, which are compared with
it.

`OPS` has a function for every op of the core; `conv`, `pool`, `batch_norm` and the others below are the same
without what the core fuses into them. `run` computes a whole model by them, and `compare` says at which of
its nodes the core computes something else.

>>> import numpy as np
>>> from convcore.testing import reference
>>> reference.OPS["max_pool"](np.arange(6.0).reshape(1, 6, 1), pool_size=[2]).ravel()
array([1., 3., 5.])
"""

from .activations import ACTIVATIONS, glu, log_softmax, relu, softmax, sparsemax
from .arrays import flatten
from .convolution import conv, conv_transpose, dense, depthwise_conv, separable_conv
from .graphs import compare, run
from .images import affine_transform, resize
from .normalization import batch_norm, layer_norm, moments
from .pooling import adaptive_pool, global_pool, pool
from .programs import NATIVE
from .randomness import philox4x32
from .table import OPS
from .windows import window_geometry

__all__ = [
    "ACTIVATIONS",
    "NATIVE",
    "OPS",
    "adaptive_pool",
    "affine_transform",
    "batch_norm",
    "compare",
    "conv",
    "conv_transpose",
    "dense",
    "depthwise_conv",
    "flatten",
    "global_pool",
    "glu",
    "layer_norm",
    "log_softmax",
    "moments",
    "philox4x32",
    "pool",
    "relu",
    "resize",
    "run",
    "separable_conv",
    "softmax",
    "sparsemax",
    "window_geometry",
]
