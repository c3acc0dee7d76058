"""Policies: the types of variables, inputs and outputs; training in mixed precision; files."""

import json
import zipfile

import convcore
import h5py
import ml_dtypes
import numpy as np
import pytest
from convcore import config, dtype_policies, layers, losses, metrics, models, ops, optimizers, saving
from convcore.dtype_policies import DTypePolicy, DTypePolicyMap

MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}


@pytest.fixture(params=MIXED)
def policy(request):
    return request.param


@pytest.fixture
def globally():
    yield config.set_dtype_policy
    config.set_floatx("float32")


def test_names():
    for name in ("float16", "bfloat16", "float32", "float64"):
        assert DTypePolicy(name).compute_dtype == DTypePolicy(name).variable_dtype == name
    for name, dtype in MIXED.items():
        made = DTypePolicy(name)
        assert (made.name, made.compute_dtype, made.variable_dtype) == (name, dtype, "float32")
        assert repr(made) == f'<DTypePolicy "{name}">' and made == DTypePolicy.from_config(made.get_config())
    for bad in ("int8_from_float32", "mixed_float8"):
        with pytest.raises(ValueError, match=bad):
            DTypePolicy(bad)


def test_global_policy_and_floatx(globally):
    globally("mixed_float16")
    dense = layers.Dense(2)
    assert config.dtype_policy().name == DTypePolicy().name == dense.dtype_policy.name == "mixed_float16"
    assert dense(np.ones((1, 3), np.float32)).dtype == np.float16 and dense.kernel.dtype == "float32"
    assert layers.Dense(2, dtype="float32")(np.ones((1, 3))).dtype == np.float32
    for name in MIXED.values():
        config.set_floatx(name)
        dense = layers.Dense(2)
        y = dense(np.ones((1, 3)))
        assert y.dtype.name == dense.kernel.dtype == dense.dtype == name
        assert ops.ones(1).dtype.name == ops.convert_to_tensor(np.ones(1)).dtype.name == name


def test_inputs_variables_and_outputs(policy):
    seen = {}

    class Probe(layers.Layer):
        def build(self, shape):
            self.cast = self.add_weight(shape=(2,), initializer="ones")
            self.kept = self.add_weight(shape=(2,), initializer="ones", autocast=False)
            self.count = self.add_weight(shape=(), dtype="int32", initializer="zeros")
            self.inner = layers.Dense(2, dtype="float32")

        def call(self, x, indices):
            inner = self.inner(x)
            for name, value in {
                "x": x,
                "indices": indices,
                "cast": self.cast,
                "value": self.cast.value,
                "sum": self.cast + 1,
                "kept": self.kept,
                "count": self.count,
                "inner": inner,
            }.items():
                seen[name] = value.dtype
            return x

    probe = Probe(dtype=policy)
    y = probe(np.ones((1, 2), np.float32), np.ones((1, 2), np.int32))
    half = MIXED[policy]
    assert y.dtype.name == half
    assert seen == {
        "x": half,
        "indices": "int32",
        "cast": half,
        "value": half,
        "sum": half,
        "kept": "float32",
        "count": "int32",
        "inner": "float32",
    }
    assert probe.cast.dtype == "float32" and probe.cast.numpy().dtype == np.float32
    symbolic = probe(convcore.Input((2,)), convcore.Input((2,), dtype="int32"))
    assert symbolic.dtype == half


def test_normalisation_computes_in_float32():
    x = np.full((2, 3, 4), 60000, np.float16)
    x[:, 0] = 50000
    for layer in (
        layers.BatchNormalization(dtype="mixed_float16"),
        layers.LayerNormalization(dtype="mixed_float16", axis=1),
        layers.GroupNormalization(2, dtype="mixed_float16"),
    ):
        y = layer(x, training=True) if isinstance(layer, layers.BatchNormalization) else layer(x)
        assert y.dtype == np.float16
        assert all(w.dtype == "float32" for w in layer.weights)
        np.testing.assert_allclose(np.float32(y).mean((1, 2)), 0, atol=1e-2)
        np.testing.assert_allclose(np.float32(y).std((1, 2)), 1, atol=1e-2)


