"""The one error that every refused file ends in."""

from .._core import ModelFormatError


def refuse(where, expected, received, hint=""):
    """The ModelFormatError for `where` (a member, group or layer of a file); raise what it returns."""
    text = f"{where}: expected {expected}; received {received}"
    return ModelFormatError(f"{text}. {hint}" if hint else text)


__all__ = ["ModelFormatError", "refuse"]
