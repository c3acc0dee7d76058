"""The work that all peers do: data and shapes, as plain NumPy."""

from __future__ import annotations

import numpy as np

# name: (batch, spatial..., channels), filters, kernel, strides
CONVOLUTIONS = {
    "mnist_3x3_28_1_32": ((128, 28, 28, 1), 32, (3, 3), (1, 1)),
    "mnist_3x3_13_32_64": ((128, 13, 13, 32), 64, (3, 3), (1, 1)),
    "r50_stem7x7s2_224_3_64": ((8, 224, 224, 3), 64, (7, 7), (2, 2)),
    "r50_1x1_56_64_256": ((8, 56, 56, 64), 256, (1, 1), (1, 1)),
    "r50_3x3_56_64_64": ((8, 56, 56, 64), 64, (3, 3), (1, 1)),
    "r50_3x3s2_56_128_128": ((8, 56, 56, 128), 128, (3, 3), (2, 2)),
    "r50_3x3_14_256_256": ((8, 14, 14, 256), 256, (3, 3), (1, 1)),
    "c1d_k3_1000_64_64": ((32, 1000, 64), 64, (3,), (1,)),
    "c3d_k3_32_16_32": ((1, 32, 32, 32, 16), 32, (3, 3, 3), (1, 1, 1)),
}
# Layers of ResNet50 and MobileNetV2, for one image and for 32: (size, channels), filters, kernel, stride
_NETWORK_LAYERS = {
    "r50_stem7x7s2_224_3_64": ((224, 3), 64, 7, 2),
    "r50_1x1_56_64_256": ((56, 64), 256, 1, 1),
    "r50_3x3_56_64_64": ((56, 64), 64, 3, 1),
    "r50_3x3s2_56_128_128": ((56, 128), 128, 3, 2),
    "r50_3x3_28_128_128": ((28, 128), 128, 3, 1),
    "r50_1x1_14_1024_256": ((14, 1024), 256, 1, 1),
    "r50_3x3_14_256_256": ((14, 256), 256, 3, 1),
    "r50_3x3_7_512_512": ((7, 512), 512, 3, 1),
    "pw_112_32_16": ((112, 32), 16, 1, 1),
    "pw_56_24_144": ((56, 24), 144, 1, 1),
    "pw_28_192_32": ((28, 192), 32, 1, 1),
    "pw_14_96_576": ((14, 96), 576, 1, 1),
    "pw_7_960_320": ((7, 960), 320, 1, 1),
}
# Depthwise 3x3: (size, channels), stride
_DEPTHWISE = {
    "dw_112_32": ((112, 32), 1),
    "dw_s2_112_96": ((112, 96), 2),
    "dw_56_144": ((56, 144), 1),
    "dw_s2_56_144": ((56, 144), 2),
    "dw_28_192": ((28, 192), 1),
    "dw_14_576": ((14, 576), 1),
    "dw_s2_14_576": ((14, 576), 2),
    "dw_7_960": ((7, 960), 1),
}


def network_layers() -> dict[str, dict]:
    """The cases of both tables, forward, padding "same", by name; the batch ends the name."""
    layers = {name: (of, filters, (k, k), s, 1) for name, (of, filters, k, s) in _NETWORK_LAYERS.items()}
    layers |= {name: (of, of[1], (3, 3), s, of[1]) for name, (of, s) in _DEPTHWISE.items()}
    return {
        f"{name}_b{batch}": {
            "kind": "convolution", "shape": (batch, size, size, channels), "filters": filters,
            "kernel": kernel, "strides": (stride, stride), "groups": groups,
        }
        for name, ((size, channels), filters, kernel, stride, groups) in layers.items()
        for batch in (1, 32)
    }  # fmt: skip


DENSE = {"dense_128x1600x10": (128, 1600, 10), "dense_256x1024x1024": (256, 1024, 1024)}


def convolution(case: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Input ``(batch, spatial..., channels)``, kernel ``(spatial..., channels / groups, filters)``, bias."""
    rng = np.random.default_rng(0)
    shape, filters, kernel = case["shape"], case["filters"], case["kernel"]
    x = rng.standard_normal(shape, dtype=np.float32)
    channels = shape[-1] // case.get("groups", 1)
    w = rng.standard_normal((*kernel, channels, filters), dtype=np.float32)
    w /= np.sqrt(np.prod(kernel) * channels)
    return x, w, rng.standard_normal(filters, dtype=np.float32)


def dense(case: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Input ``(batch, inputs)``, kernel ``(inputs, units)`` and bias ``(units,)``."""
    batch, inputs, units = case["sizes"]
    rng = np.random.default_rng(0)
    w = rng.standard_normal((inputs, units), dtype=np.float32) / np.sqrt(inputs)
    return (
        rng.standard_normal((batch, inputs), dtype=np.float32),
        w.astype(np.float32),
        np.zeros(units, np.float32),
    )


def images(case: dict) -> tuple[np.ndarray, np.ndarray]:
    """``case["images"]`` images ``(n, 28, 28, 1)`` in [0, 1] and labels ``(n,)``: MNIST, or noise."""
    n = case["images"]
    if case.get("data"):
        with np.load(case["data"], allow_pickle=False) as file:
            return file["x_train"][:n, ..., None].astype(np.float32) / 255, file["y_train"][:n].astype(
                np.int32
            )
    rng = np.random.default_rng(0)
    return rng.random((n, 28, 28, 1), dtype=np.float32), rng.integers(0, 10, n).astype(np.int32)


def photographs(case: dict) -> np.ndarray:
    """``case["batch"]`` images ``(n, size, size, 3)``, float32 from 0 to 255."""
    shape = (case["batch"], case["size"], case["size"], 3)
    return np.random.default_rng(0).random(shape, dtype=np.float32) * 255
