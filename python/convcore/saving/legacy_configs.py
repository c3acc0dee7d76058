"""Configs of Keras 1 and 2 in today's form: layers, nodes, compile arguments."""

from ..core.dispatch import find_operation
from ..core.naming import to_snake_case
from . import class_table

# Keras 1: class -> (today's class, {old argument: today's})
_ARGUMENTS_1 = {
    "nb_filter": "filters",
    "output_dim": "units",
    "border_mode": "padding",
    "subsample": "strides",
    "subsample_length": "strides",
    "stride": "strides",
    "pool_length": "pool_size",
    "filter_length": "kernel_size",
    "bias": "use_bias",
    "init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "dim_ordering": "data_format",
    "atrous_rate": "dilation_rate",
    "p": "rate",
    "length": "size",
    "gamma_init": "gamma_initializer",
    "beta_init": "beta_initializer",
}
_CLASSES_1 = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "SeparableConvolution2D": "SeparableConv2D",
}
_ORDER = {"tf": "channels_last", "th": "channels_first", "default": None}
_DROPPED_1 = ("W_learning_rate_multiplier", "b_learning_rate_multiplier", "mode", "input_dim", "input_dtype")
_OPTIMIZER = {"lr": "learning_rate"}
_OPTIMIZER_DROPPED = ("decay", "is_legacy_optimizer", "jit_compile", "schedule_decay", "initial_decay")
_REDUCTIONS = {"auto": "sum_over_batch_size"}
_MERGES = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum", "concat": "Concatenate"}


def modern_config(config, version):
    """A model's config as Keras 3 would write it; `version` is the file's keras_version."""
    config = dict(config)
    inner = config.get("config")
    if isinstance(inner, list):  # Keras 1 and early 2: a Sequential is its layers
        inner = {"layers": inner}
    if isinstance(inner, dict) and isinstance(inner.get("layers"), list):
        inner = dict(inner, layers=[modern_config(layer, version) for layer in inner["layers"]])
        if config.get("class_name") == "Sequential":
            inner.pop("build_input_shape", None) if _declares_input(inner["layers"]) else None
    elif isinstance(inner, dict) and _is_function(config, inner):
        # Keras 3 writes here no module by which a function of ops differs from a layer of the same name
        config["module"] = "keras.src.ops.numpy"
    elif isinstance(inner, dict) and version.startswith("1"):
        config = _layer_1(config, dict(inner))
        inner = config["config"]
    config["config"] = inner
    return config


def _is_function(entry, config):
    name = entry.get("class_name")
    known = isinstance(name, str) and "module" not in entry and "trainable" not in config
    return known and "inbound_nodes" in entry and name != "InputLayer" and find_operation(name) is not None


def _declares_input(layers):
    first = layers[0].get("config", {}) if layers else {}
    return isinstance(first, dict) and any(key in first for key in ("batch_input_shape", "batch_shape"))


def _layer_1(entry, config):
    """One layer of Keras 1."""
    kind = entry.get("class_name")
    if kind == "Merge":
        return dict(entry, class_name=_MERGES.get(config.get("mode"), "Merge"), config=_merge(config))
    rows = [config.pop(key) for key in ("nb_row", "nb_col") if key in config]
    depth = (
        [config.pop("kernel_dim1"), config.pop("kernel_dim2"), config.pop("kernel_dim3")]
        if ("kernel_dim1" in config)
        else []
    )
    if rows or depth:
        config["kernel_size"] = depth or rows
    for key in _DROPPED_1:
        config.pop(key, None)
    for old, new in _ARGUMENTS_1.items():
        if old in config and not (old == "length" and kind not in ("UpSampling1D",)):
            config[new] = config.pop(old)
    if "data_format" in config:
        config["data_format"] = _ORDER.get(config["data_format"], config["data_format"])
    return dict(entry, class_name=_CLASSES_1.get(kind, kind), config=config)


def _merge(config):
    kept = {"name": config["name"]} if "name" in config else {}
    if config.get("mode") == "concat":
        kept["axis"] = config.get("concat_axis", -1)
    return kept


def compile_config(training):
    """The arguments of `compile` from a file's training_config."""
    found = {key: training.get(key) for key in ("loss", "loss_weights", "metrics", "weighted_metrics")}
    for key in ("metrics", "weighted_metrics"):
        found[key] = _each(found[key], _full_name, str)
    return modern_compile_config({"optimizer": training.get("optimizer_config"), **found})


def _full_name(metric):
    """Keras makes the metric of a short name ("mse") here, and its own name is then that of its results."""
    from ..metrics import SHORT_NAMES

    found = SHORT_NAMES.get(metric.lower())
    return metric if found is None else to_snake_case(found.__name__)


def modern_compile_config(config):
    """The arguments of `compile` without what Keras 2 alone understands."""
    config = {key: value for key, value in config.items() if value is not None}
    if isinstance(config.get("optimizer"), dict):
        config["optimizer"] = _optimizer(dict(config["optimizer"]))
    for key, convert in (("loss", _loss), ("metrics", _metric), ("weighted_metrics", _metric)):
        if key in config:
            config[key] = _each(config[key], convert)
    return config


def _optimizer(envelope):
    name = str(envelope.get("class_name"))
    if name.startswith("Custom>") and class_table.find_class(name[len("Custom>") :], "optimizers"):
        envelope["class_name"] = name[len("Custom>") :]  # Keras 2 registered some of its own so
    inner = envelope.get("config")
    if isinstance(inner, dict):
        inner = {_OPTIMIZER.get(key, key): value for key, value in inner.items()}
        envelope["config"] = {key: value for key, value in inner.items() if key not in _OPTIMIZER_DROPPED}
    return envelope


def _each(value, convert, kind=dict):
    """`convert` of every object, or every string, in a list or dictionary of them."""
    if isinstance(value, list):
        return [_each(item, convert, kind) for item in value]
    if isinstance(value, dict) and "class_name" not in value:
        return {key: _each(item, convert, kind) for key, item in value.items()}
    return convert(value) if isinstance(value, kind) else value


def _loss(envelope):
    inner = envelope.get("config")
    if not isinstance(inner, dict) or ("fn" not in inner and str(inner.get("reduction")) not in _REDUCTIONS):
        return envelope
    inner = {key: value for key, value in inner.items() if key != "fn"}
    inner["reduction"] = _REDUCTIONS.get(str(inner.get("reduction")), inner.get("reduction"))
    return dict(envelope, config=inner)


def _metric(envelope):
    """By name where Keras 2 wrote its wrapper of a function."""
    inner = envelope.get("config")
    if envelope.get("class_name") != "MeanMetricWrapper" or not isinstance(inner, dict):
        return envelope
    return inner["fn"] if isinstance(inner.get("fn"), str) else inner.get("name")
