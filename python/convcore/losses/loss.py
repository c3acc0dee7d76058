"""The base class of losses, and the wrapper that turns a function of (y_true, y_pred) into one."""

from .. import ops
from ..config import floatx
from ..core import tree
from ..core.docs import inherit_arguments
from ..core.masks import get_keras_mask
from ..core.naming import auto_name
from ..core.origin import origin
from .reduction import align_ranks, reduce_weighted_values, standardize_reduction


def is_structure(data):
    """Whether `data` holds several arrays, for a loss that reads more than one output; a list of numbers is
    one array.
    """
    return isinstance(data, dict) or (
        isinstance(data, list | tuple) and all(getattr(x, "shape", ()) for x in tree.flatten(data))
    )


class Loss:
    """Base class of losses; a subclass defines `call(y_true, y_pred)`, one value per sample.

    Args:
        name: Name of the loss; made from the class name by default.
        reduction: `"sum_over_batch_size"` (the mean over all elements, also with sample weights), `"mean"`
            (the same), `"mean_with_sample_weight"` (divides by the sum of the weights), `"sum"`, or `None` /
            `"none"`.
        dtype: Computation dtype; `floatx()` by default.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        inherit_arguments(cls)

    def __init__(self, name=None, reduction="sum_over_batch_size", dtype=None):
        self.name = name or auto_name(type(self).__name__)
        self.reduction = standardize_reduction(reduction)
        self._dtype = getattr(dtype, "compute_dtype", dtype)

    @property
    def dtype(self):
        return self._dtype or floatx()

    def __call__(self, y_true, y_pred, sample_weight=None):
        mask = get_keras_mask(y_pred)
        with origin("loss", self.name, y_true, y_pred):
            y_pred = self._to_dtype(y_pred)
            y_true = self._to_dtype(y_true)
            values = self.call(y_true, y_pred)
            own = self.compute_mask(y_true, y_pred, values)
            if own is not None:
                mask = own if mask is None else ops.logical_and(mask, own)
            return reduce_weighted_values(values, sample_weight, mask, self.reduction, self.dtype)

    def _to_dtype(self, data):
        if is_structure(data):
            return tree.map_structure(lambda x: ops.convert_to_tensor(x, dtype=self.dtype), data)
        return ops.convert_to_tensor(data, dtype=self.dtype)

    def call(self, y_true, y_pred):
        raise NotImplementedError(f"{type(self).__name__} must define call(y_true, y_pred).")

    def compute_mask(self, y_true, y_pred, values):
        """A boolean array of the entries that count, one for each of `values`, which `call` returned; or None
        for all.
        """
        return None

    def get_config(self):
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class LossFunctionWrapper(Loss):
    """A loss made of `fn(y_true, y_pred, **kwargs)`."""

    def __init__(self, fn, reduction="sum_over_batch_size", name=None, dtype=None, **kwargs):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true, y_pred):
        if not is_structure(y_true) and not is_structure(y_pred):
            y_true, y_pred = align_ranks(y_true, y_pred)
        elif tree.same_structure(y_true, y_pred):
            pairs = zip(tree.flatten(y_true), tree.flatten(y_pred), strict=True)
            first, second = zip(*[align_ranks(a, b) for a, b in pairs], strict=True)
            y_true, y_pred = tree.pack_as(y_true, first), tree.pack_as(y_pred, second)
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self):
        config = super().get_config()
        config.update(self._fn_kwargs)
        if type(self) is LossFunctionWrapper:
            from . import serialize

            config["fn"] = serialize(self.fn)
        return config

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        if "fn" in config:
            from . import get

            config["fn"] = get(config["fn"])
        return cls(**config)

    def __repr__(self):
        return f"<{type(self).__name__}({self.fn.__name__}, kwargs={self._fn_kwargs})>"
