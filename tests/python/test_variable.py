"""Variables: shared memory, assignment in and out of recordings, errors."""

import numpy as np
import pytest
from convcore import Variable, ops
from convcore.core.trace import Trace, TracedFunction


def test_value_shares_memory_and_numpy_copies():
    v = Variable(np.arange(4, dtype="float32"), name="v")
    copy = v.numpy()
    v.value[0] = 7
    assert v.numpy()[0] == 7 and copy[0] == 0
    assert v.shape == (4,) and v.dtype == "float32" and v.path == "v" and v.trainable


def test_initial_values_and_dtypes():
    assert Variable(3).dtype == "int32"
    assert Variable(3.0).dtype == "float32"
    assert Variable(np.zeros(2, "float64")).dtype == "float32"
    assert Variable(np.zeros(2), dtype="float64").dtype == "float64"
    made = Variable(lambda shape, dtype: np.full(shape, 2, dtype), shape=(2, 3))
    np.testing.assert_array_equal(made.numpy(), np.full((2, 3), 2, "float32"))


def test_assignments():
    v = Variable([1.0, 2.0])
    v.assign([3.0, 4.0])
    v.assign_add([1.0, 1.0])
    v.assign_sub(np.array([0.5, 0.5]))
    np.testing.assert_array_equal(v.numpy(), [3.5, 4.5])


def test_assign_of_another_shape_is_refused_and_changes_nothing():
    v = Variable([1.0, 2.0], name="w")
    with pytest.raises(ValueError, match=r"'w'.*\(2,\).*\(3,\)"):
        v.assign([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(v.numpy(), [1.0, 2.0])


@pytest.mark.parametrize("bad", [np.array(["a"]), np.array([1j]), np.array([object()])])
def test_values_that_are_no_numbers_are_refused(bad):
    with pytest.raises(ValueError, match="expected an array of real numbers"):
        Variable(bad)


def test_recorded_assignments_are_seen_by_later_reads_and_written_after_the_run():
    v = Variable(1.0, name="v")

    @TracedFunction
    def step(x):
        before = v.value * x
        v.assign(v + x)
        v.assign_add(1.0)
        return [before, v * 10.0]

    before, after = step(np.float32(2))
    assert before == 2 and after == 40 and v.numpy() == 4
    before, after = step(np.float32(3))
    assert before == 12 and after == 80 and v.numpy() == 8


def test_gradient_is_taken_at_the_first_read():
    v = Variable([1.0, 2.0])
    with Trace() as trace:
        loss = ops.sum(ops.square(v))
        v.assign_sub(trace.gradients(loss, [v])[0] * 0.5)
        step = trace.finish(loss)
    assert step([]) == 5
    np.testing.assert_array_equal(v.numpy(), [0.0, 0.0])


def test_operators_match_numpy():
    a, b = np.array([1.0, 2.0, 3.0], "float32"), np.array([2.0, 2.0, 0.5], "float32")
    v = Variable(a)
    for ours, theirs in [
        (v + b, a + b),
        (b - v, b - a),
        (2 * v, 2 * a),
        (v / b, a / b),
        (v**2, a**2),
        (-v, -a),
        (v > b, a > b),
        (v[1:], a[1:]),
    ]:
        np.testing.assert_array_equal(ours, theirs)
    assert isinstance(b * v, np.ndarray)
    np.testing.assert_array_equal(np.asarray(v), a)
