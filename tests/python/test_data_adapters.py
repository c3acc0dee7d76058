"""Sources of batches one by one, and the helpers around them."""

import numpy as np
import pytest
from convcore.trainers.data_adapters import (
    ArrayAdapter,
    IterableAdapter,
    PyDataset,
    PyDatasetAdapter,
    class_weight_to_sample_weights,
    get_adapter,
    split_validation,
    unpack_x_y_sample_weight,
)
from convcore.trainers.epochs import Epochs

X = np.arange(20, dtype="float32").reshape(10, 2)
Y = np.arange(10)


def collected(adapter):
    return [[array.copy() for array in batch] for batch in adapter.batches()]


def test_slices_are_views_and_the_last_is_short():
    adapter = ArrayAdapter(X, Y, batch_size=4)
    batches = list(adapter.batches())
    assert [len(x) for x, _ in batches] == [4, 4, 2] and adapter.num_batches == 3
    assert all(np.shares_memory(x, X) for x, _ in batches)
    np.testing.assert_array_equal(np.concatenate([y for _, y in batches]), Y)


def test_shuffled_batches_keep_samples_together():
    adapter = ArrayAdapter(X, Y, batch_size=4, shuffle=True)
    np.random.seed(0)
    first, second = collected(adapter), collected(adapter)
    for batches in (first, second):
        assert [len(x) for x, _ in batches] == [4, 4, 2]
        for x, y in batches:
            np.testing.assert_array_equal(x[:, 0], 2 * y)
        assert sorted(np.concatenate([y for _, y in batches])) == list(range(10))
    assert any((a[1] != b[1]).any() for a, b in zip(first, second, strict=True))


def test_shuffle_inside_batches():
    for number, (_, y) in enumerate(collected(ArrayAdapter(X, Y, batch_size=5, shuffle="batch"))):
        assert sorted(y) == list(range(5 * number, 5 * number + 5))


def test_structures_of_arrays():
    adapter = ArrayAdapter({"b": X, "a": Y}, [Y, None], batch_size=10)
    (batch,) = adapter.batches()
    x, y, weight = adapter.pack(batch)
    np.testing.assert_array_equal(x["b"], X)
    np.testing.assert_array_equal(x["a"], Y)
    assert y[1] is None and weight is None


def test_dtypes_are_kept_where_the_graph_can_cast():
    adapter = ArrayAdapter(X.astype("float64"), Y.astype("uint8"), np.ones(10))
    assert [array.dtype.name for array in adapter.data] == ["float32", "uint8", "float32"]
    assert ArrayAdapter([[1, 2], [3, 4]]).data[0].shape == (2, 2)


def test_steps_decide_the_batch_size():
    assert ArrayAdapter(X, Y, steps=3).batch_size == 4
    assert ArrayAdapter(X, Y).batch_size == 32


@pytest.mark.parametrize("y", [Y % 3, (Y % 3)[:, None], np.eye(3)[Y % 3]])
def test_class_weights(y):
    weights = class_weight_to_sample_weights(y, {0: 2.0, 2: 0.5})
    np.testing.assert_array_equal(weights, np.array([2.0, 1.0, 0.5])[Y % 3])


def test_class_weights_need_one_output():
    with pytest.raises(ValueError, match="single output"):
        class_weight_to_sample_weights([Y, Y], {0: 1.0})


@pytest.mark.parametrize(("fraction", "kept"), [(0.2, 8), (0.25, 7), (0.5, 5), (0.85, 1)])
def test_validation_is_the_tail(fraction, kept):
    (x, y, weight), (val_x, val_y, _) = split_validation(X, Y, None, fraction, "fit")
    assert len(x) == len(y) == kept and weight is None
    np.testing.assert_array_equal(np.concatenate([x, val_x]), X)
    np.testing.assert_array_equal(val_y, Y[kept:])


@pytest.mark.parametrize(
    ("data", "parts"),
    [(1, (1, None, None)), ((1,), (1, None, None)), ([1, 2], (1, 2, None)), ((1, 2, 3), (1, 2, 3))],
)
def test_unpack(data, parts):
    assert unpack_x_y_sample_weight(data) == parts
    with pytest.raises(ValueError, match="4 elements"):
        unpack_x_y_sample_weight((1, 2, 3, 4))


class Squares(PyDataset):
    def __init__(self, count, **arguments):
        super().__init__(**arguments)
        self.count = count

    @property
    def num_batches(self):
        return self.count

    def __getitem__(self, i):
        return np.full((2, 1), i), np.full((2, 1), i * i)


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_dataset_batches_in_order(workers):
    adapter = PyDatasetAdapter(Squares(9, workers=workers, max_queue_size=3))
    assert [int(y[0, 0]) for _, y, _ in adapter.batches()] == [i * i for i in range(9)]
    shuffled = PyDatasetAdapter(Squares(9, workers=workers), shuffle=True)
    assert sorted(int(y[0, 0]) for _, y, _ in shuffled.batches()) == [i * i for i in range(9)]


def test_endless_dataset():
    epochs = Epochs(PyDatasetAdapter(Squares(None, workers=2)), steps=3)
    assert [[int(batch[0][0, 0]) for batch in epochs] for _ in range(2)] == [[0, 1, 2], [3, 4, 5]]


def test_errors_in_a_worker_reach_the_caller():
    class Broken(Squares):
        def __getitem__(self, i):
            raise RuntimeError("no file")

    with pytest.raises(RuntimeError, match="no file"):
        list(PyDatasetAdapter(Broken(3, workers=2)).batches())


def test_generator_is_peeked_without_losing_a_batch():
    adapter = IterableAdapter((X[i : i + 2],) for i in range(0, 10, 2))
    np.testing.assert_array_equal(adapter.first_batch()[0], X[:2])
    np.testing.assert_array_equal(np.concatenate([batch[0] for batch in adapter.batches()]), X)


def test_epochs_begin_again_after_the_last_batch():
    epochs = Epochs(ArrayAdapter(X, batch_size=5), steps=1)
    seen = [float(batch[0][0, 0]) for _ in range(3) for batch in epochs]
    assert seen == [0.0, 10.0, 0.0] and epochs.num_batches == 1


def test_anything_with_an_array_interface():
    class Wrapped:
        def __array__(self, dtype=None, copy=None):
            return X

    np.testing.assert_array_equal(
        get_adapter(Wrapped(), None, None, None, None, False, None, "fit").data[0], X
    )
