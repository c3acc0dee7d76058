"""What running Keras's own tests has found: small behaviours of layers, data and files, values by hand."""

import itertools

import numpy as np
import pytest
from convcore import (
    KerasTensor,
    Variable,
    activations,
    dtype_policies,
    layers,
    metrics,
    models,
    ops,
    optimizers,
    saving,
    utils,
)
from convcore.core.masks import get_keras_mask
from convcore.utils.image_dataset_utils import ImageFolder


def test_a_product_skips_masked_elements():
    masking = layers.Masking()
    x = masking(np.array([[[0, 0], [1, 2], [0, 0], [3, 4]]], "float32"))
    y = np.array([[[0, 0], [0, 0], [1, 2], [3, 4]]], "float32")
    np.testing.assert_array_equal(layers.Multiply()([x, y]), [[[0, 0], [0, 0], [1, 2], [9, 16]]])
    both = layers.Multiply()([x, masking(y)])
    np.testing.assert_array_equal(both, [[[0, 0], [1, 2], [1, 2], [9, 16]]])
    np.testing.assert_array_equal(get_keras_mask(both), [[0, 1, 1, 1]])


@pytest.mark.parametrize("cls", [layers.Add, layers.Concatenate])
def test_masks_of_merges_are_lists(cls):
    layer, pair = cls(), [np.ones((2, 3, 4), "float32")] * 2
    assert layer.compute_mask(pair, [None, None]) is None
    for inputs, mask, words in (
        (pair, pair[0], "`mask` should be a list"),
        (pair[0], [None, None], "`inputs` should be a list"),
        (pair, [None], "same length"),
    ):
        with pytest.raises(ValueError, match=words):
            layer.compute_mask(inputs, mask)


def test_relu_at_its_threshold():
    x = np.array([-10.0, 5.0, 6.0, 10.0], "float32")
    assert activations.relu(x, threshold=5.0, max_value=5.0).tolist() == [0, 0, 5, 5]
    assert activations.relu(x, 0.5, 5.0, 5.0).tolist() == [-7.5, 0, 5, 5]


def test_the_mask_of_softmax_fits():
    x = np.zeros((2, 3), "float32")
    result = layers.Softmax()(x, mask=np.array([True, False, True]))
    np.testing.assert_allclose(result, [[0.5, 0, 0.5]] * 2)
    # what is masked does not matter, and numbers count from above 0.5
    x[:, 1] = [np.nan, np.inf]
    np.testing.assert_array_equal(layers.Softmax()(x, mask=np.float32([0.6, 0.5, 2])), result)
    inputs = KerasTensor((None, None, 1))
    assert layers.Softmax()(layers.Masking()(inputs)).shape == (None, None, 1)
    with pytest.raises(ValueError, match="more dimensions"):
        layers.Softmax()(x, mask=np.ones((1, 2, 3), bool))
    with pytest.raises(ValueError, match="broadcastable"):
        layers.Softmax()(x, mask=np.ones((2, 4), bool))


def test_tuples_of_a_config_stay_tuples():
    layer = layers.RandomContrast((0.0, 0.5), value_range=(0, 255))
    data = saving.serialize_keras_object(layer)
    assert data["config"]["value_range"] == (0, 255)
    assert saving.deserialize_keras_object(data).get_config() == layer.get_config()


def test_a_source_may_not_know_its_length():
    class Source:
        def __iter__(self):
            return iter([(np.ones((2, 1), "float32"), np.ones((2, 1), "float32"))] * 3)

        def __len__(self):
            raise TypeError("The dataset length is unknown.")

    model = models.Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    assert model.evaluate(Source(), verbose=0) == 0.0
    assert model.predict(Source(), verbose=0).tolist() == [[1.0]] * 6


def test_shapes_of_inputs():
    assert layers.Input(shape=(np.int64(32), None)).shape == (None, 32, None)
    assert layers.InputLayer(input_tensor=KerasTensor((2, 3)), shape=(3,), batch_size=2).batch_shape == (2, 3)
    for arguments in ({"shape": (4,)}, {"batch_shape": (1, 3)}, {"batch_size": 5}, {"dtype": "int32"}):
        with pytest.raises(ValueError, match=f"incompatible `{next(iter(arguments))}`"):
            layers.InputLayer(input_tensor=KerasTensor((2, 3)), **arguments)
    with pytest.warns(UserWarning, match="Use `shape` instead"):
        assert layers.InputLayer(input_shape=(3,)).batch_shape == (None, 3)


