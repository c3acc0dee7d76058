"""GaussianDropout."""

import math
from typing import Any

from ... import ops
from ...random import SeedGenerator, normal_like
from ..common import fraction, to_float
from ..layer import Layer


class GaussianDropout(Layer):
    """In training, multiplies by noise of mean 1 and standard deviation sqrt(rate / (1 - rate)).

    Outside training it is the identity. Srivastava et al., Dropout, JMLR 15, 2014, section 10.

    Args:
        rate: in [0, 1), as for `Dropout`, which has the same mean and variance.
        seed: an int makes the sequence of noises reproducible.
    """

    def __init__(self, rate: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = fraction(rate, "rate", self)
        if rate == 1:
            raise ValueError(
                f"GaussianDropout: rate must be below 1 (the noise would be infinite), received rate={rate!r}"
            )
        self.seed = seed
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        inputs = to_float(inputs, self)
        stddev = math.sqrt(self.rate / (1.0 - self.rate))
        noise = normal_like(inputs, mean=1.0, stddev=stddev, seed=self.seed_generator)
        return inputs * ops.cast(noise, inputs.dtype)
