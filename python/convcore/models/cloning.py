"""clone_model: the same architecture with new weights, or a changed one."""

from ..core import tree
from ..core.keras_tensor import KerasTensor
from ..layers.core.input_layer import Input, InputLayer
from .functional import Functional
from .sequential import Sequential


def clone_model(
    model, input_tensors=None, clone_function=None, call_function=None, recursive=False, custom_objects=None
):
    """A model of the same architecture and names, with freshly initialised weights; compiled if ``model`` is.

    Args:
        model: A Sequential, functional or configurable subclassed model.
        input_tensors: Symbolic tensors, in the structure of the model's inputs, to build the copy on; new
            inputs by default.
        clone_function: ``fn(layer)`` that returns the layer to use in the place of each layer except the
            inputs; by default a new layer of equal configuration.
        call_function: ``fn(layer, *args, **kwargs)`` that returns what the copy of a layer makes of symbolic
            tensors; by default it is called. Only for functional models.
        recursive: Whether models inside are taken apart too; by default ``clone_function`` is called with
            each as a whole.
        custom_objects: Dictionary of name -> class or function for the default copies.
    """
    changes = {
        "input_tensors": input_tensors,
        "clone_function": clone_function,
        "call_function": call_function,
    }
    given = [name for name, value in changes.items() if value is not None]
    if not isinstance(model, Functional | Sequential) and given:
        raise ValueError(
            f"clone_model: expected a Sequential or functional model with {given}; received "
            f"{type(model).__name__}, whose layers are called in Python"
        )
    if isinstance(model, Sequential) and call_function is not None:
        raise ValueError(
            "clone_model: expected a functional model with call_function; received a Sequential, whose "
            "layers are listed, not called"
        )
    if given or (recursive and isinstance(model, Functional | Sequential)):
        copy = _Cloning(clone_function, call_function, recursive).copy(model, input_tensors)
    else:
        copy = _default_copy(model, custom_objects)
    from .. import saving

    compile_config = model.get_compile_config()
    if compile_config:
        copy.compile_from_config(saving.deserialize_keras_object(compile_config))
    return copy


def _default_copy(layer, custom_objects=None):
    arguments = {"custom_objects": custom_objects} if custom_objects else {}
    return type(layer).from_config(layer.get_config(), **arguments)


class _Cloning:
    """One call of clone_model; a layer that is shared is copied once."""

    def __init__(self, clone_function, call_function, recursive):
        self._clone_function = clone_function or _default_copy
        self._call_function = call_function or (lambda layer, *args, **kwargs: layer(*args, **kwargs))
        self._recursive = recursive
        self._copies = {}

    def copy(self, model, input_tensors=None):
        make = self._sequential if isinstance(model, Sequential) else self._functional
        return make(model, input_tensors)

    def _copy_of(self, layer):
        if id(layer) not in self._copies:
            inside = self._recursive and isinstance(layer, Functional | Sequential)
            self._copies[id(layer)] = self.copy(layer) if inside else self._clone_function(layer)
        return self._copies[id(layer)]

    def _sequential(self, model, input_tensors):
        layers = [self._copy_of(layer) for layer in model.layers]
        first = model._layers[0] if model._layers else None
        if input_tensors is not None:
            flat = tree.flatten(input_tensors)
            if len(flat) != 1 or not isinstance(flat[0], KerasTensor):
                raise ValueError(
                    "clone_model: argument `input_tensors`: expected one symbolic tensor for a Sequential; "
                    f"received {input_tensors!r}"
                )
            layers.insert(0, flat[0])
        elif isinstance(first, InputLayer):
            layers.insert(0, Input(batch_shape=first.batch_shape, dtype=first.output.dtype, name=first.name))
        return Sequential(layers, trainable=model.trainable, name=model.name)

    def _functional(self, model, input_tensors):
        structure = model._inputs_struct
        if input_tensors is None:
            input_tensors = tree.map_structure(_new_input, structure)
        elif not tree.same_structure(structure, input_tensors) or not all(
            isinstance(x, KerasTensor) for x in tree.flatten(input_tensors)
        ):
            raise ValueError(
                "clone_model: `input_tensors` must have the same structure as model.input. Expected symbolic "
                f"tensors in the structure {structure!r}; received {input_tensors!r}"
            )
        outputs = model._graph_map.run(
            model.inputs, model._outputs_struct, tree.flatten(input_tensors), self._call
        )
        plain = type(model).__init__ is Functional.__init__
        cls = type(model) if plain else Functional
        return cls(input_tensors, outputs, name=model.name)

    def _call(self, operation, args, kwargs):
        return self._call_function(self._copy_of(operation), *args, **kwargs)


def _new_input(x):
    return Input(batch_shape=x.shape, dtype=x.dtype, name=x.keras_history.operation.name)
