"""Sequential: layers one after another."""

import inspect

from .. import dtype_policies
from ..core import scope, tree
from ..core.keras_tensor import KerasTensor
from ..core.masks import attach
from ..core.scope import structure_changed
from ..layers.core.input_layer import InputLayer
from ..layers.format_hint import format_hint
from ..layers.layer import Layer
from .inputs import adapt, check_shape, flatten_inputs
from .model import Model


class Sequential(Model):
    """A stack of layers with one input and one output.

    Args:
        layers: Layers, in order; an Input (or ``input_shape`` on the first layer) builds the model at once.
        trainable: Whether the weights are trained.
        name: Name of the model.

    Example:

    >>> import convcore
    >>> model = convcore.Sequential([convcore.Input((8,)), convcore.layers.Dense(4)])
    >>> model.output_shape
    (None, 4)
    """

    _casts_inputs = False

    def __new__(cls, *args, **kwargs):
        return Layer.__new__(cls, *args, **kwargs)

    def __init__(self, layers=None, trainable=True, name=None):
        if layers is not None and not hasattr(layers, "__iter__"):
            raise ValueError(f"Sequential: argument `layers`: expected a list of layers; received {layers!r}")
        Model.__init__(self, trainable=trainable, name=name)
        self._layers, self._tensors = [], []
        for layer in layers or []:
            self.add(layer, rebuild=False)
        self._rebuild()

    def add(self, layer, rebuild=True):
        """Appends a layer; on a model with a known input it is built at once."""
        layer = self._as_layer(layer)
        was_built = self.built
        if self._layers and isinstance(layer, InputLayer):
            raise ValueError(
                f"Sequential {self.name!r}: an Input must come first, and this model has already been "
                f"configured; received {layer.name!r} after {self._layers[-1].name!r}"
            )
        if any(layer is other or layer.name == other.name for other in self._layers):
            raise ValueError(
                f"Sequential {self.name!r}: layers should have unique names; there already is a layer "
                f"{layer.name!r} ({layer})"
            )
        first = not self._layers and not isinstance(layer, InputLayer)
        if first and (shape := _known_input_shape(layer)) is not None:
            self._layers.append(InputLayer(batch_shape=shape))
        self._layers.append(layer)
        try:
            if rebuild:
                self._extend(layer)
        except BaseException:
            self._layers.pop()
            raise
        if was_built:
            structure_changed()

    def pop(self, rebuild=True):
        """Removes the last layer and returns it."""
        if not self._layers:
            raise ValueError(f"Sequential {self.name!r}: pop: there are no layers")
        layer = self._layers.pop()
        self._tensors = []
        self.built = False
        if rebuild:
            self._rebuild()
        structure_changed()
        return layer

    def _as_layer(self, layer):
        if isinstance(layer, KerasTensor) and layer.keras_history is not None:
            operation = layer.keras_history.operation
            if isinstance(operation, InputLayer):
                return operation
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Sequential {self.name!r}: Only instances of Layer can be added; received {layer!r} of type "
                f"{type(layer).__name__}"
            )
        return layer

    def _extend(self, layer):
        if not self._tensors:
            self._rebuild()
            return
        with scope.no_trace(), self._path_scope():
            output = _call_symbolic(layer, self._tensors[-1])
            self._tensors.append(self._checked_output(layer, output))

    def _rebuild(self):
        self._tensors = []
        if self._layers and isinstance(self._layers[0], InputLayer) and len(self._layers) > 1:
            self.build()

    def build(self, input_shape=None):
        """Builds every layer, for inputs of ``input_shape`` (batch axis included) where no Input is given."""
        if not self._layers:
            raise ValueError(f"Sequential {self.name!r}: build: the model has no layers; use add()")
        first = self._layers[0]
        if not isinstance(first, InputLayer):
            if not tree.is_shape(input_shape):
                return  # several inputs: layers are built by the first call
            first = InputLayer(batch_shape=tuple(input_shape), dtype=self._first_dtype())
        elif tree.is_shape(input_shape) and not _agree(input_shape, first.batch_shape):
            raise ValueError(
                f"Sequential {self.name!r}: build: the model has already been configured for inputs of shape "
                f"{first.batch_shape}; received {tuple(input_shape)}"
            )
        tensors = [first.output]
        try:
            for layer in self.layers:
                tensors.append(self._checked_output(layer, _call_symbolic(layer, tensors[-1])))
        except NotImplementedError:  # a layer whose shapes are only known when it runs
            return
        self._tensors = tensors
        if first is not self._layers[0]:
            self._layers.insert(0, first)

    def _first_dtype(self):
        return self.compute_dtype

    def _checked_output(self, layer, output):
        if not isinstance(output, KerasTensor):
            raise ValueError(
                f"Sequential {self.name!r}: every layer must return one tensor; {layer.name!r} returns "
                f"{output!r}. "
                "Use Model(inputs, outputs)."
            )
        return output

    def _run_build(self, build, args, kwargs):
        super()._run_build(build, args, kwargs)
        if self._tensors:
            self.__dict__["_build_shapes"] = {"input_shape": self._tensors[0].shape}

    def _check_inputs(self, args, kwargs):
        super()._check_inputs(args, kwargs)
        x = self._only_input(args[0] if args else kwargs.get("inputs"))
        if self._tensors and hasattr(x, "shape"):
            symbolic = self._tensors[0]
            if not self._may_resize(tuple(x.shape), symbolic.shape):
                check_shape(x, symbolic, f"Sequential {self.name!r}")

    def _only_input(self, x):
        """The input of a built model, also where it comes in a list, or in a dict by its name."""
        if not self._tensors or not tree.is_nested(x):
            return x
        symbolic = self._tensors[0]
        return flatten_inputs(x, symbolic, [symbolic], f"Sequential {self.name!r}")[0]

    @staticmethod
    def _may_resize(shape, expected):
        """Whether the layers decide: other sizes may come, as in Keras, but no image with axes mixed up."""
        if len(shape) != len(expected) or len(shape) < 3:
            return False
        return len(shape) == 3 or not format_hint(shape, "channels_last", expected[-1])

    def _name(self, error, args):
        super()._name(error, args)
        built_for = self._tensors[0].shape if self._tensors else None
        shape = getattr(args[0], "shape", None) if args else None
        if not built_for or not shape or len(error.args) != 1 or str(built_for) in str(error):
            return
        if any(None not in (n, m) and n != m for n, m in zip(shape, built_for, strict=False)):
            error.args = (
                f"{error} Sequential {self.name!r} was built for inputs of shape {built_for}; "
                f"received {tuple(shape)}.",
            )

    def call(self, inputs, training=None, mask=None):
        x = inputs
        if self._tensors:
            x = adapt(self._only_input(x), self._tensors[0])
        attach(x, mask)
        for layer in self.layers:
            x = layer(x)
        return x

    @property
    def layers(self):
        """The layers without the InputLayer."""
        layers = self._layers
        return layers[1:] if layers and isinstance(layers[0], InputLayer) else layers[:]

    @layers.setter
    def layers(self, _):
        raise AttributeError(
            "`Sequential.layers` attribute is reserved and should not be used. Use `add()` and `pop()` to "
            "change the layers in this model."
        )

    def _known(self, what):
        if not self._tensors:
            raise AttributeError(
                f"Sequential {self.name!r} is not built and has no defined {what}: give an Input, call "
                "build() or call the model"
            )
        return self._tensors

    @property
    def inputs(self):
        return self._known("inputs")[:1]

    @property
    def outputs(self):
        return self._known("outputs")[-1:]

    @property
    def input(self):
        return self._known("input")[0]

    @property
    def output(self):
        return self._known("output")[-1]

    @property
    def input_shape(self):
        return self._known("input shape")[0].shape

    @property
    def output_shape(self):
        return self._known("output shape")[-1].shape

    @property
    def input_dtype(self):
        return self._known("input dtype")[0].dtype

    @property
    def input_names(self):
        return [self._known("inputs")[0].name]

    @property
    def output_names(self):
        return [layer.name for layer in self._layers[-1:]]

    def compute_output_shape(self, input_shape):
        if self._tensors:
            return Model.compute_output_shape(self, input_shape)
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def get_config(self):
        from .. import saving

        config = Layer.get_config(self)
        config = {key: config[key] for key in ("name", "trainable", "dtype") if key in config}
        config["layers"] = [saving.serialize_keras_object(layer) for layer in self._layers]
        if self._tensors:
            config["build_input_shape"] = self._tensors[0].shape
        return config

    @classmethod
    def from_config(cls, config, custom_objects=None):
        from .. import saving

        if isinstance(config, list):  # Keras 1
            config = {"layers": config}
        if "layers" not in config:  # Keras 1 and 2 did without a name
            raise ValueError(
                "Sequential: A Sequential model configuration must be a dictionary containing the 'name' and "
                f"'layers' keys. Received: {str(config)[:200]}"
            )
        model = cls(name=config.get("name"), trainable=config.get("trainable", True))
        model._dtype_policy = dtype_policies.get(config.get("dtype"))
        for layer in config["layers"]:
            if not isinstance(layer, dict) or "config" not in layer:
                raise ValueError(
                    f"Sequential {model.name!r}: layers: Expected a dictionary containing a 'config' key. "
                    f"Received: {str(layer)[:200]}"
                )
            model.add(saving.deserialize_keras_object(layer, custom_objects=custom_objects), rebuild=False)
        model._rebuild()
        shape = config.get("build_input_shape")
        if not model._tensors and tree.is_shape(shape) and model._layers:
            model.build(tuple(shape))
        return model


def _agree(shape, expected):
    return len(shape) == len(expected) and all(
        None in (n, m) or n == m for n, m in zip(shape, expected, strict=True)
    )


def _call_symbolic(layer, x):
    parameters = list(inspect.signature(layer.call).parameters.values())
    needed = [p.name for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    if len(needed) > 1:
        raise ValueError(
            "Layers of a Sequential model can only have a single positional argument, the input tensor. "
            f"{layer.name!r} ({type(layer).__name__}) has {needed}: give the others defaults, or use "
            "Model(inputs, outputs)."
        )
    return layer(x)


def _known_input_shape(layer):
    """The full input shape a first layer declares: by input_shape, or as a built model."""
    if layer._input_shape is not None:
        return layer._input_shape
    if isinstance(layer, Model) and layer.built:
        try:
            return tuple(getattr(layer, "input_shape"))  # noqa: B009
        except AttributeError:
            return None
    return None
