"""Maximum."""

from typing import Any

from ... import ops
from .base_merge import BaseMerge


class Maximum(BaseMerge):
    """Elementwise maximum of a list of tensors; where one is masked, the other counts."""

    handles_masks = True

    def combine(self, x: Any, y: Any) -> Any:
        return ops.maximum(x, y)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """Elementwise maximum of a list of tensors, by a new `Maximum` layer."""
    return Maximum(**kwargs)(inputs)
