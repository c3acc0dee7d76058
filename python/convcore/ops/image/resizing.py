"""Images of another size: resampled, cropped, padded."""

from ...core.arguments import standardize_data_format
from ...core.dispatch import apply, operation
from ..core import get_item
from ..promotion import tensor
from ..shapes import pad
from .layout import as_float, check_images, image_axes, in_dtype, known_sizes, on_batch

INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


@operation
def resize(
    images,
    size,
    interpolation="bilinear",
    antialias=False,
    crop_to_aspect_ratio=False,
    pad_to_aspect_ratio=False,
    fill_mode="constant",
    fill_value=0.0,
    data_format=None,
):
    """``images`` resampled to ``size`` = (height, width), with half-pixel centres.

    Integers keep their dtype: results are rounded and kept within its range.

    Args:
        interpolation: ``nearest``, ``bilinear``, ``bicubic`` (Keys, a = -0.5), ``lanczos3`` or ``lanczos5``.
        antialias: Whether the kernel is widened when shrinking.
        crop_to_aspect_ratio: Whether the largest centred window of the target's aspect ratio is resized.
        pad_to_aspect_ratio: Whether the image is padded with ``fill_value`` to the target's aspect ratio
            first.
        fill_mode: ``constant``.
    """
    if interpolation not in INTERPOLATIONS:
        raise ValueError(
            f"resize: argument `interpolation`: expected one of {INTERPOLATIONS}; received {interpolation!r}"
        )
    if fill_mode != "constant":
        raise ValueError(f"resize: argument `fill_mode`: expected 'constant'; received {fill_mode!r}")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError(
            "resize: expected at most one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio`; received both"
        )
    images = tensor(images)
    check_images(images, "resize")
    height, width = _target(size)
    data_format = standardize_data_format(data_format)
    if crop_to_aspect_ratio:
        images = _crop_to_ratio(images, height, width, data_format)
    elif pad_to_aspect_ratio:
        images = _pad_to_ratio(images, height, width, fill_value, data_format)
    settings = {
        "size": [height, width],
        "interpolation": interpolation,
        "antialias": bool(antialias),
        "data_format": data_format,
    }
    resized = on_batch(as_float(images), lambda batch: apply("resize", batch, **settings))
    return in_dtype(resized, images.dtype)


def _target(size):
    if not isinstance(size, (list, tuple)) or len(size) != 2 or any(int(n) < 1 for n in size):
        raise ValueError(
            f"resize: `size` must have positive height and width, (height, width). Received: size={size!r}"
        )
    return int(size[0]), int(size[1])


def _crop_to_ratio(images, height, width, data_format):
    rows, columns = known_sizes(images, data_format, "resize: crop_to_aspect_ratio")
    kept_rows = max(min(rows, int(columns * height / width)), 1)
    kept_columns = max(min(columns, int(rows * width / height)), 1)
    top, left = int((rows - kept_rows) / 2), int((columns - kept_columns) / 2)
    return window(images, (top, left), (kept_rows, kept_columns), data_format)


def _pad_to_ratio(images, height, width, fill_value, data_format):
    rows, columns = known_sizes(images, data_format, "resize: pad_to_aspect_ratio")
    top = int((max(rows, int(columns * height / width)) - rows) / 2)
    # As in Keras, only one axis is padded, by equal amounts on both sides.
    left = 0 if top else int((max(columns, int(rows * width / height)) - columns) / 2)
    return padded(images, (top, top), (left, left), data_format, fill_value)


def window(images, start, size, data_format):
    """The block of ``size`` (height, width) that begins at ``start``."""
    rank = len(images.shape)
    keys = [slice(None)] * rank
    for axis, begin, count in zip(image_axes(rank, data_format), start, size, strict=False):
        keys[axis] = slice(begin, begin + count)
    return get_item(images, tuple(keys))


def padded(images, rows, columns, data_format, value=0.0):
    """``images`` with (before, after) rows and columns of ``value``."""
    rank = len(images.shape)
    widths = [(0, 0)] * rank
    for axis, pair in zip(image_axes(rank, data_format), (rows, columns), strict=False):
        widths[axis] = pair
    return pad(images, widths, constant_values=value)


def _check_edges(name, what, values):
    """Two of the three lengths of each axis must be given, none of them negative."""
    for key, value in values.items():
        if value is not None and value < 0:
            raise ValueError(f"{name}: {key} must be >= 0. Received: {key}={value}")
    for near, far, target in (
        (f"top_{what}", f"bottom_{what}", "target_height"),
        (f"left_{what}", f"right_{what}", "target_width"),
    ):
        if [values[key] is None for key in (near, far, target)].count(True) != 1:
            raise ValueError(
                f"{name}: Must specify exactly two of {near}, {far}, {target}. Received: "
                f"{values[near]}, {values[far]} and {values[target]}"
            )


@operation
def crop_images(
    images,
    top_cropping=None,
    left_cropping=None,
    bottom_cropping=None,
    right_cropping=None,
    target_height=None,
    target_width=None,
    data_format=None,
):
    """``images`` without rows and columns at the edges; per axis two of before, after, target are given."""
    given = {
        "top_cropping": top_cropping,
        "bottom_cropping": bottom_cropping,
        "left_cropping": left_cropping,
        "right_cropping": right_cropping,
        "target_height": target_height,
        "target_width": target_width,
    }
    images = tensor(images)
    check_images(images, "crop_images")
    _check_edges("crop_images", "cropping", given)
    rows, columns = known_sizes(images, data_format, "crop_images")
    top, height = _cut(rows, top_cropping, bottom_cropping, target_height, ("top", "bottom", "height"))
    left, width = _cut(columns, left_cropping, right_cropping, target_width, ("left", "right", "width"))
    return window(images, (top, left), (height, width), data_format)


def _cut(size, before, after, target, names):
    """(first, number) of what is kept of ``size``."""
    first, last, what = names
    if before is None:
        before = size - target - after
    if target is None:
        target = size - before - after
    if before < 0 or target < 0 or before + target > size:
        edge = first if before < 0 else last
        raise ValueError(
            f"crop_images: {edge}_cropping must be >= 0: expected a window inside the {what} of {size}; "
            f"received one from {before} to {before + target}"
        )
    return before, target


@operation
def pad_images(
    images,
    top_padding=None,
    left_padding=None,
    bottom_padding=None,
    right_padding=None,
    target_height=None,
    target_width=None,
    data_format=None,
):
    """``images`` with zeros at the edges; per axis two of before, after and target are given."""
    given = {
        "top_padding": top_padding,
        "bottom_padding": bottom_padding,
        "left_padding": left_padding,
        "right_padding": right_padding,
        "target_height": target_height,
        "target_width": target_width,
    }
    images = tensor(images)
    check_images(images, "pad_images")
    _check_edges("pad_images", "padding", given)
    rows, columns = known_sizes(images, data_format, "pad_images")
    return padded(
        images,
        _fill(rows, top_padding, bottom_padding, target_height, ("top", "bottom", "height")),
        _fill(columns, left_padding, right_padding, target_width, ("left", "right", "width")),
        data_format,
    )


def _fill(size, before, after, target, names):
    first, last, what = names
    before = target - after - size if before is None else before
    after = target - before - size if after is None else after
    if before < 0 or after < 0:
        edge = first if before < 0 else last
        raise ValueError(
            f"pad_images: {edge}_padding must be >= 0: expected a target {what} of at least "
            f"{size + max(before, after)}; received {target}"
        )
    return before, after
