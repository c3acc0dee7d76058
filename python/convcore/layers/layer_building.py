"""How layers are built: by their own ``build``, with the shapes of the call's tensors, or by a symbolic
call.
"""

import inspect

from ..core import scope, tree
from ..core.arrays import is_array_like
from ..core.keras_tensor import KerasTensor
from ..core.output_spec import output_spec
from .layer_attributes import LayerAttributes


class LayerBuilding(LayerAttributes):
    """The part of Layer that runs ``build``."""

    def _build_at_init(self):
        """Marks the layer as built, unless a subclass has a ``build`` of its own."""
        if uses_default_build(self):
            self.built = True

    def _maybe_build(self, args, kwargs):
        if self.built:
            return
        given = call_arguments(self, args, kwargs)
        shapes = shapes_of(given)
        if not uses_default_build(self):
            self.build(**matching_shapes(self, "build", shapes))
            return
        if _has_unbuilt_layers(self):
            self._build_by_call(tree.map_structure(_as_spec, given))
        self.build(next(iter(shapes.values()), None))

    def _run_build(self, build, args, kwargs):
        made = len(self._own_variables)
        self.__dict__["_building"] = True
        try:
            with scope.no_trace(), self._path_scope():
                build(self, *args, **kwargs)
        except BaseException:
            del self._own_variables[made:]
            raise
        finally:
            self.__dict__["_building"] = False
        if _has_build_step(self):
            bound = inspect.signature(build).bind(self, *args, **kwargs)
            self.__dict__["_build_shapes"] = dict(list(bound.arguments.items())[1:])
        self.built = True
        if not self._trainable:
            self.trainable = False

    def _build_by_symbolic_call(self, input_shape):
        """The default ``build``: a call on one tensor (or structure) of such a shape."""
        if input_shape is None or not _has_unbuilt_layers(self):
            return
        first = next(iter(call_parameters(self)), None)
        if first is not None:
            shape = tree.map_shapes(lambda shape: KerasTensor(shape, self.compute_dtype), input_shape)
            self._build_by_call({first: shape})

    def _build_by_call(self, given):
        # `built` now, or the call would build again.
        self.__dict__["built"] = True
        try:
            with scope.no_trace():
                output_spec(self._emit, **given)
        finally:
            self.__dict__["built"] = False
            self._clear_losses()


def uses_default_build(layer):
    """Whether neither the class nor the instance has a ``build`` of its own."""
    from .layer import Layer

    return type(layer).build is Layer.build


def is_complete_when_constructed(cls):
    """Whether Keras marks layers of this class as built in the constructor: its own ones without weights, and
    what derives from these.
    """
    from .layer import Layer

    for base in cls.__mro__:
        if base is Layer:
            return False
        if base.__module__.startswith("convcore.layers."):
            return base.build is Layer.build and not base.writes_build_config
    return False


def _has_unbuilt_layers(layer):
    return any(not inner.built for inner in layer._sublayers())


def _has_build_step(layer):
    # Keras stores the shapes for every layer but those of its own that are complete when constructed.
    return not (uses_default_build(layer) and is_complete_when_constructed(type(layer)))


def call_parameters(layer):
    """The parameters of ``call`` by name."""
    parameters = list(inspect.signature(type(layer).call).parameters.values())[1:]
    return {p.name: p for p in parameters if p.kind is not p.VAR_KEYWORD}


def call_arguments(layer, args, kwargs):
    """The arguments of a call by name, without ``training``; what ``call`` does not take is left out."""
    known = call_parameters(layer)
    open_ended = any(p.kind is p.VAR_KEYWORD for p in inspect.signature(type(layer).call).parameters.values())
    kwargs = {k: v for k, v in kwargs.items() if k != "training" and (open_ended or k in known)}
    bound = inspect.signature(type(layer).call).bind_partial(layer, *args, **kwargs)
    given = dict(list(bound.arguments.items())[1:])
    for name, parameter in inspect.signature(type(layer).call).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            given.update(given.pop(name, {}))
    return given


def shapes_of(given):
    """The shapes of the arguments that hold tensors, by name."""
    return {name: tree.map_structure(_shape_of, value) for name, value in given.items() if _has_tensor(value)}


def matching_shapes(layer, method, shapes):
    """The arguments of ``build`` or ``compute_output_shape``, for shapes of the call's tensors by name.

    A method of one argument gets the first shape; the arguments of others are named like those of ``call``
    with ``_shape`` behind.
    """
    parameters = list(inspect.signature(getattr(type(layer), method)).parameters.values())[1:]
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY, p.POSITIONAL_ONLY)]
    if len(named) == 1:
        return {named[0].name: next(iter(shapes.values()), None)}
    where = f"Layer {layer.name!r} ({type(layer).__name__}): {method}()"
    known = call_parameters(layer)
    matching = {}
    for parameter in named:
        name = parameter.name.removesuffix("_shape")
        if name == parameter.name:
            if parameter.default is not parameter.empty:
                continue
            raise ValueError(
                f"{where}: has argument `{name}`, which does not end in `_shape`. Of several arguments each "
                "is named like one of call(), e.g. `foo_shape` for `foo`."
            )
        if name not in known:
            raise ValueError(
                f"{where}: has argument `{name}_shape`, but `call()` does not have argument `{name}`"
            )
        if name in shapes:
            matching[parameter.name] = shapes[name]
        elif parameter.default is parameter.empty:
            matching[parameter.name] = None
    return matching


def _shape_of(x):
    return tuple(x.shape) if is_array_like(x) else None


def _as_spec(x):
    if not is_array_like(x) or isinstance(x, KerasTensor):
        return x
    return KerasTensor(x.shape, getattr(x.dtype, "name", x.dtype))


def _has_tensor(value):
    return any(is_array_like(leaf) for leaf in tree.flatten(value))
