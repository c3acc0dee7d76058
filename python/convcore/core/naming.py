"""Automatic names, by Keras's rules: ``Conv2D`` becomes ``conv2d``, then ``conv2d_1``, one counter per
prefix.
"""

import re

_counters: dict[str, int] = {}
_numbers: dict[str, int] = {}


def to_snake_case(name):
    """``LeakyReLU`` -> ``leaky_re_lu``, ``Conv2D`` -> ``conv2d``."""
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def uniquify(name):
    """``name`` at its first use in this process, then ``name_1``, ``name_2``, ..."""
    used = _counters.get(name, 0)
    _counters[name] = used + 1
    return f"{name}_{used}" if used else name


def auto_name(prefix):
    """A fresh name for an object of class (or with prefix) ``prefix``."""
    return uniquify(to_snake_case(prefix))


def next_number(prefix):
    """1 at the first call with ``prefix``, then 2, 3, ..."""
    _numbers[prefix] = _numbers.get(prefix, 0) + 1
    return _numbers[prefix]


def reset():
    """Starts all counters again."""
    _counters.clear()
    _numbers.clear()


def to_camel_case(name):
    """``batch_normalization`` -> ``BatchNormalization``."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
