"""What layers with a factor gamma and an offset beta share: arguments and weights."""

from typing import Any

from ... import constraints, initializers, regularizers
from ..layer import Layer


class ScaleAndCenter(Layer):
    """Keeps the arguments of gamma and beta and makes the two weights."""

    def __init__(
        self,
        epsilon: float,
        center: bool,
        scale: bool,
        beta: tuple[Any, Any, Any],
        gamma: tuple[Any, Any, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        for name, (initializer, regularizer, constraint) in (("beta", beta), ("gamma", gamma)):
            setattr(self, f"{name}_initializer", initializers.get(initializer))
            setattr(self, f"{name}_regularizer", regularizers.get(regularizer))
            setattr(self, f"{name}_constraint", constraints.get(constraint))
        self.supports_masking = True
        self.autocast = False  # what is too large for 16 bits is normalised, not infinite

    def _make_weights(self, shape: tuple[int, ...]) -> None:
        self.gamma = self._weight("gamma", shape) if self.scale else None
        self.beta = self._weight("beta", shape) if self.center else None

    def _weight(self, name: str, shape: tuple[int, ...]) -> Any:
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
            autocast=False,
        )
