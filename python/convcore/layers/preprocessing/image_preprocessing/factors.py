"""Normal forms of the arguments that say how much a random layer does."""

from typing import Any


def _refuse(layer: Any, name: str, rule: str, value: Any) -> None:
    raise ValueError(
        f"{type(layer).__name__}: The `{name}` argument should be a number (or a list of two numbers) {rule}."
        f" Received: {name}={value!r}"
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def factor_range(value: Any, name: str, layer: Any, low: float, high: float) -> tuple[float, float]:
    """(lower, upper): a number f means (max(-f, low), f); a pair is sorted.

    A number must lie in [low, high]; of a pair, as in Keras, only the first is held against high and the
    second against low.
    """
    rule = f"in the range [{low}, {high}]"
    if isinstance(value, (tuple, list)):
        if len(value) != 2 or not all(map(_is_number, value)) or value[0] > high or value[1] < low:
            _refuse(layer, name, rule, value)
        lower, upper = sorted(value)
        return lower, upper
    if not _is_number(value) or not low <= value <= high:
        _refuse(layer, name, rule, value)
    return max(-abs(value), low), abs(value)


def symmetric_range(
    value: Any, name: str, layer: Any, low: float, high: float, open_low: bool = False
) -> tuple[float, float]:
    """(lower, upper): a number f means (-f, f); given numbers lie in [low, high], above low if it is open."""
    rule = f"in the range {'(' if open_low else '['}{low}, {high}]"
    pair = value if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2 or not all(map(_is_number, pair)):
        _refuse(layer, name, rule, value)
    if any(not low <= v <= high or (open_low and v == low) for v in pair):
        _refuse(layer, name, rule, value)
    if isinstance(value, (tuple, list)):
        return min(pair), max(pair)
    return -abs(value), abs(value)


def value_range_pair(value: Any, layer: Any) -> list[Any]:
    """The smallest and the largest value of an image, sorted."""
    if not isinstance(value, (tuple, list)) or len(value) != 2 or not all(map(_is_number, value)):
        raise ValueError(
            f"{type(layer).__name__}: The `value_range` argument should be a list of two numbers. Received: "
            f"value_range={value!r}"
        )
    return sorted(value)
