"""InputSpec: what a layer demands of its input, and the check of it."""

from ..core import tree
from .format_hint import format_hint


class InputSpec:
    """Constraints on one input: None means anything.

    Args:
        dtype: Element type.
        shape: Full shape; None for any size of an axis.
        ndim, max_ndim, min_ndim: Number of axes.
        axes: Sizes of some axes, as a dict from axis to size.
        allow_last_axis_squeeze: Whether a missing or extra last axis of size 1 is accepted.
        name: Key of the input in a dict of inputs.
        optional: Whether None is accepted.
    """

    def __init__(
        self,
        dtype=None,
        shape=None,
        ndim=None,
        max_ndim=None,
        min_ndim=None,
        axes=None,
        allow_last_axis_squeeze=False,
        name=None,
        optional=False,
    ):
        self.dtype, self.name, self.optional = dtype, name, optional
        self.shape: tuple | None = None if shape is None else tuple(shape)
        self.ndim = ndim if self.shape is None else len(self.shape)
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        if self.axes and (self.ndim or max_ndim):
            limit = (self.ndim or max_ndim) - 1
            if max(self.axes) > limit:
                raise ValueError(f"InputSpec: expected axes up to {limit}; received axes {sorted(self.axes)}")

    def get_config(self):
        return {
            "dtype": self.dtype,
            "shape": self.shape,
            "ndim": self.ndim,
            "max_ndim": self.max_ndim,
            "min_ndim": self.min_ndim,
            "axes": self.axes,
        }

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __repr__(self):
        values = {key: value for key, value in self.get_config().items() if value}
        return f"InputSpec({', '.join(f'{key}={value}' for key, value in values.items())})"


def assert_input_compatibility(input_spec, inputs, layer_name):
    """Raises ValueError, naming the input and the layer, where ``inputs`` break ``input_spec``."""
    if not input_spec:
        return
    specs = tree.flatten(input_spec)
    if isinstance(inputs, dict) and all(spec.name for spec in specs):
        inputs = [inputs.get(spec.name) for spec in specs]
    else:
        inputs = tree.flatten(inputs)
    if len(inputs) != len(specs):
        raise ValueError(
            f"Layer {layer_name!r}: expected {len(specs)} input(s); received {len(inputs)} input tensors"
        )
    for index, (x, spec) in enumerate(zip(inputs, specs, strict=False)):
        if spec is None or (x is None and spec.optional):
            continue
        if not hasattr(x, "shape"):
            raise ValueError(f"Input {index} of layer {layer_name!r}: expected a tensor; received {x!r}")
        problem = _problem(spec, tuple(x.shape))
        if problem is None and spec.dtype is not None and str(x.dtype) != spec.dtype:
            problem = f"expected dtype={spec.dtype}, found dtype={x.dtype}"
        if problem:
            raise ValueError(
                f"Input {index} of layer {layer_name!r} is incompatible with the layer: {problem}. "
                f"Full shape received: {tuple(x.shape)}"
            )


def _problem(spec, shape):
    ndim = len(shape)
    if (
        spec.ndim is not None
        and ndim != spec.ndim
        and not (spec.allow_last_axis_squeeze and _squeezable(spec, shape))
    ):
        hint = ". The batch axis may be missing: x[None] adds it" if ndim == spec.ndim - 1 else ""
        return f"expected ndim={spec.ndim}, found ndim={ndim}{hint}"
    if spec.max_ndim is not None and ndim > spec.max_ndim:
        return f"expected max_ndim={spec.max_ndim}, found ndim={ndim}"
    if spec.min_ndim is not None and ndim < spec.min_ndim:
        return f"expected min_ndim={spec.min_ndim}, found ndim={ndim}"
    for axis, size in spec.axes.items():
        if -ndim <= axis < ndim and size is not None and shape[axis] not in (size, None):
            hint = format_hint(shape, "channels_first" if axis == 1 else "channels_last", size)
            found = (
                f"expected axis {axis} of input shape to have value {size}, found {shape[axis]} in {shape}"
            )
            return f"{found}.{hint}".rstrip(".")
    if spec.shape is not None and ndim == spec.ndim:
        for expected, found in zip(spec.shape, shape, strict=False):
            if expected is not None and found is not None and expected != found:
                return f"expected shape={spec.shape}, found shape={shape}"
    return None


def _squeezable(spec, shape):
    if len(shape) == spec.ndim - 1:
        return spec.shape is None or spec.shape[-1] in (1, None)
    return len(shape) == spec.ndim + 1 and shape[-1] == 1
