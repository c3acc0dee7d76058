"""Training steps that users bring from Keras: several networks and optimizers, gradients of gradients,
metrics returned whole; errors for those of other libraries.
"""

import convcore
import numpy as np
import pytest
from convcore import layers, ops

RNG = np.random.default_rng(17)
X = RNG.normal(size=(6, 5)).astype("float32")
Y = RNG.normal(size=(6, 2)).astype("float32")


def dense(units, inputs=5):
    return convcore.Sequential([layers.Input((inputs,)), layers.Dense(units)])


class Adversaries(convcore.Model):
    """Two networks with an optimizer each and no `call`, as generative adversarial networks are written."""

    def __init__(self):
        super().__init__()
        self.critic, self.generator = dense(1, 3), dense(3)
        self.critic_loss = convcore.metrics.Mean(name="critic_loss")

    def compile(self, first, second):
        super().compile()
        self.first, self.second = first, second

    @property
    def metrics(self):
        return [self.critic_loss]

    def train_step(self, data):
        x, _, _ = convcore.utils.unpack_x_y_sample_weight(data)
        loss = ops.mean(self.critic(self.generator(x)))
        variables = self.critic.trainable_variables
        self.first.apply(self.gradients_of(loss, variables), variables)
        self.critic_loss.update_state(loss)
        other = -ops.mean(self.critic(self.generator(x)))  # by the critic that has just been updated
        variables = self.generator.trainable_variables
        self.second.apply(self.gradients_of(other, variables), variables)
        return {**self.get_metrics_result(), "other": other}


def test_two_networks_with_an_optimizer_each_and_no_call():
    model = Adversaries()
    model.compile(convcore.optimizers.SGD(0.1), convcore.optimizers.SGD(0.2))
    (c, c0), (g, g0) = (network.get_weights() for network in (model.critic, model.generator))
    logs = model.train_on_batch(X, return_dict=True)
    hidden = X @ g + g0
    np.testing.assert_allclose(logs["critic_loss"], (hidden @ c + c0).mean(), rtol=1e-5)
    c, c0 = c - 0.1 * hidden.mean(0)[:, None], c0 - 0.1
    np.testing.assert_allclose(logs["other"], -(hidden @ c + c0).mean(), rtol=1e-5)
    g, g0 = g + 0.2 * X.mean(0)[:, None] * c.T, g0 + 0.2 * c[:, 0]
    for network, weights in ((model.critic, (c, c0)), (model.generator, (g, g0))):
        for value, expected in zip(network.get_weights(), weights, strict=True):
            np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-6)
    assert list(model.fit(X, batch_size=2, epochs=2, verbose=0).history) == ["critic_loss", "other"]


def test_a_penalty_on_the_gradient_of_an_input():
    class Penalised(convcore.Sequential):
        def train_step(self, data):
            x, _, _ = convcore.utils.unpack_x_y_sample_weight(data)
            (gradient,) = self.gradients_of(ops.square(self(x)), [x])  # 2 (w x) w for each sample
            penalty = ops.mean(ops.sum(ops.square(gradient), axis=1))
            self.apply_gradients_of(penalty)
            return {"penalty": penalty}

    model = Penalised([layers.Input((5,)), layers.Dense(1, use_bias=False)])
    model.compile(convcore.optimizers.SGD(0.01))
    (w,) = (value.astype("float64") for value in model.get_weights())
    logs = model.train_on_batch(X, return_dict=True)

    def penalty(w):
        return (4 * (X @ w) ** 2 * (w**2).sum()).mean()

    np.testing.assert_allclose(logs["penalty"], penalty(w), rtol=1e-5)
    steps = 1e-6 * np.eye(5)[..., None]
    slope = np.array([[(penalty(w + step) - penalty(w - step)) / 2e-6] for step in steps])
    np.testing.assert_allclose(model.get_weights()[0], w - 0.01 * slope, rtol=1e-4)


def test_gradients_are_those_of_the_value_that_was_read():
    class Halved(layers.Layer):
        """Divides its weight by two in every step, and multiplies by both values."""

        def build(self, input_shape):
            self.w = self.add_weight(shape=(), initializer="ones", name="w")

        def call(self, x):
            before = x * self.w
            self.w.assign(self.w / 2.0)
            return before + 3.0 * x * self.w

    model = convcore.Sequential([layers.Input((5,)), Halved()])
    model.compile(convcore.optimizers.SGD(0.1), lambda y, p: ops.mean(p))
    model.train_on_batch(X, X)
    # d/dw at the first place is x, at the second 3 x; the update starts from the value assigned
    np.testing.assert_allclose(model.get_weights()[0], 0.5 - 0.1 * 4 * X.mean(), rtol=1e-5)


def test_all_metrics_returned_by_name():
    class Listed(convcore.Sequential):
        def train_step(self, data):
            x, y, weight = convcore.utils.unpack_x_y_sample_weight(data)
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, weight)
            self.apply_gradients_of(loss)
            for metric in self.metrics:
                metric.update_state(*((loss,) if metric.name == "loss" else (y, y_pred)))
            return {metric.name: metric.result() for metric in self.metrics}

    model = Listed([layers.Input((5,)), layers.Dense(2)])
    model.compile("sgd", "mse", metrics=["mae", "mape"])
    history = model.fit(X, Y, verbose=0).history
    assert sorted(history) == ["loss", "mae", "mape"]
    assert all(type(values[0]) is float for values in history.values())


class WithTape(convcore.Sequential):
    def train_step(self, data):
        with self.tensorflow.GradientTape():
            return {}


class WithBackward(convcore.Sequential):
    def train_step(self, data):
        x, y = data
        self.compute_loss(y=y, y_pred=self(x)).backward()
        return {}


class WithState(convcore.Sequential):
    def train_step(self, state, data):
        return {}, state


@pytest.mark.parametrize(
    ("kind", "named"), [(WithTape, "GradientTape"), (WithBackward, "PyTorch"), (WithState, "JAX")]
)
def test_steps_of_other_libraries_are_told_what_to_write(kind, named):
    model = kind([layers.Input((5,)), layers.Dense(2)])
    model.compile("sgd", "mse")
    with pytest.raises(
        TypeError, match=rf"{kind.__name__}.train_step: .*{named}.*gradients_of\(loss, variables\)"
    ):
        model.fit(X, Y, verbose=0)


@pytest.mark.parametrize(
    ("module", "name", "reason"),
    [
        (layers, "LSTM", "recurrent networks"),
        (layers, "MultiHeadAttention", "attention"),
        (layers, "TextVectorization", "text"),
        (ops, "fft2", "complex numbers"),
    ],
)
def test_names_out_of_scope_say_so(module, name, reason):
    with pytest.raises(AttributeError, match=f"no attribute '{name}'.*out of scope: {reason}"):
        getattr(module, name)