def test_a_layer_without_its_activation():
    layer = layers.Conv1D(1, 1, activation="relu", kernel_initializer="ones")
    x = np.array([[[-1.0], [2.0]]], "float32")
    assert ops.squeeze(layer(x)).tolist() == [0.0, 2.0]
    layer.activation = None
    assert ops.squeeze(layer(x)).tolist() == [-1.0, 2.0]


def test_weights_of_a_normalisation_that_broadcast():
    x = np.arange(24, dtype="float32").reshape(2, 3, 4)
    gamma, beta = np.array([[1, 2, 3, 4]], "float32"), np.array([[[1.0]], [[2.0]]], "float32")
    deviation = x - x.mean(-1, keepdims=True)
    expected = deviation / np.sqrt((deviation**2).mean(-1, keepdims=True) + 1e-3) * gamma + beta
    np.testing.assert_allclose(
        ops.layer_normalization(x, gamma, beta, epsilon=1e-3), expected, rtol=1e-5, atol=1e-6
    )
    expected = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-3) * gamma
    np.testing.assert_allclose(ops.rms_normalization(x, gamma, epsilon=1e-3), expected, rtol=1e-5)
    with pytest.raises(ValueError, match="block_size=0"):
        ops.depth_to_space(x[None], 0)


def test_an_epoch_has_whole_executions():
    seen = []

    def batches():
        for number in range(10):
            seen.append(number)
            yield np.ones((1, 1), "float32"), np.ones((1, 1), "float32")

    model = models.Sequential([layers.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse", steps_per_execution=2)
    model.fit(batches(), steps_per_epoch=3, verbose=0)
    assert model.optimizer.iterations.numpy() == 4 and len(seen) in (4, 5)  # one may be looked at ahead


class Numbers(utils.PyDataset):
    """Batches of their own numbers."""

    def __init__(self, count):
        super().__init__()
        self.count = count

    @property
    def num_batches(self):
        return self.count

    def __getitem__(self, index):
        return np.full((1, 1), index, "float32"), np.zeros((1, 1), "float32")


def test_a_dataset_can_be_iterated_over():
    assert [x.item() for x, _ in Numbers(3)] == [0, 1, 2]
    assert [x.item() for x, _ in itertools.islice(Numbers(None), 5)] == [0, 1, 2, 3, 4]
    model = models.Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="ones")])
    assert model.predict(Numbers(3), verbose=0).tolist() == [[0], [1], [2]]


def test_a_column_of_a_table_is_a_column():
    class Series:
        def __array__(self, dtype=None, copy=None):
            return np.arange(3.0)

    Series.__module__ = "pandas.core.series"
    model = models.Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="ones")])
    assert model.predict(Series(), verbose=0).tolist() == [[0], [1], [2]]


def test_state_is_made_before_calls():
    class Late(layers.Layer):
        def call(self, x):
            self.w = self.add_weight(shape=())
            return x + self.w

    with pytest.raises(ValueError, match="cannot add new elements of state"):
        Late()(np.ones((1, 1), "float32"))


def test_masks_in_a_pipeline():
    class Zeros(layers.Layer):
        def call(self, x, mask=None):
            return x if mask is None else ops.where(mask, x, 0.0)

        def compute_mask(self, x, mask=None):
            return None if mask is None else ops.logical_not(mask)

    x, mask = np.ones((1, 2), "float32"), np.array([[True, False]])
    assert layers.Pipeline([Zeros()])(x, mask=mask).tolist() == [[1, 0]]
    assert layers.Pipeline([Zeros(), Zeros()])(x, mask=mask).tolist() == [[0, 0]]


@pytest.mark.parametrize("axis", [-1, [1, 2]])
def test_layer_normalization_by_the_deviation_alone(axis):
    x = np.random.default_rng(0).normal(2, 1, (2, 3, 4)).astype("float32")
    with pytest.warns(UserWarning, match="deprecated"):
        layer = layers.LayerNormalization(axis, rms_scaling=True, center=True, scale=False)
    gamma = np.arange(1, 1 + np.prod(x.shape[1:] if axis == [1, 2] else x.shape[2:]), dtype="float32")
    layer.build(x.shape)
    layer.gamma.assign(gamma.reshape(layer.gamma.shape))
    expected = x / np.sqrt(x.var(tuple(np.atleast_1d(axis)), keepdims=True) + 1e-3)
    np.testing.assert_allclose(layer(x), expected * gamma.reshape(layer.gamma.shape), rtol=1e-5)
    assert len(layer.weights) == 1 and layer.get_config()["rms_scaling"] is True


