"""Global settings: floatx, epsilon and image_data_format (from a file that is never written), precision."""

import os

from . import _core

_FLOATS = ("float16", "bfloat16", "float32", "float64")
_PRECISIONS = ("fast", "strict", "reference")
_FORMATS = ("channels_last", "channels_first")
_settings = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}
_settings["interactive_logging"] = True
_limits = {
    name: int(os.environ[key]) if os.environ.get(key) else None
    for name, key in (("epochs", "KERAS_MAX_EPOCHS"), ("steps", "KERAS_MAX_STEPS_PER_EPOCH"))
}


def floatx():
    """The default float type, ``"float32"`` unless set."""
    return _settings["floatx"]


def set_floatx(value):
    """Sets the default float type: ``"float16"``, ``"bfloat16"``, ``"float32"`` or ``"float64"``."""
    if value not in _FLOATS:
        raise ValueError(f"set_floatx: expected one of {_FLOATS}; received {value!r}")
    from .core.dtypes import standardize_dtype
    from .core.scope import structure_changed
    from .dtype_policies import forget_global_policy

    _settings["floatx"] = standardize_dtype(value)
    forget_global_policy()
    structure_changed()


def epsilon():
    """The small number that keeps divisions and logarithms finite, 1e-7 unless set."""
    return _settings["epsilon"]


def set_epsilon(value):
    """Sets the value of ``epsilon()``."""
    if not isinstance(value, float):
        raise ValueError(f"set_epsilon: expected a float; received {value!r}")
    _settings["epsilon"] = value


def image_data_format():
    """``"channels_last"`` or ``"channels_first"``: what layers use whose data_format is None."""
    return _settings["image_data_format"]


def set_image_data_format(data_format):
    """Sets the default data format of layers constructed from now on."""
    word = str(data_format).lower()
    if word not in _FORMATS:
        raise ValueError(f"set_image_data_format: expected one of {_FORMATS}; received {data_format!r}")
    _settings["image_data_format"] = word


def precision():
    """``"fast"`` (unless set), ``"strict"`` or ``"reference"``: see ``set_precision``."""
    return _PRECISIONS[_core.precision()]


def set_precision(value):
    """Says which algorithms float32 layers may use, in this whole process.

    ``"fast"`` allows Winograd convolutions for kernels of size 3 with stride 1: two to four times fewer
    operations, and results that are off by about twice the rounding error of the direct sum. A NaN or an
    infinity in the input may also reach up to 3 neighbouring pixels that do not see it. ``"strict"`` computes
    every pixel as one direct sum. ``"reference"`` takes the plain loops that the fast kernels are tested
    against, hundreds of times slower: it tells whether a fast kernel is at fault.

    It holds for every call after it, also of models that have run before. Both kinds of results are the same
    on every run and for any number of threads.

    Args:
        value: ``"fast"``, ``"strict"`` or ``"reference"``.

    Raises:
        ValueError: for any other value.
    """
    if value not in _PRECISIONS:
        raise ValueError(f"set_precision: expected one of {_PRECISIONS}; received {value!r}")
    _core.set_precision(_PRECISIONS.index(value))


def backend():
    """The name of the engine, ``"convcore"``."""
    return "convcore"


def max_epochs():
    """The most epochs of any call of `fit`, or None; at first that of KERAS_MAX_EPOCHS."""
    return _limits["epochs"]


def set_max_epochs(max_epochs):
    """Limits the epochs of every call of `fit`, for trying out a script; None: no limit."""
    _limits["epochs"] = max_epochs


def max_steps_per_epoch():
    """The most batches of any epoch, `evaluate` or `predict`, or None; at first KERAS_MAX_STEPS_PER_EPOCH."""
    return _limits["steps"]


def set_max_steps_per_epoch(max_steps_per_epoch):
    """Limits the batches of each epoch, `evaluate` and `predict`, for trying out a script; None: no limit."""
    _limits["steps"] = max_steps_per_epoch


def enable_interactive_logging():
    """Progress is written to standard output, as it is unless this was changed."""
    _settings["interactive_logging"] = True


def disable_interactive_logging():
    """Progress goes to the logger ``convcore`` of Python's logging, at level INFO."""
    _settings["interactive_logging"] = False


def is_interactive_logging_enabled():
    """Whether progress is written to standard output."""
    return _settings["interactive_logging"]


def dtype_policy():
    """The policy of layers that are given none."""
    from .dtype_policies import global_policy

    return global_policy()


def set_dtype_policy(policy):
    """Sets the policy of layers that are given none, by name or as a DTypePolicy."""
    from .dtype_policies import set_global_policy

    set_global_policy(policy)


def _candidates():
    if home := os.environ.get("CONVCORE_HOME"):
        yield os.path.join(home, "convcore.json")
    if home := os.environ.get("KERAS_HOME"):
        yield os.path.join(home, "keras.json")
    else:
        yield os.path.join(os.path.expanduser("~"), ".keras", "keras.json")


def _read_first():
    for path in _candidates():
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except OSError:
            continue
        import json

        try:
            loaded = json.loads(text)
        except ValueError:
            loaded = {}
        return path, loaded if isinstance(loaded, dict) else {}
    return None, {}


def _load():
    path, loaded = _read_first()
    checks = {
        "floatx": (lambda v: v in _FLOATS, f"one of {_FLOATS}"),
        "epsilon": (lambda v: isinstance(v, float), "a float"),
        "image_data_format": (lambda v: v in _FORMATS, f"one of {_FORMATS}"),
    }
    for key, (valid, expected) in checks.items():
        if key in loaded:
            if not valid(loaded[key]):
                raise ValueError(f"{path}: {key}: expected {expected}; received {loaded[key]!r}")
            _settings[key] = loaded[key]
    if _settings["floatx"] == "bfloat16":
        _core.has_bfloat16()  # from now on NumPy knows the name, if it can


_load()
