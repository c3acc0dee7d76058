"""Learning-rate schedules against their formulas."""

import numpy as np
import pytest
from convcore.optimizers import schedules

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
