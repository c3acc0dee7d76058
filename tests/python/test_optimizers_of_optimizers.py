"""Optimizers made of others: the scale of losses by its rule, maps and their errors. Their updates are
compared with Keras in test_optimizers_keras.py.
"""

import numpy as np
import pytest
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
