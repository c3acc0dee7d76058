"""The state of optimizers as Keras 1 and 2 stored it, for the variables that they have today."""

import re

# optimizers of several slots per weight that Keras 2 had in today's order
_SAME_SLOTS = ("Adam", "AdamW", "Adamax")
# optimizers that kept the same slots in Keras 1 -> whether it stored the number of steps, in front of them
_KERAS_1 = {"Adam": True, "Adamax": True, "SGD": True, "RMSprop": False, "Adagrad": False, "Adadelta": False}


def assignments(optimizer, arrays, names=None):
    """[(variable, array)] for a built optimizer, None where the arrays do not fit.

    Keras 2 stored the number of steps and the slots, not the learning rate, which is in the configuration.
    Up to 2.10 all first slots came before all second ones (``Adam/conv/kernel/m:0``, earlier without telling
    names); later the slots of one weight follow each other (``Adam/m/conv/kernel:0``), as they do today.

    Args:
        optimizer: The optimizer.
        arrays: The stored arrays in order.
        names: Their names; None if the slots of one weight are known to follow each other.
    """
    variables, weights = optimizer.variables, len(optimizer._trainable_variables)
    if _fit(variables, arrays):
        return list(zip(variables, arrays, strict=True))
    wanted = [variables[0], *variables[2:]]
    slots, rest = arrays[1 : len(wanted)], arrays[len(wanted) :]
    if any(a.shape != (1,) for a in rest) or not weights or (len(wanted) - 1) % weights:
        return None  # Adam without amsgrad once had a placeholder of that shape per weight
    per_weight = (len(wanted) - 1) // weights
    if per_weight > 1:
        if type(optimizer).__name__ not in _SAME_SLOTS or len(slots) != per_weight * weights:
            return None
        if names is not None and not any(re.match(r"[^/]+/[muv]/", name) for name in names):
            slots = [slots[j * weights + i] for i in range(weights) for j in range(per_weight)]
    arrays = [*arrays[:1], *slots]
    return list(zip(wanted, arrays, strict=True)) if _fit(wanted, arrays) else None


def keras_1_assignments(optimizer, arrays, names):
    """[(variable, array)] for a built optimizer, None where the arrays do not fit.

    Keras 1 trained the weights in the order of their names and stored all first slots before all second ones.

    Args:
        optimizer: The optimizer.
        arrays: The stored arrays in order.
        names: {id of a trainable weight: its name in the file}, as TensorFlow named it (``dense_1_W:0``);
            Theano's weights may have had other names while they were sorted.
    """
    weights = [names.get(id(weight), "") for weight in optimizer._trainable_variables]
    counted = _KERAS_1.get(type(optimizer).__name__)
    if counted is None or not weights or not all(name.endswith(":0") for name in weights):
        return None
    iterations, _, *variables = optimizer.variables
    slots = arrays[counted:]
    per_weight = len(variables) // len(weights)
    if type(optimizer).__name__ == "SGD" and per_weight == 0:
        slots = []  # what momentum of 0 leaves
    if len(slots) != len(variables):
        return None
    order = sorted(range(len(weights)), key=weights.__getitem__)
    wanted = [variables[i * per_weight + slot] for slot in range(per_weight) for i in order]
    wanted, arrays = [iterations][:counted] + wanted, [*arrays[:counted], *slots]
    return list(zip(wanted, arrays, strict=True)) if _fit(wanted, arrays) else None


def _fit(variables, arrays):
    return len(variables) == len(arrays) and all(
        tuple(v.shape) == tuple(a.shape) for v, a in zip(variables, arrays, strict=True)
    )
