"""InputLayer and Input: where a functional model begins."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import dtypes
from ...core.keras_tensor import KerasTensor, Node
from ..layer import Layer


class InputLayer(Layer):
    """The entry of a model: holds the shape of its input.

    Args:
        shape: the shape without the batch axis; None for an unknown size.
        batch_size: the size of the batch axis, if known.
        dtype: element type; None means floatx.
        sparse, ragged: accepted for compatibility; only None or False.
        batch_shape: the shape with the batch axis, instead of `shape` and `batch_size`.
        input_tensor: a KerasTensor without history to use as the output.
        optional: whether None may be passed to the model here.
        name: name of the layer and of the tensor.
    """

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: Any = None,
        dtype: Any = None,
        sparse: Any = None,
        ragged: Any = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if shape is None and "input_shape" in kwargs:
            warnings.warn("Argument `input_shape` is deprecated. Use `shape` instead.", stacklevel=2)
            shape = kwargs.pop("input_shape")
        super().__init__(name=name, **kwargs)
        for key, value in (("sparse", sparse), ("ragged", ragged)):
            if value:
                raise ValueError(
                    f"InputLayer '{self.name}': `{key}=True` is not supported, all tensors are dense: "
                    f"expected {key}=None, received {value!r}"
                )
        if input_tensor is not None:
            if not isinstance(input_tensor, KerasTensor) or input_tensor.keras_history is not None:
                raise ValueError(
                    f"InputLayer '{self.name}': Argument `input_tensor` must be a KerasTensor that no "
                    f"operation made. Received: input_tensor={input_tensor!r}"
                )
            self._check_beside_tensor(input_tensor, shape, batch_size, batch_shape, dtype)
            shape = batch_size = None
            batch_shape, dtype = input_tensor.shape, input_tensor.dtype
        self.batch_shape = self._full_shape(shape, batch_size, batch_shape)
        self._input_dtype = dtypes.standardize_dtype(dtype)
        self.sparse, self.ragged, self.optional = False, False, optional
        output = (
            KerasTensor(self.batch_shape, self._input_dtype, name=self.name)
            if input_tensor is None
            else input_tensor
        )
        Node(self, (), {}, output)
        self.built = True

    def _full_shape(self, shape: Sequence[int | None] | None, batch_size: Any, batch_shape: Any) -> Any:
        where = f"InputLayer '{self.name}'"
        if shape is None and batch_shape is None:
            raise ValueError(
                f"{where}: You must pass a `shape` argument. Received: shape=None and batch_shape=None"
            )
        if shape is not None and batch_shape is not None:
            raise ValueError(
                f"{where}: You cannot pass both `shape` and `batch_shape` at the same time. Received: "
                f"shape={shape!r} and batch_shape={batch_shape!r}"
            )
        if batch_shape is not None and batch_size is not None:
            raise ValueError(
                f"{where}: You cannot pass both `batch_size` and `batch_shape` at the same time. Received: "
                f"batch_shape={batch_shape!r} and batch_size={batch_size!r}"
            )
        given = batch_shape if shape is None else shape
        sizes = (given,) if isinstance(given, int | np.integer) else tuple(given)
        full = sizes if shape is None else (batch_size, *sizes)
        full = tuple(int(n) if isinstance(n, np.integer) else n for n in full)
        if any(n is not None and (isinstance(n, bool) or not isinstance(n, int) or n < 0) for n in full):
            raise ValueError(
                f"{where}: a shape holds integers >= 0 or None, received shape={given!r} and "
                f"batch_size={batch_size!r}"
            )
        return full

    @property
    def dtype(self) -> str:
        return self._input_dtype

    def _check_beside_tensor(
        self, tensor: KerasTensor, shape: Any, batch_size: Any, batch_shape: Any, dtype: Any
    ) -> None:
        """ValueError unless arguments beside `input_tensor` say the same as it."""
        for name, value, own in (
            ("shape", None if shape is None else tuple(shape), tensor.shape[1:]),
            ("batch_shape", None if batch_shape is None else tuple(batch_shape), tensor.shape),
            ("batch_size", batch_size, tensor.shape[:1] and tensor.shape[0]),
            ("dtype", None if dtype is None else dtypes.standardize_dtype(dtype), tensor.dtype),
        ):
            if value is not None and value != own:
                raise ValueError(
                    f"InputLayer '{self.name}': you cannot provide an incompatible `{name}` beside "
                    f"`input_tensor`. Received: {name}={value!r}, that of the tensor is {own!r}"
                )

    def call(self) -> None:
        """Nothing: the layer stands for an input."""

    def get_config(self) -> dict[str, Any]:
        return {
            "batch_shape": self.batch_shape,
            "dtype": self.dtype,
            "sparse": self.sparse,
            "ragged": self.ragged,
            "name": self.name,
            "optional": self.optional,
        }


def Input(
    shape: Sequence[int | None] | None = None,
    batch_size: Any = None,
    dtype: Any = None,
    sparse: Any = None,
    ragged: Any = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> Any:
    """A symbolic tensor with which a functional model begins.

    Args: those of `InputLayer`, with `tensor` for `input_tensor`.

    Example:

    >>> Input((28, 28, 1), name="image")
    <KerasTensor shape=(None, 28, 28, 1), dtype=float32, name=image>
    """
    layer = InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name)
    return layer.output
