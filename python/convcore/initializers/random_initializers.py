"""Random initializers: the values depend on the seed and the shape alone."""

from __future__ import annotations  # numpy.random costs 5 MB, and is imported where it is used

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..config import floatx
from .initializer import Initializer

# standard deviation of a unit normal cut at +-2
TRUNCATED_STDDEV = 0.87962566103423978


def compute_fans(shape: Sequence[int]) -> tuple[int, int]:
    """(fan in, fan out) of a kernel: the last two axes are inputs and outputs, the others the window."""
    shape = tuple(shape)
    if not shape:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    window = math.prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window


class RandomInitializer(Initializer):
    """Base of the random initializers.

    Args:
        seed: an int (or None, which draws one now from Python's `random`): every call with the same shape
            returns the same values.
            A `SeedGenerator`: it advances on every call.
    """

    draws = True  # not needed where a file brings the values (core/late_values.py)

    def __init__(self, seed: Any = None) -> None:
        if isinstance(seed, dict):
            from .. import saving

            seed = saving.deserialize_keras_object(seed)
        if seed is not None and not isinstance(seed, (int, np.integer)) and not hasattr(seed, "next"):
            raise ValueError(
                f"{type(self).__name__}: seed must be an int, a SeedGenerator or None, received {seed!r}"
            )
        self._init_seed = seed
        self.seed = random.randint(1, 10**9) if seed is None else seed

    def generator(self) -> np.random.Generator:
        """A NumPy generator at the start of this call's stream."""
        if hasattr(self.seed, "next"):
            key: int | list[int] = [int(word) for word in np.asarray(self.seed.next())]
        else:
            key = int(self.seed) & (2**64 - 1)
        return np.random.Generator(np.random.Philox(np.random.SeedSequence(key)))

    def get_config(self) -> dict[str, Any]:
        seed = self._init_seed
        if hasattr(seed, "next"):
            from .. import saving

            seed = saving.serialize_keras_object(seed)
        return {"seed": seed}


def truncated_normal(
    generator: np.random.Generator, shape: Sequence[int], mean: float, stddev: float
) -> np.ndarray:
    """N(mean, stddev) with everything beyond two standard deviations drawn again."""
    values = generator.standard_normal(shape)
    while True:
        outside = np.abs(values) > 2
        count = int(np.count_nonzero(outside))
        if count == 0:
            return mean + stddev * values
        values = np.where(outside, 0.0, values)
        values[outside] = generator.standard_normal(count)


class RandomNormal(RandomInitializer):
    """Draws from the normal distribution N(mean, stddev²).

    Args:
        mean, stddev: of the distribution.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        return np.asarray(self.generator().normal(self.mean, self.stddev, tuple(shape)), dtype or floatx())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomNormal):
    """Draws from N(mean, stddev²), again wherever the value is beyond two standard deviations.

    Args:
        mean, stddev: of the distribution before it is cut.
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        values = truncated_normal(self.generator(), tuple(shape), self.mean, self.stddev)
        return np.asarray(values, dtype or floatx())


