"""The order of operations of one update.

It is written imperatively, variable by variable. Inside a training step it is traced, and what is left of it
is one chain of elementwise operations per variable.
"""

import re
import warnings
from typing import Any

from .. import ops
from ..config import floatx
from ..core.scope import current_trace
from ..core.variable import value_of
from . import clipping


def keep_unless(condition, states, change):
    """Calls `change`, after which the variables `states` have their old values unless `condition` holds."""
    before = [value_of(state) for state in states]
    change()
    for state, old in zip(states, before, strict=True):
        state.assign(ops.where(condition, ops.convert_to_tensor(state), old))


def is_overwritten(variable):
    """Whether a variable takes its gradient as its value, as the scales of quantised layers do."""
    return getattr(variable, "overwrite_with_gradient", False)


class Update:
    """The part of Optimizer that applies gradients."""

    # Set by Optimizer
    name: str
    built: bool
    weight_decay: Any
    clipnorm: Any
    clipvalue: Any
    global_clipnorm: Any
    use_ema: bool
    ema_momentum: Any
    ema_overwrite_frequency: Any
    loss_scale_factor: Any
    gradient_accumulation_steps: Any
    learning_rate: Any
    iterations: Any
    build: Any
    refresh_learning_rate: Any
    _iterations: Any
    _learning_rate: Any
    _index: dict[int, int]
    _variables: list[Any]
    _trainable_variables: list[Any]
    _accumulated_gradients: list[Any]
    _model_variables_moving_average: list[Any]

    def scale_loss(self, loss):
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def apply_gradients(self, grads_and_vars):
        gradients, variables = zip(*grads_and_vars, strict=True)
        self.apply(list(gradients), list(variables))
        return self._iterations

    def apply(self, grads, trainable_variables=None):
        """Updates the variables by these gradients; builds the state on the first call."""
        if len(grads) == 0:
            return
        variables = self._known_variables(len(grads), trainable_variables)
        if current_trace() is None:
            self.refresh_learning_rate()
        pairs = self._with_gradient(grads, variables)
        for gradient, variable in pairs:
            if is_overwritten(variable):
                self._overwrite(gradient, variable)
        pairs = [(g, v) for g, v in pairs if not is_overwritten(v)]
        gradients, variables = [g for g, _ in pairs], [v for _, v in pairs]
        if pairs:
            self._apply(gradients, variables)
        self._iterations.assign_add(1)

    def _apply(self, gradients, variables):
        if self.loss_scale_factor is not None:
            gradients = [gradient / self.loss_scale_factor for gradient in gradients]
        if self.gradient_accumulation_steps:
            self._accumulate(gradients, variables)
        else:
            self._update(gradients, variables)
        if self.use_ema:
            self._average()
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(ops.convert_to_tensor(variable)))

    def _overwrite(self, gradient, variable):
        """Assigns the gradient; with accumulation the largest of the gradients, at every K-th call."""
        if not self.gradient_accumulation_steps:
            variable.assign(gradient)
            return
        accumulator = self._accumulated_gradients[self._index[id(variable)]]
        largest = ops.maximum(gradient, ops.convert_to_tensor(accumulator))
        full = ops.equal(ops.mod(self._iterations + 1, self.gradient_accumulation_steps), 0)
        variable.assign(ops.where(full, largest, ops.convert_to_tensor(variable)))
        accumulator.assign(ops.where(full, ops.zeros_like(largest), largest))

    def _known_variables(self, count, variables):
        if variables is None:
            if not self.built:
                raise ValueError(
                    f"{self.name}: call build(variables) first, or pass the variables with the gradients."
                )
            variables = self._trainable_variables
            if count != len(variables):
                raise ValueError(
                    f"{self.name}: expected one gradient per variable, {len(variables)}. Received {count} "
                    "gradients."
                )
            return variables
        variables = list(variables)
        if not self.built:
            self.build(variables)
        for variable in variables:
            if id(variable) not in self._index:
                raise ValueError(
                    f"{self.name}: unknown variable {getattr(variable, 'path', variable)}. An optimizer "
                    "updates only the "
                    "variables it was built with; make a new optimizer (compile the model again) for others."
                )
        return variables

    def _with_gradient(self, gradients, variables):
        pairs = [(g, v) for g, v in zip(gradients, variables, strict=True) if g is not None]
        if not pairs:
            raise ValueError(
                f"{self.name}: No gradients provided for any variable. The loss must depend on the trainable "
                "variables."
            )
        if len(pairs) < len(variables):
            missing = [v.path for g, v in zip(gradients, variables, strict=True) if g is None]
            warnings.warn(
                f"Gradients do not exist for variables {missing} when minimizing the loss.", stacklevel=3
            )
        return pairs

    def _update(self, gradients, variables):
        gradients = self._clip_gradients(gradients)
        rate = ops.convert_to_tensor(self.learning_rate)
        self._apply_weight_decay(variables, rate)
        self.begin_step(rate)
        for gradient, variable in zip(gradients, variables, strict=True):
            self.update_step(gradient, variable, rate)

    def _clip_gradients(self, grads):
        """The gradients under the limits of the constructor."""
        if self.clipnorm is not None:
            return clipping.clip_by_norm(grads, self.clipnorm)
        if self.global_clipnorm is not None:
            return clipping.clip_by_global_norm(grads, self.global_clipnorm)
        if self.clipvalue is not None:
            return clipping.clip_by_value(grads, self.clipvalue)
        return grads

    def _accumulate(self, gradients, variables):
        """Adds to the accumulators; on every K-th call the update with the mean takes effect."""
        steps = self.gradient_accumulation_steps
        accumulators = [self._accumulated_gradients[self._index[id(v)]] for v in variables]
        sums = [gradient + accumulator for gradient, accumulator in zip(gradients, accumulators, strict=True)]
        full = ops.equal(ops.mod(self._iterations + 1, steps), 0)
        fixed = {id(v) for v in (self._iterations, self._learning_rate, *self._accumulated_gradients)}
        fixed.update(id(v) for v in getattr(self, "_model_variables_moving_average", []))
        states = list(variables) + [v for v in self._variables if id(v) not in fixed]
        keep_unless(full, states, lambda: self._update([total / float(steps) for total in sums], variables))
        for accumulator, total in zip(accumulators, sums, strict=True):
            accumulator.assign(ops.where(full, ops.zeros_like(total), total))

    def begin_step(self, learning_rate):
        """Called once per update, before `update_step` of each variable: the place for scalars that all of
        them share.
        """

    def update_step(self, gradient, variable, learning_rate):
        raise NotImplementedError(
            f"{type(self).__name__} must define update_step(gradient, variable, learning_rate)."
        )

    def assign(self, variable, value):
        variable.assign(value)

    def assign_add(self, variable, value):
        variable.assign_add(value)

    def assign_sub(self, variable, value):
        variable.assign_sub(value)

    def exclude_from_weight_decay(self, var_list=None, var_names=None):
        """Exempts variables from weight decay, by identity or by regular expressions on their names; before
        `build`.
        """
        if self.built:
            raise ValueError(
                "`exclude_from_weight_decay()` can only be called before the optimizer is built."
            )
        self._undecayed = {id(variable) for variable in var_list or []}
        self._undecayed_names = re.compile("|".join(set(var_names))) if var_names else None

    def decay_of(self, variable):
        """The weight decay of one variable, or None."""
        return self.weight_decay

    def _apply_weight_decay(self, variables, rate=None):
        rate = ops.convert_to_tensor(self.learning_rate) if rate is None else rate
        for variable in variables:
            decay = self.decay_of(variable)
            if decay is None:
                continue
            named = self._undecayed_names is not None and self._undecayed_names.search(variable.name)
            if id(variable) not in self._undecayed and not named:
                amount = ops.cast(rate, variable.dtype) * decay
                variable.assign(variable - variable * amount)

    # Moving averages

    def averages(self):
        """(variable, moving average) of every variable that has one."""
        pairs = zip(self._trainable_variables, self._model_variables_moving_average, strict=True)
        return [(variable, average) for variable, average in pairs if average is not None]

    def _average(self):
        started = ops.cast(ops.not_equal(self.iterations, 0), floatx())
        momentum = started * self.ema_momentum
        for variable, average in self.averages():
            keep = ops.cast(momentum, variable.dtype)
            average.assign(average * keep + variable * (1.0 - keep))
        if self.ema_overwrite_frequency:
            due = ops.equal(ops.mod(self.iterations + 1, self.ema_overwrite_frequency), 0)
            for variable, average in self.averages():
                variable.assign(
                    ops.where(due, ops.convert_to_tensor(average), ops.convert_to_tensor(variable))
                )

    def finalize_variable_values(self, var_list=None):
        """Writes the moving averages into the variables, if there are any."""
        if not self.use_ema or not self.built:
            return
        chosen = None if var_list is None else {id(variable) for variable in var_list}
        for variable, average in self.averages():
            if chosen is None or id(variable) in chosen:
                variable.assign(average.numpy())
