"""The base class of the initializers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.docs import inherit_arguments


class Initializer:
    """Makes the first values of a variable: called with `(shape, dtype)`, returns an array.

    Subclasses write `__call__` and, if they have arguments, `get_config`.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        inherit_arguments(cls)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__}: an Initializer defines __call__(shape, dtype)")

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)

    def clone(self) -> Any:
        return type(self).from_config(self.get_config())
