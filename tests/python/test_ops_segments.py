"""Segment sums against NumPy, eager and recorded, with their gradient."""

import numpy as np
import pytest
from convcore import Variable, ops
from convcore.core.trace import TracedFunction

DATA = np.arange(12, dtype="float32").reshape(6, 2)
IDS = np.array([2, 0, 2, -1, 7, 1], "int32")


def test_rows_are_added_up_and_those_outside_left_out():
    expected = [[2, 3], [10, 11], [0 + 4, 1 + 5], [0, 0]]
    np.testing.assert_array_equal(ops.segment_sum(DATA, IDS, 4), expected)
    recorded = TracedFunction(lambda data, ids: ops.segment_sum(data, ids, 4))
    np.testing.assert_array_equal(recorded(DATA, IDS), expected)
    assert ops.segment_sum(np.arange(3), [0, 0, 2]).tolist() == [1, 0, 2]


def test_gradient_is_the_row_of_the_segment():
    x = Variable(DATA)

    def gradient(ids):
        sums = ops.segment_sum(x, ids, 3)
        from convcore.core.trace import current_trace

        return current_trace().gradients(ops.sum(ops.square(sums)), [x])[0]

    sums = np.asarray(ops.segment_sum(DATA, IDS, 3))
    expected = np.where((IDS >= 0)[:, None] & (IDS < 3)[:, None], 2 * sums[np.clip(IDS, 0, 2)], 0)
    np.testing.assert_allclose(TracedFunction(gradient, dynamic_batch=False)(IDS), expected)


def test_the_number_of_segments_is_needed_while_recording():
    with pytest.raises(ValueError, match="num_segments"):
        TracedFunction(lambda data, ids: ops.segment_sum(data, ids))(DATA, IDS)
