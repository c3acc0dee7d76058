"""GaussianNoise."""

from typing import Any

from ... import ops
from ...random import SeedGenerator, normal_like
from ..common import fraction, to_float
from ..layer import Layer


class GaussianNoise(Layer):
    """In training, adds normally distributed noise of mean 0. Outside training it is the identity.

    Args:
        stddev: standard deviation of the noise, in [0, 1].
        seed: an int makes the sequence of noises reproducible.
    """

    def __init__(self, stddev: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stddev = fraction(stddev, "stddev", self)
        self.seed = seed
        if stddev > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        if not training or self.stddev == 0:
            return inputs
        inputs = to_float(inputs, self)
        noise = normal_like(inputs, stddev=self.stddev, seed=self.seed_generator)
        return inputs + ops.cast(noise, inputs.dtype)
