"""MultiOptimizer: different optimizers for different variables of one model."""

import re
from collections.abc import MutableMapping

from .loss_scale_optimizer import LossScaleOptimizer
from .optimizer import Optimizer


def _check_inner(optimizer, where):
    if not isinstance(optimizer, Optimizer):
        raise ValueError(f"{where}: expected an Optimizer. Received: {optimizer!r}")
    if isinstance(optimizer, (LossScaleOptimizer, MultiOptimizer)):
        raise ValueError(f"{where}: optimizer cannot be {type(optimizer).__name__}.")


class OptimizerMap(MutableMapping):
    """Paths of variables, or regular expressions that match whole paths, to optimizers.

    Args:
        default_optimizer: For variables that no key matches.
        optimizer_map: A dict from paths or expressions to optimizers.
    """

    def __init__(self, default_optimizer, optimizer_map=None):
        if not isinstance(default_optimizer, Optimizer):
            raise TypeError(
                f"OptimizerMap: default_optimizer must be an Optimizer. Received: {default_optimizer!r}"
            )
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise TypeError(f"OptimizerMap: optimizer_map must be a dictionary. Received: {optimizer_map!r}")
        self._default_optimizer = default_optimizer
        self._optimizer_map = optimizer_map or {}

    @property
    def default_optimizer(self):
        return self._default_optimizer

    def __getitem__(self, key):
        """The optimizer of a path: that of the equal key, else of the one expression that matches, else the
        default.
        """
        if key in self._optimizer_map:
            return self._optimizer_map[key]
        matches = [pattern for pattern in self._optimizer_map if re.fullmatch(pattern, key)]
        if len(matches) > 1:
            raise ValueError(f"OptimizerMap: several keys match the variable {key!r}: {matches}")
        return self._optimizer_map[matches[0]] if matches else self._default_optimizer

    def __setitem__(self, key, optimizer):
        if key in self._optimizer_map:
            raise ValueError(f"OptimizerMap: the key {key!r} is taken, by {self._optimizer_map[key]}")
        if not isinstance(key, str):
            raise ValueError(f"OptimizerMap: key must be a string. Received: {key!r}")
        _check_inner(optimizer, "OptimizerMap")
        self._optimizer_map[key] = optimizer

    def __delitem__(self, key):
        del self._optimizer_map[key]

    def __len__(self):
        return len(self._optimizer_map)

    def __iter__(self):
        return iter(self._optimizer_map)

    def __call__(self, variable):
        return self[variable.path]

    def get_config(self):
        from ..saving import serialize_keras_object

        return {
            "default_optimizer": serialize_keras_object(self._default_optimizer),
            "optimizer_map": serialize_keras_object(self._optimizer_map),
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        from ..saving import deserialize_keras_object

        parts = [
            deserialize_keras_object(config[name], custom_objects=custom_objects)
            for name in ("default_optimizer", "optimizer_map")
        ]
        return cls(*parts)


class MultiOptimizer(Optimizer):
    """Hands each variable to the optimizer that a map chooses.

    Args:
        optimizer_map: An `OptimizerMap`, or a function from a variable to an optimizer.
        loss_scale_factor: Replaces that of all optimizers.
        name: Name of the optimizer.
    """

    def __init__(self, optimizer_map, loss_scale_factor=None, name=None):
        self._inner_optimizers = []
        super().__init__(0.0, loss_scale_factor=loss_scale_factor, name=name)
        self._optimizer_map = optimizer_map
        known = list(optimizer_map.values()) if hasattr(optimizer_map, "values") else []
        for optimizer in [*known, getattr(optimizer_map, "default_optimizer", None)]:
            if optimizer is not None:
                self._position_of(optimizer)

    @property
    def loss_scale_factor(self):
        return self._loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, value):
        self._loss_scale_factor = value
        for optimizer in self._inner_optimizers:
            optimizer.loss_scale_factor = value

    def _position_of(self, optimizer):
        """The place of an optimizer among the inner ones; a new one goes to the end."""
        for i, known in enumerate(self._inner_optimizers):
            if known is optimizer:
                return i
        optimizer.loss_scale_factor = self.loss_scale_factor
        self._inner_optimizers.append(optimizer)
        return len(self._inner_optimizers) - 1

    def build(self, variables):
        if self.built:
            return
        variables = list(variables)
        self._places = {id(v): self._position_of(self._checked(self._optimizer_map(v))) for v in variables}
        for optimizer, own in zip(self._inner_optimizers, self._shares(variables), strict=True):
            if own:
                optimizer.build([variables[i] for i in own])
        super().build(variables)

    @staticmethod
    def _checked(optimizer):
        if isinstance(optimizer, (LossScaleOptimizer, MultiOptimizer)):
            raise ValueError(f"{type(optimizer).__name__} cannot be used inside an MultiOptimizer.")
        _check_inner(optimizer, "MultiOptimizer")
        return optimizer

    def _shares(self, variables):
        """For each inner optimizer the positions of its variables."""
        shares: list[list[int]] = [[] for _ in self._inner_optimizers]
        for i, variable in enumerate(variables):
            shares[self._places[id(variable)]].append(i)
        return shares

    @property
    def optimizers(self):
        return self._inner_optimizers

    @property
    def variables(self):
        return self._variables + [v for optimizer in self._inner_optimizers for v in optimizer.variables]

    @property
    def parts(self):
        return [part for optimizer in self._inner_optimizers for part in optimizer.parts]

    @property
    def learning_rate(self):
        raise AttributeError(
            "MultiOptimizer has no learning rate of its own: use those of its `optimizers` instead."
        )

    @learning_rate.setter
    def learning_rate(self, rate):
        raise AttributeError(
            "MultiOptimizer has no learning rate of its own: set those of its `optimizers` instead."
        )

    def refresh_learning_rate(self):
        for optimizer in self._inner_optimizers:
            optimizer.refresh_learning_rate()

    def apply(self, grads, trainable_variables=None):
        if len(grads) == 0:
            return
        variables = self._known_variables(len(grads), trainable_variables)
        for optimizer, own in zip(self._inner_optimizers, self._shares(variables), strict=True):
            if own:
                optimizer.apply([grads[i] for i in own], [variables[i] for i in own])
        self._iterations.assign_add(1)

    def finalize_variable_values(self, var_list=None):
        for optimizer in self._inner_optimizers:
            optimizer.finalize_variable_values(var_list)

    def get_config(self):
        from ..saving import serialize_keras_object

        return {
            "optimizer_map": serialize_keras_object(self._optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        from ..saving import deserialize_keras_object

        config = dict(config)
        config["optimizer_map"] = deserialize_keras_object(
            config["optimizer_map"], custom_objects=custom_objects
        )
        return cls(**config)
