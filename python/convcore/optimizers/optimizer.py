"""The base class of optimizers: arguments, state, learning rate, saving. An update itself is in update.py."""

import warnings
from typing import Any

import numpy as np

from .. import ops
from ..config import floatx
from ..core.docs import inherit_arguments
from ..core.naming import auto_name, to_snake_case
from ..core.scope import name_scope, structure_changed
from ..core.stateless import run_with
from ..core.variable import Variable
from . import arguments
from .schedules import LearningRateSchedule
from .update import Update, is_overwritten

COMMON = (  # in the order of a configuration
    "weight_decay",
    "clipnorm",
    "global_clipnorm",
    "clipvalue",
    "use_ema",
    "ema_momentum",
    "ema_overwrite_frequency",
    "loss_scale_factor",
    "gradient_accumulation_steps",
)


class Optimizer(Update):
    """Base class of optimizers; a subclass makes its slots in `build` and defines `update_step`.

    Args:
        learning_rate: A float, a `LearningRateSchedule`, or a callable without arguments.
        weight_decay: If set, every update first subtracts `variable * weight_decay * learning_rate`.
        clipnorm: If set, the norm of each gradient is limited to it.
        clipvalue: If set, gradients are clipped to `[-clipvalue, clipvalue]`.
        global_clipnorm: If set, the joint norm of all gradients is limited to it.
        use_ema: Whether to keep exponential moving averages of the variables, written back at the end of
            `fit`.
        ema_momentum: The weight of the old average.
        ema_overwrite_frequency: Write the averages back after every this many updates.
        loss_scale_factor: If set, the loss is multiplied by it and gradients are divided by it.
        gradient_accumulation_steps: If set, the update uses the mean gradient of this many calls.
        name: Name of the optimizer.
    """

    # The constructor arguments of a subclass that are attributes and entries of the configuration.
    arguments: tuple[str, ...] = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.__signature__ = arguments.full_signature(cls, Optimizer)  # type: ignore[attr-defined]
        inherit_arguments(cls)

    def __init__(
        self,
        learning_rate,
        weight_decay=None,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
        use_ema=False,
        ema_momentum=0.99,
        ema_overwrite_frequency=None,
        loss_scale_factor=None,
        gradient_accumulation_steps=None,
        name=None,
        **kwargs,
    ):
        common = {
            "weight_decay": weight_decay,
            "clipnorm": clipnorm,
            "clipvalue": clipvalue,
            "global_clipnorm": global_clipnorm,
            "use_ema": use_ema,
            "ema_momentum": ema_momentum,
            "ema_overwrite_frequency": ema_overwrite_frequency,
            "loss_scale_factor": loss_scale_factor,
            "gradient_accumulation_steps": gradient_accumulation_steps,
        }
        arguments.check_common(type(self), common, kwargs)
        for key, value in common.items():
            setattr(self, key, value)
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self.built = False
        self._variables = []
        self._trainable_variables = []
        self._index = {}
        self._undecayed, self._undecayed_names = set(), None
        self._called_rate = None  # the value of a callable learning rate, refreshed before each step
        self._iterations = self._make_variable(np.zeros((), "int32"), "int32", "iteration")
        self._learning_rate = self._standardize_rate(learning_rate)

    # State

    def _make_variable(self, value, dtype, name):
        with name_scope(self.name.replace("/", ">")):
            return self._track(Variable(np.asarray(value, dtype), dtype=dtype, trainable=False, name=name))

    def _track(self, variable):
        self._variables.append(variable)
        return variable

    def _standardize_rate(self, rate):
        if isinstance(rate, LearningRateSchedule):
            return rate
        if callable(rate):
            self._called_rate = Variable(np.asarray(rate(), floatx()), trainable=False, name="learning_rate")
            return rate
        arguments.check_learning_rate(type(self).__name__, rate)
        return self._make_variable(rate, floatx(), "learning_rate")

    @property
    def variables(self):
        return list(self._variables)

    @property
    def parts(self):
        """The optimizers that update variables: this one, or those that it wraps."""
        return [self]

    @property
    def iterations(self):
        """The number of updates so far."""
        if self.gradient_accumulation_steps:
            return ops.floor_divide(self._iterations, self.gradient_accumulation_steps)
        return self._iterations

    @iterations.setter
    def iterations(self, variable):
        if self.built:
            raise RuntimeError("`iterations` cannot be replaced after the optimizer was built.")
        self._variables[self._position(self._iterations)] = variable
        self._iterations = variable

    def _position(self, variable):
        return next(i for i, known in enumerate(self._variables) if known is variable)

    def add_variable(self, shape, initializer="zeros", dtype=None, name=None):
        from .. import initializers

        start, dtype = initializers.get(initializer), dtype or floatx()
        with name_scope(self.name.replace("/", ">")):
            return self._track(Variable(start, shape=shape, dtype=dtype, trainable=False, name=name))

    def add_variable_from_reference(self, reference_variable, name=None, initializer="zeros"):
        """A variable of the shape and dtype of a model variable, named after its path."""
        path = getattr(reference_variable, "path", None) or reference_variable.name
        name = f"{path.replace('/', '_').replace(':', '_')}_{name or 'var'}"
        return self.add_variable(reference_variable.shape, initializer, reference_variable.dtype, name)

    def add_optimizer_variables(self, trainable_variables, name, initializer="zeros"):
        """One variable per trainable variable, None for those that gradients overwrite; for a list of names,
        one list per name, interleaved in `variables`.
        """
        names = [name] if isinstance(name, str) else list(name)
        starts = [initializer] * len(names) if isinstance(initializer, str) else initializer
        starts = starts if isinstance(starts, list | tuple) else [starts] * len(names)
        slots: tuple[list[Any], ...] = tuple([] for _ in names)
        for variable in trainable_variables:
            kept = not is_overwritten(variable)
            for slot, slot_name, start in zip(slots, names, starts, strict=True):
                made = self.add_variable_from_reference(variable, slot_name, start) if kept else None
                slot.append(made)
        return slots[0] if isinstance(name, str) else slots

    def build(self, variables):
        """Makes the state for these trainable variables."""
        variables = list(variables)
        if self.use_ema:
            self._model_variables_moving_average = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = [
                self.add_variable_from_reference(variable, "gradient_accumulator") for variable in variables
            ]
        self._index = {id(variable): i for i, variable in enumerate(variables)}
        self._trainable_variables = variables
        self.built = True

    def _get_variable_index(self, variable):
        return self._index[id(variable)]

    # Learning rate

    @property
    def learning_rate(self):
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        if self._called_rate is not None:
            return self._called_rate
        return rate

    @learning_rate.setter
    def learning_rate(self, rate):
        variable = self._learning_rate if isinstance(self._learning_rate, Variable) else None
        if isinstance(rate, LearningRateSchedule) or callable(rate):
            self._called_rate = None
            self._learning_rate = self._standardize_rate(rate)
            structure_changed()  # recorded steps read the variable
            if variable is not None:
                del self._variables[self._position(variable)]
        elif variable is not None:
            variable.assign(np.asarray(rate, variable.dtype))
        else:
            raise TypeError(
                f"{type(self).__name__}: This optimizer was created with a `LearningRateSchedule` (or a "
                f"function), {self._learning_rate!r}, and its learning rate cannot be assigned. "
                "Make the optimizer with a float `learning_rate` to change it later."
            )

    def refresh_learning_rate(self):
        """Calls a callable learning rate; training does this before each step, whose graph only reads the
        value.
        """
        if self._called_rate is not None:
            self._called_rate.assign(np.asarray(self._learning_rate(), self._called_rate.dtype))

    # Saving

    def set_weights(self, weights):
        if not self.built:
            raise ValueError(
                f"{self.name}: You are calling `set_weights()` on an optimizer that has not been built. "
                "Build it first."
            )
        variables = self.variables
        if len(weights) != len(variables):
            raise ValueError(f"{self.name}: expected {len(variables)} weights. Received {len(weights)}.")
        for variable, weight in zip(variables, weights, strict=True):
            variable.assign(weight)

    def stateless_apply(self, optimizer_variables, grads, trainable_variables):
        """One update without side effects.

        Args:
            optimizer_variables: Values of `variables`.
            grads: One gradient per trainable variable.
            trainable_variables: Values of the variables the optimizer was built with.

        Returns:
            The new values of the trainable variables, and those of `variables`.
        """
        if not self.built:
            raise ValueError(f"{self.name}: build(variables) the optimizer before stateless_apply().")
        known = self._trainable_variables
        _, values = run_with(
            [*known, *self.variables],
            [*trainable_variables, *optimizer_variables],
            lambda: self.apply(list(grads), known),
            f"{self.name}: stateless_apply",
        )
        return values[: len(known)], values[len(known) :]

    def __getstate__(self):
        # Positions are found by identity, and a copy has variables of its own.
        undecayed = [v for v in self._trainable_variables if id(v) in self._undecayed]
        return {**self.__dict__, "_index": None, "_undecayed": undecayed}

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._index = {id(variable): i for i, variable in enumerate(self._trainable_variables)}
        self._undecayed = {id(variable) for variable in state["_undecayed"]}

    def save_own_variables(self, store):
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store):
        variables = self.variables
        if len(store.keys()) != len(variables):
            warnings.warn(
                f"Skipping variable loading for optimizer '{self.name}', because it has "
                f"{len(variables)} variables "
                f"whereas the saved optimizer has {len(store.keys())} variables.",
                stacklevel=2,
            )
            return
        for i, variable in enumerate(variables):
            variable.assign(np.asarray(store[str(i)]))

    def get_config(self):
        rate = self._learning_rate
        if isinstance(rate, Variable):
            rate = float(rate.numpy())
        else:
            from ..saving import serialize_keras_object

            rate = serialize_keras_object(rate)
        names = (*COMMON, *self.arguments)
        return {"name": self.name, "learning_rate": rate, **{name: getattr(self, name) for name in names}}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        if isinstance(config.get("learning_rate"), dict):
            from . import schedules

            config["learning_rate"] = schedules.deserialize(config["learning_rate"], custom_objects)
        return cls(**config)

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}>"
