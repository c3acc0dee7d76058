"""Input preprocessing and the names of the ImageNet classes."""

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import config, ops
from .frame import IMAGENET_CLASSES
from .weights_files import cache_folder

Decoded = list[tuple[str, str, float]]
_CLASS_INDEX = "imagenet_class_index.json"
_ADDRESS = "https://storage.googleapis.com/download.tensorflow.org/data/" + _CLASS_INDEX
# mode -> (divisor, subtracted per channel, then divided by, whether the channels are turned to BGR)
_MODES: dict[str, tuple[float, list[float], list[float], bool]] = {
    "caffe": (1.0, [103.939, 116.779, 123.68], [1.0, 1.0, 1.0], True),
    "tf": (127.5, [1.0, 1.0, 1.0], [1.0, 1.0, 1.0], False),
    "torch": (255.0, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225], False),
}


def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Images with values from 0 to 255 as a pre-trained network expects them; `x` itself is left alone.

    Args:
        x: Array or symbolic tensor of RGB images, `(..., height, width, channels)`.
        data_format: "channels_last" or "channels_first"; None means the configured one.
        mode: "caffe" (BGR, minus the mean of ImageNet), "tf" (from -1 to 1) or "torch" (from 0 to 1, then
            normalised per channel).

    Returns: as `x`, in the default float type if `x` holds integers.
    """
    if mode not in _MODES:
        raise ValueError(f"preprocess_input: mode: expected one of {sorted(_MODES)}; received {mode!r}")
    data_format = config.image_data_format() if data_format is None else data_format
    if data_format not in ("channels_first", "channels_last"):
        raise ValueError(
            "preprocess_input: data_format: expected 'channels_first' or 'channels_last'; "
            f"received {data_format!r}"
        )
    if "float" not in str(x.dtype):
        x = x.astype(config.floatx()) if isinstance(x, np.ndarray) else ops.cast(x, config.floatx())
    divisor, mean, deviation, reversed_ = _MODES[mode]
    axis = -1 if data_format == "channels_last" else -3
    if reversed_:
        x = np.flip(x, axis) if isinstance(x, np.ndarray) else ops.flip(x, axis)
    shape = (3,) if axis == -1 else (3, 1, 1)
    factors = [np.asarray(v, str(x.dtype)).reshape(shape) for v in (mean, deviation)]
    x = x / divisor if divisor != 1.0 else x
    x = x - factors[0]
    return x / factors[1] if mode == "torch" else x


def preprocessing(mode: str | None) -> Any:
    """`preprocess_input` of one family of networks; None for those that preprocess inside the model."""

    def preprocess(x: Any, data_format: str | None = None) -> Any:
        return x if mode is None else preprocess_input(x, data_format, mode)

    preprocess.__name__ = preprocess.__qualname__ = "preprocess_input"
    preprocess.__doc__ = (
        "`x` as it is: the model contains its own preprocessing."
        if mode is None
        else f"Images with values from 0 to 255 as this network expects them (mode {mode!r})."
    )
    return preprocess


def decode_predictions(
    preds: Any, top: int = 5, class_index: Any = None
) -> list[list[tuple[str, str, float]]]:
    """The most probable ImageNet classes of each prediction.

    Args:
        preds: Array of shape `(batch, 1000)`.
        top: Number of classes per sample.
        class_index: Path of `imagenet_class_index.json`, or its content; None looks into Keras's cache
            folder.

    Returns: per sample a list of (WordNet id, name, probability), the most probable first.

    Raises:
        ValueError: another shape, or no class index.
    """
    preds = np.asarray(preds)
    if preds.ndim != 2 or preds.shape[1] != IMAGENET_CLASSES:
        raise ValueError(
            f"decode_predictions: preds: expected shape (batch, {IMAGENET_CLASSES}), as a model with the "
            f"ImageNet classifier gives; received {preds.shape}"
        )
    names = _class_names(class_index)
    best = np.argsort(preds, axis=1)[:, ::-1][:, :top]
    return [[(*names[str(i)], float(row[i])) for i in order] for row, order in zip(preds, best, strict=True)]


def _class_names(class_index: Any) -> dict[str, tuple[str, str]]:
    if class_index is None or isinstance(class_index, (str, os.PathLike)):
        path = os.path.join(cache_folder(), _CLASS_INDEX) if class_index is None else class_index
        if not os.path.isfile(path):
            raise ValueError(
                f"decode_predictions: {path} was not found, and convcore does not download. Download "
                f"{_ADDRESS} and put it there, or pass its path as `class_index`."
            )
        with open(path, encoding="utf-8") as file:
            class_index = json.load(file)
    if not isinstance(class_index, Mapping) or len(class_index) != IMAGENET_CLASSES:
        raise ValueError(
            f"decode_predictions: class_index: expected a table of {IMAGENET_CLASSES} classes; "
            f"received {type(class_index).__name__} of {len(class_index)}"
        )
    return {str(key): (str(value[0]), str(value[1])) for key, value in class_index.items()}
