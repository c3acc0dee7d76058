"""Dot."""

from typing import Any

from ... import ops
from ..layer import Layer
from .base_merge import check_list


class Dot(Layer):
    """Contracts one axis of each of two tensors, sample by sample.

    Args:
        axes: an int for both or a pair; the batch is axis 0 and cannot be contracted.
        normalize: whether to divide by the L2 norms along the axes first, which gives cosines.

    Output shape: that of the first tensor without its axis, then that of the second without batch and axis;
    `(batch, 1)` if both are `(batch, features)`.
    """

    writes_build_config = True

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axes = _check_axes(axes)
        self.normalize = normalize
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        check_list(self, inputs, 2)
        x, y = inputs
        pair = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        first, second = (self._axis(t, axis) for t, axis in zip(inputs, pair, strict=True))
        if None not in (x.shape[first], y.shape[second]) and x.shape[first] != y.shape[second]:
            raise ValueError(
                f"Dot '{self.name}': the contracted axes must have one size, received shapes "
                f"{tuple(x.shape)} and "
                f"{tuple(y.shape)} with axes={self.axes}"
            )
        if self.normalize:
            x, y = ops.l2_normalize(x, axis=first), ops.l2_normalize(y, axis=second)
        x, y = ops.moveaxis(x, first, -1), ops.moveaxis(y, second, -1)
        # (batch, rest of x, 1.., k) * (batch, 1.., rest of y, k)
        kept, added = len(x.shape) - 2, len(y.shape) - 2
        for _ in range(added):
            x = ops.expand_dims(x, -2)
        for _ in range(kept):
            y = ops.expand_dims(y, 1)
        result = ops.sum(x * y, axis=-1)
        return result if kept or added else ops.expand_dims(result, -1)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        return None

    def _axis(self, x: Any, axis: Any) -> Any:
        ndim = len(x.shape)
        positive = axis + ndim if axis < 0 else axis
        if not 0 < positive < ndim:
            raise ValueError(
                f"Dot '{self.name}': axes must name an axis behind the batch, received axes={self.axes} "
                "for an input of "
                f"shape {tuple(x.shape)}"
            )
        return positive


def _check_axes(axes: Any) -> Any:
    if isinstance(axes, int) and not isinstance(axes, bool):
        return axes
    if not isinstance(axes, (list, tuple)):
        raise TypeError(f"Dot: axes must be an int or a pair of ints, received axes={axes!r}")
    if len(axes) != 2 or any(isinstance(axis, bool) or not isinstance(axis, int) for axis in axes):
        raise ValueError(f"Dot: axes must be an int or a pair of ints, received axes={axes!r}")
    return axes


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """Contracts one axis of each of two tensors, by a new `Dot` layer."""
    return Dot(axes=axes, **kwargs)(inputs)
