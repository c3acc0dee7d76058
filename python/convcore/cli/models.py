"""What the commands share: models of every kind of file, and arrays from images and NumPy files."""

import os

import numpy as np

from ..saving import ExportedModel, load_model


def is_exported(path):
    """Whether the path names a `.convcore` file."""
    return os.fspath(path).endswith(".convcore")


def predictor(path):
    """(function of arrays that returns a list of arrays, [(name, dtype, shape)] of its inputs)."""
    if is_exported(path):
        model = ExportedModel(path)
        return (lambda *x: model.run("predict", *x)), model.inputs()
    model = load_model(path, compile=False)
    specs = [(x.name, x.dtype, tuple(x.shape)) for x in model.inputs]

    def run(*arrays):
        results = model.predict(list(arrays) if len(arrays) > 1 else arrays[0], verbose=0)
        return results if isinstance(results, list) else [results]

    return run, specs


def read_input(path, spec):
    """A batch for an input from a `.npy` file, or one image scaled to the input's size.

    Pixel values stay 0 to 255 unless the caller scales them.
    """
    name, dtype, shape = spec
    if path.endswith(".npy"):
        try:
            array = np.load(path, allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise ValueError(f"{path}: expected an array of numbers, as np.save writes it: {error}") from None
        return array[None] if array.ndim == len(shape) - 1 else array
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{path}: expected an image or a .npy file; received a path without a file")
    try:
        from PIL import Image
    except ImportError:
        raise ValueError(f"{path}: reading images needs Pillow: pip install pillow") from None
    if len(shape) != 4 or shape[-1] not in (1, 3, 4):
        raise ValueError(
            f"{path}: input {name!r} of shape {shape} is no image (batch, height, width, 1, 3 or 4)"
        )
    with Image.open(path) as image:
        image = image.convert({1: "L", 3: "RGB", 4: "RGBA"}[shape[-1]])
        if None not in shape[1:3]:
            image = image.resize((shape[2], shape[1]))
        return np.asarray(image, "float32").reshape(1, image.height, image.width, shape[-1]).astype(dtype)
