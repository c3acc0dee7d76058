"""Operation: anything that can be called on symbolic tensors and recorded. Layers and the functions of
``ops`` are.
"""

from __future__ import annotations

from typing import Any

from . import naming, tree
from .keras_tensor import KerasTensor, Node, any_symbolic


class Operation:
    """A named, recordable call.

    The arguments of the constructor are captured, so that ``get_config`` can tell them without being written.
    """

    name: str
    _captured: Any
    _inbound_nodes: list[Any]
    _outbound_nodes: list[Any]

    def __new__(cls, *args, **kwargs):
        instance = super().__new__(cls)
        instance.__dict__["_captured"] = (args, kwargs)
        instance.__dict__["_inbound_nodes"] = []
        instance.__dict__["_outbound_nodes"] = []
        return instance

    def __init__(self, name=None):
        self.name = check_name(type(self).__name__, name)

    def __call__(self, *args, **kwargs):
        if any_symbolic(args, kwargs):
            return self.symbolic_call(*args, **kwargs)
        return self.call(*args, **kwargs)

    def call(self, *args, **kwargs):
        raise NotImplementedError(f"{type(self).__name__} has no call() method")

    def symbolic_call(self, *args, **kwargs):
        """Records a node and returns its symbolic outputs."""
        outputs = self.compute_output_spec(*args, **kwargs)
        outputs = tree.map_structure(_fresh, outputs)
        Node(self, args, kwargs, outputs)
        return outputs

    def compute_output_spec(self, *args, **kwargs):
        """The shapes and dtypes of the outputs, found by recording the call on a scratch graph."""
        from .output_spec import output_spec

        return output_spec(self.call, *args, **kwargs)

    @property
    def input(self):
        """The symbolic input(s) of the first call."""
        return single(self._first_node("input").input_tensors)

    @property
    def output(self):
        """The symbolic output(s) of the first call: one, or a list of them."""
        return single(tree.flatten(self._first_node("output").outputs))

    def _first_node(self, what):
        if not self._inbound_nodes:
            raise AttributeError(
                f"{type(self).__name__} {self.name!r} has never been called on a symbolic tensor and thus "
                f"has no {what}"
            )
        return self._inbound_nodes[0]

    def init_arguments(self):
        """The captured constructor arguments by name, defaults included; other keywords of ``**kwargs`` as
        given.
        """
        import inspect

        args, kwargs = self._captured
        bound = inspect.signature(type(self).__init__).bind(self, *args, **kwargs)
        bound.apply_defaults()
        named = {}
        for parameter in list(bound.signature.parameters.values())[1:]:
            value = bound.arguments[parameter.name]
            if parameter.kind is parameter.VAR_KEYWORD:
                named.update(value)
            elif parameter.kind is parameter.VAR_POSITIONAL:
                named.update(zip(_inherited_names(type(self)), value, strict=False))
            else:
                named[parameter.name] = value
        return named

    def get_config(self):
        """The arguments with which from_config() makes an equal operation.

        A class whose arguments are other than numbers, strings, None and lists, tuples and dicts of these
        overrides it, and extends what this returns for the class above.
        """
        config = {"name": self.name}
        if type(self).get_config is not Operation.get_config:
            return config
        config |= {k: v for k, v in self._told_arguments().items() if k != "name"}
        accepted = accepted_names(type(self))
        return {k: v for k, v in config.items() if accepted is None or k in accepted}

    def _told_arguments(self):
        """The constructor's arguments, if a config can tell them; else NotImplementedError."""
        import inspect

        args, kwargs = self._captured
        where = f"{type(self).__name__}: get_config"
        signature = inspect.signature(type(self).__init__)
        bound = signature.bind(self, *args, **kwargs).arguments
        if any(p.kind is p.VAR_POSITIONAL and p.name in bound for p in signature.parameters.values()):
            raise NotImplementedError(
                f"{where}: expected arguments with names; received some in *args: override get_config()"
            )
        told = self.init_arguments()
        for key, value in told.items():
            if not all(isinstance(leaf, str | int | float | None) for leaf in tree.flatten(value)):
                raise NotImplementedError(
                    f"{where}: argument `{key}`: expected numbers, strings or None; received "
                    f"{value!r}, which cannot be told in a config: override get_config()"
                )
        return told

    @classmethod
    def from_config(cls, config):
        """A new operation with these arguments; TypeError where the constructor does not take them."""
        return constructed(cls, config)


def constructed(cls, config):
    """``cls(**config)``; whatever the constructor raises becomes a TypeError that tells the config."""
    try:
        return cls(**config)
    except Exception as error:
        raise TypeError(
            f"{cls.__name__}: from_config: the constructor does not take the config {config}: {error}"
        ) from error


def accepted_names(cls):
    """The names of the constructor's parameters, None where it takes any."""
    import inspect

    parameters = inspect.signature(cls.__init__).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return None
    return {parameter.name for parameter in parameters}


def _inherited_names(cls):
    """The positional parameters of the constructor that a subclass's `*args` are for."""
    import inspect

    owner = next(i for i, base in enumerate(cls.__mro__) if "__init__" in vars(base))
    above = next((base for base in cls.__mro__[owner + 1 :] if "__init__" in vars(base)), None)
    if above is None:
        return []
    parameters = list(inspect.signature(above.__init__).parameters.values())[1:]
    return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]


def check_name(class_name, name):
    """``name`` if it is a legal one, an automatic one for None; else ValueError."""
    if name is None:
        return naming.auto_name(class_name)
    if not isinstance(name, str) or "/" in name or not name:
        raise ValueError(
            f"{class_name}: Argument `name` must be a string and cannot contain character `/`. Received: "
            f"name={name!r}"
        )
    return name


def _fresh(output):
    # A tensor that passes through unchanged still gets a history of its own.
    if isinstance(output, KerasTensor) and output.keras_history is not None:
        return KerasTensor(output.shape, output.dtype)
    return output


def single(items):
    """The item of a one-item list, else the list."""
    return items[0] if len(items) == 1 else items
