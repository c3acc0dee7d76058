"""Callbacks that watch one result: which way is better, and what counts as an improvement."""

import warnings

import numpy as np

from ..core.suggestions import did_you_mean
from .callback import Callback


class MonitorCallback(Callback):
    """Base class of callbacks that compare a result with the best so far.

    Args:
        monitor: Name of the result.
        mode: `"min"`, `"max"` or `"auto"`: decided by the result's loss or metric at the first use.
        baseline: Value that counts as the best at the start.
        min_delta: Differences of at most this much are no improvement.
    """

    def __init__(self, monitor="val_loss", mode="auto", baseline=None, min_delta=0):
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(
                f"{type(self).__name__} mode {mode!r} is unknown, fallback to auto mode.", stacklevel=3
            )
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self._upward = None if mode == "auto" else mode == "max"

    @property
    def monitor_op(self):
        """`ops.greater` or `ops.less`, after the direction that is better; None until it is known."""
        if self._upward is None:
            return None
        from .. import ops

        return ops.greater if self._upward else ops.less

    state: tuple[str, ...] = ("best",)  # the attributes that a resumed run goes on with

    def get_state(self):
        return {name: getattr(self, name) for name in self.state}

    def set_state(self, state):
        for name in self.state:
            setattr(self, name, state[name])

    def _set_monitor_op(self):
        """Finds out which way is better, if `mode` does not say."""
        if self._upward is None:
            self._upward = self._direction()

    def _is_improvement(self, value, best):
        """Whether `value` is better than `best` by more than `min_delta`; anything is better than None."""
        self._set_monitor_op()
        if best is None:
            return True
        return bool(value - self.min_delta > best if self._upward else value + self.min_delta < best)

    def _direction(self):
        name = self.monitor.removeprefix("val_")
        if name == "loss":
            return False
        for metric in leaf_metrics(self.model.metrics):
            if name == metric.name or name.endswith(f"_{metric.name}"):
                if metric._direction is None:
                    break
                return metric._direction == "up"
        known = ["loss", *(metric.name for metric in leaf_metrics(self.model.metrics))]
        known += [f"val_{name}" for name in known]
        raise ValueError(
            f"{type(self).__name__} callback received monitor={self.monitor!r}, whose better direction is "
            f"not known. Pass mode='min' or mode='max'.{did_you_mean(self.monitor, known)}"
        )

    def get_monitor_value(self, logs):
        """The watched result, or None with a warning if it is not there.

        Raises:
            ValueError: No loss and no metric tells which way is better.
        """
        self._set_monitor_op()
        value = (logs or {}).get(self.monitor)
        if value is None:
            warnings.warn(
                f"{type(self).__name__} conditioned on metric `{self.monitor}` which is not available. "
                f"Available metrics are: {','.join(logs or {})}",
                stacklevel=3,
            )
            return None
        return float(np.mean(value))


def leaf_metrics(metrics):
    """All metrics, those of `compile` one by one."""
    for metric in metrics:
        if hasattr(metric, "metrics"):
            yield from leaf_metrics(metric.metrics)
        else:
            yield metric
