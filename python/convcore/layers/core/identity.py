"""Identity."""

from typing import Any

from ..layer import Layer


class Identity(Layer):
    """Returns its input."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs
