"""Layers and metrics as users write them: batch sizes in the code, several inputs, state outside."""

import copy
import pickle

import convcore
import numpy as np
import pytest
from convcore import layers, metrics, models, ops, optimizers


class Sampling(layers.Layer):
    """Draws from a normal distribution whose shape is put together from the sizes of the input."""

    def __init__(self):
        super().__init__()
        self.generator = convcore.random.SeedGenerator(7)

    def call(self, inputs):
        mean, log_variance = inputs
        batch, size = ops.shape(mean)
        noise = convcore.random.normal((batch, size), seed=self.generator)
        return mean + ops.exp(0.5 * log_variance) * noise


class FlattenByHand(layers.Layer):
    def call(self, x):
        return ops.reshape(x, (x.shape[0], x.shape[1] * x.shape[2])) + ops.zeros((x.shape[0], 1))


def test_a_layer_may_use_the_size_of_the_batch():
    x = np.arange(24, dtype="float32").reshape(4, 3, 2)
    layer = FlattenByHand()
    for n in (4, 1, 4):
        np.testing.assert_array_equal(layer(x[:n]), x[:n].reshape(n, 6))
    draws = Sampling()([np.zeros((500, 2), "float32"), np.full((500, 2), np.log(4.0), "float32")])
    assert abs(draws.mean()) < 0.2 and abs(draws.std() - 2) < 0.2
    with pytest.raises(IndexError):  # the first error, not that of the second attempt
        layer(x[0])


def test_such_a_layer_trains_in_a_model_of_unknown_batch_size():
    inputs = layers.Input((3, 2))
    outputs = layers.Dense(1, kernel_initializer="zeros")(FlattenByHand()(inputs))
    assert outputs.shape == (None, 1)
    model = models.Model(inputs, outputs)
    model.compile(optimizers.SGD(0.1), "mse")
    x = np.ones((7, 3, 2), "float32")
    # batches of 4 and 3: every weight w and the bias follow w -= 0.1 * 2 * (6 w + b - 1) twice
    history = model.fit(x, np.ones((7, 1), "float32"), batch_size=4, epochs=1, shuffle=False, verbose=0)
    kernel, bias = model.get_weights()
    first = 0.2
    second = first - 0.2 * (7 * first - 1)
    np.testing.assert_allclose(kernel, np.full((6, 1), second), rtol=1e-5)
    np.testing.assert_allclose(bias, [second], rtol=1e-5)
    np.testing.assert_allclose(history.history["loss"], [(4 * 1 + 3 * 0.4**2) / 7], rtol=1e-5)
    np.testing.assert_allclose(
        model.predict(x, batch_size=5, verbose=0), np.full((7, 1), 7 * second), rtol=1e-5
    )


def test_inner_layers_of_a_call_with_two_inputs_are_built():
    class Two(layers.Layer):
        def __init__(self):
            super().__init__()
            self.first, self.second = layers.Dense(2), layers.Dense(2)

        def call(self, x1, x2, scale=1.0):
            return scale * (self.first(x1) + self.second(x2))

    for call in (lambda f, x: f(x, x[:, :3]), lambda f, x: f(x1=x, x2=x[:, :3], scale=2.0)):
        layer = Two()
        assert call(layer, np.ones((5, 4), "float32")).shape == (5, 2)
        assert [w.shape for w in layer.weights] == [(4, 2), (2,), (3, 2), (2,)]


def test_arguments_of_build_are_matched_by_name():
    class Named(layers.Layer):
        def build(self, b_shape, a_shape):
            self.given = a_shape[1:], b_shape[1:]

        def call(self, a, b):
            return a, None, b

    layer = Named()
    a, nothing, b = layer(np.ones((2, 3), "float32"), np.ones((2, 4), "float32"))
    assert layer.given == ((3,), (4,)) and a.shape == (2, 3) and nothing is None and b.shape == (2, 4)

    class Wrong(Named):
        def build(self, c_shape, a_shape):
            pass

    with pytest.raises(ValueError, match=r"`c_shape`, but `call\(\)` does not have argument `c`"):
        Wrong()(np.ones((2, 3), "float32"), np.ones((2, 4), "float32"))


def test_an_own_compute_output_shape_counts():
    class Opaque(layers.Layer):
        def call(self, x):
            raise RuntimeError("not asked")

        def compute_output_shape(self, input_shape):
            return {"same": input_shape, "pair": [input_shape, (*input_shape, 2)]}

    outputs = Opaque()(layers.Input((3,)))
    assert outputs["same"].shape == (None, 3) and outputs["pair"][1].shape == (None, 3, 2)


@pytest.mark.parametrize("make", [lambda: layers.MaxPooling2D(), lambda: layers.Dropout(0.5), layers.ReLU])
def test_layers_without_weights_are_built_at_once(make):
    layer = make()
    assert layer.built

    class Own(type(layer)):
        def build(self, input_shape):
            self.seen = input_shape

    assert not Own(**{k: v for k, v in layer.get_config().items() if k != "name"}).built


def test_masks_come_beside_each_input():
    class Both(layers.Layer):
        def call(self, x1, x2, x1_mask=None, x2_mask=None):
            return ops.cast(x1_mask, "float32") + 2 * ops.cast(x2_mask, "float32")

    masking = layers.Masking()
    x1 = masking(np.array([[[0.0], [1.0], [0.0], [1.0]]], "float32"))
    x2 = masking(np.array([[[0.0], [0.0], [1.0], [1.0]]], "float32"))
    for result in (Both()(x1, x2), Both()(x1=x1, x2=x2)):
        np.testing.assert_array_equal(result, [[0, 1, 2, 3]])


