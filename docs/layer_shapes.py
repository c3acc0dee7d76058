"""Writes docs/layer-shapes.md: the input and output shapes of the layers, per rank and data format.

    PYTHONPATH=python python docs/layer_shapes.py          # writes the page
    PYTHONPATH=python python docs/layer_shapes.py --check  # fails if the page is not up to date

The shapes with numbers are what the layers say; the rules beside them are checked against those numbers.
"""

from __future__ import annotations

import sys
from pathlib import Path

import written_page
from convcore import layers

PAGE = Path(__file__).resolve().parent / "layer-shapes.md"

AXES = {1: ("steps",), 2: ("rows", "columns"), 3: ("depth", "rows", "columns")}
SIZES = {1: (10,), 2: (10, 9), 3: (6, 10, 9)}
CHANNELS = 6

ALL = (1, 2, 3)
CONV = {"filters": 8, "kernel_size": 3}
SAME = {"strides": 2, "padding": "same"}
FITS, ROUNDED_UP = "(n - r) / s + 1", "⌈n / s⌉"

# (heading, what stands under it, rows); a row: layer without rank, ranks, arguments, rule of a spatial axis,
# channels of the output
SECTIONS = [
    (
        "Convolution",
        "`n` is the size of a spatial axis, `k` the kernel size, `s` the stride, `d` the dilation rate, "
        "`r = (k - 1) d + 1` the reach of the kernel. Divisions are rounded down, ⌈⌉ up.",
        [
            ("Conv", ALL, CONV, FITS, "filters"),
            ("Conv", ALL, CONV | {"dilation_rate": 2}, FITS, "filters"),
            ("Conv", ALL, CONV | SAME, ROUNDED_UP, "filters"),
            ("Conv", (1,), CONV | {"strides": 2, "padding": "causal"}, ROUNDED_UP, "filters"),
            (
                "DepthwiseConv",
                (1, 2),
                {"kernel_size": 3, "depth_multiplier": 2},
                FITS,
                "channels · multiplier",
            ),
            ("SeparableConv", (1, 2), CONV | {"padding": "same"}, ROUNDED_UP, "filters"),
        ],
    ),
    (
        "Transposed convolution",
        "`p` is `output_padding`.",
        [
            ("ConvTranspose", ALL, CONV | {"strides": 2}, "(n - 1) s + max(r, s)", "filters"),
            (
                "ConvTranspose",
                ALL,
                CONV | {"strides": 2, "output_padding": 1},
                "(n - 1) s + r + p",
                "filters",
            ),
            ("ConvTranspose", ALL, CONV | SAME, "n s", "filters"),
            (
                "ConvTranspose",
                ALL,
                CONV | SAME | {"output_padding": 0},
                "(n - 1) s + (r mod 2) + p",
                "filters",
            ),
        ],
    ),
    (
        "Pooling",
        "`k` is the pool size; `s`, the stride, is `k` unless given. `AveragePooling` and `L2Pooling` have "
        "the shapes of `MaxPooling`, the other adaptive and global layers those of the ones shown.",
        [
            ("MaxPooling", ALL, {"pool_size": 2}, "(n - k) / s + 1", "channels"),
            ("MaxPooling", ALL, {"pool_size": 3} | SAME, ROUNDED_UP, "channels"),
            ("AdaptiveAveragePooling", ALL, {"output_size": 4}, "output_size", "channels"),
            ("GlobalMaxPooling", ALL, {}, "", "channels"),
            ("GlobalMaxPooling", ALL, {"keepdims": True}, "1", "channels"),
        ],
    ),
    (
        "Padding, cropping, up-sampling",
        "`a` and `b` are the amounts in front and behind. Cropping1D and UpSampling1D have no `data_format`: "
        "their channels are last.",
        [
            ("ZeroPadding", ALL, {"padding": 2}, "n + a + b", "channels"),
            ("Cropping", ALL, {"cropping": 2}, "n - a - b", "channels"),
            ("UpSampling", ALL, {"size": 2}, "n size", "channels"),
        ],
    ),
]