def test_models_leave_the_cast_of_inputs_to_their_layers(globally):
    globally("mixed_float16")
    x = np.full((1, 2, 4), 70000, np.float32)  # infinite in float16
    x[:, 0] = 60000
    inputs = convcore.Input((2, 4))
    outputs = layers.LayerNormalization(axis=1)(inputs)
    stack = models.Sequential([convcore.Input((2, 4)), layers.LayerNormalization(axis=1)])
    for model in (models.Model(inputs, outputs), stack):
        y = model.predict(x, verbose=0)
        assert y.dtype == np.float16
        np.testing.assert_allclose(np.float32(y[0, :, 0]), [-1, 1], atol=1e-3)


def test_masked_softmax():
    layer = layers.Softmax(dtype="float16")
    y = layer(np.float16([[1, 2, 3]]), mask=np.asarray([[True, False, True]]))
    np.testing.assert_allclose(np.float32(y), [[0.1192, 0, 0.8808]], atol=1e-3)


def digits():
    return models.Sequential(
        [
            convcore.Input((8, 8, 1)),
            layers.Conv2D(16, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def test_training_reaches_the_accuracy_of_float32(globally):
    (x_train, y_train), (x_test, y_test) = convcore.datasets.digits.load_data()
    x_train, x_test = (np.float32(x[..., None]) / 16 for x in (x_train, x_test))
    found = {}
    for policy in ("float32", *MIXED):
        globally(policy)
        convcore.utils.set_random_seed(3)
        model = digits()
        model.compile(optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(x_train, y_train, batch_size=64, epochs=25, verbose=0)
        found[policy] = model.evaluate(x_test, y_test, verbose=0, return_dict=True)["accuracy"]
        assert all(w.dtype == "float32" for w in model.weights)
        assert model.predict(x_test[:2], verbose=0).dtype.name == MIXED.get(policy, policy)
    assert found["float32"] > 0.95 and all(found[policy] > found["float32"] - 0.01 for policy in MIXED), found


def test_pure_half_policies_train(globally):
    for half in MIXED.values():
        config.set_floatx(half)
        model = models.Sequential([convcore.Input((4,)), layers.Dense(8, "relu"), layers.Dense(1)])
        model.compile(optimizers.SGD(0.125), "mse")
        x = np.random.default_rng(0).standard_normal((64, 4)).astype("float32")
        y = x[:, :1] - x[:, 1:2]
        first, *_, last = model.fit(x, y, epochs=12, batch_size=16, verbose=0).history["loss"]
        assert last < 0.2 * first, (half, first, last)
        assert {w.dtype for w in model.weights} == {half}


def test_compile_scales_the_loss(policy):
    def made(**arguments):
        model = models.Sequential([convcore.Input((3,)), layers.Dense(1)], name="m")
        model.dtype_policy = policy
        model.compile("adam", "mse", **arguments)
        return model.optimizer

    scaled = policy == "mixed_float16"
    assert isinstance(made(), optimizers.LossScaleOptimizer) == scaled
    assert not isinstance(made(auto_scale_loss=False), optimizers.LossScaleOptimizer)


def test_losses_and_metrics_are_float32(policy):
    half = MIXED[policy]
    y_pred, y_true = ops.cast(np.float32([[0.5, 0.25]]), half), np.float32([[1, 0]])
    assert losses.MeanSquaredError()(y_true, y_pred).dtype == np.float32
    metric = metrics.MeanSquaredError()
    assert metric(y_true, y_pred).dtype == np.float32 and metric.variables[0].dtype == "float32"


@pytest.mark.parametrize("name", [*MIXED, "float16", "bfloat16"])
def test_files(name, tmp_path):
    model = models.Sequential(
        [
            convcore.Input((4,)),
            layers.Dense(3, activation="relu", dtype=name),
            layers.Dense(2, dtype=name, name="last"),
        ]
    )
    x = np.random.default_rng(0).standard_normal((5, 4)).astype("float32")
    path = tmp_path / "m.keras"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        saved = json.loads(archive.read("config.json"))
        archive.extract("model.weights.h5", tmp_path)
    assert saved["config"]["layers"][1]["config"]["dtype"]["config"] == {"name": name}
    with h5py.File(tmp_path / "model.weights.h5") as file:
        kernel = file["layers/dense/vars/0"]
        stored = {"float16": "<f2", "bfloat16": "|V2"}.get(name, "<f4")
        assert kernel.dtype.str == stored
        assert kernel.attrs.get("dtype") == ("bfloat16" if name == "bfloat16" else None)
    loaded = saving.load_model(path)
    assert loaded.layers[-1].dtype_policy.name == name
    np.testing.assert_array_equal(
        np.float32(loaded.predict(x, verbose=0)), np.float32(model.predict(x, verbose=0))
    )
    exported = tmp_path / "m.convcore"
    model.export(exported)
    again = saving.ExportedModel(exported) if hasattr(saving, "ExportedModel") else None
    if again is not None:
        np.testing.assert_array_equal(np.float32(again.predict(x)), np.float32(model.predict(x, verbose=0)))


def test_weights_move_between_policies(tmp_path):
    path = tmp_path / "w.weights.h5"
    source = models.Sequential([convcore.Input((4,)), layers.Dense(3)])
    source.save_weights(path)
    for name in ("float16", "bfloat16", "mixed_float16", "float64"):
        model = models.Sequential([convcore.Input((4,)), layers.Dense(3, dtype=name)])
        model.load_weights(path)
        stored = model.get_weights()[0]
        np.testing.assert_array_equal(stored, source.get_weights()[0].astype(stored.dtype))
        model.save_weights(path)
        source.load_weights(path)


def test_arrays_of_half_types_are_data(policy):
    model = digits()
    x = np.random.default_rng(0).random((4, 8, 8, 1)).astype("float32")
    for half in (np.float16, ml_dtypes.bfloat16):
        given = x.astype(half)
        np.testing.assert_array_equal(
            model.predict(given, verbose=0), model.predict(np.float32(given), verbose=0)
        )


def test_policies_by_path(tmp_path):
    body, head = DTypePolicy("mixed_bfloat16"), DTypePolicy("float16")
    policies = DTypePolicyMap("float32", {"body/.*": body, "head": head})

    @saving.register_keras_serializable(package="policies")
    class Body(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = layers.Dense(2, dtype=policies, name="dense")

        def call(self, x):
            return self.dense(x)

    inputs = convcore.Input((3,))
    outputs = layers.Dense(2, dtype=policies, name="head")(Body(name="body")(inputs))
    model = models.Model(inputs, outputs)
    dtypes = [(w.path, str(w.dtype)) for w in model.weights[::2]]
    assert dtypes == [("body/dense/kernel", "float32"), ("head/kernel", "float16")]
    assert model.get_layer("body").dense.compute_dtype == "bfloat16"
    assert layers.Dense(1, dtype=policies).compute_dtype == "float32"  # no path yet
    model.save(tmp_path / "policies.keras")
    loaded = saving.load_model(tmp_path / "policies.keras")
    assert loaded.get_layer("head").compute_dtype == "float16"
    x = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(loaded(x), model(x))
    loaded.get_layer("head").dtype_policy = "float64"
    assert loaded.get_layer("head").dtype_policy["head"].name == "float64"


def test_a_map_without_a_default_follows_the_global_policy(policy):
    policies = DTypePolicyMap(policy_map={"a": DTypePolicy("float64"), "b.*": DTypePolicy("float16")})
    assert policies["a"].name == "float64" and policies["bb"].name == "float16"
    read = dtype_policies.get(dtype_policies.serialize(policies))
    assert read["a"] == read["bb"] == read["c"] == dtype_policies.get(None)
    with pytest.raises(ValueError, match="already exist"):
        policies["a"] = "float32"
    with pytest.raises(ValueError, match="Cannot interpret"):
        policies["c"] = 1.5
    policies[".*b"] = "float32"
    with pytest.raises(ValueError, match="multiple dtype policy"):
        policies["bb"]
    del policies["a"]
    assert list(policies) == ["b.*", ".*b"]
    with pytest.raises(TypeError, match="must be a dict"):
        DTypePolicyMap(policy_map=1)
    with pytest.raises(ValueError, match="cannot be a"):
        DTypePolicyMap(policies)
