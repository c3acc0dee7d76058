"""Images as files, as Pillow's objects and as arrays. Pillow is an extra: `pip install convcore[image]`."""

import io
import os
import warnings

import numpy as np

from .. import config
from ..core.arguments import standardize_data_format

_MODES = {"grayscale": ("L", "I;16", "I"), "rgb": ("RGB",), "rgba": ("RGBA",)}
_FILTERS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def pillow(where):
    """The module `PIL.Image`; ImportError that says what to install where it is missing."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(
            f"{where}: Pillow, which reads and writes image files, is not installed. Install it with "
            "`pip install convcore[image]`."
        ) from error
    return Image


def load_img(path, color_mode="rgb", target_size=None, interpolation="nearest", keep_aspect_ratio=False):
    """Reads an image file as a Pillow image.

    Args:
        path: Path, or `io.BytesIO` with the contents of a file.
        color_mode: "rgb", "rgba" or "grayscale".
        target_size: (height, width) to which Pillow resizes the image; None keeps its size.
        interpolation: "nearest", "bilinear", "bicubic", "hamming", "box" or "lanczos".
        keep_aspect_ratio: Whether the largest centred window of the target's aspect ratio is resized.
    """
    image_module = pillow("load_img")
    if color_mode not in _MODES:
        raise ValueError(
            f"load_img: argument `color_mode`: expected one of {tuple(_MODES)}; received {color_mode!r}"
        )
    if isinstance(path, io.BytesIO):
        image = image_module.open(path)
    else:
        if not isinstance(path, (str, bytes, os.PathLike)):
            raise TypeError(f"load_img: expected a path or io.BytesIO; received {type(path).__name__}")
        with open(path, "rb") as file:
            image = image_module.open(io.BytesIO(file.read()))
    if image.mode not in _MODES[color_mode]:
        image = image.convert(_MODES[color_mode][0])
    if target_size is None:
        return image
    return _resized(image_module, image, target_size, interpolation, keep_aspect_ratio)


def _resized(image_module, image, target_size, interpolation, keep_aspect_ratio):
    height, width = target_size
    if image.size == (width, height):
        return image
    if interpolation not in _FILTERS:
        raise ValueError(
            f"load_img: argument `interpolation`: expected one of {_FILTERS}; received {interpolation!r}"
        )
    box = None
    if keep_aspect_ratio:
        columns, rows = image.size
        kept_rows, kept_columns = min(rows, columns * height // width), min(columns, rows * width // height)
        top, left = (rows - kept_rows) // 2, (columns - kept_columns) // 2
        box = (left, top, left + kept_columns, top + kept_rows)
    return image.resize((width, height), getattr(image_module.Resampling, interpolation.upper()), box=box)


def img_to_array(img, data_format=None, dtype=None):
    """The pixels of a Pillow image (or of an array of rank 2 or 3) as (height, width, channels), floatx.

    Args:
        img: The image.
        data_format: "channels_last" or "channels_first"; None takes the global setting.
        dtype: Of the result; None means floatx.
    """
    first = standardize_data_format(data_format) == "channels_first"
    x = np.asarray(img, dtype=dtype or config.floatx())
    if x.ndim == 2:
        return x[None] if first else x[..., None]
    if x.ndim != 3:
        raise ValueError(f"img_to_array: expected an image of rank 2 or 3; received shape {x.shape}")
    return x.transpose(2, 0, 1) if first else x


def array_to_img(x, data_format=None, scale=True, dtype=None):
    """A Pillow image of an array (height, width, channels) with 1, 3 or 4 channels.

    Args:
        x: The array.
        data_format: "channels_last" or "channels_first"; None takes the global setting.
        scale: Whether the smallest value becomes 0 and the largest 255; else values are cut to integers.
        dtype: In which this is computed; None means floatx.
    """
    image_module = pillow("array_to_img")
    x = np.asarray(x, dtype=dtype or config.floatx())
    if x.ndim != 3:
        raise ValueError(f"array_to_img: expected an array of rank 3; received shape {x.shape}")
    if standardize_data_format(data_format) == "channels_first":
        x = x.transpose(1, 2, 0)
    if scale:
        x = x - x.min()
        largest = x.max()
        x = (x / largest if largest != 0 else x) * 255
    if x.shape[2] == 1:
        deep = x.max() > 255
        return image_module.fromarray(x[:, :, 0].astype("int32" if deep else "uint8"))
    if x.shape[2] in (3, 4):
        return image_module.fromarray(x.astype("uint8"))
    raise ValueError(f"array_to_img: expected 1, 3 or 4 channels; received {x.shape[2]}")


def save_img(path, x, data_format=None, file_format=None, scale=True, **kwargs):
    """Writes an array (height, width, channels) as an image file.

    Args:
        path: Path or file object.
        x: The array.
        data_format: "channels_last" or "channels_first"; None takes the global setting.
        file_format: Pillow's name of the format; None takes it from the ending of the path.
        scale: As in `array_to_img`.
        **kwargs: For `PIL.Image.Image.save`.
    """
    if file_format is None and isinstance(path, (str, os.PathLike)):
        file_format = os.path.splitext(os.fspath(path))[1][1:].lower()
    if file_format and file_format.lower() == "jpg":
        file_format = "jpeg"
    image = array_to_img(x, data_format=data_format, scale=scale)
    if image.mode == "RGBA" and file_format == "jpeg":
        warnings.warn("save_img: JPEG has no transparency; the image is converted to RGB.", stacklevel=2)
        image = image.convert("RGB")
    image.save(path, format=file_format, **kwargs)


def smart_resize(x, size, interpolation="bilinear", data_format="channels_last"):
    """Resizes the largest centred window of the target's aspect ratio; see `ops.image.resize`."""
    from ..ops.image import resize

    return resize(
        x, tuple(size), interpolation=interpolation, crop_to_aspect_ratio=True, data_format=data_format
    )