def rule(text: str, n: int, given: dict) -> int:
    """The size that a rule of the tables gives for an axis of `n` elements."""
    k = given.get("kernel_size", given.get("pool_size", 1))
    s = given.get("strides", given.get("pool_size", 1))
    names = {"n": n, "k": k, "s": s, "r": (k - 1) * given.get("dilation_rate", 1) + 1, "max": max}
    amount = given.get("padding", given.get("cropping", 0))
    names |= {"a": amount, "b": amount, "p": given.get("output_padding"), "size": given.get("size")}
    names["output_size"] = given.get("output_size")
    python = text.replace(" mod ", " % ").replace("(n - 1) s", "(n - 1) * s").replace("n s", "n * s")
    python = python.replace("n size", "n * size").replace("/", "//")
    if python.startswith("⌈"):
        python = f"-(-{python[1:-1]})"
    return eval(python, {}, names)


def class_name(name: str, rank: int) -> str:
    return f"Conv{rank}DTranspose" if name == "ConvTranspose" else f"{name}{rank}D"


def example(name: str, rank: int, arguments: dict, data_format: str) -> tuple:
    """(input shape, output shape) that the layer tells."""
    cls = getattr(layers, class_name(name, rank))
    if rank > 1 or name not in ("Cropping", "UpSampling"):
        arguments = {**arguments, "data_format": data_format}
    elif data_format == "channels_first":
        return ()
    first = data_format == "channels_first"
    sizes = SIZES[rank]
    shape = (None, CHANNELS, *sizes) if first else (None, *sizes, CHANNELS)
    return shape, tuple(cls(**arguments).compute_output_shape(shape))


def check_rule(shapes: tuple, text: str, arguments: dict, rank: int, first: bool) -> None:
    given, made = shapes
    spatial = slice(2, 2 + rank) if first else slice(1, 1 + rank)
    expected = tuple(rule(text, n, arguments) for n in given[spatial]) if text else ()
    found = made[spatial] if len(made) == len(given) else ()
    if found != expected:
        raise SystemExit(f"{arguments}: the rule {text!r} gives {expected}, the layer {found}")


def table(rows: list) -> list[str]:
    lines = [
        "| layer | spatial axis | channels | `channels_last` | `channels_first` |",
        "|---|---|---|---|---|",
    ]
    for name, ranks, arguments, text, channels in rows:
        for rank in ranks:
            cells = []
            for data_format in ("channels_last", "channels_first"):
                shapes = example(name, rank, arguments, data_format)
                cells.append(f"`{shapes[0]}` → `{shapes[1]}`" if shapes else "")
                if shapes:
                    check_rule(shapes, text, arguments, rank, data_format == "channels_first")
            given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
            call = f"`{class_name(name, rank)}({given})`"
            lines.append(f"| {call} | {f'`{text}`' if text else 'gone'} | {channels} | {' | '.join(cells)} |")
    return lines


def page() -> str:
    lines = [
        "# Input and output shapes",
        "",
        "Written by `docs/layer_shapes.py` from the layers themselves: do not edit. The first axis, `None`,",
        "is the batch. Kernels and other weights have one layout for both data formats. Unknown sizes",
        "(`None`) stay unknown. Layers that are not listed keep the shape, or tell it in their docstring.",
        "",
        "| rank | `channels_last` | `channels_first` |",
        "|---|---|---|",
    ]
    for rank, axes in AXES.items():
        names = ", ".join(axes)
        lines.append(f"| {rank} | `(batch, {names}, channels)` | `(batch, channels, {names})` |")
    for heading, text, rows in SECTIONS:
        lines += ["", f"## {heading}", "", text, "", *table(rows)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(written_page.run("layer_shapes.py", PAGE, page()))
