"""Model: layers put together, with training, saving and inspection."""

from typing import cast

from ..core import tree
from ..core.keras_tensor import KerasTensor
from ..core.suggestions import did_you_mean
from ..layers.layer import Layer
from ..trainers.trainer import Trainer
from . import state_tree
from .inspection import ModelInspection


class Model(Trainer, ModelInspection, Layer):
    """Layers with ``compile``, ``fit``, ``evaluate``, ``predict`` and ``save``.

    ``Model(inputs, outputs)`` of symbolic tensors is a functional model. A subclass defines layers in its
    constructor and computes in ``call(inputs, training=None)``.
    """

    def __new__(cls, *args, **kwargs):
        if cls is Model and _functional_arguments(args, kwargs):
            from .functional import Functional

            return Functional.__new__(Functional, *args, **kwargs)
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args, **kwargs):
        if _functional_arguments(args, kwargs):
            self._become_functional(args, kwargs)
            return
        if args:
            raise ValueError(
                f"{type(self).__name__}: expected symbolic inputs and outputs, or keyword arguments; "
                f"received {args}"
            )
        near = {name for name in ("input", "inputs", "output", "outputs") if name in kwargs}
        if near:
            raise ValueError(
                f"{type(self).__name__}: expected both `inputs` and `outputs`; received "
                f"{', '.join(sorted(near))}. Use Model(inputs=.., outputs=..)."
            )
        Trainer.__init__(self)
        Layer.__init__(self, **kwargs)

    def _become_functional(self, args, kwargs):
        # A subclass that calls super().__init__(inputs, outputs) gets the functional behaviour under its own
        # class.
        from .functional import Functional

        cls = type(self)
        if not issubclass(cls, Functional):
            self.__class__ = type(
                cls.__name__,
                (cls, Functional),
                {"__module__": cls.__module__, "__doc__": cls.__doc__, "_written_class": cls},
            )
        Functional.__init__(cast("Functional", self), *args, **kwargs)

    def call(self, *args, **kwargs):
        raise NotImplementedError(
            f"Model {type(self).__name__} does not have a `call()` method implemented; "
            "define it in the subclass, or use Model(inputs, outputs)"
        )

    @property
    def layers(self):
        """The layers directly inside."""
        return self._flatten_layers(include_self=False, recursive=False)

    @layers.setter
    def layers(self, _):
        refuse_layers()

    def get_layer(self, name=None, index=None):
        """The layer of that name, or at that index of ``layers``; ValueError if there is none."""
        if (name is None) == (index is None):
            raise ValueError(
                f"get_layer: expected either a name or an index; received name={name!r}, index={index!r}"
            )
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(f"get_layer: expected an index below {len(layers)}; received {index}")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise ValueError(
            f"get_layer: no layer {name!r}; existing layers are {[layer.name for layer in layers]}."
            f"{did_you_mean(name, [layer.name for layer in layers])}"
        )

    def save(self, filepath, overwrite=True, zipped=None, **kwargs):
        """Writes architecture, weights and optimizer state to a ``.keras`` file, whole or not at all.

        Args:
            filepath: Path that ends in `.keras`; in `.h5` for the layout of Keras 1 and 2. Or a binary file
                open for writing, such as `io.BytesIO()`.
            overwrite: False asks on a terminal, and raises FileExistsError elsewhere, if the file exists.
            zipped: Only True (or None) is supported.
            include_optimizer: Whether the optimizer and the arguments of ``compile`` are written too (a
                keyword; True by default).

        Raises:
            ValueError: for another ending.
            FileNotFoundError: if there is no such folder.
        """
        from .. import saving

        return saving.save_model(self, filepath, overwrite=overwrite, zipped=zipped, **kwargs)

    def save_weights(self, filepath, overwrite=True, max_shard_size=None, **kwargs):
        """Writes the weights, and the optimizer's state, to a ``.weights.h5`` file, whole or not at all.

        Args:
            filepath: Path that ends in `.weights.h5`.
            overwrite: False asks on a terminal, and raises FileExistsError elsewhere, if the file exists.
            max_shard_size: Most gigabytes in one file, for a path that ends in ``.weights.json``.

        Raises:
            ValueError: for another ending, or a model without weights yet.
            FileNotFoundError: if there is no such folder.
        """
        from .. import saving

        return saving.save_weights(self, filepath, overwrite, max_shard_size, **kwargs)

    def load_weights(self, filepath, skip_mismatch=False, **kwargs):
        """Reads weights written by ``save_weights``, ``save`` or ``export``: all of them or none.

        Args:
            filepath: A `.weights.h5`, `.keras`, `.h5` or `.convcore` file of a model of this structure.
            skip_mismatch: Whether to leave layers that do not fit as they are, with a warning.
            **kwargs: `by_name` and `objects_to_skip`, see `convcore.saving.load_weights`.

        Raises:
            ValueError: if the model is not built, or the weights do not fit; then none is changed.
            ModelFormatError: (a ValueError) for a damaged file.
        """
        from .. import saving

        return saving.load_weights(self, filepath, skip_mismatch=skip_mismatch, **kwargs)

    def get_state_tree(self, value_format="backend_tensor"):
        """The values of all variables in nested dicts, by kind (trainable, non-trainable, of the optimizer,
        of metrics) and path. Both formats, `"backend_tensor"` and `"numpy_array"`, are arrays of their own.
        """
        kinds = state_tree.variables_by_kind(self)
        return {kind: state_tree.nested_values(found, value_format) for kind, found in kinds.items()}

    def set_state_tree(self, state):
        """Assigns values from `get_state_tree`, or some of them."""
        kinds = state_tree.variables_by_kind(self)
        unknown = set(state) - set(kinds)
        if unknown:
            raise ValueError(f"set_state_tree: expected the keys {sorted(kinds)}; received {sorted(unknown)}")
        for kind, values in state.items():
            state_tree.assign_nested(kinds[kind], values, kind)

    def export(self, filepath, training=False, sample=True, input_signature=None):
        """Writes a ``.convcore`` file, which runs (and with ``training`` trains) in C++ without Python; see
        `convcore.saving.export_model`.
        """
        from .. import saving

        saving.export_model(self, filepath, training, sample, input_signature)

    def to_json(self, **kwargs):
        """The architecture as a JSON text."""
        from .. import saving

        return saving.model_to_json(self, **kwargs)

    def __reduce__(self):
        # Pickling and deep copies: architecture, compile arguments and the values of the weights.
        from .. import saving

        return _restored, (saving.serialize_keras_object(self), self.get_weights())

    def __deepcopy__(self, memo):
        restore, arguments = self.__reduce__()
        memo[id(self)] = copied = restore(*arguments)
        return copied

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """A model from get_config(); the functional kind is recognised by its keys."""
        if all(key in config for key in ("name", "layers", "input_layers", "output_layers")):
            from .functional_config import functional_from_config

            return functional_from_config(cls, config, custom_objects)
        return super().from_config(config)


def refuse_layers():
    raise AttributeError(
        "`Model.layers` attribute is reserved and should not be used: a model finds its layers in its other "
        "attributes. Please use another name."
    )


def _functional_arguments(args, kwargs):
    given = list(args[:2]) + [kwargs[key] for key in ("inputs", "outputs") if key in kwargs]
    leaves = tree.flatten(given)
    return (
        len(given) == 2
        and bool(leaves)
        and (
            all(isinstance(x, KerasTensor) for x in leaves)
            or ("inputs" in kwargs and "outputs" in kwargs)
            or len(args) >= 2
        )
    )


def _restored(envelope, weights):
    from .. import saving

    model = saving.deserialize_keras_object(envelope)
    model.set_weights(weights)
    return model


def model_from_json(json_string, custom_objects=None):
    """A model, with new weights, from the text of ``to_json``."""
    from .. import saving

    return saving.model_from_json(json_string, custom_objects=custom_objects)
