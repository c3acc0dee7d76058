"""Model files in which one value of the configuration is exchanged for a strange one: in one-layer models of
each class, in models compiled with each optimizer, loss and metric, in networks and in files of old releases.
`mutate_files.py fields` tries every place and value.
"""

import functools
import inspect
import io
import json
import random
import time
import warnings
import zipfile
from pathlib import Path

import convcore
import h5py
import numpy as np
from convcore import layers, losses, metrics, optimizers, saving
from hostile import NAMES, places, write
from models_to_save import trained
from test_layer_contract import CASES

SECONDS, MEGABYTES = 1.0, 200
GOLDEN = Path(__file__).parents[1] / "golden" / "releases"
NETWORKS = ("sequential", "functional")
DEEP = "[" * 1000 + "]" * 1000
VALUES = [None, True, -1, 0, 10**8, 10**12, 1e308, float("nan"), float("inf"), "", "x", [], [[1]], {}]
VALUES += ["<deep>"]
_AUGMENTING = ("Random", "RandA", "Aug", "Auto", "Equal", "Solar")


ARGUMENTS = dict.fromkeys(("precision", "recall", "sensitivity", "specificity"), 0.5)
ARGUMENTS |= {"num_classes": 2, "target_class_ids": [0], "height": 9, "width": 8, "value_range": (0, 1)}


def needed(kind):
    """Arguments that a class cannot do without."""
    parameters = inspect.signature(kind).parameters.values()
    return {
        p.name: ARGUMENTS.get(p.name, 0.2)
        for p in parameters
        if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
    }


def of_layer(layer, shapes):
    inputs = [convcore.Input(shape[1:]) for shape in shapes]
    return convcore.Model(inputs, layer(inputs if len(inputs) > 1 else inputs[0]))


def compiled(optimizer="sgd", loss="mse", metric=None):
    model = convcore.Sequential([convcore.Input((4,)), layers.Dense(2, activation="sigmoid")])
    model.compile(optimizer, loss, metrics=[metric] if metric else None)
    return model


def makers():
    """{name: function that makes a model}"""
    found = {kind: lambda kind=kind: trained(kind) for kind in NETWORKS}
    for name, cases in CASES.items():
        for i, (arguments, shape) in enumerate(cases):
            shapes = shape if isinstance(shape, list) else [shape]
            found[f"{name}/{i}"] = lambda name=name, given=arguments, shapes=shapes: of_layer(
                getattr(layers, name)(**given), shapes
            )
    for kind in (getattr(layers, name) for name in layers.__all__ if name.startswith(_AUGMENTING)):
        found[kind.__name__] = lambda kind=kind: of_layer(kind(**needed(kind)), [(2, 12, 11, 3)])
    found["RandomPosterization"] = lambda: of_layer(layers.RandomPosterization(3), [(2, 12, 11, 3)])
    found["Embedding"] = lambda: of_layer(layers.Embedding(7, 3), [(2, 5)])
    found["TimeDistributed"] = lambda: of_layer(layers.TimeDistributed(layers.Dense(2)), [(2, 5, 3)])
    found["Pipeline"] = lambda: of_layer(
        layers.Pipeline([layers.RandomFlip(), layers.Rescaling(2.0)]), [(2, 8, 8, 3)]
    )
    return found | compile_makers()


@functools.cache
def compile_makers():
    found = {}
    schedule = optimizers.schedules.CosineDecay(0.1, 100, warmup_steps=3, warmup_target=0.2)
    for kind in optimizers.CLASSES:
        if kind.__name__ not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer"):
            found[kind.__name__] = lambda kind=kind: compiled(kind(schedule))
    found["LossScaleOptimizer"] = lambda: compiled(optimizers.LossScaleOptimizer(optimizers.SGD(0.1)))
    for kind in losses.CLASSES[2:]:
        found[f"losses/{kind.__name__}"] = lambda kind=kind: compiled(loss=kind())
    for kind in metrics.CLASSES:
        if kind.__name__ not in ("Metric", "MeanMetricWrapper"):
            found[f"metrics/{kind.__name__}"] = lambda kind=kind: compiled(metric=kind(**needed(kind)))
    return found


