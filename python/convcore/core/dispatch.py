"""The door to the C++ ops: apply() records or runs one op; @operation lets functions be called on symbolic
tensors.
"""

import functools
from typing import Any

import numpy as np

from .. import _core
from . import naming, scope
from .arguments import standardize_data_format
from .arrays import as_array
from .budget import charge_node
from .keras_tensor import KerasTensor, any_symbolic
from .operation import Operation
from .variable import Variable

_Value = _core.Value
_run_op, _run_op_error = _core.run_op, _core.Error
# Class name -> _Recordable of every function, by which saved functional models name them.
OPERATIONS: dict = {}
# Parameters without a default that are settings, not tensors.
_SETTINGS = frozenset(
    (
        *(
            "newshape",
            "shape",
            "axis",
            "axes",
            "num_classes",
            "dtype",
            "x_min",
            "x_max",
            "source",
            "destination",
        ),
        *(
            "pad_width",
            "axis1",
            "axis2",
            "pool_size",
            "repeats",
            "indices_or_sections",
            "threshold",
            "default_value",
            "size",
            "order",
            "output_size",
            "block_size",
            "shift",
            "max_val",
            "subscripts",
            "k",
            "kth",
            "function",
            "kernel_size",
            "spatial_dims",
            "method",
        ),
    )
)
# Parameters with a default that are tensors: Keras passes these by position, and the others by keyword.
_OPTIONAL_TENSORS = frozenset(("x1", "x2", "offset", "scale", "xs"))
_KEYWORD_TENSORS = frozenset(("constant_values",))


def apply(op, *tensors, **attrs):
    """Emits ``op`` into the current trace if a tensor belongs to it (or is a Variable), else runs it on
    arrays.

    Python numbers become scalars of the first tensor's dtype; arrays become constants. Returns one tensor, or
    a tuple if the op has several outputs.
    """
    trace = scope.current_trace()
    if trace is not None and any(type(x) is _Value or isinstance(x, Variable) for x in tensors):
        dtype = next((x.dtype for x in tensors if not isinstance(x, (bool, int, float))), None)
        dtype = getattr(dtype, "name", dtype)
        charge_node(op)
        results = trace.graph.emit(op, [trace.convert(x, _number_dtype(x, dtype)) for x in tensors], attrs)
    else:
        results = _run_op(op, _eager(op, tensors), attrs)
    return results[0] if len(results) == 1 else tuple(results)


def _number_dtype(x, dtype):
    return dtype if isinstance(x, (bool, int, float)) else None


def _eager(op, tensors):
    dtype = None
    arrays = []
    for x in tensors:
        if type(x) is np.ndarray:
            dtype = dtype or x.dtype.name
            arrays.append(x if x.flags.c_contiguous else np.ascontiguousarray(x))
            continue
        if type(x) is _Value:
            raise ValueError(
                f"{op}: received a tensor of a recording that has ended (or belongs to another thread): "
                f"{x!r}. "
                "Return tensors from the recorded function instead of keeping them."
            )
        if isinstance(x, Variable):
            x = x._handle.array
            dtype = dtype or x.dtype.name
        arrays.append(x)
    return [x if type(x) is np.ndarray else as_array(x, op, dtype) for x in arrays]


class FunctionOperation(Operation):
    """A function of ``ops`` as it appears in a functional model; its settings are its config."""

    function: Any = None
    tensors: tuple[str, ...] = ()
    setting_names: tuple[str, ...] = ()  # all others, in order
    variadic = ""  # the name of the parameter *tensors, if that is how they are given
    keyword_only: tuple[str, ...] = ()

    def __init__(self, *ordered, name=None, **settings):
        super().__init__(name)
        self.settings = {**dict(zip(self.setting_names, ordered, strict=False)), **settings}

    def call(self, *args, **kwargs):
        if self.variadic:
            named = {name: self.settings[name] for name in self.keyword_only if name in self.settings}
            leading = [value for name, value in self.settings.items() if name not in named]
            return type(self).function(*leading, *args, **named)
        named = dict(zip(self.tensors, args, strict=False))
        return type(self).function(**named, **self.settings, **kwargs)

    def get_config(self):
        return {"name": self.name, **self.settings}


