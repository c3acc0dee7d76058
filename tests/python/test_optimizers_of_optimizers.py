"""Optimizers made of others: the scale of losses by its rule, maps and their errors. Their updates are
compared with Keras in test_optimizers_keras.py.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from convcore import Sequential, Variable, callbacks, layers, optimizers
from convcore.optimizers import SGD, LossScaleOptimizer, MultiOptimizer, OptimizerMap
from optimizer_runs import GRADIENTS, run


def scaled_run(optimizer, scales, recorded):
    """Runs with gradients times the scales that the optimizer asks for; a scale of inf spoils a step."""
    gradients = [g * scale for g, scale in zip(GRADIENTS, scales, strict=False)]
    return run(optimizer, gradients, recorded)


@pytest.mark.parametrize("recorded", [False, True])
def test_loss_scale_skips_steps_that_are_not_finite(recorded):
    """Scale 8; doubles after two finite steps in a row; the third step is spoiled and halves it."""
    optimizer = LossScaleOptimizer(SGD(0.1, momentum=0.5), 8.0, dynamic_growth_steps=2)
    scales = [8, 8, np.inf, 8, 8, 16]
    w = scaled_run(optimizer, scales, recorded)
    plain = run(SGD(0.1, momentum=0.5), [g for g, s in zip(GRADIENTS, scales, strict=False) if s != np.inf])
    np.testing.assert_allclose(w, plain, rtol=1e-6)
    assert float(optimizer.dynamic_scale.numpy()) == 16.0
    assert int(optimizer.step_counter.numpy()) == 1
    assert int(optimizer.iterations.numpy()) == 5
    assert float(optimizer.scale_loss(2.0)) == 32.0


def test_settings_of_loss_scale_belong_to_the_inner_optimizer():
    with pytest.raises(ValueError, match="clipnorm.*`inner_optimizer`"):
        LossScaleOptimizer(SGD(0.1), clipnorm=1.0)
    with pytest.raises(ValueError, match="dynamic=True"):
        LossScaleOptimizer(SGD(0.1), dynamic=False)


def test_an_optimizer_map_refuses_paths_that_two_keys_match():
    chosen = OptimizerMap(SGD(0.1), {"a.*": SGD(0.2), ".*b": SGD(0.3), "ab": SGD(0.4)})
    assert [round(float(chosen[key].learning_rate.numpy()), 2) for key in ("x", "a", "b", "ab")] == [
        0.1,
        0.2,
        0.3,
        0.4,
    ]
    with pytest.raises(ValueError, match="several keys"):
        chosen["acb"]
    with pytest.raises(ValueError, match="cannot be MultiOptimizer"):
        chosen["c"] = MultiOptimizer(chosen)
    with pytest.raises(AttributeError, match="learning rate"):
        _ = MultiOptimizer(chosen).learning_rate


def two(**arguments):
    """Two variables, and an optimizer for each of them in a MultiOptimizer."""
    first, second = Variable([2.0], name="first"), Variable([2.0], name="second")
    parts = SGD(0.1, name="a", use_ema=True, ema_momentum=0.5), SGD(0.01, name="b")
    return [first, second], parts, MultiOptimizer(OptimizerMap(parts[1], {"first": parts[0]}), **arguments)


def test_state_outside_of_wrapping_optimizers():
    variables, _, inner = two(loss_scale_factor=5.0)
    optimizer = LossScaleOptimizer(inner, initial_scale=10.0)
    optimizer.build(variables)
    assert [part.loss_scale_factor for part in (inner, *inner.parts)] == [None] * 3
    state = [variable.numpy() for variable in optimizer.variables]
    values, state = optimizer.stateless_apply(state, [np.array([10.0])] * 2, [np.array([2.0])] * 2)
    np.testing.assert_allclose(values, [[1.9], [1.99]], rtol=1e-6)
    assert len(state) == len(optimizer.variables)
    assert [variable.numpy()[0] for variable in variables] == [2, 2]


def test_callbacks_reach_every_optimizer():
    variables, parts, optimizer = two()
    model = SimpleNamespace(optimizer=optimizer, metrics=[])
    logs = {"loss": 1.0}
    halve = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    halve.set_model(model)
    halve.on_epoch_begin(0)
    halve.on_epoch_end(0, logs)
    assert logs["learning_rate_a"] == pytest.approx(0.05) and logs["learning_rate_b"] == pytest.approx(0.005)
    plateau = callbacks.ReduceLROnPlateau("loss", factor=0.1, patience=1)
    plateau.set_model(model)
    plateau.on_train_begin()
    for _ in range(2):
        plateau.on_epoch_end(0, logs)
    assert [float(part.learning_rate.numpy()) for part in parts] == pytest.approx([0.005, 0.0005])
    optimizer.apply([np.array([0.0])] * 2, variables)
    parts[0]._model_variables_moving_average[0].assign([7.0])
    swap = callbacks.SwapEMAWeights()
    swap.set_model(SimpleNamespace(optimizer=LossScaleOptimizer(optimizer)))
    swap.on_test_begin()
    assert [variable.numpy()[0] for variable in variables] == [7, 2]
    swap.on_test_end()
    assert [variable.numpy()[0] for variable in variables] == [2, 2]


def test_a_gradient_may_be_the_value():
    scale, weight = Variable([1.0, 4.0]), Variable([1.0, 4.0])
    scale.overwrite_with_gradient = True
    optimizer = LossScaleOptimizer(SGD(1.0, momentum=0.9, weight_decay=0.1), initial_scale=2.0)
    optimizer.apply([np.array([3.0, 5.0]), np.zeros(2)], [scale, weight])
    np.testing.assert_allclose([scale.numpy(), weight.numpy()], [[3, 5], [0.9, 3.6]], rtol=1e-6)
    optimizer = SGD(1.0, gradient_accumulation_steps=2)
    for gradient in ([2.0, 9.0], [6.0, 1.0]):
        optimizer.apply([np.array(gradient)], [scale])
    assert scale.numpy().tolist() == [6, 9]  # the largest of both
    assert optimizer._accumulated_gradients[0].numpy().tolist() == [0, 0]


def test_no_optimizer():
    assert optimizers.get(None) is None
    model = Sequential([layers.Input((1,)), layers.Dense(1)])
    model.compile(None, "mse")
    assert model.evaluate(np.zeros((2, 1)), np.zeros((2, 1)), verbose=0) == 0
    with pytest.raises(ValueError, match="optimizer=None"):
        model.fit(np.zeros((2, 1)), np.zeros((2, 1)), verbose=0)
