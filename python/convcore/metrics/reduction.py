"""Running sums and means, and the metric made of a function of (y_true, y_pred)."""

import numpy as np

from .. import losses, ops
from ..config import floatx
from ..core.masks import get_keras_mask
from ..core.variable import value_of
from ..losses.reduction import align_ranks, count, mask_to_weight
from .metric import Metric


def samplewise(values, sample_weight, reduce_fn, dtype):
    """Reduces values (and weights) to one per sample; values are multiplied by the weights."""
    values = ops.cast(values, dtype or floatx())
    if sample_weight is not None:
        sample_weight = ops.convert_to_tensor(sample_weight, dtype=dtype or floatx())
        values, sample_weight = align_ranks(values, sample_weight)
        weight_rank = len(sample_weight.shape)
        if len(values.shape) > weight_rank:
            values = reduce_fn(values, axis=list(range(weight_rank, len(values.shape))))
        sample_weight = sample_weight + ops.zeros_like(values)
        values = values * sample_weight
        if weight_rank > 1:
            sample_weight = reduce_fn(sample_weight, axis=list(range(1, weight_rank)))
    if len(values.shape) > 1:
        values = reduce_fn(values, axis=list(range(1, len(values.shape))))
    return values, sample_weight


class Sum(Metric):
    """The (weighted) sum of the given values."""

    def __init__(self, name="sum", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), name="total")

    def update_state(self, values, sample_weight=None):
        values, _ = samplewise(values, sample_weight, ops.sum, self.dtype)
        self.total.assign_add(ops.sum(values))

    def result(self):
        return value_of(self.total)


class Mean(Metric):
    """The (weighted) mean of the given values; 0 before the first."""

    def __init__(self, name="mean", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), name="total")
        self.count = self.add_variable((), name="count")

    def update_state(self, values, sample_weight=None):
        values, sample_weight = samplewise(values, sample_weight, ops.mean, self.dtype)
        self.total.assign_add(ops.sum(values))
        if sample_weight is not None:
            samples = ops.sum(sample_weight)
        elif len(values.shape) >= 1:
            samples = ops.cast(count(values, axes=[0]), self.dtype)
        else:
            samples = np.ones((), self.dtype)
        self.count.assign_add(samples)

    def result(self):
        return ops.divide_no_nan(ops.convert_to_tensor(self.total), ops.convert_to_tensor(self.count))


class MeanMetricWrapper(Mean):
    """The running mean of `fn(y_true, y_pred, **kwargs)`, which returns one value per sample.

    Args:
        fn: The function.
        name: Name of the metric.
        dtype: Dtype of the state.
        **kwargs: Further arguments of `fn`.
    """

    def __init__(self, fn, name=None, dtype=None, **kwargs):
        super().__init__(name=name, dtype=dtype)
        self._fn = fn
        self._fn_kwargs = kwargs
        if any(fn is known for known in losses.FUNCTIONS) or isinstance(fn, losses.Loss):
            self._direction = "down"

    def update_state(self, y_true, y_pred, sample_weight=None):  # type: ignore[override]
        mask = get_keras_mask(y_pred)
        values = self._fn(y_true, y_pred, **self._fn_kwargs)
        if mask is not None:
            sample_weight = mask_to_weight(mask, sample_weight, self.dtype, "sum")
        super().update_state(values, sample_weight)

    def get_config(self):
        config = super().get_config()
        if type(self) is MeanMetricWrapper:
            from . import serialize

            config["fn"] = serialize(self._fn)
        config.update(self._fn_kwargs)
        return config

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        if "fn" in config:
            config["fn"] = losses.get(config["fn"])
        return super().from_config(config)
