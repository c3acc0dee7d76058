"""Which loss reads which part of the outputs: the argument `loss` of `compile` taken apart."""

from dataclasses import dataclass
from typing import Any

from ..core import tree

NAMELESS = "{loss}"  # in a term's name: an output without one


@dataclass
class Term:
    """One loss of the total.

    Args:
        path: The keys and positions that lead from the outputs to what it reads, which may be several
            outputs at once.
        loss: What stands in `compile`, then the loss object.
        weight: Its weight in the total, or None.
        name: What its mean is called in the logs.
        limit: The classes that integer labels may name, see `identify.label_limit`.
    """

    path: tuple
    loss: Any
    weight: Any = None
    name: str = ""
    limit: Any = None


class Spec:
    """A loss with its weight and without a place, a leaf of nested lists and dicts."""

    def __init__(self, loss, weight):
        self.loss, self.weight = loss, weight


def at(structure, path):
    for step in path:
        structure = structure[step]
    return structure


def find_terms(loss, loss_weights, y_pred, names):
    """The terms of the total loss, in the order of `loss`.

    Args:
        loss: One loss for every output; or a list, tuple or dict in the structure of the outputs, whose
            entries are None, losses or such structures again; or a list of several of these for one place.
            A loss that stands where the outputs have more structure reads all that is there.
        loss_weights: A number, or one for each loss.
        y_pred: The outputs.
        names: Their names, None for those without.
    """
    single = not tree.is_nested(loss)
    if single:
        loss = tree.map_structure(lambda _: loss, y_pred)
    elif isinstance(loss, dict) and not isinstance(y_pred, dict) and None not in names:
        if set(loss) != set(names):
            raise ValueError(
                f"compile: argument `loss`: Expected keys {list(names)}, the names of the outputs. "
                f"Received keys: {list(loss)}"
            )
        loss = [loss[name] for name in names]
    if not tree.is_nested(y_pred) and len(tree.flatten(loss)) > 1:
        raise ValueError(
            "compile: argument `loss`: for a model with 1 output a list must have one entry. "
            f"Received: {len(tree.flatten(loss))} entries, loss={loss}"
        )
    weights = _weights_like(loss, loss_weights, names)
    found: list[Term] = []
    by_name = isinstance(y_pred, dict) and set(y_pred) == set(names)
    places = dict(zip(names, names, strict=True)) if by_name else tree.pack_as(y_pred, list(names))
    _collect(tree.map_structure(Spec, loss, weights), y_pred, places, (), found)
    if single:  # in the order in which outputs are flattened, not that of a dict
        numbers = tree.pack_as(y_pred, list(range(len(names))))
        found.sort(key=lambda term: at(numbers, term.path))
    return found


def _weights_like(loss, weights, names):
    """The weights in the structure of the losses."""
    if not tree.is_nested(weights):
        return tree.map_structure(lambda _: weights, loss)
    if isinstance(weights, dict):
        if isinstance(loss, dict) and set(weights) <= set(loss):
            weights = {**dict.fromkeys(loss), **weights}
        elif not isinstance(loss, dict) and set(weights) <= set(names):
            weights = [weights.get(name) for name in names]
    if tree.same_structure(loss, weights):
        return weights
    losses, flat = tree.flatten(loss), tree.flatten(weights)
    used = [one is not None for one in losses]
    if len(flat) == sum(used):
        remaining = iter(flat)
        flat = [next(remaining) if one else None for one in used]
    if len(flat) != len(losses):
        raise ValueError(
            f"compile: argument `loss_weights` must match the number of losses, {sum(used)}. "
            f"Received: loss_weights={weights}"
        )
    return tree.pack_as(loss, flat)


def _collect(loss, y_pred, names, path, found):
    if isinstance(loss, Spec):
        if loss.loss is not None:
            found.append(Term(path, loss.loss, loss.weight, _name(path, names)))
        return
    if isinstance(loss, list | tuple):
        single = not any(tree.is_nested(one) for one in loss)
        if single and len(loss) == len(tree.flatten(y_pred)):
            loss = tree.pack_as(y_pred, loss)
            if isinstance(loss, Spec):
                _collect(loss, y_pred, names, path, found)
                return
        elif not isinstance(y_pred, type(loss)):
            for one in loss:
                _collect(one, y_pred, names, path, found)
            return
    if not isinstance(loss, dict if isinstance(y_pred, dict) else type(y_pred)):
        raise _not_found(path, "the model's output (`y_pred`)")
    for key, one in loss.items() if isinstance(loss, dict) else enumerate(loss):
        if isinstance(one, Spec) and one.loss is None:
            continue
        if key not in y_pred if isinstance(loss, dict) else key >= len(y_pred):
            raise _not_found((*path, key), "either the model's output (`y_pred`) or in the labels (`y_true`)")
        _collect(one, y_pred[key], names[key], (*path, key), found)


def _not_found(path, where):
    return KeyError(f"The path: {path} in the `loss` argument, can't be found in {where}.")


def _name(path, names):
    """The keys on the way, the last position as the output's name, or `NAMELESS` for the name of the loss."""
    if not tree.is_nested(names):
        if not path or isinstance(path[-1], int):
            path = (*path[:-1], NAMELESS if names is None else names)
    elif not path:
        flat = list(names) if isinstance(names, dict) else tree.flatten(names)
        return NAMELESS if None in flat else "_".join(map(str, flat))
    return "/".join(map(str, path))
