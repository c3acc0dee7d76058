"""AlphaDropout."""

from typing import Any

from ... import ops
from ...random import uniform_like
from ..common import to_float
from .dropout import Dropout

# -alpha * scale of selu: what it tends to for x -> -infinity
_SATURATED = -1.7580993408473766


class AlphaDropout(Dropout):
    """Dropout for `selu`: in training, dropped inputs take selu's negative limit, and mean and variance stay.

    Klambauer et al., Self-Normalizing Neural Networks, NeurIPS 2017. Outside training it is the identity.

    Args:
        rate: in [0, 1].
        noise_shape: shape of the mask, which broadcasts: None for an entry means the input's size, 1 means
            shared along that axis.
        seed: an int makes the sequence of masks reproducible.
    """

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        inputs = to_float(inputs, self)
        if self.rate == 1:  # the limit of the formula below
            return ops.zeros_like(inputs)
        kept = uniform_like(inputs, self._mask_shape(inputs), seed=self.seed_generator) >= self.rate
        a = ((1 - self.rate) * (1 + self.rate * _SATURATED**2)) ** -0.5
        return ops.where(kept, inputs, _SATURATED) * a + -a * _SATURATED * self.rate
