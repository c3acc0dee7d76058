"""Wrapper."""

from typing import Any

from ..layer import Layer


class Wrapper(Layer):
    """The base of layers that hold another layer and change what it does; a subclass defines `call`.

    Args:
        layer: the layer inside, in the attribute of the same name.

    Raises:
        ValueError: `layer` is no layer.

    Example:

    >>> import numpy as np
    >>> from convcore.layers import Dense
    >>> class Twice(Wrapper):
    ...     def call(self, inputs):
    ...         return self.layer(self.layer(inputs))
    >>> Twice(Dense(3, kernel_initializer="ones"))(np.ones((1, 3), "float32"))
    array([[9., 9., 9.]], dtype=float32)
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Layer {layer!r} supplied to {type(self).__name__} isn't a supported layer type. Please "
                "ensure wrapped layer is a valid Keras layer."
            )
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)

    def get_config(self) -> dict[str, Any]:
        from ... import saving

        return {**super().get_config(), "layer": saving.serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        from ... import saving

        config = dict(config)
        return cls(saving.deserialize_keras_object(config.pop("layer")), **config)
