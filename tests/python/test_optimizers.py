"""Optimizers against their update rules in NumPy float64; common arguments, state, names and schedules."""

import numpy as np
import pytest
from convcore import Variable, constraints, optimizers
from convcore.core.trace import TracedFunction
from convcore.optimizers import schedules

RNG = np.random.default_rng(3)
START = RNG.normal(size=(4, 3))
GRADIENTS = RNG.normal(size=(7, 4, 3))


def sgd(rate=0.01, momentum=0.0, nesterov=False):
    m = 0.0

    def step(w, g, t):
        nonlocal m
        m = momentum * m - rate * g
        return w + (momentum * m - rate * g if nesterov else m)

    return step


def rmsprop(rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False):
    v = mean = m = 0.0

    def step(w, g, t):
        nonlocal v, mean, m
        v = rho * v + (1 - rho) * g * g
        mean = rho * mean + (1 - rho) * g
        m = momentum * m + rate * g / np.sqrt(v - centered * mean * mean + epsilon)
        return w - m

    return step


def adam(rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
    m = v = top = 0.0

    def step(w, g, t):
        nonlocal m, v, top
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g * g
        top = np.maximum(top, v)
        alpha = rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        return w - alpha * m / (np.sqrt(top if amsgrad else v) + epsilon)

    return step


def adamax(rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = u = 0.0

    def step(w, g, t):
        nonlocal m, u
        m = beta_1 * m + (1 - beta_1) * g
        u = np.maximum(beta_2 * u, np.abs(g))
        return w - rate * m / ((1 - beta_1**t) * (u + epsilon))

    return step


def nadam(rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = v = 0.0
    product = 1.0

    def step(w, g, t):
        nonlocal m, v, product
        now, after = (beta_1 * (1 - 0.5 * 0.96**s) for s in (t, t + 1))
        product *= now
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g * g
        hat = after * m / (1 - product * after) + (1 - now) * g / (1 - product)
        return w - rate * hat / (np.sqrt(v / (1 - beta_2**t)) + epsilon)

    return step


def adagrad(rate=0.001, start=0.1, epsilon=1e-7):
    a = start

    def step(w, g, t):
        nonlocal a
        a = a + g * g
        return w - rate * g / np.sqrt(a + epsilon)

    return step


def adadelta(rate=0.001, rho=0.95, epsilon=1e-7):
    a = d = 0.0

    def step(w, g, t):
        nonlocal a, d
        a = rho * a + (1 - rho) * g * g
        delta = -np.sqrt(d + epsilon) * g / np.sqrt(a + epsilon)
        d = rho * d + (1 - rho) * delta * delta
        return w + rate * delta

    return step


def ftrl(rate=0.001, power=0.5, l1=0.0, l2=0.0, shrinkage=0.0, beta=0.0):
    n, z = 0.1, 0.0

    def step(w, g, t):
        nonlocal n, z
        total = n + g * g
        z = z + g + 2 * shrinkage * w - (total**power - n**power) / rate * w
        n = total
        return (np.clip(z, -l1, l1) - z) / (n**power / rate + 2 * (l2 + beta / (2 * rate)))

    return step


def lion(rate=0.001, beta_1=0.9, beta_2=0.99):
    m = 0.0

    def step(w, g, t):
        nonlocal m
        direction = np.sign(beta_1 * m + (1 - beta_1) * g)
        m = beta_2 * m + (1 - beta_2) * g
        return w - rate * direction

    return step


def lamb(rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = v = 0.0

    def step(w, g, t):
        nonlocal m, v
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g * g
        u = m / (1 - beta_1**t) / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
        return w - rate * np.linalg.norm(w) / np.linalg.norm(u) * u

    return step


CASES = {
    "sgd": (lambda: optimizers.SGD(0.1), lambda: sgd(0.1)),
    "momentum": (lambda: optimizers.SGD(0.1, 0.9), lambda: sgd(0.1, 0.9)),
    "nesterov": (lambda: optimizers.SGD(0.1, 0.9, True), lambda: sgd(0.1, 0.9, True)),
    "rmsprop": (lambda: optimizers.RMSprop(0.1), lambda: rmsprop(0.1)),
    "rmsprop_all": (
        lambda: optimizers.RMSprop(0.1, 0.8, 0.5, 1e-5, True),
        lambda: rmsprop(0.1, 0.8, 0.5, 1e-5, True),
    ),
    "adam": (lambda: optimizers.Adam(0.1), lambda: adam(0.1)),
    "adam_epsilon": (lambda: optimizers.Adam(0.1, 0.8, 0.9, 0.1), lambda: adam(0.1, 0.8, 0.9, 0.1)),
    "amsgrad": (lambda: optimizers.Adam(0.1, amsgrad=True), lambda: adam(0.1, amsgrad=True)),
    "adamax": (lambda: optimizers.Adamax(0.1), lambda: adamax(0.1)),
    "nadam": (lambda: optimizers.Nadam(0.1), lambda: nadam(0.1)),
    "adagrad": (lambda: optimizers.Adagrad(0.1), lambda: adagrad(0.1)),
    "adadelta": (lambda: optimizers.Adadelta(1.0), lambda: adadelta(1.0)),
    "ftrl": (
        lambda: optimizers.Ftrl(0.1, -0.5, 0.1, 0.02, 0.03, 0.04, 0.05),
        lambda: ftrl(0.1, 0.5, 0.02, 0.03, 0.04, 0.05),
    ),
    "lion": (lambda: optimizers.Lion(0.1), lambda: lion(0.1)),
    "lamb": (lambda: optimizers.Lamb(0.1), lambda: lamb(0.1)),
}


def variable(value=START, name="kernel"):
    return Variable(np.asarray(value, "float32"), name=name)


def run(optimizer, gradients=GRADIENTS, recorded=False, w=None):
    """The variable after applying the gradients one after the other."""
    w = variable() if w is None else w
    optimizer.build([w])

    def apply(g):
        optimizer.apply([g], [w])
        return w.value

    step = TracedFunction(apply, dynamic_batch=False) if recorded else apply
    for g in gradients:
        step(np.asarray(g, "float32"))
    return w.numpy()


@pytest.mark.parametrize("recorded", [False, True], ids=["eager", "recorded"])
@pytest.mark.parametrize("name", CASES)
def test_updates(name, recorded):
    make, rule = CASES[name]
    reference, expected = rule(), START
    for t, g in enumerate(GRADIENTS, start=1):
        expected = reference(expected, g, t)
    np.testing.assert_allclose(run(make(), recorded=recorded), expected, rtol=2e-5, atol=1e-5)


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


def test_adamw_decays():
    reference, expected = adam(0.1), START
    for t, g in enumerate(GRADIENTS, start=1):
        expected = reference(expected - expected * 0.02 * 0.1, g, t)
    np.testing.assert_allclose(run(optimizers.AdamW(0.1, 0.02)), expected, rtol=2e-5, atol=1e-5)
    with pytest.raises(ValueError, match="weight_decay"):
        optimizers.AdamW(weight_decay=None)


@pytest.mark.parametrize("recorded", [False, True], ids=["eager", "recorded"])
def test_gradient_accumulation_updates_with_the_mean(recorded):
    optimizer = optimizers.Adam(0.1, gradient_accumulation_steps=3)
    reference, expected = adam(0.1), START
    for t, part in enumerate((GRADIENTS[:3], GRADIENTS[3:6]), start=1):
        expected = reference(expected, part.mean(0), t)
    np.testing.assert_allclose(run(optimizer, recorded=recorded), expected, rtol=2e-5, atol=1e-5)
    assert int(optimizer.iterations) == 2
    names = [v.name for v in optimizer.variables]
    slots = ["kernel_gradient_accumulator", "kernel_momentum", "kernel_velocity"]
    assert names == ["iteration", "learning_rate", *slots]
    np.testing.assert_allclose(optimizer.variables[2].numpy(), GRADIENTS[6], rtol=1e-6)


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
    with pytest.raises(ValueError, match="no gradients"):
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


SCHEDULES = [
    (schedules.ExponentialDecay(0.5, 10, 0.9, staircase=True), lambda s: 0.5 * 0.9 ** (s // 10)),
    (schedules.InverseTimeDecay(0.5, 10, 0.9), lambda s: 0.5 / (1 + 0.9 * s / 10)),
    (
        schedules.PiecewiseConstantDecay([5, 12], [1.0, 0.5, 0.1]),
        lambda s: 1.0 if s <= 5 else 0.5 if s <= 12 else 0.1,
    ),
    (
        schedules.PolynomialDecay(0.5, 10, 0.1, 2.0),
        lambda s: 0.4 * (1 - min(s, 10) / 10) ** 2 + 0.1,
    ),
    (
        schedules.PolynomialDecay(0.5, 10, 0.1, cycle=True),
        lambda s: 0.4 * (1 - s / (10 * max(1, np.ceil(s / 10)))) + 0.1,
    ),
    (
        schedules.CosineDecay(0.5, 10, 0.1),
        lambda s: 0.5 * (0.9 * 0.5 * (1 + np.cos(np.pi * min(s, 10) / 10)) + 0.1),
    ),
    (
        schedules.CosineDecay(0.0, 10, warmup_target=0.5, warmup_steps=4),
        lambda s: 0.5 * s / 4 if s < 4 else 0.25 * (1 + np.cos(np.pi * min(s - 4, 10) / 10)),
    ),
    (
        schedules.CosineDecayRestarts(0.5, 4, 1.0, 0.5),
        lambda s: 0.5 ** (s // 4) * 0.25 * (1 + np.cos(np.pi * (s % 4) / 4)),
    ),
]


@pytest.mark.parametrize(("schedule", "rule"), SCHEDULES, ids=lambda x: type(x).__name__)
def test_schedules(schedule, rule):
    for step in (0, 1, 3, 4, 5, 6, 9, 10, 12, 13, 25):
        np.testing.assert_allclose(float(schedule(step)), rule(step), rtol=1e-4, atol=1e-6)
    again = type(schedule).from_config(schedule.get_config())
    assert again.get_config() == schedule.get_config()


def test_restarts_get_longer():
    schedule = schedules.CosineDecayRestarts(1.0, 4, 2.0)
    np.testing.assert_allclose(
        [float(schedule(s)) for s in (0, 2, 8, 13)],
        [1, 0.5, 0.5, 1 / 2 * (1 + np.cos(np.pi / 16))],
        atol=1e-5,
    )


def test_schedule_needs_steps():
    with pytest.raises(ValueError, match="decay_steps=0"):
        schedules.ExponentialDecay(0.1, 0, 0.5)


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
