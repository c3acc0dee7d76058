"""More of what running Keras's own tests has found: operations, configs, files, helpers; values by hand."""

import contextlib
import io
import os

import convcore as cc
import numpy as np
import pytest
from convcore import KerasTensor, layers, ops, tree, utils


class Scaled(cc.Operation):
    def __init__(self, factor, power=1.0, name=None):
        super().__init__(name)
        self.factor, self.power = factor, power

    def call(self, x):
        return x * self.factor, x**self.power


class Nameless(cc.Operation):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor


class Variadic(cc.Operation):
    def __init__(self, *factors, name=None):
        super().__init__(name)


def test_configs_of_operations_that_users_write():
    assert Scaled(2, name="a").get_config() == {"name": "a", "factor": 2, "power": 1.0}
    assert Nameless(3).get_config() == {"factor": 3}
    assert Nameless.from_config({"factor": 3}).factor == 3
    with pytest.raises(NotImplementedError, match=r"`factor`.*override get_config"):
        Scaled(object()).get_config()
    with pytest.raises(NotImplementedError, match=r"\*args"):
        Variadic(1, 2).get_config()

    class Told(Scaled):
        def get_config(self):
            return {**super().get_config(), "factor": 5}

    assert Told(object(), name="b").get_config() == {"name": "b", "factor": 5}


def test_several_outputs_of_an_operation_are_a_list():
    operation = Scaled(2)
    outputs = operation(KerasTensor((2, 3)))
    assert isinstance(outputs, tuple) and operation.output == list(outputs)


@pytest.mark.parametrize("cls, config", [(layers.Dense, {"units": 0}), (Scaled, {"other": 1})])
def test_a_config_that_the_constructor_refuses_is_a_type_error(cls, config):
    with pytest.raises(TypeError, match=f"{cls.__name__}: from_config.*{next(iter(config))}"):
        cls.from_config(config)


@pytest.mark.parametrize(
    "a, b, words",
    [
        ((1, 2), [1, 2], "expected a tuple of 2 parts; received a list of 2"),
        ([1], 2, "expected a list of 1 parts; received 2"),
        ({"a": 1}, {"b": 1}, r"expected a dict with the keys \['a'\]"),
    ],
)
def test_structures_that_differ_are_described(a, b, words):
    with pytest.raises(ValueError, match=words):
        tree.assert_same_structure(a, b)


def test_layer_normalization_without_its_mean():
    x = np.array([[1.0, 2.0, 6.0]], "float32")
    with pytest.warns(UserWarning, match="You passed `rms_scaling=True`, which is deprecated"):
        found = ops.layer_normalization(x, np.float32([1, 2, 3]), epsilon=0.0, rms_scaling=True)
    np.testing.assert_allclose(found, x * [1, 2, 3] / np.sqrt(14 / 3), rtol=1e-6)
    with pytest.raises(ValueError, match=r"received \['other'\]"):
        ops.layer_normalization(x, other=1)


