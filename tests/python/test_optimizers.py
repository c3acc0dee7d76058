"""What all optimizers share: clipping, decay, averages, constraints, state, names, configurations."""

import numpy as np
import pytest
from convcore import constraints, optimizers
from convcore.core.trace import TracedFunction
from convcore.optimizers import schedules
from optimizer_runs import GRADIENTS, START, run, variable


@pytest.mark.parametrize("recorded", [False, True], ids=["eager", "recorded"])
@pytest.mark.parametrize(
    ("limit", "clip"),
    [
        ({"clipnorm": 0.5}, lambda g: g * min(1, 0.5 / np.linalg.norm(g))),
        ({"global_clipnorm": 0.5}, lambda g: g * min(1, 0.5 / np.linalg.norm(g))),
        ({"clipvalue": 0.3}, lambda g: np.clip(g, -0.3, 0.3)),
    ],
)
def test_clipping(limit, clip, recorded):
    expected = START - 0.1 * sum(clip(g) for g in GRADIENTS)
    np.testing.assert_allclose(
        run(optimizers.SGD(0.1, **limit), recorded=recorded), expected, rtol=1e-5, atol=1e-6
    )


def test_joint_norm_of_several_variables():
    a, b = variable([3.0], "a"), variable([4.0], "b")
    optimizers.SGD(1.0, global_clipnorm=1.0).apply(
        [np.array([3.0], "float32"), np.array([4.0], "float32")], [a, b]
    )
    np.testing.assert_allclose([a.numpy()[0], b.numpy()[0]], [3 - 0.6, 4 - 0.8], rtol=1e-6)


def test_weight_decay_comes_before_the_update_and_can_be_excluded():
    g = np.zeros(1, "float32")
    kernel, bias = variable([2.0]), variable([2.0], "bias")
    optimizer = optimizers.SGD(0.5, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.apply([g, g], [kernel, bias])
    np.testing.assert_allclose([kernel.numpy()[0], bias.numpy()[0]], [2 - 2 * 0.1 * 0.5, 2.0], rtol=1e-6)


def test_moving_average_starts_with_the_first_value_and_is_written_back():
    optimizer = optimizers.SGD(0.1, use_ema=True, ema_momentum=0.75)
    w = variable()
    run(optimizer, w=w)
    value, average = START, None
    for g in GRADIENTS:
        value = value - 0.1 * g
        average = value if average is None else 0.75 * average + 0.25 * value
    np.testing.assert_allclose(w.numpy(), value, rtol=1e-5, atol=1e-6)
    optimizer.finalize_variable_values([w])
    np.testing.assert_allclose(w.numpy(), average, rtol=1e-5, atol=1e-6)
    assert [v.name for v in optimizer.variables] == ["iteration", "learning_rate", "kernel_average"]


def test_moving_average_overwrites_regularly():
    optimizer = optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2)
    value, average = START, None
    for step, g in enumerate(GRADIENTS, start=1):
        value = value - 0.1 * g
        average = value if average is None else 0.5 * average + 0.5 * value
        value = average if step % 2 == 0 else value
    np.testing.assert_allclose(run(optimizer), value, rtol=1e-5, atol=1e-6)


def test_loss_scale_divides_gradients():
    optimizer = optimizers.SGD(0.1, loss_scale_factor=4.0)
    assert optimizer.scale_loss(2.0) == 8.0
    np.testing.assert_allclose(run(optimizer), START - 0.1 * GRADIENTS.sum(0) / 4, rtol=1e-5, atol=1e-6)


def test_constraint_is_applied_after_the_update():
    w = variable()
    w.constraint = constraints.NonNeg()
    run(optimizers.SGD(0.1), GRADIENTS[:1], w=w)
    np.testing.assert_allclose(w.numpy(), np.maximum(START - 0.1 * GRADIENTS[0], 0), rtol=1e-5, atol=1e-6)


def test_variables_without_gradient_are_left_out():
    a, b = variable(name="a"), variable(name="b")
    with pytest.warns(UserWarning, match="b"):
        optimizers.SGD(0.1).apply([GRADIENTS[0].astype("float32"), None], [a, b])
    np.testing.assert_array_equal(b.numpy(), START.astype("float32"))
    with pytest.raises(ValueError, match="No gradients"):
        optimizers.SGD(0.1).apply([None], [a])


def test_unknown_variable():
    optimizer = optimizers.SGD(0.1)
    optimizer.build([variable()])
    with pytest.raises(ValueError, match="other"):
        optimizer.apply([GRADIENTS[0].astype("float32")], [variable(name="other")])


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: optimizers.Adam(learning_rate=1), "learning_rate=1"),
        (lambda: optimizers.SGD(momentum=2.0), "momentum=2.0"),
        (lambda: optimizers.SGD(momentum=1), "momentum=1"),
        (lambda: optimizers.SGD(clipnorm=1.0, clipvalue=1.0), "clipnorm=1.0"),
        (lambda: optimizers.SGD(lr=0.1), "lr"),
        (lambda: optimizers.Adam(gradient_accumulation_steps=1), "gradient_accumulation_steps=1"),
        (lambda: optimizers.Adam(use_ema=True, ema_momentum=1.5), "ema_momentum=1.5"),
        (lambda: optimizers.get("adamm"), "adamm"),
        (lambda: optimizers.get(3), "3"),
    ],
)
def test_bad_arguments(make, word):
    with pytest.raises(ValueError, match=word):
        make()


