"""Images between value ranges."""

from typing import Any


def rescaled(images: Any, given: Any, wanted: Any) -> Any:
    """Images of values in one range, in another one."""
    (low, high), (to_low, to_high) = given, wanted
    if (low, high) == (to_low, to_high):
        return images
    return (images - float(low)) / float(high - low) * float(to_high - to_low) + float(to_low)
