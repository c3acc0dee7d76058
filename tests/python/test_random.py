"""Random numbers: reproducible from seeds, of the right distribution, recorded as state."""

import numpy as np
import pytest
from convcore import random
from convcore.core.trace import TracedFunction


def test_integers_repeat_generators_move_on():
    np.testing.assert_array_equal(random.normal((5,), seed=3), random.normal((5,), seed=3))
    first, second = random.SeedGenerator(3), random.SeedGenerator(3)
    a, b = random.uniform((5,), seed=first), random.uniform((5,), seed=first)
    assert not np.array_equal(a, b)
    np.testing.assert_array_equal(a, random.uniform((5,), seed=second))
    assert first.state.numpy().tolist() == [3, 2]
    assert random.SeedGenerator.from_config(first.get_config()).state.numpy().tolist() == [3, 0]


def test_set_random_seed_fixes_everything():
    draws = []
    for _ in range(2):
        random.set_random_seed(11)
        draws.append((random.normal((4,)), np.random.rand(3), random.make_default_seed()))
    np.testing.assert_array_equal(draws[0][0], draws[1][0])
    np.testing.assert_array_equal(draws[0][1], draws[1][1])
    assert draws[0][2] == draws[1][2]


def test_distributions():
    n = random.normal((20000,), mean=1.0, stddev=2.0, seed=1)
    assert n.dtype == np.float32 and abs(n.mean() - 1) < 0.06 and abs(n.std() - 2) < 0.06
    u = random.uniform((20000,), minval=-1.0, maxval=3.0, seed=1)
    assert u.min() >= -1 and u.max() < 3 and abs(u.mean() - 1) < 0.05
    x = np.ones((100, 50), "float32")
    d = random.dropout(x, 0.25, seed=5)
    assert set(np.unique(d)) <= {np.float32(0), np.float32(1 / 0.75)} and abs((d == 0).mean() - 0.25) < 0.03
    shared = random.dropout(x, 0.5, noise_shape=(None, 1), seed=5)
    assert all(len(set(row)) == 1 for row in shared)


def test_recorded_draws_advance_the_state():
    seeds = random.SeedGenerator(7)
    f = TracedFunction(lambda x: random.dropout(x, 0.5, seed=seeds))
    x = np.ones((1, 64), "float32")
    first, second = f(x), f(x)
    assert not np.array_equal(first, second) and seeds.state.numpy().tolist() == [7, 2]
    np.testing.assert_array_equal(first, random.dropout(x, 0.5, seed=random.SeedGenerator(7)))


@pytest.mark.parametrize("bad", [-1, 1.5, "a", True])
def test_bad_seeds(bad):
    with pytest.raises(ValueError, match="seed"):
        random.SeedGenerator(bad)
    if bad != -1:
        with pytest.raises(ValueError, match="seed"):
            random.normal((2,), seed=bad)
