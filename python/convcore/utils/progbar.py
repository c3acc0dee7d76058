"""Keras's progress bar for loops that users write."""

import sys

import numpy as np

from ..callbacks.progress_bar import ProgressBar


class Progbar:
    """Shows the progress of a loop and the averages of its results, as `fit` does.

    Args:
        target: Number of steps, or None if it is not known.
        width: Width of the bar in characters.
        verbose: 0 for nothing, 1 for a bar, 2 for one line at the end.
        interval: Seconds between two drawings.
        stateful_metrics: Names of the values that are shown as they are; all others are averages over the
            steps so far.
        stateless_metrics: Instead, the names of those that are averages; all others are shown as they are.
        unit_name: What a step is called.

    Example:

    >>> from convcore.utils import Progbar
    >>> bar = Progbar(3, verbose=0)
    >>> for step in range(3):
    ...     bar.add(1, [("loss", 0.5 * step)])
    """

    def __init__(
        self,
        target,
        width=20,
        verbose=1,
        interval=0.05,
        stateful_metrics=None,
        stateless_metrics=None,
        unit_name="step",
    ):
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError(
                "Progbar: Only one of `stateful_metrics` or `stateless_metrics` can be provided. Received: "
                f"{stateful_metrics!r} and {stateless_metrics!r}"
            )
        self.target, self.width, self.verbose = target, width, verbose
        self.interval, self.unit_name = interval, unit_name
        self._averages_listed = stateless_metrics is not None
        self._listed = set(stateless_metrics if self._averages_listed else stateful_metrics or ())
        self._bar = ProgressBar(target, verbose, unit_name=unit_name, bar_width=width, interval=interval)
        self._seen = 0
        self._sums: dict[str, list[float]] = {}  # name -> [sum, steps]

    def update(self, current, values=None, finalize=None):
        """Shows that ``current`` steps are done.

        Args:
            current: Number of steps done so far.
            values: (name, value of the last step) pairs.
            finalize: Whether this is the last update, after which averages are shown as they were given; by
                default whether the target is reached.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            self._count(name, float(np.mean(value)), current, finalize)
        self._seen = current
        if self._bar.stream is not sys.stdout:  # redirected since
            self._bar.stream = sys.stdout
        self._bar.target = self.target  # it may have become known since
        shown = [(name, total / max(steps, 1)) for name, (total, steps) in self._sums.items()]
        self._bar.update(current, shown, finalize)

    def add(self, n, values=None):
        """Shows that ``n`` more steps are done."""
        self.update(self._seen + n, values)

    def _count(self, name, value, current, finalize):
        averaged = (name in self._listed) == self._averages_listed
        if finalize or not averaged:
            self._sums[name] = [value, 1]
            return
        steps = max(current - self._seen, 1)
        total = self._sums.setdefault(name, [0.0, 0])
        total[0] += value * steps
        total[1] += steps