class RandomUniform(RandomInitializer):
    """Draws uniformly from [minval, maxval).

    Args:
        minval, maxval: the bounds.
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        return np.asarray(self.generator().uniform(self.minval, self.maxval, tuple(shape)), dtype or floatx())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


class VarianceScaling(RandomInitializer):
    """Values of variance `scale / fan`.

    Args:
        scale: positive factor.
        mode: which fan: `"fan_in"`, `"fan_out"` or `"fan_avg"`.
        distribution: `"truncated_normal"`, `"untruncated_normal"` or `"uniform"`.
        input_axes, output_axes: the axes whose product is the fan in / out, instead of the usual ones; both
            or none.
    """

    MODES = ("fan_in", "fan_out", "fan_avg")
    DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ) -> None:
        super().__init__(seed)
        distribution = "truncated_normal" if distribution == "normal" else distribution
        where = type(self).__name__
        if not scale > 0:
            raise ValueError(f"{where}: Argument `scale` must be positive float. Received: scale={scale!r}")
        if mode not in self.MODES:
            raise ValueError(
                f"{where}: Invalid `mode` argument: expected one of {self.MODES}. Received: mode={mode!r}"
            )
        if distribution not in self.DISTRIBUTIONS:
            raise ValueError(
                f"{where}: Invalid `distribution` argument: expected one of {self.DISTRIBUTIONS}. "
                f"Received: distribution={distribution!r}"
            )
        if (input_axes is None) != (output_axes is None):
            raise ValueError(
                f"{where}: give input_axes and output_axes together, received {input_axes!r} and "
                f"{output_axes!r}"
            )
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes

    def fans(self, shape: Sequence[int]) -> tuple[int, int]:
        if self.input_axes is None:
            return compute_fans(shape)
        return tuple(math.prod(shape[axis] for axis in axes) for axes in (self.input_axes, self.output_axes))

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        shape = tuple(shape)
        fan_in, fan_out = self.fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, fan)
        generator = self.generator()
        if self.distribution == "truncated_normal":
            values = truncated_normal(generator, shape, 0.0, math.sqrt(variance) / TRUNCATED_STDDEV)
        elif self.distribution == "untruncated_normal":
            values = generator.normal(0.0, math.sqrt(variance), shape)
        else:
            limit = math.sqrt(3.0 * variance)
            values = generator.uniform(-limit, limit, shape)
        return np.asarray(values, dtype or floatx())

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class _Named(VarianceScaling):
    """A VarianceScaling with its three choices fixed by the class."""

    fixed: tuple[float, str, str]

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None:
        super().__init__(*self.fixed, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        return {
            "seed": super().get_config()["seed"],
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class GlorotUniform(_Named):
    """Uniform with variance 2 / (fan_in + fan_out): within ±√(6 / (fan_in + fan_out)).

    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.
    """

    fixed = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Named):
    """Truncated normal with variance 2 / (fan_in + fan_out), for sigmoid-like activations.

    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.
    """

    fixed = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_Named):
    """Uniform with variance 2 / fan_in, for relu: within ±√(6 / fan_in).

    He et al., Delving deep into rectifiers, 2015, arXiv:1502.01852.
    """

    fixed = (2.0, "fan_in", "uniform")


class HeNormal(_Named):
    """Truncated normal with variance 2 / fan_in, for relu.

    He et al., Delving deep into rectifiers, 2015, arXiv:1502.01852.
    """

    fixed = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_Named):
    """Uniform with variance 1 / fan_in, for selu: within ±√(3 / fan_in).

    LeCun et al., Efficient BackProp, 1998; Klambauer et al., arXiv:1706.02515.
    """

    fixed = (1.0, "fan_in", "uniform")


class LecunNormal(_Named):
    """Truncated normal with variance 1 / fan_in, for selu.

    LeCun et al., Efficient BackProp, 1998; Klambauer et al., arXiv:1706.02515.
    """

    fixed = (1.0, "fan_in", "truncated_normal")


class Orthogonal(RandomInitializer):
    """A matrix (all axes but the last, last axis) with orthonormal rows or columns, times `gain`.

    Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear neural networks, 2013,
    arXiv:1312.6120.

    Args:
        gain: factor of the matrix.
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        shape = tuple(shape)
        if len(shape) < 2:
            raise ValueError(
                f"Orthogonal initializer: expected a shape of at least 2 dimensions, received shape {shape}"
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        sample = self.generator().standard_normal((max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(sample)
        # a QR routine may choose any signs; these make the result uniform over orthogonal matrices
        q = q * np.where(np.diag(r) < 0, -1.0, 1.0)
        return np.asarray(self.gain * (q.T if rows < columns else q).reshape(shape), dtype or floatx())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gain": self.gain}
