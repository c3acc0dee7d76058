"""Lambda."""

import inspect
from typing import Any

from ...core import tree
from ...core.keras_tensor import KerasTensor
from ..layer import Layer


class _OtherShapeError(ValueError):
    """A function gave what the layer's ``output_shape`` does not promise."""


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
            (with the batch axis). It is compared with what `function` gives, and needed only where `function`
            asks for sizes that are not known yet.
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

    def compute_output_spec(self, inputs: Any, **kwargs: Any) -> Any:
        """As for every layer; where the function cannot be recorded yet, what ``output_shape`` promises."""
        try:
            return super().compute_output_spec(inputs, **kwargs)
        except Exception as error:
            if self._output_shape is None or isinstance(error, _OtherShapeError):
                raise
            return KerasTensor(self._promised(inputs), self.compute_dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def _check_shape(self, inputs: Any, outputs: Any) -> None:
        if self._output_shape is None:
            return
        expected = self._promised(inputs)
        if not hasattr(outputs, "shape"):
            return
        found = tuple(outputs.shape)
        agree = len(found) == len(expected) and all(
            None in pair or pair[0] == pair[1] for pair in zip(found, expected, strict=True)
        )
        if not agree:
            raise _OtherShapeError(
                f"Lambda '{self.name}': expected an output of shape {tuple(expected)} (output_shape), "
                f"received {found} from {getattr(self.function, '__name__', self.function)!r}"
            )

    def _promised(self, inputs: Any) -> tuple[int | None, ...]:
        if callable(self._output_shape):
            return tuple(self._output_shape(tree.map_structure(lambda x: tuple(x.shape), inputs)))
        return tree.flatten(inputs)[0].shape[0], *self._output_shape

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
