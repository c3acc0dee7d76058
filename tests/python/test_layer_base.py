"""The Layer base class: building, calling, owning, freezing, losses, configs, errors."""

import convcore
import numpy as np
import pytest
from convcore import Variable, layers, ops, random
from convcore.layers.input_spec import InputSpec


class Affine(convcore.Layer):
    def __init__(self, units, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.scale = scale

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], self.units), "ones", name="kernel", regularizer="l2")
        self.count = self.add_weight((), "zeros", trainable=False, name="count")
        self.shift = self.add_weight((self.units,), "zeros", name="shift")
        self.input_spec = InputSpec(min_ndim=2, axes={-1: input_shape[-1]})

    def call(self, inputs, training=False):
        if training:
            self.count.assign_add(1.0)
        return ops.matmul(inputs, self.kernel) * self.scale + self.shift


class Pair(convcore.Layer):
    """A composite that builds by being called."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = Affine(3, name="one")
        self.more = [Affine(2), {"last": Affine(4)}]

    def call(self, inputs):
        return self.more[1]["last"](self.more[0](self.first(inputs)))


X = np.arange(6, dtype="float32").reshape(2, 3)


def test_a_call_on_an_array_builds_and_returns_an_array():
    layer = Affine(2)
    assert not layer.built and layer.weights == []
    y = layer(X)
    assert type(y) is np.ndarray and layer.built
    np.testing.assert_array_equal(y, np.repeat(X.sum(1, keepdims=True), 2, axis=1))
    assert [v.path for v in layer.weights] == ["affine/kernel", "affine/shift", "affine/count"]
    assert layer.count_params() == 9 and layer.get_build_config() == {"input_shape": (None, 3)}


def test_symbolic_calls_record():
    layer = Affine(2)
    y = layer(convcore.Input((3,)))
    assert y.shape == (None, 2) and y.keras_history.operation is layer
    assert layer.output is y and layer.input.shape == (None, 3)
    assert layer.compute_output_shape((7, 3)) == (7, 2)
    layer(convcore.Input((5, 3)))
    assert len(layer._inbound_nodes) == 2


def test_training_comes_from_the_argument_then_the_enclosing_call():
    class Outer(convcore.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Affine(2)

        def call(self, x):
            return self.inner(x)

    outer = Outer()
    for training, count in [(False, 0), (True, 1), (None, 1), (True, 2)]:
        outer(X, training=training)
        assert outer.inner.count.numpy() == count


def test_changed_settings_take_effect_after_a_call():
    layer = Affine(2)
    first = layer(X)
    layer.scale = 3.0
    np.testing.assert_array_equal(layer(X), first * 3)
    layer.kernel.assign(np.zeros((3, 2)))
    np.testing.assert_array_equal(layer(X), np.zeros((2, 2)))


def test_nested_layers_are_found_and_named_by_path():
    pair = Pair()
    pair(X)
    assert [v.path for v in pair.weights if "kernel" in v.path] == [
        "pair/one/kernel",
        "pair/affine/kernel",
        "pair/affine_1/kernel",
    ]
    assert len(pair.trainable_weights) == 6 and len(pair.non_trainable_weights) == 3
    rebuilt = Pair()
    rebuilt.build_from_config(pair.get_build_config())
    assert [v.shape for v in rebuilt.weights] == [v.shape for v in pair.weights]


def test_freezing_reaches_everything_and_keeps_the_order():
    pair = Pair()
    pair(X)
    order = [v.path for v in pair.weights]
    pair.trainable = False
    assert pair.trainable_weights == [] and pair.losses == []
    assert [v.path for v in pair.weights] == order and not pair.first.trainable
    pair.trainable = True
    assert len(pair.trainable_weights) == 6
    frozen = Affine(2, trainable=False)
    frozen(X)
    assert frozen.trainable_weights == [] and len(frozen.weights) == 3


def test_losses():
    class Penalised(convcore.Layer):
        def call(self, x):
            self.add_loss(ops.sum(x))
            return x

    layer = Affine(2, activity_regularizer=lambda y: ops.sum(ops.square(y)))
    y = layer(X)
    activity, weight = layer.losses
    np.testing.assert_allclose(activity, (y**2).sum() / 2)
    np.testing.assert_allclose(weight, 0.01 * 6)
    penalised = Penalised()
    penalised(X)
    penalised(X)
    assert [float(loss) for loss in penalised.losses] == [15.0]


def test_get_and_set_weights():
    layer, other = Affine(2), Affine(2)
    layer(X)
    other.build((None, 3))
    layer.kernel.assign(np.full((3, 2), 5))
    other.set_weights(layer.get_weights())
    np.testing.assert_array_equal(other(X), layer(X))
    with pytest.raises(ValueError, match="'affine_1'.*3 arrays.*received 1"):
        other.set_weights([X])
    with pytest.raises(ValueError, match=r"\(3, 2\).*\(2, 3\)"):
        other.set_weights([X, X, X])
    store = {}
    layer.save_own_variables(store)
    assert sorted(store) == ["0", "1", "2"]
    with pytest.raises(ValueError, match="expected 3 variables"):
        layer.load_own_variables({"0": X})


def test_config_is_captured_and_round_trips():
    layer = Affine(2, scale=0.5, name="mine", trainable=False)
    config = layer.get_config()
    assert config == {
        "name": "mine",
        "trainable": False,
        "dtype": {
            "module": "keras",
            "class_name": "DTypePolicy",
            "config": {"name": "float32"},
            "registered_name": None,
        },
        "units": 2,
        "scale": 0.5,
    }
    copy = Affine.from_config(config)
    assert copy.get_config() == config and not copy.built


def test_dtypes():
    layer = Affine(2, dtype="float64")
    assert layer(X).dtype == np.float64 and layer.kernel.dtype == "float64"
    assert Affine(2)(X.astype("float64")).dtype == np.float32
    assert layer.dtype_policy.name == layer.compute_dtype == layer.variable_dtype == "float64"
    with pytest.raises(ValueError, match="float8"):
        Affine(2, dtype="float8")


def test_names():
    assert [Affine(1).name, Affine(1).name, layers.ReLU().name] == ["affine", "affine_1", "re_lu"]
    for bad in ("a/b", 3, ""):
        with pytest.raises(ValueError, match="name"):
            Affine(1, name=bad)


def test_bad_constructor_arguments():
    with pytest.raises(ValueError, match="Dense.*foo"):
        layers.Dense(2, foo=1)
    with pytest.raises(ValueError, match="trainable"):
        layers.Dense(2, trainable="x")


def test_bad_inputs_name_the_layer_and_both_shapes():
    layer = Affine(2, name="mine")
    layer(X)
    with pytest.raises(ValueError, match=r"'mine'.*axis -1.*value 3.*\(2, 4\)"):
        layer(np.ones((2, 4), "float32"))
    with pytest.raises(ValueError, match=r"'mine'.*min_ndim=2, found ndim=1"):
        layer(np.ones(3, "float32"))
    with pytest.raises(ValueError, match="Only input tensors"):
        layer([[1.0, 2.0, 3.0]])
    with pytest.raises(ValueError, match="'mine'.*dtype object"):
        layer(np.array([[None]]))
    with pytest.raises(ValueError, match="'dense'.*batch axis|min_ndim"):
        layers.Dense(2)(np.ones(3, "float32"))


def test_an_error_inside_call_names_the_innermost_layer():
    class Broken(convcore.Layer):
        def call(self, x):
            return ops.reshape(x, (7, 5))

    class Around(convcore.Layer):
        def __init__(self):
            super().__init__()
            self.broken = Broken(name="culprit")

        def call(self, x):
            return self.broken(x)

    with pytest.raises(ValueError, match=r"^around/culprit: .*\(7, 5\)") as caught:
        Around()(X)
    assert str(caught.value).count("around") == 1


def test_a_failing_build_leaves_no_weights():
    class Fails(convcore.Layer):
        def build(self, input_shape):
            self.add_weight((1,), name="w")
            raise ValueError("no")

    layer = Fails()
    with pytest.raises(ValueError):
        layer(X)
    assert layer.weights == [] and not layer.built
    with pytest.raises(ValueError, match="Build it first"):
        layer.count_params()


def test_variables_include_generators_and_metrics_but_weights_do_not():
    class Noisy(convcore.Layer):
        def __init__(self):
            super().__init__()
            self.seeds = random.SeedGenerator(1)
            self.state = Variable(0.0, trainable=False)

        def call(self, x):
            return x + random.uniform(x.shape[-1:], seed=self.seeds)

    layer = Noisy()
    assert not np.array_equal(layer(X), layer(X))
    assert len(layer.weights) == 1 and len(layer.variables) == 2
    assert layer.seeds.state.numpy().tolist() == [1, 2]


def test_arrays_inside_a_recording_use_the_recorded_weights():
    class Positional(convcore.Layer):
        def __init__(self):
            super().__init__()
            self.table = Affine(3)

        def call(self, x):
            return x + self.table(np.eye(3, dtype="float32"))[:2]

    layer = Positional()
    first = layer(X)
    layer.table.kernel.assign(np.zeros((3, 3)))
    np.testing.assert_array_equal(first - 1, layer(X))


def test_float64_layers_do_not_round_their_input():
    layer = Affine(1, dtype="float64")
    x = np.array([[1 + 1e-12, 0, 0]])
    assert layer(x)[0, 0] == x.sum() and layer(x)[0, 0] == x.sum()


def test_foreign_arrays_are_taken():
    class Foreign:
        def __array__(self, dtype=None, copy=None):
            return X.astype("int64") if dtype is None else X.astype(dtype)

    np.testing.assert_array_equal(Affine(2)(Foreign()), Affine(2)(X))
