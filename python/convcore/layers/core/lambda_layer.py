"""Lambda."""

import inspect
from typing import Any

from ...core import tree
from ..layer import Layer


class Lambda(Layer):
    """Applies a function to its input.

    To be saved, `function` must be defined with `def` and, to be found again, registered with
    `saving.register_keras_serializable`; a Python lambda works until the model is saved, because its code
    would have to be stored in the file.

    Args:
        function: called with the inputs and `arguments`; also with `mask` and `training` if it has parameters
            of these names. Written with `convcore.ops`, it is recorded, differentiated and fused like any
            layer.
        output_shape: the shape of a sample of the output, or a function from input shape to output shape
            (with the batch axis). It is compared with what `function` gives; it is never needed.
        mask: the mask of the output, or a function (inputs, mask) that computes it.
        arguments: a dict of further keyword arguments of `function`.

    Raises:
        ValueError: `function` is no function, or what it gives has another shape than `output_shape`.

    Example:

    >>> import numpy as np
    >>> from convcore import ops
    >>> def power(x, n):
    ...     return ops.power(x, n)
    >>> Lambda(power, arguments={"n": 2.0})(np.array([3.0], "float32"))
    array([9.], dtype=float32)
    """

    def __init__(
        self,
        function: Any,
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise ValueError(f"Lambda: function must be callable, received function={function!r}")
        self.function = function
        self.arguments = dict(arguments or {})
        self.mask = mask
        self.supports_masking = mask is not None
        self._output_shape = output_shape
        parameters = inspect.signature(function).parameters
        self._passed = [name for name in ("mask", "training") if name in parameters]

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        given = {"mask": mask, "training": training}
        outputs = self.function(inputs, **self.arguments, **{name: given[name] for name in self._passed})
        self._check_shape(inputs, outputs)
        return outputs

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def _check_shape(self, inputs: Any, outputs: Any) -> None:
        if self._output_shape is None:
            return
        shapes = tree.map_structure(lambda x: tuple(x.shape), inputs)
        if callable(self._output_shape):
            expected = self._output_shape(shapes)
        else:
            expected = (tree.flatten(inputs)[0].shape[0], *self._output_shape)
        if not hasattr(outputs, "shape"):
            return
        found = tuple(outputs.shape)
        agree = len(found) == len(expected) and all(
            None in pair or pair[0] == pair[1] for pair in zip(found, expected, strict=True)
        )
        if not agree:
            raise ValueError(
                f"Lambda '{self.name}': expected an output of shape {tuple(expected)} (output_shape), "
                f"received {found} from {getattr(self.function, '__name__', self.function)!r}"
            )

    def get_config(self) -> dict[str, Any]:
        from ... import saving

        config = {"function": saving.serialize_keras_object(self.function)}
        if self._output_shape is not None:
            shape = self._output_shape
            config["output_shape"] = saving.serialize_keras_object(shape) if callable(shape) else shape
        if self.mask is not None:
            config["mask"] = saving.serialize_keras_object(self.mask)
        config["arguments"] = saving.serialize_keras_object(self.arguments)
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Lambda":
        from ... import saving

        config = dict(config)
        for key in ("function", "output_shape", "mask", "arguments"):
            if isinstance(config.get(key), dict):
                config[key] = saving.deserialize_keras_object(config[key])
        if isinstance(config.get("output_shape"), list):
            config["output_shape"] = tuple(config["output_shape"])
        return cls(**config)
