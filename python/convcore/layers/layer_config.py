"""Configs of layers: told from the captured constructor arguments, so that get_config is rarely written."""

import inspect
from typing import Any

from .. import dtype_policies
from ..core import tree
from ..core.operation import accepted_names, constructed
from .layer_attributes import LayerAttributes

_BASE = ("name", "trainable", "dtype")
_NEVER = ("input_shape", "input_dim", "autocast")


class LayerConfig(LayerAttributes):
    """The part of Layer that describes and rebuilds it."""

    def get_config(self):
        """The base arguments and, unless a subclass overrides this, every constructor argument.

        Values are as from_config() takes them: activations by name, initializers and the like as dicts.
        """
        base = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": dtype_policies.serialize(self.dtype_policy),
        }
        overridden = type(self).get_config is not LayerConfig.get_config
        if getattr(self, "activity_regularizer", None) is not None and overridden:
            base["activity_regularizer"] = _serialized("activity_regularizer", self.activity_regularizer)
        if overridden:
            return {**base, **self._library_arguments()}
        accepted = accepted_names(type(self))
        config = {key: value for key, value in base.items() if accepted is None or key in accepted}
        for key, value in self.init_arguments().items():
            if key not in _BASE and key not in _NEVER and key not in self.unwritten_arguments:
                config[key] = _serialized(key, self._argument(key, value))
        if self.always_writes_activity_regularizer:
            config.setdefault("activity_regularizer", _serialized("", self.activity_regularizer))
        elif config.get("activity_regularizer", 0) is None:
            del config["activity_regularizer"]
        return config

    def _library_arguments(self):
        """What a user's class that adds to `super().get_config()` gets from there: the arguments of the layer
        of this library that it derives from.
        """
        library: Any = next(cls for cls in type(self).__mro__ if cls.__module__.startswith("convcore."))
        if library is type(self) or library.get_config is not LayerConfig.get_config:
            return {}
        skipped = (*_BASE, *_NEVER, *self.unwritten_arguments, "self")
        parameters = inspect.signature(library.__init__).parameters.values()
        names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.name not in skipped]
        given = self.init_arguments()
        known = {name: getattr(self, name, given.get(name)) for name in names}
        return {
            name: _serialized(name, value)
            for name, value in known.items()
            if hasattr(self, name) or name in given
        }

    # Keras writes a null activity_regularizer for some layers only.
    always_writes_activity_regularizer = False
    # Whether the input shape is written although build() makes nothing.
    writes_build_config = False
    # Arguments that Keras leaves out of the config.
    unwritten_arguments: tuple[str, ...] = ()

    def _argument(self, key, value):
        # Layers of this library keep each argument, in its normal form, in the attribute of the same name.
        if type(self).__module__.startswith("convcore."):
            return getattr(self, key, value)
        return value

    @classmethod
    def from_config(cls, config):
        """A new, unbuilt layer."""
        config = dict(config)
        if cls.get_config is LayerConfig.get_config:
            config = {key: _deserialized(key, value) for key, value in config.items()}
        if isinstance(config.get("dtype"), dict):
            config["dtype"] = dtype_policies.get(config["dtype"])
        return constructed(cls, config)

    def get_build_config(self):
        """The shapes the layer was built with, or None."""
        shapes = self._build_shapes
        if not shapes:
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": dict(shapes)}

    def build_from_config(self, config):
        """Builds with the shapes that get_build_config() told."""
        if not config:
            return
        if "input_shape" in config:
            self.build(tree.map_shapes(tuple, config["input_shape"]))
        elif "shapes_dict" in config:
            self.build(**{key: tree.map_shapes(tuple, shape) for key, shape in config["shapes_dict"].items()})


def _serialized(key, value):
    if key == "activation" or key.endswith("_activation"):
        from .. import activations

        return activations.serialize(value)
    if _is_plain(value):
        return value
    from .. import saving

    if (
        hasattr(value, "get_config")
        or callable(value)
        or isinstance(value, (list, tuple, dict))
        or hasattr(value, "dtype")
    ):
        return saving.serialize_keras_object(value)
    raise NotImplementedError(
        f"get_config: argument `{key}`: {value!r} cannot be told in a config; the class must override "
        "get_config()"
    )


def _is_plain(value):
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float, str))


def _deserialized(key, value):
    # Only what no `get()` of the constructors understands: layers and other objects.
    if isinstance(value, dict) and value.get("module") == "keras.layers" and "class_name" in value:
        from .. import saving

        return saving.deserialize_keras_object(value)
    return value
