"""Normalization."""

import itertools
import math
from typing import Any

import numpy as np

from ... import config, ops
from ..common import to_float
from ..layer import Layer


class Normalization(Layer):
    """`(x - mean) / max(sqrt(variance), 1e-7)`, with given numbers or those that `adapt` finds in data.

    Args:
        axis: an int or a tuple of ints, the axes that have a mean and a variance of their own; None means one
            for everything.
        mean, variance: numbers or arrays that broadcast to the sizes along `axis`; both or none.
        invert: whether to undo the normalisation instead: `x * max(sqrt(variance), 1e-7) + mean`.

    Weights, unless mean and variance are given: mean, variance, of the input's sizes along `axis`, and count.
    """

    def __init__(
        self,
        axis: Any = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.invert = invert
        self.supports_masking = True
        if (mean is None) != (variance is None):
            raise ValueError(
                "Normalization: both `mean` and `variance` must be set, or none of them. Received: "
                f"mean={mean} and variance={variance}"
            )
        if mean is not None and (
            np.shape(mean) != np.shape(variance) or len(np.shape(mean)) > len(self.axis)
        ):
            raise ValueError(
                "Normalization: mean and variance must have one shape, with at most one axis per axis kept, "
                f"received shapes {np.shape(mean)} and {np.shape(variance)} for axis={self.axis}"
            )
        self.input_mean, self.input_variance = mean, variance

    def build(self, input_shape: Any) -> None:
        ndim = len(input_shape)
        if any(not -ndim <= a < ndim for a in self.axis):
            raise ValueError(
                f"Normalization '{self.name}': All `axis` values must be in the range [-ndim, ndim). "
                f"Received: axis={self.axis} for inputs of shape {tuple(input_shape)}"
            )
        if any(input_shape[a] is None for a in self.axis):
            raise ValueError(
                f"Normalization '{self.name}': All `axis` values to be kept must have a known size. "
                f"Received: axis={self.axis} for inputs of shape {tuple(input_shape)}"
            )
        self._kept = sorted(a % ndim for a in self.axis)
        self._sizes = tuple(input_shape[a] for a in self._kept)
        self._lying = [input_shape[a] if a in self._kept else 1 for a in range(ndim)]
        if self.input_mean is None:
            self.adapt_mean = self._statistic("mean", "zeros")
            self.adapt_variance = self._statistic("variance", "ones")
            self.count = self.add_weight(
                name="count", shape=(), dtype="int", initializer="zeros", trainable=False
            )

    def _statistic(self, name: str, initializer: str) -> Any:
        return self.add_weight(name=name, shape=self._sizes, initializer=initializer, trainable=False)

    @property
    def mean(self) -> Any:
        """The mean as an array that broadcasts against the inputs; None before the layer is built."""
        return self._values(self.input_mean, "adapt_mean")

    @property
    def variance(self) -> Any:
        """The variance as an array that broadcasts against the inputs; None before the layer is built."""
        return self._values(self.input_variance, "adapt_variance")

    def _values(self, given: Any, weight: str) -> Any:
        if not self.built:
            return None
        values = getattr(self, weight).numpy() if given is None else np.asarray(given)
        return np.broadcast_to(values, self._sizes).reshape(self._lying).astype(self.compute_dtype)

    def call(self, inputs: Any) -> Any:
        inputs = ops.cast(to_float(inputs, self), self.compute_dtype)
        mean, variance = (
            ops.reshape(getattr(self, weight), self._lying) if given is None else self._values(given, weight)
            for given, weight in (
                (self.input_mean, "adapt_mean"),
                (self.input_variance, "adapt_variance"),
            )
        )
        deviation = ops.maximum(ops.sqrt(variance), config.epsilon())
        return mean + inputs * deviation if self.invert else (inputs - mean) / deviation

    def adapt(self, data: Any) -> None:
        """Takes mean and variance from data: an array, a `PyDataset`, or an iterable of batches.

        Of batches that are tuples the first entry counts; batches are merged exactly, whatever their sizes.
        Calling it again starts anew.
        """
        if self.input_mean is not None:
            raise ValueError(
                f"Normalization '{self.name}': adapt() needs a layer without given mean and variance"
            )
        batches = iter([data] if isinstance(data, np.ndarray) else _batches(data))
        first = next(batches, None)
        if first is None:
            raise ValueError(
                f"Normalization '{self.name}': adapt() needs at least one batch, received an empty iterable"
            )
        if np.ndim(first) == 0:
            raise TypeError(
                f"Normalization '{self.name}': adapt() expected arrays, which have a `.shape`; received "
                f"{type(first).__name__}"
            )
        if not self.built:
            self.build((None, *np.shape(first)[1:]))
        mean, variance, count = np.zeros(self._sizes), np.zeros(self._sizes), 0
        for batch in itertools.chain([first], batches):
            mean, variance, count = self._merge(mean, variance, count, batch)
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(variance)

    def _merge(self, mean: Any, variance: Any, count: int, batch: Any) -> Any:
        """Statistics of what was seen and of one more batch together (Chan, Golub and LeVeque, 1979)."""
        batch = np.asarray(batch)
        if batch.ndim != len(self._lying) or tuple(batch.shape[a] for a in self._kept) != self._sizes:
            raise ValueError(
                f"Normalization '{self.name}': adapt() received data of an incompatible shape: expected "
                f"sizes {self._sizes} along axis={self.axis}. Received: shape {batch.shape}"
            )
        others = tuple(a for a in range(batch.ndim) if a not in self._kept)
        size = math.prod(batch.shape[a] for a in others)
        if size == 0:
            return mean, variance, count
        share = size / (count + size)
        own_mean = batch.mean(axis=others, dtype=np.float64)
        own_variance = batch.var(axis=others, dtype=np.float64)
        merged = mean + (own_mean - mean) * share
        spread = (variance + (mean - merged) ** 2) * (1 - share) + (
            own_variance + (own_mean - merged) ** 2
        ) * share
        return merged, spread, count + size

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "invert": self.invert,
            "mean": None if self.input_mean is None else np.asarray(self.input_mean).tolist(),
            "variance": None if self.input_variance is None else np.asarray(self.input_variance).tolist(),
        }


def _batches(data: Any) -> Any:
    if not hasattr(data, "__iter__") and not (hasattr(data, "__getitem__") and hasattr(data, "__len__")):
        raise TypeError(f"Normalization: adapt() expects an array or batches, received {type(data).__name__}")
    items = data if hasattr(data, "__iter__") else (data[i] for i in range(len(data)))
    for item in items:
        yield item[0] if isinstance(item, tuple) else item