def test_decay_is_ignored_with_a_warning():
    with pytest.warns(UserWarning, match="decay"):
        optimizers.SGD(0.1, decay=1e-6)


def test_learning_rate_can_be_assigned_also_between_recorded_steps():
    optimizer, w = optimizers.SGD(0.1), variable()
    optimizer.build([w])
    step = TracedFunction(lambda g: optimizer.apply([g], [w]) or w.value, dynamic_batch=False)
    g = np.ones((4, 3), "float32")
    step(g)
    optimizer.learning_rate = 0.5
    step(g)
    np.testing.assert_allclose(w.numpy(), START - 0.6, rtol=1e-5, atol=1e-6)
    assert float(optimizer.learning_rate) == 0.5


def test_a_schedule_in_place_of_a_rate_also_counts_in_recorded_steps():
    optimizer, w = optimizers.SGD(0.1), variable()
    optimizer.build([w])
    step = TracedFunction(lambda g: optimizer.apply([g], [w]) or w.value, dynamic_batch=False)
    g = np.ones((4, 3), "float32")
    step(g)
    optimizer.learning_rate = schedules.PiecewiseConstantDecay([1], [0.2, 0.3])
    step(g), step(g)
    np.testing.assert_allclose(w.numpy(), START - 0.6, rtol=1e-5, atol=1e-6)


def test_callable_learning_rate():
    rates = iter([0.0, 0.1, 0.2, 0.3])  # the first call is the constructor's
    optimizer = optimizers.SGD(lambda: next(rates))
    assert [v.name for v in optimizer.variables] == ["iteration"]
    np.testing.assert_allclose(run(optimizer, [np.ones((4, 3))] * 3), START - 0.6, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("recorded", [False, True], ids=["eager", "recorded"])
def test_schedule_sees_the_number_of_steps(recorded):
    optimizer = optimizers.SGD(schedules.ExponentialDecay(0.1, 2, 0.5))
    expected = START - sum(0.1 * 0.5 ** (s / 2) * g for s, g in enumerate(GRADIENTS))
    np.testing.assert_allclose(run(optimizer, recorded=recorded), expected, rtol=1e-5, atol=1e-6)
    with pytest.raises(TypeError, match="learning rate"):
        optimizer.learning_rate = 0.1


@pytest.mark.parametrize(
    ("optimizer", "names"),
    [
        (optimizers.SGD(momentum=0.9), ["a_momentum", "b_momentum"]),
        (optimizers.Adam(), ["a_momentum", "a_velocity", "b_momentum", "b_velocity"]),
        (
            optimizers.Adam(amsgrad=True),
            ["a_momentum", "a_velocity", "b_momentum", "b_velocity", "a_velocity_hat", "b_velocity_hat"],
        ),
        (
            optimizers.RMSprop(momentum=0.1, centered=True),
            [
                "a_velocity",
                "b_velocity",
                "a_momentum",
                "b_momentum",
                "a_average_gradient",
                "b_average_gradient",
            ],
        ),
        (optimizers.Nadam(), ["a_momentum", "a_velocity", "b_momentum", "b_velocity", "variable"]),
    ],
    ids=lambda x: type(x).__name__,
)
def test_order_and_names_of_the_state(optimizer, names):
    optimizer.build([variable(name="a"), variable(name="b")])
    assert [v.name for v in optimizer.variables] == ["iteration", "learning_rate", *names]


def test_state_round_trip():
    first, store = optimizers.Adam(0.1), {}
    run(first)
    first.save_own_variables(store)
    second = optimizers.Adam(0.3)
    second.build([variable()])
    second.load_own_variables(store)
    for a, b in zip(first.variables, second.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    with pytest.warns(UserWarning, match="Skipping variable loading"):
        optimizers.SGD().load_own_variables(store)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Ftrl", "Lion", "Nadam"])
def test_configuration_round_trip(name):
    cls = getattr(optimizers, name)
    optimizer = cls(clipnorm=1.0, name="mine")
    again = cls.from_config(optimizer.get_config())
    assert again.get_config() == optimizer.get_config()
    assert type(optimizers.get(name.lower())) is type(optimizers.get(name.upper())) is cls
    assert type(optimizers.get({"class_name": name, "config": optimizer.get_config()})) is cls


def test_configuration_has_the_float32_value_of_the_rate():
    config = optimizers.Adam().get_config()
    assert config["learning_rate"] == 0.0010000000474974513
    assert list(config)[:2] == ["name", "learning_rate"] and list(config)[-4:] == [
        "beta_1",
        "beta_2",
        "epsilon",
        "amsgrad",
    ]
