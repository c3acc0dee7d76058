"""ops.custom_gradient: the user's gradient takes the place of the one of the ops; values by hand."""

import numpy as np
import pytest
from convcore import Function, Input, KerasTensor, Model, Variable, layers, models, ops

X = np.array([[-2.0, 0.5, 3.0]], "float32")


def gradient(function, *inputs):
    """d sum(function(*inputs)) / d inputs."""
    symbols = [Input(x.shape[1:]) for x in inputs]

    class Calls(layers.Layer):
        def call(self, *args):
            return function(*args)

    model = Model(symbols, Calls()(*symbols))
    found = model.gradients(list(inputs), wrt="inputs", of=lambda y: y)
    return found if isinstance(found, list) else [found]


@ops.custom_gradient
def log1pexp(x):
    e = ops.exp(x)

    def grad(*args, upstream=None):
        if upstream is None:
            (upstream,) = args
        return ops.multiply(upstream, 1.0 - 1.0 / ops.add(1, e))

    return ops.log(1 + e), grad


def test_where_the_own_gradient_is_finite_and_the_other_is_not():
    x = np.full((1, 1), 100.0, "float32")
    assert np.isnan(gradient(lambda x: ops.log(1 + ops.exp(x)), x)[0]).all()
    np.testing.assert_array_equal(gradient(log1pexp, x)[0], [[1.0]])
    np.testing.assert_allclose(gradient(log1pexp, X)[0], 1 / (1 + np.exp(-X)), rtol=1e-6)
    # what arrives from behind is what `upstream` is
    np.testing.assert_allclose(gradient(lambda x: 3 * log1pexp(x), X)[0], 3 / (1 + np.exp(-X)), rtol=1e-6)


def test_gradients_that_are_no_product_with_upstream():
    @ops.custom_gradient
    def clipped(x):
        return x + 0.0, lambda upstream: ops.clip(upstream, -1.0, 1.0)

    np.testing.assert_array_equal(gradient(lambda x: ops.sum(clipped(x) ** 2), X)[0], [[-1.0, 1.0, 1.0]])


def test_several_arguments_some_without_gradient():
    @ops.custom_gradient
    def product(x, y, scale=1.0):
        return x * y * scale, lambda upstream: (upstream * y, None)

    of_x, of_y = gradient(lambda x, y: product(x, y, scale=5.0), X, 2 * X)
    np.testing.assert_array_equal(of_x, 2 * X)
    np.testing.assert_array_equal(of_y, 0 * X)


def test_the_gradient_of_the_gradient():
    @ops.custom_gradient
    def cube(x):
        return x**3, lambda upstream: upstream * 7.0 * x**2

    x = Variable(2.0)

    class Penalised(models.Model):
        def call(self, inputs):
            return cube(inputs)

    model = Penalised()
    np.testing.assert_array_equal(model.gradients(X, wrt="inputs", of=lambda y: y), 7 * X**2)
    nested = ops.custom_gradient(lambda x: (cube(x), lambda upstream: upstream * cube(x)))
    np.testing.assert_allclose(gradient(nested, X)[0], X**3)
    assert x.value == 2.0


def test_training_through_a_step_leaves_the_weights_as_by_hand():
    @ops.custom_gradient
    def sign(x):
        return ops.sign(x), lambda upstream: ops.where(ops.abs(x) < 1.0, upstream, 0.0)

    class Binary(layers.Layer):
        def build(self, shape):
            self.kernel = self.add_weight((shape[-1], 2), "ones")
            self.kernel.assign(np.array([[0.5, -0.25], [1.5, 0.75]], "float32"))

        def call(self, x):
            return x @ sign(self.kernel)

    model = models.Sequential([Input((2,)), Binary()])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 0.5
    x, y = np.array([[1.0, 2.0]], "float32"), np.array([[1.0, 0.0]], "float32")
    model.train_on_batch(x, y)
    # outputs (3, 1), errors (2, 1): d mse / d outputs is the error; rows of the kernel times 1 and 2
    np.testing.assert_allclose(model.layers[0].kernel.numpy(), [[-0.5, -0.75], [1.5, -0.25]])


def test_arrays_symbolic_tensors_and_the_plan():
    assert log1pexp(np.zeros(2, "float32")).tolist() == pytest.approx([np.log(2)] * 2)
    assert log1pexp(KerasTensor((None, 3))).shape == (None, 3)
    x = Input((3,))
    np.testing.assert_allclose(Function(x, log1pexp(x) * 2)(X), 2 * np.log1p(np.exp(X)), rtol=1e-6)
    model = Model(x, log1pexp(x))
    np.testing.assert_allclose(model.predict(X, verbose=0), np.log1p(np.exp(X)), rtol=1e-6)
    assert "custom_gradient" not in str(model.explain())


@pytest.mark.parametrize(
    "function, words",
    [
        (lambda x: x, "returns its result and a function"),
        (lambda x: ((x, x), lambda upstream: upstream), "a result of one tensor"),
        (lambda x: (x, lambda upstream: (upstream, upstream)), "expected 1 gradients"),
        (lambda x: (x, lambda upstream: upstream[:, :1]), r"gradient of the shape \(None, 3\)"),
    ],
)
def test_functions_of_another_kind_are_refused(function, words):
    with pytest.raises(ValueError, match=words):
        gradient(ops.custom_gradient(function), X)