def test_a_known_batch_stays_known():
    assert layers.Reshape((3, 5))(layers.Input(batch_shape=(2, None))).shape == (2, 3, 5)
    assert layers.Reshape((3, 5))(layers.Input((None,))).shape == (None, 3, 5)


def test_names_with_slashes():
    assert optimizers.SGD(name="a/b").variables[0].path == "a>b/iteration"
    assert metrics.Mean(name="a/b").variables[0].path == "a>b/total"


def test_a_policy_set_on_a_layer_goes_into_its_map():
    policies = dtype_policies.DTypePolicyMap()
    layer = layers.Dense(2, name="d", dtype=policies)
    layer.build((None, 1))
    for name in ("mixed_bfloat16", "float16"):
        layer.dtype_policy = name
        assert policies["d"].name == name and layer.compute_dtype == policies["d"].compute_dtype
    assert layers.Rescaling(2.0, dtype="int").dtype == "int32"


def test_variables_have_a_plus_sign_and_flags_are_booleans():
    variable = Variable(np.array([1.0, -2.0], "float32"))
    assert (+variable).tolist() == [1.0, -2.0] and (+KerasTensor((2, 3))).shape == (2, 3)
    variable.overwrite_with_gradient = True
    with pytest.raises(TypeError, match="must be a boolean"):
        variable.overwrite_with_gradient = "true"


def test_a_layer_without_variables_may_refuse_to_be_loaded(tmp_path):
    class Stubborn(layers.Layer):
        def call(self, x):
            return x

        def load_own_variables(self, store):
            raise ValueError(f"no, with {len(store)} values")

    model = models.Sequential([layers.Input((2,)), Stubborn()])
    model.save_weights(tmp_path / "m.weights.h5")
    with pytest.raises(ValueError, match="no, with 0 values"):
        model.load_weights(tmp_path / "m.weights.h5")


def test_images_of_a_folder_are_shuffled_anew_for_each_loop():
    def order(seed):
        folder = ImageFolder(list(range(20)), None, None, 6, lambda path: np.full((1, 1, 1), path), seed)
        return [np.concatenate(list(folder)).ravel().tolist() for _ in range(3)]

    assert order(None) == [list(range(20))] * 3
    first, second, third = order(7)
    assert first == list(range(20)) and sorted(second) == sorted(third) == first
    assert second not in (first, third) and order(7) == [first, second, third]


def test_shapes_that_were_left_open_are_told():
    layer = layers.EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d")
    assert (
        layer.compute_output_shape((None, 3, 8))
        == tuple(layer(KerasTensor((None, 3, 8))).shape)
        == (None, 3, 4)
    )
    assert layers.EinsumDense("...x,xy->...y", output_shape=4).compute_output_shape((2, 3, 5)) == (2, 3, 4)


def test_a_summary_hands_lists_to_layers_that_take_lists():
    class Listed(layers.Layer):
        def call(self, inputs):
            assert isinstance(inputs, list)
            return inputs

    model = models.Sequential([Listed()])
    assert isinstance(model([np.ones((3, 2), "float32")] * 2), list)
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    assert "(3, 2)" in lines[0] or "(None, 2)" in lines[0]


def test_a_batch_may_be_taken_apart():
    class Pairs(layers.Layer):
        def call(self, x):
            first, second = ops.split(x, 2, axis=0)
            return ops.sum(first * second, axis=-1)

    x = layers.Input((3,))
    outputs = Pairs()(layers.Dense(3, kernel_initializer="identity", use_bias=False)(x))
    assert outputs.shape == (None,) and ops.split(x, 3)[0].shape == (None, 3)
    model = models.Model(x, outputs)
    for pairs in (1, 2):  # one batch of either size
        data = np.arange(6.0 * pairs, dtype="float32").reshape(2 * pairs, 3)
        expected = (data[:pairs] * data[pairs:]).sum(axis=1)
        np.testing.assert_array_equal(model.predict_on_batch(data), expected)
    with pytest.raises(ValueError, match="divide into 2 equal parts"):
        model.predict_on_batch(np.ones((3, 3), "float32"))
