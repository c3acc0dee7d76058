"""The model whose outputs are what the layers of another model make of its inputs."""

from ..layers.core.input_layer import InputLayer
from ..layers.layer import Layer


def feature_model(model, wanted=None):
    """A functional model with a dict of outputs, one for every call of a layer; see `Model.feature_maps`."""
    found = _outputs(model)
    if wanted is not None:
        names = [layer.name if isinstance(layer, Layer) else layer for layer in wanted]
        missing = [name for name in names if name not in found]
        if missing:
            raise ValueError(
                f"Model {model.name!r}: feature_maps: expected layers among {list(found)}; received {missing}"
            )
        found = {name: found[name] for name in names}
    from .functional import Functional

    inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
    return Functional(getattr(model, "_inputs_struct", inputs), found, name=f"{model.name}_feature_maps")


def _outputs(model):
    """{name: symbolic output} of the layers, in the order of the model."""
    from .functional import Functional
    from .sequential import Sequential

    if isinstance(model, Sequential) and model.built:
        return dict(zip([layer.name for layer in model.layers], model._tensors[1:], strict=True))
    if not isinstance(model, Functional):
        raise ValueError(
            f"Model {model.name!r}: feature_maps: expected a Sequential model that is built, or a functional "
            f"one; received {type(model).__name__}. Its layers can be called one by one."
        )
    found: dict = {}
    for node in model.nodes:
        if isinstance(node.operation, Layer) and not isinstance(node.operation, InputLayer):
            found[_free_name(node.operation.name, found)] = node.outputs
    return found


def _free_name(name, taken):
    count = sum(other == name or other.startswith(f"{name}:") for other in taken)
    return f"{name}:{count}" if count else name
