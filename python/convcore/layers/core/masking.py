"""Masking."""

from typing import Any

from ... import ops
from ..layer import Layer


class Masking(Layer):
    """Marks steps as missing: those of which every feature equals `mask_value`. They become 0.

    The layers behind it that support masks skip such steps; `GlobalAveragePooling1D`, `BatchNormalization`
    and the losses do.

    Args:
        mask_value: a number.

    Input shape: `(batch, steps, features)`, or any with at least two axes.

    Output shape: the same; its mask is `(batch, steps)`, true where some feature differs from `mask_value`.

    Example:

    >>> import numpy as np
    >>> x = np.array([[[1.0, 3.0], [5.0, 5.0]]], "float32")
    >>> Masking(mask_value=5.0)(x)
    array([[[1., 3.],
            [0., 0.]]], dtype=float32)
    """

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Any) -> Any:
        kept = ops.any(ops.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        return ops.where(kept, inputs, 0)
