"""The functions that run once per batch: each is recorded as one graph and is one call into the core."""

from typing import Any

from ..core import tree
from ..core.trace import TracedFunction


class StepFunction:
    """A recorded step over (x, y, sample_weight).

    Args:
        fn: The step, written with `convcore.ops`; returns a structure of tensors.
        where: The call, for error messages.
        every_time: Whether to record it anew for every batch (`run_eagerly`), so that its Python code runs.
    """

    def __init__(self, fn, where, every_time=False):
        self.traced = TracedFunction(fn, where=where)
        self.every_time = every_time

    def bound(self, adapter):
        """A function of a batch of this adapter that returns the step's flat results, and one that makes logs
        of these.

        Batches of one fixed structure skip everything that could differ from batch to batch.
        """
        if adapter.structure is None:
            return (lambda batch: [self(*batch)]), (lambda results: as_logs(results[0]))
        if self.every_time:
            return (lambda arrays: [self(*adapter.pack(arrays))]), (lambda results: as_logs(results[0]))
        recorded = self.traced.recorded_for(*adapter.first_batch())
        if not recorded.any_batch:
            return (lambda arrays: [self(*adapter.pack(arrays))]), (lambda results: as_logs(results[0]))
        function = recorded.function
        return (lambda arrays: function(*arrays)), log_maker(recorded)

    def __call__(self, *batch):
        if self.every_time:
            self.traced.clear()
        return self.traced(*batch)


def log_maker(recorded):
    """A function that makes logs of the flat results of a recording."""
    names = result_names(recorded)
    if names is None:
        return lambda results: as_logs(recorded.pack(results))
    return lambda results: dict(zip(names, [as_number(value) for value in results], strict=True))


def result_names(recorded):
    """The names of the flat results of a recording that returns a plain dict, else None."""
    structure = recorded.structure
    if isinstance(structure, dict) and not any(tree.is_nested(value) for value in structure.values()):
        return sorted(structure)
    return None


def as_number(value):
    """A result as a Python number, or as the array that it is."""
    return value.item() if value.ndim == 0 else value


def as_logs(results):
    """The results of a step as a dict in alphabetical order; results that are dicts themselves, as those of
    all metrics of `compile` are, stand there name by name.
    """
    if not isinstance(results, dict):
        results = {"loss": results}
    logs: dict[str, Any] = {}
    for name in sorted(results):
        value = results[name]
        logs.update(
            as_logs(value) if isinstance(value, dict) else {name: tree.map_structure(as_number, value)}
        )
    return logs
