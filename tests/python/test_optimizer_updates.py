"""Optimizers against their update rules in NumPy float64, step by step and recorded."""

import numpy as np
import pytest
from convcore import optimizers
from optimizer_runs import GRADIENTS, START, run


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


@pytest.mark.parametrize("recorded", [False, True], ids=["eager", "recorded"])
@pytest.mark.parametrize("name", CASES)
def test_updates(name, recorded):
    make, rule = CASES[name]
    reference, expected = rule(), START
    for t, g in enumerate(GRADIENTS, start=1):
        expected = reference(expected, g, t)
    np.testing.assert_allclose(run(make(), recorded=recorded), expected, rtol=2e-5, atol=1e-5)


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
