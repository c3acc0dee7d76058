"""The one cropping layer; its subclasses fix the rank, the default and whether there is a data format."""

from typing import Any

from ...core.dispatch import apply
from ..common import spatial_axes
from ..input_spec import InputSpec
from ..layer import Layer
from .pairs import standardize_pairs

_END = 2**63 - 1


class BaseCropping(Layer):
    """Cuts elements off both ends of the spatial axes."""

    writes_build_config = True

    rank: int
    data_format = "channels_last"

    def _prepare(self, cropping: Any) -> None:
        self._pairs = standardize_pairs(cropping, self.rank, "cropping", self)
        self.cropping = self._pairs[0] if self.rank == 1 else self._pairs
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _too_much(self) -> str:
        if self.rank == 1:
            return "`cropping` parameter of `Cropping1D` layer must be smaller than the length of the input."
        return (
            "Values in `cropping` argument should be smaller than the corresponding spatial dimension of the "
            "input."
        )

    def call(self, inputs: Any) -> Any:
        ndim = self.rank + 2
        begin, end = [0] * ndim, [_END] * ndim
        for axis, (front, back) in zip(spatial_axes(self.rank, self.data_format), self._pairs, strict=True):
            size = inputs.shape[axis]
            if size is not None and front + back >= size:
                raise ValueError(
                    f"{type(self).__name__} '{self.name}': {self._too_much()} "
                    f"Received: cropping={self.cropping} for inputs of shape {tuple(inputs.shape)}"
                )
            begin[axis], end[axis] = front, -back if back else _END
        return apply("slice", inputs, begin=begin, end=end, strides=[1] * ndim)
