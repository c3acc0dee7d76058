"""The base class of metrics: named state variables, updated batch by batch."""

from typing import Any

import numpy as np

from ..config import floatx
from ..core.docs import inherit_arguments
from ..core.naming import auto_name, to_snake_case
from ..core.origin import origin
from ..core.scope import name_scope
from ..core.stateless import run_with
from ..core.tree import flatten
from ..core.variable import Variable


class Metric:
    """Base class of metrics; a subclass defines `update_state` and `result`.

    Variables and metrics assigned to attributes are tracked. Inside a training step both methods are traced,
    so they are written with `convcore.ops` and `assign`.

    Args:
        dtype: Dtype of the state and the result; `floatx()` by default.
        name: Name of the metric; made from the class name by default.
    """

    _direction: Any = None  # "up" or "down": which way is better, for callbacks that monitor this metric
    _variables: list[Any]
    _metrics: list[Any]

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        inherit_arguments(cls)

    def __init__(self, dtype=None, name=None):
        object.__setattr__(self, "_variables", [])
        object.__setattr__(self, "_metrics", [])
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self._dtype = getattr(dtype, "compute_dtype", dtype) or floatx()

    @property
    def dtype(self):
        return self._dtype

    def __setattr__(self, name, value):
        if name not in ("_variables", "_metrics"):
            for leaf in flatten(value):
                if isinstance(leaf, Variable):
                    self._track(self._variables, leaf)
                elif isinstance(leaf, Metric):
                    self._track(self._metrics, leaf)
        object.__setattr__(self, name, value)

    @staticmethod
    def _track(store, value):
        if not any(value is tracked for tracked in store):
            store.append(value)

    def add_variable(self, shape, initializer="zeros", dtype=None, name=None):
        from .. import initializers

        start, dtype = initializers.get(initializer), dtype or self.dtype
        with name_scope(self.name.replace("/", ">")):
            variable = Variable(start, shape=shape, dtype=dtype, trainable=False, name=name)
        self._track(self._variables, variable)
        return variable

    def add_weight(self, shape=(), initializer=None, dtype=None, name=None):
        return self.add_variable(shape, initializer or "zeros", dtype, name)

    @property
    def variables(self):
        found = list(self._variables)
        for metric in self._metrics:
            found.extend(metric.variables)
        return found

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define update_state().")

    def result(self):
        raise NotImplementedError(f"{type(self).__name__} must define result().")

    def reset_state(self):
        """Sets every state variable to zero."""
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))

    def stateless_update_state(self, metric_variables, *args, **kwargs):
        """The values of `variables` after an update from `metric_variables`; the metric stays as it is."""
        return self._stateless(metric_variables, lambda: self.update_state(*args, **kwargs))[1]

    def stateless_result(self, metric_variables):
        """The result for these values of ``variables``."""
        return self._stateless(metric_variables, self.result)[0]

    def stateless_reset_state(self):
        """The values of ``variables`` after a reset; the metric stays as it is."""
        return self._stateless(self.variables, self.reset_state)[1]

    def _stateless(self, values, fn):
        return run_with(self.variables, values, fn, f"metric {self.name!r}")

    def __call__(self, *args, **kwargs):
        with origin("metric", self.name, *(*args, None, None)[:2]):
            self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self):
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        if isinstance(config.get("dtype"), dict):
            config["dtype"] = config["dtype"]["config"]["name"]
        return cls(**config)

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}>"
