"""Measuring which implementation computes each layer fastest, and remembering it."""

from ..core import choices, tree
from ..core.arrays import as_array
from ..trainers.data_adapters import ArrayAdapter


def autotune(model, x, y=None):
    """Measures how this machine computes each step of a model fastest, and uses that from now on.

    Without it a cost model decides, which is right for most layers on most machines. The result is kept in a
    file, so that later processes use it too; see `convcore.core.choices` for its place. Deleting it
    (`forget_autotune`) brings the cost model's choices back.

    A choice holds for every size of the batch and any number of threads: predictions of an image stay bit for
    bit the same in any batch. Another choice rounds differently, so results may change in their last digits
    when this is called (and between machines that measured differently).

    Args:
        model: A model that is built.
        x: Inputs, as for `predict`: of the size of batch that matters.
        y: Targets: the step that `fit` takes is measured as well. The model must be compiled.

    Returns:
        A list of dicts, one for each problem with a choice: `scope` (the first layer that has it), `problem`,
        `implementation` (the fastest) and `milliseconds` (a dict from implementation to time).

    Raises:
        ValueError: The arrays do not fit the model, or `y` is given and the model is not compiled.
    """
    from .. import __version__

    if not hasattr(model, "inference_function"):
        raise ValueError(f"autotune: argument `model`: expected a Model; received {model!r}")
    where = f"Model {model.name!r}: autotune"
    x = tree.map_structure(lambda a: as_array(a, where), x)
    rows = model.inference_function().measure_choices(x)
    if y is not None:
        model._assert_compiled("autotune")
        adapter = ArrayAdapter(x, y, batch_size=len(tree.flatten(x)[0]), where="autotune")
        model._prepare(adapter, "autotune")
        known = {row["problem"] for row in rows}
        training = model._step("train").traced.measure_choices(*adapter.first_batch())
        rows += [row for row in training if row["problem"] not in known]
    if rows:
        choices.add({row["problem"]: row["implementation"] for row in rows}, __version__)
    return rows


def forget_autotune():
    """Deletes what `autotune` measured; the cost model chooses again."""
    choices.forget()


__all__ = ["autotune", "forget_autotune"]
