"""Pipeline."""

from typing import Any

from ..layer import Layer


class Pipeline(Layer):
    """Layers one after another, of data that may be a dict (see the image layers).

    Args:
        layers: the list. A mask goes from layer to layer by their `compute_mask`.
    """

    writes_build_config = True

    def __init__(self, layers: list[Any], name: str | None = None) -> None:
        super().__init__(name=name)
        self._pipeline_layers = list(layers)

    @property
    def layers(self) -> list[Any]:
        return self._pipeline_layers

    def call(self, inputs: Any, training: Any = True, mask: Any = None) -> Any:
        for layer in self._pipeline_layers:
            arguments = {} if mask is None else {"mask": mask}
            outputs = layer(inputs, training=training, **arguments)
            mask = layer.compute_mask(inputs, mask)
            inputs = outputs
        return inputs

    def get_config(self) -> dict[str, Any]:
        from ... import saving

        return {"layers": saving.serialize_keras_object(self._pipeline_layers), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A new pipeline of new layers."""
        from ... import saving

        layers = config.get("layers")
        if not isinstance(layers, (list, tuple)):
            raise ValueError(f"Pipeline: from_config: expected a list of layers; received {layers!r}")
        made = [saving.deserialize_keras_object(layer) for layer in layers]
        return cls(layers=made, name=config.get("name"))