def test_repeats_along_an_axis_of_unknown_size():
    inputs = cc.Input((3,))
    model = cc.Model(inputs, [ops.repeat(inputs, 2, axis=0), ops.repeat(inputs, 2)])
    assert model.output_shape == [(None, 3), (None,)]
    x = np.arange(6, dtype="float32").reshape(2, 3)
    for found, expected in zip(model(x), (np.repeat(x, 2, 0), np.repeat(x, 2)), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("shape, words", [((-2, 3), "non-negative integer"), ((-1, None), "at most one")])
def test_shapes_that_cannot_be(shape, words):
    with pytest.raises(ValueError, match=words):
        ops.reshape(np.zeros(6, "float32"), shape)


def test_a_lambda_whose_shape_is_told_may_need_sizes():
    inputs = cc.Input((None, 3))
    square = layers.Lambda(
        lambda x: ops.tril(ops.ones((ops.shape(x)[1], ops.shape(x)[1]))) @ x, output_shape=(None, 3)
    )
    model = cc.Model(inputs, square(inputs))
    assert model.output_shape == (None, None, 3)
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    np.testing.assert_allclose(model(x), np.cumsum(x, 1), rtol=1e-5)


@pytest.mark.parametrize(
    "names, shown",
    [({}, "1.0000"), ({"stateful_metrics": ["value"]}, "2.0000"), ({"stateless_metrics": []}, "2.0000")],
)
def test_a_progress_bar_shows_averages_or_last_values(names, shown):
    bar = utils.Progbar(2, interval=0, **names)
    bar.add(1, [("value", [-1.0, 1.0])])
    with contextlib.redirect_stdout(io.StringIO()) as written:
        bar.update(2, [("value", 2.0)], finalize=False)
        assert written.getvalue() == ""  # no terminal: only the last line is written
        bar.update(2, finalize=True)
    assert f"2/2 {'━' * 20}" in written.getvalue() and f"value: {shown}" in written.getvalue()


def test_progress_bars_of_nothing():
    for verbose in (1, 2):
        with contextlib.redirect_stdout(io.StringIO()) as written:
            utils.Progbar(0, verbose=verbose).update(0)
        assert written.getvalue().startswith("0/0")
    with pytest.raises(ValueError, match="Only one of"):
        utils.Progbar(1, stateful_metrics=[], stateless_metrics=[])


def small_network():
    model = cc.Sequential([cc.Input((3,)), layers.Dense(8), layers.Dense(6), layers.Dense(5)])
    model.compile("adam", "mse")
    model.fit(np.ones((4, 3), "float32"), np.ones((4, 5), "float32"), verbose=0)
    return model


def test_weights_in_files_of_limited_size(tmp_path):
    model, path = small_network(), tmp_path / "a.weights.json"
    model.save_weights(path, max_shard_size=300 / 2**30)
    names = sorted(os.listdir(tmp_path))
    assert names[0] == "a.weights.json" and names[1] == "a_00000.weights.h5" and len(names) > 3
    other = small_network()
    other.load_weights(path)
    for a, b in zip(model.optimizer.variables, other.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a, b)
    kept = small_network()
    before = kept.layers[1].get_weights()
    kept.load_weights(path, objects_to_skip=[kept.layers[1]])
    np.testing.assert_array_equal(kept.layers[0].kernel, model.layers[0].kernel)
    np.testing.assert_array_equal(kept.layers[1].kernel, before[0])
    with pytest.raises(ValueError, match=r"exceeds the maximum shard size of 40 bytes"):
        model.save_weights(path, max_shard_size=40 / 2**30)
    for size in (0, True, "1"):
        with pytest.raises(ValueError, match=r"`max_shard_size`: expected a number of gigabytes > 0"):
            model.save_weights(path, max_shard_size=size)


def test_shards_are_keras_files(tmp_path):
    keras = pytest.importorskip("keras")
    model = small_network()
    theirs = keras.Sequential([keras.Input((3,)), *[keras.layers.Dense(n) for n in (8, 6, 5)]])
    model.save_weights(tmp_path / "a.weights.json", max_shard_size=300 / 2**30)
    theirs.load_weights(tmp_path / "a.weights.json")
    for a, b in zip(model.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    other = small_network()
    theirs.save_weights(tmp_path / "b.weights.json", max_shard_size=250 / 2**30)
    other.load_weights(tmp_path / "b.weights.json")
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "text, words",
    [
        ("[]", "a JSON object"),
        ("{}", "an object with a `weight_map`"),
        ('{"weight_map": {"/layers/dense/vars": 1}}', "the name of a file or a list of names"),
        ('{"weight_map": {"/layers/dense/vars": "../a.h5"}}', "in the same folder"),
        ('{"weight_map": {"/layers/dense/vars": ["a.h5"]}}', "the file 'a.h5' beside it"),
    ],
)
def test_lists_of_shards_that_are_wrong(text, words, tmp_path):
    path = tmp_path / "a.weights.json"
    path.write_text(text)
    with pytest.raises(cc.saving.ModelFormatError, match=words):
        small_network().load_weights(path)


@pytest.mark.filterwarnings("ignore:.*the HDF5 layout of Keras 1 and 2")
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_a_model_can_be_saved_without_its_optimizer(ending, tmp_path):
    model, path = small_network(), tmp_path / f"a.{ending}"
    model.save(path, include_optimizer=False)
    loaded = cc.models.load_model(path)
    assert not loaded.compiled and loaded.optimizer is None
    np.testing.assert_array_equal(loaded.layers[2].kernel, model.layers[2].kernel)
    assert os.path.getsize(path) < 0.8 * saved_size(model, tmp_path / f"b.{ending}")


def saved_size(model, path):
    model.save(path)
    return os.path.getsize(path)


@pytest.mark.filterwarnings("ignore:.*the HDF5 layout of Keras 1 and 2")
def test_folders_are_made_for_the_older_layout(tmp_path):
    small_network().save(tmp_path / "one" / "two" / "a.h5")
    assert (tmp_path / "one" / "two" / "a.h5").is_file()


SEQUENTIAL = {"class_name": "Sequential", "module": "keras", "config": {"name": "s", "layers": [{}]}}
PHRASES = {
    "ops.conv(np.ones((1, 9, 3)), np.ones((3, 5, 4)))": "input channels must match the kernel",
    "ops.conv_transpose(np.ones((1, 4, 3)), np.ones((2, 4, 5)), 2)": "input channels must match the kernel",
    "ops.inner(KerasTensor((5, 3)), KerasTensor((4,)))": "last dimension",
    "ops.transpose(KerasTensor((2, 3)), [0, 2])": r"in \[-2, 2\)",
    "ops.transpose(KerasTensor((2, 3)), [0, 0])": "valid permutation",
    "ops.image.extract_patches(np.ones((9, 9, 3)), (3, 3, 3, 3))": "Expected a tuple of length 2 or 3",
    "ops.image.map_coordinates(np.ones((9, 9, 3)), np.ones(3), 0)": "expected at least rank 2",
    "utils.image_dataset_from_directory('.', label_mode='other')": "`label_mode` argument must be",
    "utils.image_dataset_from_directory('.', labels=[0], class_names=['a'])": "only pass `class_names`",
    "utils.image_dataset_from_directory('.', subset='training')": "`validation_split` must be set",
    "cc.saving.deserialize_keras_object(SEQUENTIAL)": "Expected a dictionary containing a 'config' key",
    "cc.Sequential.from_config({'name': 's'})": "the 'name' and 'layers' keys",
}


@pytest.mark.parametrize("call", PHRASES)
def test_phrases(call):
    with pytest.raises(ValueError, match=PHRASES[call]):
        eval(call)


def test_code_that_fills_up_to_a_size_takes_unknown_sizes():
    inputs = cc.Input(batch_shape=(None, None, 3))
    padded = ops.image.pad_images(inputs, 2, 3, target_height=20, target_width=30)
    assert padded.shape == (20, 30, 3)
    assert cc.Model(inputs, padded)(np.ones((15, 25, 3), "float32")).sum() == 15 * 25 * 3
