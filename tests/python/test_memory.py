"""The planned memory of a model beside what the system then measures."""

import sys

import convcore
import numpy as np
import pytest
from convcore import layers
from core_graphs import run_python

MEASURE = """
import numpy as np, convcore
from convcore import layers

def status(key):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(key)) << 10

def make(size, filters):
    model = convcore.Sequential([
        convcore.Input((size, size, 3)), layers.Conv2D(filters, 3, activation="relu"),
        layers.BatchNormalization(), layers.Conv2D(filters, 3, activation="tanh"),
        layers.GlobalAveragePooling2D(), layers.Dense(500), layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model

def run(model, kind, x, y):
    if kind == "fit":
        model.fit(x, y, batch_size=len(x), shuffle=False, verbose=0)
    else:
        model.predict(x, batch_size=len(x), verbose=0)

kind, batch = KIND, dict(fit=24, predict=192)[KIND]  # predictions run image by image, in little memory
run(make(9, 2), kind, np.zeros((2, 9, 9, 3), "float32"), np.zeros(2, "int64"))
before = status("VmRSS")
model = make(96, 24)
x, y = np.ones((batch, 96, 96, 3), "float32"), np.zeros(batch, "int64")
planned = model.memory(batch)[kind]["plan"]  # another model has paid for the rest
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the highest size so far is forgotten
run(model, kind, x, y)
print(planned, status("VmHWM") - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("kind", ["predict", "fit"])
def test_planned_memory_is_what_is_measured(kind):
    planned, measured = map(int, run_python(f"KIND = {kind!r}{MEASURE}", CONVCORE_THREADS="1").split())
    assert planned > 20e6
    assert abs(planned - measured) < 0.1 * measured, (planned, measured)


FRESH = """
import sys, convcore
import numpy as np

def status(key):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(key)) << 10

before = status("VmRSS")
model = convcore.models.load_model(PATH)
x, y = np.ones((2, *model.input_shape[1:]), "float32"), np.zeros(2, "int64")
if KIND == "fit":
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, verbose=0)
else:
    model.predict(x)
    model.predict(x)
measured = status("VmHWM") - before
print(model.memory(2)[KIND]["total"], measured)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("kind", ["predict", "fit"])
def test_a_fresh_process_grows_by_the_total(kind, tmp_path):
    path = str(tmp_path / "m.keras")
    convcore.applications.MobileNet(weights=None, input_shape=(96, 96, 3), alpha=0.5).save(path)
    planned, measured = map(
        int, run_python(f"KIND, PATH = {kind!r}, {path!r}{FRESH}", CONVCORE_THREADS="1").split()
    )
    assert abs(planned - measured) < 0.1 * measured, (planned, measured)


def small():
    return convcore.Sequential([convcore.Input((4,)), layers.Dense(3)], name="net")


def test_parts_by_hand():
    model = small()
    memory = model.memory(5)
    assert list(memory) == ["predict"]
    parts = memory["predict"]
    assert (parts["variables"], parts["inputs"], parts["outputs"]) == (15 * 4, 20 * 4, 15 * 4)
    planned = ("variables", "inputs", "outputs", "arena", "packed")
    assert parts["plan"] == sum(parts[key] for key in planned)
    assert parts["total"] == parts["plan"] + parts["layers"] + parts["modules"]
    assert set(parts) == {*planned, "plan", "layers", "modules", "total"}
    model.compile(convcore.optimizers.SGD(momentum=0.9), "mse")
    fit = model.memory(5)["fit"]
    # iteration (int32), learning rate and the loss's mean (total and count) beside two slots per weight
    assert fit["variables"] == 2 * 15 * 4 + 4 * 4
    assert fit["inputs"] == (20 + 15) * 4


def test_a_guess_binds_nobody():
    """Metrics that depend on the targets are chosen by those of `fit`."""
    model = small()
    model.compile("sgd", "crossentropy", metrics=["accuracy"])
    model.memory(3)
    x, y = np.zeros((6, 4), "float32"), np.arange(6) % 3
    model.fit(x, y, verbose=0)
    assert isinstance(model._compile_metrics.metrics[0], convcore.metrics.SparseCategoricalAccuracy)
    assert model.memory(3, y=y)["fit"]["inputs"] == 3 * (4 * 4 + y.itemsize)


def test_what_has_no_plan_is_refused():
    with pytest.raises(ValueError, match="batch_size"):
        small().memory(0)
    with pytest.raises(ValueError, match="known inputs"):
        convcore.Sequential([layers.Dense(3)]).memory()
    inputs = convcore.Input((None, 3), name="wide")
    with pytest.raises(ValueError, match=r"'wide' of shape \(None, None, 3\)"):
        convcore.Model(inputs, inputs + 1.0).memory()
