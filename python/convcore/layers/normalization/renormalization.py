"""Batch renormalisation, the part of BatchNormalization behind `renorm=True` (Ioffe, arXiv:1702.03275)."""

from typing import Any

from ... import ops
from ...initializers import Initializer

_LIMITS = ("rmax", "rmin", "dmax")


def checked_clipping(clipping: Any) -> dict[str, Any]:
    """`renorm_clipping` as a dict. Raises ValueError for other keys and for limits that exclude others."""
    clipping = clipping or {}
    if set(clipping) - set(_LIMITS):
        raise ValueError(
            "BatchNormalization: Received invalid keys for `renorm_clipping` argument: "
            f"{clipping}. Supported values: {list(_LIMITS)}."
        )
    rmax, rmin, dmax = (clipping.get(key) for key in _LIMITS)
    if rmax is not None and rmin is not None and rmax < rmin:
        raise ValueError(
            "BatchNormalization: rmax should be greater than rmin in the `renorm_clipping` argument. "
            f"Received: rmax={rmax}, rmin={rmin}."
        )
    if dmax is not None and dmax < 0:
        raise ValueError(
            "BatchNormalization: dmax should be non-negative in the `renorm_clipping` argument. "
            f"Received: dmax={dmax}."
        )
    return clipping


def add_weights(layer: Any, channels: Any) -> None:
    """`moving_stddev` (which makes the moving variance), and the slow `renorm_mean` and `renorm_stddev`."""

    def stddev(shape: Any, dtype: Any = None) -> Any:
        return ops.sqrt(_own(layer.moving_variance_initializer)(shape, dtype=dtype))

    mean = _own(layer.moving_mean_initializer)
    for name, initializer in (("moving_stddev", stddev), ("renorm_mean", mean), ("renorm_stddev", stddev)):
        weight = layer.add_weight(name=name, shape=(channels,), initializer=initializer, trainable=False)
        setattr(layer, name, weight)


def _own(initializer: Any) -> Any:
    """A copy that draws the same numbers; a user's function is its own."""
    return initializer.clone() if isinstance(initializer, Initializer) else initializer


def correction(layer: Any, mean: Any, variance: Any) -> tuple[Any, Any]:
    """Scale and offset of the normalised batch: (x r + d) gamma + beta, with r and d constants.

    r = stddev / renorm_stddev and d = (mean - renorm_mean) / renorm_stddev, limited by `renorm_clipping`.
    """
    slow = ops.maximum(layer.renorm_stddev, layer.epsilon**0.5)
    r = ops.sqrt(variance + layer.epsilon) / slow
    d = (mean - layer.renorm_mean) / slow
    clipping = layer.renorm_clipping
    if clipping.get("rmin") is not None:
        r = ops.maximum(r, clipping["rmin"])
    if clipping.get("rmax") is not None:
        r = ops.minimum(r, clipping["rmax"])
    if clipping.get("dmax") is not None:
        d = ops.clip(d, -clipping["dmax"], clipping["dmax"])
    r, d = ops.stop_gradient(r), ops.stop_gradient(d)
    if layer.gamma is not None:
        r, d = r * layer.gamma, d * layer.gamma
    return r, d if layer.beta is None else d + layer.beta


def update(layer: Any, mean: Any, variance: Any) -> None:
    """Moves the slow averages by `renorm_momentum` and those of inference by `momentum`."""
    stddev = ops.sqrt(variance + layer.epsilon)
    for average, batch, momentum in (
        (layer.renorm_mean, mean, layer.renorm_momentum),
        (layer.renorm_stddev, stddev, layer.renorm_momentum),
        (layer.moving_mean, mean, layer.momentum),
        (layer.moving_stddev, stddev, layer.momentum),
    ):
        average.assign(average * momentum + ops.stop_gradient(batch) * (1.0 - momentum))
    layer.moving_variance.assign(ops.relu(ops.square(layer.moving_stddev) - layer.epsilon))
