"""Blocks of pixels to channels and back, under the names of ``keras.ops``."""

from ..core.arguments import standardize_data_format
from ..core.dispatch import apply, operation
from .promotion import tensor


def _image(name, x, block_size, data_format, divided):
    """(x channels last, its height, width, channels); ValueError unless ``divided`` of them are divisible."""
    if block_size < 2:
        raise ValueError(f"{name}: `block_size` must be at least 2. Received: block_size={block_size}")
    x = tensor(x)
    if len(x.shape) == 4 and standardize_data_format(data_format) == "channels_first":
        x = apply("transpose", x, axes=(0, 2, 3, 1))
    sizes = tuple(x.shape[1:])
    parts = {"pixels": (block_size, sizes[:2]), "channels": (block_size**2, sizes[2:])}[divided]
    if len(x.shape) != 4 or None in sizes or any(n % parts[0] for n in parts[1]):
        raise ValueError(
            f"{name}: expected images of known size whose {divided} are divisible by {parts[0]} (block_size="
            f"{block_size}); received {tuple(x.shape)} (channels last)"
        )
    return x, *sizes


def _in_format(x, data_format):
    first = standardize_data_format(data_format) == "channels_first"
    return apply("transpose", x, axes=(0, 3, 1, 2)) if first else x


@operation
def depth_to_space(x, block_size, data_format="channels_last"):
    """b² channels become a square of b by b pixels: (n, h, w, c) to (n, h b, w b, c / b²), b = block_size."""
    b = int(block_size)
    first = standardize_data_format(data_format) == "channels_first"
    x, h, w, c = _image("depth_to_space", x, b, data_format, "channels")
    c //= b * b
    # Keras splits the channels (b, b, c) when they stand last and (c, b, b) when they stand first.
    if first:
        x = apply("transpose", apply("reshape", x, shape=[-1, h, w, c, b, b]), axes=(0, 1, 4, 2, 5, 3))
    else:
        x = apply("transpose", apply("reshape", x, shape=[-1, h, w, b, b, c]), axes=(0, 1, 3, 2, 4, 5))
    return _in_format(apply("reshape", x, shape=[-1, h * b, w * b, c]), data_format)


@operation
def space_to_depth(x, block_size, data_format="channels_last"):
    """Squares of pixels become channels: (n, h b, w b, c) to (n, h, w, c b²); undoes ``depth_to_space``."""
    b = int(block_size)
    first = standardize_data_format(data_format) == "channels_first"
    x, h, w, c = _image("space_to_depth", x, b, data_format, "pixels")
    x = apply("reshape", x, shape=[-1, h // b, b, w // b, b, c])
    x = apply("transpose", x, axes=(0, 1, 3, 5, 2, 4) if first else (0, 1, 3, 2, 4, 5))
    return _in_format(apply("reshape", x, shape=[-1, h // b, w // b, c * b * b]), data_format)


__all__ = ["depth_to_space", "space_to_depth"]
