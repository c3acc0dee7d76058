"""Color spaces."""

from ...core.dispatch import apply, operation
from ...core.dtypes import is_float
from ..core import get_item
from ..numpy import where
from ..promotion import tensor
from .layout import as_float, check_images, image_axes

# luma of ITU-R BT.601
_LUMA = (0.2989, 0.5870, 0.1140)


def _planes(images, axis):
    """Red, green and blue (or hue, saturation and value), each with a channel axis of size 1."""
    return [get_item(images, (slice(None),) * axis + (slice(i, i + 1),)) for i in range(3)]


def _checked(images, data_format, name, channels):
    images = tensor(images)
    axis = image_axes(check_images(images, name), data_format)[2]
    if images.shape[axis] not in channels:
        if 1 in channels:
            wanted = "Invalid channel size: expected 3 (RGB) or 1 (Grayscale)."
        else:
            wanted = (
                f"Input images must have 3 channels, but received images with {images.shape[axis]} channels."
            )
        raise ValueError(f"{name}: {wanted} Received: images of shape {tuple(images.shape)}")
    return images, axis


@operation
def rgb_to_grayscale(images, data_format=None):
    """One channel, 0.2989 red + 0.587 green + 0.114 blue; images of one channel stay as they are.

    Integers keep their dtype, truncated.
    """
    images, axis = _checked(images, data_format, "rgb_to_grayscale", (1, 3))
    if images.shape[axis] == 1:
        return images
    parts = [apply("multiply", p, w) for p, w in zip(_planes(as_float(images), axis), _LUMA, strict=True)]
    gray = apply("add", apply("add", parts[0], parts[1]), parts[2])
    return tensor(gray, str(images.dtype))


def _require_float(images, name):
    if not is_float(str(images.dtype)):
        raise ValueError(
            f"{name}: Invalid images dtype: expected float dtype. Received: images.dtype={images.dtype}"
        )


@operation
def rgb_to_hsv(images, data_format=None):
    """Hue, saturation and value, all in [0, 1] for images in [0, 1]."""
    images, axis = _checked(images, data_format, "rgb_to_hsv", (3,))
    _require_float(images, "rgb_to_hsv")
    red, green, blue = _planes(images, axis)
    value = apply("maximum", apply("maximum", red, green), blue)
    spread = apply("subtract", value, apply("minimum", apply("minimum", red, green), blue))
    colored = apply("greater", spread, 0.0)
    sixth = apply("divide", 1 / 6, where(colored, spread, 1.0))

    def hue_from(a, b, offset):
        return apply("add", apply("multiply", sixth, apply("subtract", a, b)), offset)

    hue = where(apply("equal", value, green), hue_from(blue, red, 2 / 6), hue_from(red, green, 4 / 6))
    hue = where(apply("equal", value, red), hue_from(green, blue, 0.0), hue)
    hue = where(colored, hue, 0.0)
    hue = where(apply("less", hue, 0.0), apply("add", hue, 1.0), hue)
    bright = apply("greater", value, 0.0)
    saturation = where(bright, apply("divide", spread, where(bright, value, 1.0)), 0.0)
    return apply("concatenate", hue, saturation, value, axis=axis)


@operation
def hsv_to_rgb(images, data_format=None):
    """The inverse of `rgb_to_hsv`; hues beyond [0, 1] go round."""
    images, axis = _checked(images, data_format, "hsv_to_rgb", (3,))
    _require_float(images, "hsv_to_rgb")
    hue, saturation, value = _planes(images, axis)
    position = apply("multiply", apply("subtract", hue, apply("floor", hue)), 6.0)

    def channel(centre, sign):
        # a trapezium over the color circle of circumference 6
        distance = apply("abs", apply("subtract", position, centre))
        rise = apply("subtract", distance, 1.0) if sign > 0 else apply("subtract", 2.0, distance)
        share = apply("clip", rise, min=0.0, max=1.0)
        gray = apply("subtract", 1.0, saturation)
        return apply("multiply", value, apply("add", gray, apply("multiply", saturation, share)))

    return apply("concatenate", channel(3.0, 1), channel(2.0, -1), channel(4.0, -1), axis=axis)


__all__ = ["hsv_to_rgb", "rgb_to_grayscale", "rgb_to_hsv"]
