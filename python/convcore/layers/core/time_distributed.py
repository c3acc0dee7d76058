"""TimeDistributed."""

import inspect
from typing import Any

from ... import ops
from ..layer import Layer
from .wrapper import Wrapper


class TimeDistributed(Wrapper):
    """Applies a layer to every step of the second axis: `(batch, steps, ...)` to `(batch, steps, ...)`.

    All steps are computed at once, as one batch, if the layer treats the samples of a batch alone; otherwise
    (batch normalisation in training, layers of users) one after another.

    Args:
        layer: the layer, whose weights all steps share.

    Call arguments:
        inputs: of rank 3 or more.
        training: passed to the layer.
        mask: bool array `(batch, steps, ..)`; each step's part is passed to a layer that takes a mask.

    Raises:
        ValueError: `layer` is no layer, the inputs have no axis of steps, or the mask does not fit them.
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(
                "TimeDistributed: Please initialize `TimeDistributed` layer with a `Layer` instance. "
                f"Received: {layer}"
            )
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def _step_shape(self, input_shape: Any) -> tuple[Any, ...]:
        if not isinstance(input_shape, (tuple, list)) or len(input_shape) < 3:
            raise ValueError(
                f"TimeDistributed '{self.name}': `TimeDistributed` Layer should be passed an `input_shape` "
                f"with at least 3 dimensions, received: {input_shape}"
            )
        return (input_shape[0], *input_shape[2:])

    def build(self, input_shape: Any = None) -> None:
        super().build(self._step_shape(input_shape))

    def compute_output_shape(self, input_shape: Any) -> Any:
        output = self.layer.compute_output_shape(self._step_shape(input_shape))
        return (output[0], input_shape[1], *output[1:])

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        self._step_shape(tuple(inputs.shape))
        self._check_mask(inputs.shape, mask)
        wanted = inspect.signature(type(self.layer).call).parameters
        if "mask" not in wanted:
            mask = None
        given = {"training": training} if "training" in wanted and training is not None else {}
        if _treats_samples_alone(self.layer):
            return self._at_once(inputs, mask, given)
        steps = [
            self.layer(inputs[:, i], **given, **({} if mask is None else {"mask": mask[:, i]}))
            for i in range(inputs.shape[1])
        ]
        return ops.stack(steps, axis=1)

    def _at_once(self, inputs: Any, mask: Any, given: dict[str, Any]) -> Any:
        if mask is not None:
            given["mask"] = ops.reshape(mask, (-1, *mask.shape[2:]))
        outputs = self.layer(ops.reshape(inputs, (-1, *inputs.shape[2:])), **given)
        return ops.reshape(outputs, (-1, inputs.shape[1], *outputs.shape[1:]))

    def _check_mask(self, shape: Any, mask: Any) -> None:
        if mask is None:
            return
        if len(mask.shape) < 2:
            raise ValueError(
                f"TimeDistributed '{self.name}': the `mask` passed to the `TimeDistributed` layer must be at "
                f"least 2D (batch, steps), but it has {len(mask.shape)} dimension(s) with shape {mask.shape}"
            )
        if any(None not in (n, m) and n != m for n, m in zip(shape[:2], mask.shape[:2], strict=True)):
            raise ValueError(
                f"TimeDistributed '{self.name}': the mask has a shape {tuple(mask.shape)} that is "
                f"incompatible with the input shape {tuple(shape)}: batch and steps must agree"
            )


def _treats_samples_alone(layer: Any) -> bool:
    """Whether what the layer makes of a sample does not depend on the others, nor changes its state."""
    kinds = [type(part).__module__ for part in layer._flatten_layers()]
    known = all(
        kind.startswith("convcore.") and ".preprocessing." not in kind and not kind.endswith("lambda_layer")
        for kind in kinds
    )
    return known and all(weight._created_trainable for weight in layer.weights)
