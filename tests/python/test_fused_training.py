"""What a training step becomes after the passes: few steps, each one pass over memory."""

from collections import Counter

import numpy as np
import pytest
from convcore import Input, Sequential, layers


def trained(data_format="channels_last", optimizer="adam"):
    shape = (12, 12, 2) if data_format == "channels_last" else (2, 12, 12)
    model = Sequential(
        [
            Input(shape),
            layers.Conv2D(4, 3, activation="relu", data_format=data_format),
            layers.MaxPooling2D(data_format=data_format),
            layers.Conv2D(4, 3, data_format=data_format),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    r = np.random.default_rng(0)
    x = r.normal(size=(8, *shape)).astype("float32")
    y = np.eye(3, dtype="float32")[r.integers(0, 3, 8)]
    model.fit(x, y, batch_size=8, epochs=1, verbose=0)
    step = model._step_functions.made["train"].traced
    (recorded,) = step._recorded.values()
    return model, recorded.function.profile(x, y, repeats=1)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_bias_activation_and_updates_are_fused(optimizer):
    model, rows = trained(optimizer=optimizer)
    ops = Counter(row["op"] for row in rows)
    assert ops["relu"] == 0
    assert ops["conv"] == 2 and ops["dense"] == 1
    assert ops["conv_backward_input"] == 1, "the first layer's input gradient is not needed"
    updates = Counter(row["output"] for row in rows if row["op"] == "fused_elementwise")
    for weight in model.trainable_variables:
        shape = "(" + ", ".join(map(str, weight.shape)) + (",)" if len(weight.shape) == 1 else ")")
        assert updates[f"float32 {shape}"] >= 1, f"one loop updates the weight of shape {shape}: {updates}"
    assert len(rows) < 50


def test_channels_first_transposes_only_at_the_edges():
    _, last = trained("channels_last")
    _, first = trained("channels_first")
    transposes = [row["output"] for row in first if row["op"] == "transpose"]
    assert len(transposes) <= 3, transposes  # of the images, before Flatten, and of the gradient behind it
    assert Counter(row["op"] for row in first)["conv"] == Counter(row["op"] for row in last)["conv"]
    assert {row["implementation"] for row in first if row["op"].startswith(("conv", "max_pool"))} == {"simd"}
