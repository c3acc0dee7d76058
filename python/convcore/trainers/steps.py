"""The functions that run once per batch: each is recorded as one graph and is one call into the core."""

from ..core import tree
from ..core.trace import TracedFunction


class StepFunction:
    """A recorded step over (x, y, sample_weight).

    Args:
        fn: The step, written with `convcore.ops`; returns a structure of tensors.
        where: The call, for error messages.
    """

    def __init__(self, fn, where):
        self.traced = TracedFunction(fn, where=where)

    def bound(self, adapter):
        """A function of a batch of this adapter that returns the step's results, and one that gives these
        their structure.

        Batches of one fixed structure skip everything that could differ from batch to batch.
        """
        if adapter.structure is None:
            return (lambda batch: self.traced(*batch)), (lambda results: results)
        recorded = self.traced.recorded_for(*adapter.first_batch())
        function = recorded.function
        return (lambda arrays: function(*arrays)), recorded.pack

    def __call__(self, *batch):
        return self.traced(*batch)


def as_number(value):
    """A result as a Python number, or as the array that it is."""
    return value.item() if value.ndim == 0 else value


def as_logs(results):
    """The results of a step as a dict in alphabetical order."""
    if not isinstance(results, dict):
        results = {"loss": results}
    return {name: tree.map_structure(as_number, results[name]) for name in sorted(results)}
