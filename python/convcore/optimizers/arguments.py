"""The arguments that every optimizer takes: how they show in signatures, and their checks."""

import inspect
import warnings

from ..core.suggestions import arguments_of, did_you_mean


def full_signature(cls, base):
    """The signature of an optimizer whose `*args, **kwargs` are the arguments of `base`, spelled out for
    `help()` and editors.
    """
    own = list(inspect.signature(cls.__init__).parameters.values())[1:]
    if not any(p.kind is p.VAR_POSITIONAL for p in own):
        return inspect.Signature(own)
    named = [p for p in own if p.kind is p.POSITIONAL_OR_KEYWORD]
    taken = {p.name for p in named}
    common = [p for p in inspect.signature(base.__init__).parameters.values() if p.name not in taken]
    return inspect.Signature(named + common[1:])


def check_common(cls, arguments, unknown):
    """Raises ValueError for values that an optimizer of class `cls` cannot work with; `arguments` is what the
    constructor received, `unknown` what it has no name for.
    """
    where = cls.__name__
    if unknown.pop("decay", None) is not None:
        warnings.warn("Argument `decay` is no longer supported and will be ignored.", stacklevel=4)
    if unknown:
        hints = "".join(did_you_mean(name, arguments_of(cls)) for name in unknown)
        raise ValueError(f"{where}: argument(s) not recognized: {unknown}.{hints}")
    steps = arguments["gradient_accumulation_steps"]
    if steps is not None and (not isinstance(steps, int) or steps < 2):
        raise ValueError(
            f"{where}: `gradient_accumulation_steps` must be an integer >= 2. Received: "
            f"gradient_accumulation_steps={steps!r}"
        )
    if arguments["use_ema"]:
        check_averaging(where, arguments["ema_momentum"], arguments["ema_overwrite_frequency"])
    clips = {name: arguments[name] for name in ("clipnorm", "clipvalue", "global_clipnorm")}
    if sum(value is not None for value in clips.values()) > 1:
        given = ", ".join(f"{name}={value}" for name, value in clips.items())
        raise ValueError(
            f"{where}: Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set. Received: "
            f"{given}"
        )
    for name, value in clips.items():
        if value is not None and not value > 0:
            raise ValueError(f"{where}: `{name}` must be greater than 0. Received: {name}={value!r}")


def check_averaging(where, momentum, frequency):
    if not 0 <= momentum <= 1:
        raise ValueError(f"{where}: `ema_momentum` must be in [0, 1]. Received: ema_momentum={momentum!r}")
    if frequency is not None and (not isinstance(frequency, int) or frequency < 1):
        raise ValueError(
            f"{where}: `ema_overwrite_frequency` must be an integer >= 1 or None. "
            f"Received: ema_overwrite_frequency={frequency!r}"
        )


def check_learning_rate(where, learning_rate):
    """Keras's rule: an integer is refused, so that 1 is never taken for 1e-something by accident."""
    if not isinstance(learning_rate, float):
        raise ValueError(
            f"{where}: `learning_rate` must be a float, a LearningRateSchedule, or a callable without "
            "arguments. "
            f"Received: learning_rate={learning_rate!r} (of type {type(learning_rate).__name__})"
        )


def check_unit_interval(where, name, value):
    if not isinstance(value, float) or not 0 <= value <= 1:
        raise ValueError(f"{where}: `{name}` must be a float between [0, 1]. Received: {name}={value!r}")
