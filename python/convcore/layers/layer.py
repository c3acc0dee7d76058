"""Layer: the base class of everything with weights that maps tensors to tensors."""

from .. import dtype_policies
from ..core import docs, scope, tracking
from ..core.operation import check_name
from ..core.suggestions import arguments_of, did_you_mean
from ..core.variable import Variable
from .layer_building import is_complete_when_constructed
from .layer_calling import LayerCalling
from .layer_config import LayerConfig
from .layer_state import LayerState


class Layer(LayerCalling, LayerState, LayerConfig):
    """The base of all layers, with Keras's interface: override ``build`` (make weights) and ``call``
    (compute).

    A call on NumPy arrays runs at once and returns NumPy arrays; on symbolic tensors it records a node;
    inside a recording it emits operations. The arguments of the constructor are captured, so ``get_config``
    rarely needs writing.

    Args:
        activity_regularizer: Penalty on the output, divided by the batch size.
        trainable: Whether optimizers update the weights.
        dtype: Name of a dtype or policy; None means the global one.
        autocast: Whether float inputs are cast to the compute dtype.
        name: Without ``/``; None makes one from the class name.
        input_shape, input_dim: Shape of one sample; on the first layer of a Sequential they build the model
            at once.
    """

    _is_layer = True

    def __new__(cls, *args, **kwargs):
        instance = super().__new__(cls, *args, **kwargs)
        instance.__dict__.update(
            _own_variables=[],
            _call_losses=[],
            _building=False,
            built=False,
            _build_shapes=None,
            _layer_path=None,
            _eager_function=None,
            _fast_calls={},
            _config_names=None,
        )
        return instance

    def __init__(
        self, *, activity_regularizer=None, trainable=True, dtype=None, autocast=True, name=None, **kwargs
    ):
        cls = type(self).__name__
        self.name = check_name(cls, name)
        self._input_shape = _sample_shape(cls, kwargs)
        if kwargs:
            raise ValueError(
                f"{cls}: unrecognised keyword arguments {kwargs}; expected those of {cls}.__init__."
                + "".join(did_you_mean(name, arguments_of(type(self))) for name in kwargs)
            )
        if not isinstance(trainable, bool):
            raise ValueError(
                f"{cls}: argument `trainable`: expected it to be a boolean, True or False; received "
                f"trainable={trainable!r}"
            )
        if activity_regularizer is not None:
            from .. import regularizers

            activity_regularizer = regularizers.get(activity_regularizer)
        self.activity_regularizer = activity_regularizer
        self._trainable = trainable
        self._dtype_policy = dtype_policies.get(dtype)
        self.autocast = autocast
        self.supports_masking = False
        self.input_spec = None
        if is_complete_when_constructed(type(self)):
            self._build_at_init()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        docs.complete(cls)
        if "build" in cls.__dict__:
            setattr(cls, "build", tracked_build(cls.__dict__["build"]))  # noqa: B010

    def __setattr__(self, name, value):
        previous = self.__dict__.get(name)
        super().__setattr__(name, value)
        # A recorded call holds the old setting.
        if (
            self.__dict__.get("built")
            and previous is not value
            and self._shapes_the_call(name, previous, value)
        ):
            scope.structure_changed()

    def _shapes_the_call(self, name, previous, value):
        if name.startswith("_"):
            return False
        if any(isinstance(x, Variable) or tracking.is_layer(x) for x in (previous, value)):
            return True
        names = self._config_names
        if names is None:
            names = self.__dict__["_config_names"] = frozenset(self.init_arguments())
        return name in names

    @property
    def dtype_policy(self):
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, policy):
        policy = dtype_policies.get(policy)
        if isinstance(self._dtype_policy, dtype_policies.DTypePolicyMap):
            if self.path in self._dtype_policy:
                del self._dtype_policy[self.path]
            self._dtype_policy[self.path] = policy
        else:
            self._dtype_policy = policy
        scope.structure_changed()

    @property
    def dtype(self):
        return self._dtype_policy.at(self._layer_path).variable_dtype

    @property
    def variable_dtype(self):
        return self._dtype_policy.at(self._layer_path).variable_dtype

    @property
    def compute_dtype(self):
        return self._dtype_policy.at(self._layer_path).compute_dtype

    @property
    def path(self):
        """Names of the enclosing layers and of this one, joined by ``/``."""
        return self._layer_path or self.name

    def build(self, input_shape):
        """Creates the weights. The default builds the sub-layers by a symbolic call on such shapes."""
        self._build_by_symbolic_call(input_shape)

    def call(self, *args, **kwargs):
        raise NotImplementedError(f"Layer {type(self).__name__} does not have a `call` method implemented.")

    def compute_mask(self, inputs, previous_mask):
        """The mask of the output, given those of the inputs; asked only if ``supports_masking``."""
        return previous_mask

    def add_loss(self, loss):
        """Adds a scalar (or several) computed in ``call`` to the losses of this call."""
        self._call_losses.extend(loss if isinstance(loss, (list, tuple)) else [loss])

    def add_weight(
        self,
        *args,
        shape=None,
        initializer=None,
        dtype=None,
        trainable=True,
        autocast=True,
        regularizer=None,
        constraint=None,
        aggregation="none",
        overwrite_with_gradient=False,
        name=None,
    ):
        """A new variable of this layer; ``initializer`` None means glorot_uniform for floats, zeros for other
        types. ``shape``, ``initializer`` and ``dtype`` may be given by position, in this order.
        """
        from .. import constraints, initializers, regularizers

        if scope.state.call is not None and scope.current_trace() is not None:
            raise ValueError(
                f"Layer {self.name!r}: add_weight: cannot add new elements of state while `call()` runs: it "
                "may be recorded again. Expected all variables to be made in `__init__()` or `build()`."
            )
        shape, initializer, dtype = _positional_arguments(self.name, args, shape, initializer, dtype)
        dtype = self.variable_dtype if dtype is None else dtype
        if initializer is None:
            initializer = "glorot_uniform" if "float" in str(dtype) else "zeros"
        with scope.no_trace(), self._path_scope():
            variable = Variable(
                initializers.get(initializer),
                () if shape is None else shape,
                dtype,
                trainable,
                autocast,
                aggregation,
                name=name,
            )
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        self._own_variables.append(variable)
        return variable

    def add_variable(
        self,
        shape,
        initializer,
        dtype=None,
        trainable=True,
        autocast=True,
        regularizer=None,
        constraint=None,
        name=None,
    ):
        """``add_weight`` under its other name."""
        return self.add_weight(
            shape=shape,
            initializer=initializer,
            dtype=dtype,
            trainable=trainable,
            autocast=autocast,
            regularizer=regularizer,
            constraint=constraint,
            name=name,
        )

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _positional_arguments(layer, args, *given):
    """Shape, initializer and dtype of a weight, each given by position or by name."""
    where = f"Layer {layer!r}: add_weight"
    if args and isinstance(args[0], str):
        raise ValueError(
            f"{where}: argument `shape`: expected a tuple of sizes; received the text {args[0]!r}. Pass the "
            f"name of a weight as keyword argument: name={args[0]!r}."
        )
    if len(args) > len(given):
        raise TypeError(
            f"{where}: takes at most 3 positional arguments (shape, initializer, dtype); received {len(args)}"
        )
    names = ("shape", "initializer", "dtype")
    for name, value in zip(names, given[: len(args)], strict=False):
        if value is not None:
            raise ValueError(f"{where}: `{name}` was passed both positionally and as a keyword argument")
    return (*args, *given[len(args) :])


def _sample_shape(cls, kwargs):
    shape = kwargs.pop("input_shape", None)
    size = kwargs.pop("input_dim", None)
    if shape is None:
        return None if size is None else (None, size)
    if isinstance(shape, int):
        shape = (shape,)
    if not isinstance(shape, (list, tuple)) or any(not (n is None or isinstance(n, int)) for n in shape):
        raise ValueError(
            f"{cls}: argument `input_shape`: expected a tuple of integers or None; received {shape!r}"
        )
    return (None, *shape)


def tracked_build(build):
    """``build`` with what every build needs around it: name scope, no recording, the flag, the shapes."""
    import functools

    @functools.wraps(build)
    def wrapper(self, *args, **kwargs):
        if self._building:  # super().build() of a subclass
            return build(self, *args, **kwargs)
        return self._run_build(build, args, kwargs)

    return wrapper


setattr(Layer, "build", tracked_build(Layer.build))  # noqa: B010
