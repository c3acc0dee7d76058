"""What a model takes: the symbolic inputs that `export` and `memory` record it with."""

import numpy as np

from ..core import tree
from ..core.keras_tensor import KerasTensor


def input_signature(model, given=None, where="export"):
    """The inputs of a model as KerasTensors, in the structure that the model is called with.

    Args:
        model: A functional model, a Sequential with an Input, or a model that has been called or built.
        given: Their shapes (batch axis included, None where free) and dtypes instead, as `InputSpec`,
            `KerasTensor`, or arrays as an example, whose batch axis is free.
        where: The call, for error messages.

    Raises:
        ValueError: if the inputs are unknown, or `given` has no shapes.
    """
    if given is not None:
        if isinstance(given, list | tuple) and len(given) == 1:
            given = given[0]  # Keras's form: a list of one
        return tree.map_structure(lambda spec: _symbolic(spec, model, where), given)
    if getattr(model, "inputs", None):
        structure = getattr(model, "_inputs_struct", None)
        if structure is not None and tree.is_nested(structure):
            return tree.pack_as(structure, list(model.inputs))
        return model.inputs[0] if len(model.inputs) == 1 else list(model.inputs)
    shapes = list((model._build_shapes or {}).values()) if model.built else []
    if len(shapes) != 1 or not tree.flatten(shapes[0]):
        raise ValueError(
            f"{where}: expected a model with known inputs; received {model.name!r}, which has none. "
            "Begin it with an Input, or call it once with a batch."
        )
    return tree.map_shapes(
        lambda shape: KerasTensor((None, *shape[1:]), model.compute_dtype, name="input"), shapes[0]
    )


def _symbolic(spec, model, where):
    if isinstance(spec, KerasTensor):
        return spec
    shape, dtype = getattr(spec, "shape", None), getattr(spec, "dtype", None)
    if shape is None:
        raise ValueError(
            f"{where}: argument `input_signature`: expected an InputSpec with a shape, a KerasTensor or an "
            f"array for every input; received {spec!r}"
        )
    if isinstance(spec, np.ndarray):
        shape = (None, *shape[1:])
    return KerasTensor(tuple(shape), str(dtype or model.compute_dtype), name=getattr(spec, "name", None))