# Where Keras keeps a module's functions, and single functions, that live elsewhere here.
_KERAS_MODULES = {
    "creation": "numpy",
    "shapes": "numpy",
    "losses": "nn",
    "convolution": "nn",
    "blocks": "nn",
    "encoding": "nn",
    "reductions": "numpy",
    "elementwise": "numpy",
    "arranging": "numpy",
    "matrices": "numpy",
    "logarithms": "numpy",
    "angles": "numpy",
    "sorting": "numpy",
    "nan_reductions": "numpy",
    "letter_sums": "numpy",
    "products": "numpy",
    "windows": "numpy",
    "spacing": "numpy",
    "complex_parts": "numpy",
    "integers": "numpy",
    "scattering": "core",
    "segments": "math",
    "control": "core",
    "rearranging": "einops",
    "norms": "linalg",
    "alignment": "nn",
    "resizing": "image",
    "warping": "image",
    "distorting": "image",
    "colors": "image",
    "patches": "image",
    "filters": "image",
    "normalization": "nn",
    "pooling": "nn",
    "get_item": "numpy",
    "rsqrt": "math",
    "erf": "math",
    "erfc": "math",
    "erfinv": "math",
    "cdist": "math",
    "top_k": "math",
    "in_top_k": "math",
    "segment_max": "math",
    "segment_min": "math",
    "segment_prod": "math",
    "fold": "nn",
    "unfold": "nn",
    "logsumexp": "math",
    "saturate_cast": "core",
    "unstack": "core",
}
_KERAS_CLASSES = {
    "batch_normalization": "BatchNorm",
    "layer_normalization": "LayerNorm",
    "rms_normalization": "RMSNorm",
    "psnr": "PSNR",
    "rgb_to_hsv": "RGBToHSV",
    "hsv_to_rgb": "HSVToRGB",
    "rgb_to_grayscale": "RGBToGrayscale",
    "ssim": "SSIM",
    "isin": "IsIn",
    "searchsorted": "SearchSorted",
    "allclose": "AllClose",
    "cdist": "CDist",
    "ctc_loss": "CTCLoss",
}


class _Recordable:
    """The operation class of one function, made when it is first needed: most functions are never recorded as
    nodes.
    """

    def __init__(self, fn):
        self.fn = fn
        self.class_name = _KERAS_CLASSES.get(fn.__name__) or naming.to_camel_case(fn.__name__)
        self._class = self._signature = None

    @property
    def operation_class(self):
        if self._class is None:
            module = self.fn.__module__.rsplit(".", 1)[-1]
            module = _KERAS_MODULES.get(self.fn.__name__) or _KERAS_MODULES.get(module, module)
            members = {
                "function": staticmethod(self.fn),
                "tensors": (tensors := _tensor_names(self.signature)),
                "setting_names": tuple(
                    name
                    for name in self.signature.parameters
                    if name not in (*tensors, *self._of_kind("VAR_KEYWORD"))
                ),
                "variadic": self.variadic,
                "keyword_only": self._of_kind("KEYWORD_ONLY"),
                "__module__": f"keras.src.ops.{module}",
            }
            self._class = type(self.class_name, (FunctionOperation,), members)
        return self._class

    @property
    def signature(self):
        if self._signature is None:
            import inspect

            self._signature = inspect.signature(self.fn)
        return self._signature

    @property
    def variadic(self):
        names = self._of_kind("VAR_POSITIONAL")
        return names[0] if names else ""

    def _of_kind(self, kind):
        parameters = self.signature.parameters.values()
        return tuple(p.name for p in parameters if p.kind is getattr(p, kind))

    def record(self, args, kwargs):
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = dict(bound.arguments)
        if self.variadic:
            tensors = given.pop(self.variadic)
            return self.operation_class(**given)(*tensors)
        named = [given.pop(name, {}) for name in self._of_kind("VAR_KEYWORD")]
        positional = [given.pop(name) for name in self.operation_class.tensors]
        keyword = {name: x for name, x in given.items() if name in _KEYWORD_TENSORS or any_symbolic((x,))}
        keyword.update(*named)
        settings = {name: x for name, x in given.items() if name not in keyword}
        if "data_format" in settings:  # Keras takes None in a file for channels_first
            settings["data_format"] = standardize_data_format(settings["data_format"])
        return self.operation_class(**settings)(*positional, **keyword)


def operation(fn):
    """Decorates a function of ``ops``: with a KerasTensor anywhere in its arguments the call is recorded as a
    node.
    """
    recordable = _Recordable(fn)
    OPERATIONS[recordable.class_name] = recordable

    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        if any_symbolic(args) or (kwargs and any_symbolic(kwargs.values())):
            return recordable.record(args, kwargs)
        return fn(*args, **kwargs)

    return wrapper


def find_operation(class_name):
    """The operation class of a function of ``ops`` by Keras's class name (``Add``, ``Relu``), or None."""
    if class_name not in OPERATIONS:
        # its room may not be loaded yet
        from .. import ops

        dir(ops)
    recordable = OPERATIONS.get(class_name)
    return None if recordable is None else recordable.operation_class


def _tensor_names(signature):
    """The parameters that are tensors passed by position; all others are settings."""
    return tuple(
        name
        for name, parameter in signature.parameters.items()
        if parameter.kind is not parameter.VAR_KEYWORD
        and (name in _OPTIONAL_TENSORS or (parameter.default is parameter.empty and name not in _SETTINGS))
    )


def is_symbolic(x):
    """Whether ``x`` has no values yet: a KerasTensor or a tensor of a recording."""
    return isinstance(x, KerasTensor) or type(x) is _Value
