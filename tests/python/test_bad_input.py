"""Bad data for fit, evaluate, predict and single batches: a ValueError that names the place, and a model that
stays.
"""

import convcore
import numpy as np
import pytest
from convcore import layers

RNG = np.random.default_rng(6)
X = RNG.random((12, 8, 8, 1)).astype("float32")
Y = RNG.integers(0, 3, 12)


@pytest.fixture
def model():
    made = convcore.Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Conv2D(2, 3, name="edges"),
            layers.Flatten(),
            layers.Dense(3, activation="sigmoid"),
        ]
    )
    made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    made.fit(X, Y, verbose=0)
    return made


def changed(array, position, value):
    array = np.array(array)
    array[position] = value
    return array


NAN = changed(X, (3, 1, 2, 0), np.nan)
BAD = {
    "rank": (X.reshape(12, 64), Y, r"expected.*\(None, 8, 8, 1\)|edges|shape"),
    "channels": (np.concatenate([X, X], -1), Y, r"(8, 8, 2)|edges|shape"),
    "no batch axis": (X[0], Y[:1], r"length|sizes|shape|batch"),
    "label too large": (X, changed(Y, 5, 3), r"`y`.*\[0, 3\).*label 3 at position \(5,\)"),
    "negative label": (X, changed(Y, 7, -1), r"`y`.*\[0, 3\).*label -1 at position \(7,\)"),
    "nan in x": (NAN, Y, r"`x`.*finite.*nan at position \(3, 1, 2, 0\)"),
    "infinity in x": (changed(X, 0, np.inf), Y, r"`x`.*finite.*inf at position \(0, 0, 0, 0\)"),
    "nan in y": (X, changed(Y.astype("float32"), 2, np.nan), r"`y`.*finite.*nan at position \(2,\)"),
    "objects in x": (np.array([[object()] * 3] * 12), Y, r"`x`.*object"),
    "text in x": (np.array(["a"] * 12), Y, r"`x`.*<U1"),
    "text in y": (X, np.array(["a"] * 12), r"`y`.*<U1"),
    "complex x": (X.astype("complex64"), Y, r"`x`.*complex64"),
    "lengths": (X, Y[:5], r"`x` sizes: 12.*`y` sizes: 5"),
    "empty": (X[:0], Y[:0], r"empty"),
    "scalar": (np.float32(1), Y, r"`x`.*rank 1"),
    "nothing": (None, None, r"no data"),
    "no targets": (X, None, r"targets"),
    "number": ("data", Y, r"`x`.*str"),
    "labels per pixel": (X, np.zeros((12, 4), int), r"\(None, 4\)"),
}
CALLS = {
    "fit": lambda model, x, y: model.fit(x, y, verbose=0),
    "evaluate": lambda model, x, y: model.evaluate(x, y, verbose=0),
    "train_on_batch": lambda model, x, y: model.train_on_batch(x, y),
    "test_on_batch": lambda model, x, y: model.test_on_batch(x, y),
}


def state(model):
    return [v.numpy() for v in model.variables + model.optimizer.variables]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", BAD)
def test_bad_data_is_refused_and_changes_nothing(model, call, name):
    x, y, words = BAD[name]
    before = state(model)
    with pytest.raises(ValueError, match=words):
        CALLS[call](model, x, y)
    for a, b in zip(before, state(model), strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.isfinite(model.fit(X, Y, verbose=0).history["loss"]).all()


@pytest.mark.parametrize("call", ["predict", "predict_on_batch"])
@pytest.mark.parametrize(
    "name",
    ["rank", "channels", "no batch axis", "nan in x", "infinity in x", "objects in x", "empty", "scalar"],
)
def test_predict_refuses_the_same(model, call, name):
    with pytest.raises(ValueError, match=r"shape|finite|object|empty|rank"):
        getattr(model, call)(BAD[name][0])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"validation_split": 0.99}, "12 samples.*validation_split=0.99"),
        ({"validation_split": 1.5}, "validation_split=1.5"),
        ({"validation_data": X}, "validation_data.*ndarray"),
        ({"validation_data": (X, changed(Y, 0, 9))}, r"validation_data.*label 9"),
        ({"validation_data": (X, Y[:3])}, "validation_data.*sizes"),
        ({"class_weight": {0: 1.0}, "sample_weight": np.ones(12)}, "both"),
        ({"class_weight": [1.0, 2.0]}, "dict"),
        ({"sample_weight": np.ones(3)}, "`sample_weight` sizes: 3"),
        ({"sample_weight": changed(np.ones(12), 4, np.nan)}, r"sample_weight.*position \(4,\)"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"callbacks": ["stop"]}, "stop"),
    ],
)
def test_bad_arguments_of_fit(model, arguments, words):
    before = state(model)
    with pytest.raises(ValueError, match=words):
        model.fit(X, Y, verbose=0, **arguments)
    for a, b in zip(before, state(model), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_calls_before_compile(method):
    model = convcore.Sequential([layers.Dense(2)])
    with pytest.raises(ValueError, match=rf"compile.*{method}"):
        getattr(model, method)(np.ones((2, 2)), np.ones((2, 2)))


class Data(convcore.utils.PyDataset):
    def __init__(self, batch):
        super().__init__()
        self.batch = batch

    def __len__(self):
        return 2

    def __getitem__(self, i):
        return self.batch if i else (X, Y)


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ((X, changed(Y, 1, 7)), "label 7"),
        ((NAN, Y), "inputs.*finite"),
        ((X, Y[:3]), "sizes"),
        ((X, Y, Y, Y), "tuple"),
        ("text", "tuple"),
    ],
)
def test_bad_batches_of_a_dataset(model, batch, words):
    with pytest.raises(ValueError, match=words):
        model.fit(Data(batch), shuffle=False, verbose=0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"y": Y}, "`y`"),
        ({"sample_weight": Y}, "`sample_weight`"),
        ({"validation_split": 0.2}, "validation_split"),
    ],
)
def test_arguments_that_a_dataset_brings_itself(model, arguments, words):
    with pytest.raises(ValueError, match=words):
        model.fit(Data((X, Y)), verbose=0, **arguments)


@pytest.mark.parametrize(
    ("generator", "words"),
    [(iter([]), "empty"), (iter([X]), "tuples"), (((X, Y, Y, Y) for _ in range(2)), "tuple")],
)
def test_bad_generators(model, generator, words):
    with pytest.raises(ValueError, match=words):
        model.fit(generator, verbose=0)
    with pytest.raises(ValueError, match="class_weight"):
        model.fit(((X, Y) for _ in range(2)), class_weight={0: 1.0}, verbose=0)


def test_ignored_label_may_be_out_of_range():
    model = convcore.Sequential([layers.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3, "sigmoid")])
    model.compile("sgd", convcore.losses.SparseCategoricalCrossentropy(ignore_class=255))
    model.fit(X, changed(Y, 0, 255), verbose=0)
    with pytest.raises(ValueError, match="label 254"):
        model.fit(X, changed(Y, 0, 254), verbose=0)
