"""Windows for signals, and the modified Bessel function, under the names of ``keras.ops``."""

import numpy as np

from .. import config
from ..core.dispatch import apply, operation
from .numpy import where
from .promotion import float_tensor

# Abramowitz and Stegun, 9.8.1 and 9.8.2
_BELOW = (0.0045813, 0.0360768, 0.2659732, 1.2067492, 3.0899424, 3.5156229, 1.0)
_ABOVE: tuple = (
    0.00392377,
    -0.01647633,
    0.02635537,
    -0.02057706,
    0.00916281,
    -0.00157565,
    0.00225319,
    0.01328592,
)
_ABOVE = (*_ABOVE, 0.39894228)


def _polynomial(coefficients, t):
    total = coefficients[0]
    for c in coefficients[1:]:
        total = apply("add", apply("multiply", t, total), c)
    return total


@operation
def i0(x):
    """The modified Bessel function of order 0, to about 2e-7 of its value."""
    size = apply("abs", float_tensor(x))
    below = _polynomial(
        _BELOW, apply("square", apply("multiply", apply("clip", size, min=0.0, max=3.75), 1 / 3.75))
    )
    large = apply("maximum", size, 3.75)
    above = _polynomial(_ABOVE, apply("divide", 3.75, large))
    above = apply("divide", apply("multiply", above, apply("exp", large)), apply("sqrt", large))
    return where(apply("less", size, 3.75), below, above)


def _window(function, x):
    """``function(x)`` for a number ``x``, always concrete."""
    return function(int(np.asarray(x))).astype(config.floatx())


def bartlett(x):
    """The triangular window of ``x`` places."""
    return _window(np.bartlett, x)


def blackman(x):
    """The Blackman window of x points."""
    return _window(np.blackman, x)


def hamming(x):
    """The Hamming window of x points."""
    return _window(np.hamming, x)


def hanning(x):
    """The Hann window of x points."""
    return _window(np.hanning, x)


def kaiser(x, beta):
    """The Kaiser window of x points; `beta` is its shape, 0 for a rectangle."""
    return _window(lambda n: np.kaiser(n, float(np.asarray(beta))), x)


__all__ = ["bartlett", "blackman", "hamming", "hanning", "i0", "kaiser"]