class Source:
    """A saved model, and the part of its configuration that is changed."""

    def __init__(self, name, model):
        self.part = lambda config: config
        if name in compile_makers():
            self.part = lambda config: config["compile_config"]
        elif name not in NETWORKS:
            self.part = lambda config: config["config"]["layers"][-1]
        packed = io.BytesIO()
        model.save(packed)
        with zipfile.ZipFile(packed) as archive:
            self.members = {name: archive.read(name) for name in NAMES}
        self.text = self.members["config.json"]

    def count(self):
        return len(list(places(self.part(json.loads(self.text)))))

    def mutated(self, place, value):
        """The bytes of a file in which one place of the configuration has another value."""
        config = json.loads(self.text)
        container, key = list(places(self.part(config)))[place]
        container[key] = value
        return self.file(json.dumps(config).replace('"<deep>"', DEEP))

    def file(self, text):
        packed = io.BytesIO()
        write(packed, {**self.members, "config.json": text.encode()})
        return packed.getvalue()


class LegacySource(Source):
    """A file in the layout of Keras 1 and 2, and one of its attributes."""

    def __init__(self, data, attribute):
        self.data, self.attribute = data, attribute
        self.part = lambda config: config
        with h5py.File(io.BytesIO(data)) as file:
            self.text = file.attrs[attribute]

    def file(self, text):
        packed = io.BytesIO(self.data)
        with h5py.File(packed, "r+") as file:
            del file.attrs[self.attribute]
            file.attrs[self.attribute] = text
        return packed.getvalue()


def sources():
    """{name: function that makes a source}"""
    found = {name: lambda name=name, make=make: Source(name, make()) for name, make in makers().items()}
    for path in sorted(GOLDEN.glob("*.h5")):
        for attribute in ("model_config", "training_config"):
            found[f"{path.stem}/{attribute}"] = lambda path=path, attribute=attribute: LegacySource(
                path.read_bytes(), attribute
            )
    return found


def peak(start=False):
    """Kilobytes of the largest resident set since `peak(start=True)`."""
    if start:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))


def check(data, what):
    """Whether the file was refused; any other end than a model or a refusal raises."""
    before, begin = peak(start=True), time.process_time()  # of this process: others may hold it up
    try:
        model = saving.load_model(data)
    except saving.ModelFormatError as error:
        assert str(error)
        model = None
    seconds, megabytes = time.process_time() - begin, (peak() - before) / 1024
    assert seconds < SECONDS and megabytes < MEGABYTES, (what, seconds, megabytes)
    if model is not None:
        use(saving.load_model(data, compile=False))  # losses and optimizers are judged by training
    return model is None, seconds, megabytes


def use(model):
    """A loaded model predicts, if little memory is enough for it, or says why it cannot."""
    x = [np.zeros((1, *(n or 4 for n in tensor.shape[1:])), tensor.dtype) for tensor in model.inputs]
    try:
        model.summary(print_fn=lambda text: None)
        if model.memory(1)["predict"]["plan"] < MEGABYTES << 20:
            model.predict_on_batch(x if len(x) > 1 else x[0])
    except (ValueError, MemoryError) as error:
        assert str(error)


def run(pick=None, names=None, seed=0):
    """(files, refused, seconds of the slowest, megabytes of the largest); `pick`: so many at random."""
    made, r = sources(), random.Random(seed)
    chosen = names or (r.sample(sorted(made), 12) if pick else made)
    files, refusals, slowest, largest = 0, 0, 0.0, 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in chosen:
            source = made[name]()
            cases = [(place, value) for place in range(source.count()) for value in VALUES]
            for place, value in r.sample(cases, pick // len(chosen)) if pick else cases:
                refused, seconds, megabytes = check(source.mutated(place, value), (name, place, value))
                files, refusals = files + 1, refusals + refused
                slowest, largest = max(slowest, seconds), max(largest, megabytes)
    return files, refusals, slowest, largest
