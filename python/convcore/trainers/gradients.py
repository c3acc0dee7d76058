"""Gradients of a model for loops that users write, and for looking at what a model looks at."""

import numpy as np

from .. import ops
from ..config import floatx
from ..core import tree
from ..core.dtypes import is_float
from ..core.trace import current_trace
from ..core.variable import Variable
from .data_adapters import ArrayAdapter
from .single_batch import SingleBatches
from .steps import StepFunction


class Gradients(SingleBatches):
    """The part of Trainer that returns gradients as arrays."""

    def gradients(
        self,
        x,
        y=None,
        sample_weight=None,
        wrt="weights",
        of=None,
        training=None,
        return_value=False,
    ):
        """The gradients of the loss for one batch, or of any function of the outputs.

        One step of a training loop of one's own::

            gradients = model.gradients(x, y)
            model.optimizer.apply(gradients, model.trainable_variables)

        Args:
            x: Inputs: an array, or a list or dict of arrays.
            y: Targets, if the loss of `compile` is differentiated.
            sample_weight: Weight of each sample in that loss.
            wrt: `"weights"` (all trainable ones), `"inputs"`, or a list of variables.
            of: A function of the outputs, written with `convcore.ops`, whose sum is differentiated instead
                of the loss; the model need not be compiled then.
            training: Whether the model runs as in training (dropout, batch statistics, which it then
                updates). By default it does for weights, and does not for inputs.
            return_value: Whether to return `(value, gradients)`, the loss or the sum of `of` first.

        Returns:
            A list with one array per variable, zeros where the loss does not depend on it; for inputs a
            structure like `x`.
        """
        if of is None:
            self._assert_compiled("gradients")
        if not (wrt in ("weights", "inputs") if isinstance(wrt, str) else are_variables(wrt)):
            raise ValueError(
                "gradients: argument `wrt`: expected 'weights', 'inputs' or a list of variables. "
                f"Received: wrt={wrt!r}"
            )
        adapter = ArrayAdapter(x, y, sample_weight, batch_size=2**31, where="gradients")
        if of is None:
            self._prepare(adapter, "gradients: argument `y`")
        elif not self.built:
            self(adapter.data[0])
        training = (wrt != "inputs") if training is None else bool(training)
        value, gradients = self._gradient_step(wrt, of, training)(*differentiable(adapter.data, wrt))
        return (value.item(), gradients) if return_value else gradients

    def _gradient_step(self, wrt, of, training):
        """The recorded function; that of the last `of` is kept, as lambdas are new ones in every call."""
        variables = self.trainable_variables if isinstance(wrt, str) else list(wrt)
        key = (wrt if isinstance(wrt, str) else tuple(id(v) for v in wrt), training)
        made = self._step_functions.gradients
        kept, step = made.get(key, (None, None))
        if step is None or kept is not of:

            def run(x, y=None, sample_weight=None):
                y_pred = self(x, training=training)
                if of is None:
                    value = self._compute_loss(x, y, y_pred, sample_weight, training=training)
                else:
                    value = ops.sum(of(y_pred))
                self._clear_losses()
                if wrt != "inputs":
                    return value, filled(current_trace().gradients(value, variables), variables)
                leaves = tree.flatten(x)
                found = current_trace().graph.gradients(value, leaves)
                return value, tree.pack_as(x, filled(found, leaves))

            step = StepFunction(run, "gradients", self.run_eagerly)
            made[key] = (of, step)
        return step


def are_variables(wrt):
    return isinstance(wrt, list | tuple) and all(isinstance(v, Variable) for v in wrt)


def differentiable(data, wrt):
    """Inputs as floats if gradients are taken with respect to them."""
    x, y, sample_weight = data
    if wrt == "inputs":
        x = tree.map_structure(lambda a: a if is_float(a.dtype.name) else np.asarray(a, floatx()), x)
    return x, y, sample_weight


def filled(gradients, like):
    """Zeros in the place of None."""
    return [ops.zeros_like(t) if g is None else g for g, t in zip(gradients, like, strict=True)]