class Mean(metrics.Metric):
    """Counts samples by the size of the batch, as many metrics in the wild do."""

    def __init__(self, name="mean_value"):
        super().__init__(name=name)
        self.state = {
            "sum": [self.add_variable((), name="sum")],
            "count": self.add_variable((), name="count"),
        }

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.state["sum"][0].assign_add(ops.sum(ops.cast(y_pred == y_true, "float32")))
        self.state["count"].assign_add(y_true.shape[0])

    def result(self):
        return self.state["sum"][0] / self.state["count"]


def test_calls_without_side_effects():
    metric = Mean()
    values = metric.stateless_reset_state()
    values = metric.stateless_update_state(values, np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 3.0]))
    assert [float(v) for v in values] == [2.0, 3.0] and [float(v) for v in metric.variables] == [0.0, 0.0]
    np.testing.assert_allclose(metric.stateless_result(values), 2 / 3)
    with pytest.raises(ValueError, match="expected 2 values of variables; received 1"):
        metric.stateless_result(values[:1])

    layer = layers.BatchNormalization(momentum=0.5)
    layer.build((None, 1))
    x = np.array([[1.0], [3.0]], "float32")
    outputs, state = layer.stateless_call(
        [np.array([2.0]), np.array([1.0])], [np.zeros(1), np.ones(1)], x, training=True
    )
    np.testing.assert_allclose(outputs, [[-1.0], [3.0]], atol=2e-3)
    np.testing.assert_allclose(np.ravel(state), [1.0, 1.0], rtol=1e-6)
    assert [float(v.numpy()[0]) for v in layer.weights] == [1.0, 0.0, 0.0, 1.0]

    weight = convcore.Variable(np.ones(2, "float32"))
    optimizer = optimizers.SGD(0.5, momentum=0.9)
    optimizer.build([weight])
    (new,), state = optimizer.stateless_apply(
        [v.numpy() for v in optimizer.variables], [np.ones(2)], [np.ones(2)]
    )
    np.testing.assert_allclose(new, [0.5, 0.5])
    assert int(state[0]) == 1 and int(optimizer.iterations.numpy()) == 0
    np.testing.assert_array_equal(weight, [1.0, 1.0])


def test_a_custom_metric_in_fit():
    model = models.Sequential([layers.Input((1,)), layers.Rescaling(1.0)])
    model.compile("sgd", "mse", metrics=[Mean()])
    y = np.array([[0.0], [1.0], [5.0]], "float32")
    logs = model.evaluate(
        np.array([[0.0], [1.0], [2.0]], "float32"), y, batch_size=2, verbose=0, return_dict=True
    )
    np.testing.assert_allclose(logs["mean_value"], 2 / 3, rtol=1e-6)


def test_variables_metrics_and_optimizers_can_be_copied():
    variable = convcore.Variable(np.arange(3, dtype="float32"), name="v")
    assert (variable == np.array([0.0, 5.0, 2.0])).tolist() == [True, False, True] and variable != None  # noqa: E711
    optimizer = optimizers.Adam(0.1)
    optimizer.apply([np.ones(3, "float32")], [variable])
    for copied in (pickle.loads(pickle.dumps((variable, optimizer))), copy.deepcopy((variable, optimizer))):
        other, twin = copied
        assert other.path == variable.path and other.numpy().tolist() == variable.numpy().tolist()
        twin.apply([np.ones(3, "float32")], [other])
        assert int(twin.iterations.numpy()) == 2 and int(optimizer.iterations.numpy()) == 1
        assert not np.allclose(other, variable)
    metric = Mean()
    metric.update_state(np.ones(4), np.ones(4))
    assert float(pickle.loads(pickle.dumps(metric)).result()) == 1.0


def test_a_penalty_on_no_samples_is_zero():
    layer = layers.Activation("linear", activity_regularizer="l2")
    layer(np.zeros((0, 5), "float32"))
    assert float(layer.losses[0]) == 0.0


def test_weights_by_position_and_what_is_refused():
    layer = layers.Layer()
    assert layer.add_weight((3, 4), "ones", "int32").numpy().tolist() == [[1] * 4] * 3
    with pytest.raises(ValueError, match="keyword argument: name='matrix'"):
        layer.add_weight("matrix", shape=(3, 4))
    with pytest.raises(TypeError, match="at most 3 positional"):
        layer.add_weight((3,), "zeros", "float32", "name")
    with pytest.raises(ValueError, match="`shape` was passed both"):
        layer.add_weight((3,), shape=(3,))


def test_a_compute_loss_without_training():
    class Model(models.Model):
        def __init__(self):
            super().__init__()
            self.scale = self.add_variable((1, 1), "ones", name="scale")

        def call(self, x):
            return ops.matmul(x, ops.convert_to_tensor(self.scale))

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            return 3.0 * super().compute_loss(x, y, y_pred, sample_weight)

    model = Model()
    model.compile(optimizers.SGD(0.1), "mse")
    x = np.full((2, 1), 2.0, "float32")
    assert model.evaluate(x, np.zeros((2, 1)), verbose=0) == 12.0
    model.fit(x, np.zeros((2, 1)), verbose=0)  # d/dw 3 (2 w)^2 = 24 at 1
    np.testing.assert_allclose(model.scale, [[1.0 - 2.4]], rtol=1e-6)
