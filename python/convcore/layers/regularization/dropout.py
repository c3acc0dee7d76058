"""Dropout."""

from typing import Any

from ...random import SeedGenerator, dropout
from ..common import fraction, to_float
from ..layer import Layer


class Dropout(Layer):
    """In training, sets each input to 0 with probability `rate` and divides the others by 1 - rate.

    Outside training it is the identity.

    Args:
        rate: in [0, 1].
        noise_shape: shape of the mask, which broadcasts: None for an entry means the input's size, 1 means
            shared along that axis.
        seed: an int makes the sequence of masks reproducible.

    Call arguments:
        inputs: of any rank.
        training: whether to drop.
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = fraction(rate, "rate", self)
        self.noise_shape = _check_noise_shape(noise_shape)
        self.seed = seed
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        inputs = to_float(inputs, self)
        return dropout(inputs, self.rate, self._mask_shape(inputs), self.seed_generator)

    def _mask_shape(self, inputs: Any) -> Any:
        """noise_shape checked against the inputs."""
        if self.noise_shape is None:
            return None
        shape = tuple(inputs.shape)
        if len(shape) != len(self.noise_shape) or not all(map(_fits, self.noise_shape, shape)):
            raise ValueError(
                f"Dropout '{self.name}': noise_shape must have one entry per axis, each None, 1 or the size, "
                f"received noise_shape={self.noise_shape} for inputs of shape {shape}"
            )
        return self.noise_shape


def _fits(n: Any, size: Any) -> bool:
    return size is None or n in (None, 1, size)


def _check_noise_shape(noise_shape: Any) -> Any:
    if noise_shape is None:
        return None
    if not isinstance(noise_shape, (tuple, list)):
        expected = "a tuple or list of integers"
    elif not all(n is None or isinstance(n, int) for n in noise_shape):
        expected = "all elements to be integers or None"
    elif not all(n is None or n > 0 for n in noise_shape):
        expected = "all dimensions to be positive integers or None"
    else:
        return tuple(noise_shape)
    raise ValueError(
        f"Dropout: Invalid value received for argument `noise_shape`. Expected {expected}. "
        f"Received: noise_shape={noise_shape!r}"
    )
