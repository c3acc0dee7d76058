"""The one error that every refused file ends in."""

import contextlib

from .._core import ModelFormatError


def refuse(where, expected, received, hint=""):
    """The ModelFormatError for `where` (a member, group or layer of a file); raise what it returns."""
    text = f"{where}: expected {expected}; received {received}"
    return ModelFormatError(f"{text}. {hint}" if hint else text)


@contextlib.contextmanager
def configuration_of(where):
    """Every error in the block, which makes something of a configuration, becomes a ModelFormatError."""
    try:
        yield
    except ModelFormatError as error:
        raise ModelFormatError(f"{where}: {error}") from error
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        raise refuse(where, "a configuration that makes a model", text) from error


__all__ = ["ModelFormatError", "configuration_of", "refuse"]
