"""Adafactor: steps scaled by row and column means of squares, with steps relative to the size of weights."""

import numpy as np

from .. import ops
from ..core.variable import Variable
from .optimizer import Optimizer


def _root_mean_square(x):
    return ops.sqrt(ops.mean(ops.square(x)))


class Adafactor(Optimizer):
    """Adafactor: Shazeer and Stern, 2018, arXiv:1804.04235.

    For a variable of two axes or more the running mean of squares is the product of that of its rows and that
    of its columns, the last two axes.

    Args:
        learning_rate: A float, a schedule, or a callable without arguments.
        beta_2_decay: The running means keep the part `1 - t**beta_2_decay` in step t.
        epsilon_1: Added to the squares of gradients.
        epsilon_2: The least size of weights that a step is relative to.
        clip_threshold: The largest root mean square of a step before scaling.
        relative_step: Whether a constant learning rate is limited to `1 / sqrt(t)`.
    """

    arguments = ("beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step")

    def __init__(
        self,
        learning_rate=0.001,
        beta_2_decay=-0.8,
        epsilon_1=1e-30,
        epsilon_2=1e-3,
        clip_threshold=1.0,
        relative_step=True,
        *args,
        **kwargs,
    ):
        super().__init__(learning_rate, *args, **kwargs)
        self.beta_2_decay = beta_2_decay
        self.epsilon_1, self.epsilon_2 = epsilon_1, epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._rows: list = []
        self._columns: list = []
        self._velocities: list = []
        for variable in variables:
            shape, factored = tuple(variable.shape), len(variable.shape) >= 2
            for slots, sizes in ((self._rows, shape[:-1]), (self._columns, shape[:-2] + shape[-1:])):
                if factored:
                    slots.append(self.add_variable(sizes, dtype=variable.dtype, name=variable.name))
                else:  # Keras has scalars that nothing uses beside vectors; files are to fit
                    unused = Variable(np.zeros((), "int32"), trainable=False, name=variable.name)
                    slots.append(self._track(unused))
            self._velocities.append(self.add_variable_from_reference(variable, "velocity"))

    def update_step(self, gradient, variable, learning_rate):
        dtype = variable.dtype
        gradient = ops.cast(gradient, dtype)
        step = ops.cast(self.iterations + 1, dtype)
        root = 1.0 / ops.sqrt(step)
        rate = ops.cast(learning_rate, dtype)
        if self.relative_step and isinstance(self._learning_rate, Variable):
            rate = ops.minimum(rate, root)
        size = _root_mean_square(ops.convert_to_tensor(variable))
        alpha = ops.maximum(size, self.epsilon_2) * ops.minimum(rate, root)
        keep = 1.0 - ops.power(step, self.beta_2_decay)
        velocity = self._squares(ops.square(gradient) + self.epsilon_1, variable, keep)
        direction = gradient / ops.sqrt(velocity)
        shrink = ops.maximum(_root_mean_square(direction) / self.clip_threshold, 1.0)
        variable.assign(variable - alpha * (direction / shrink))

    def _squares(self, squares, variable, keep):
        """The next running mean of squares, kept whole or as rows and columns."""
        index = self._get_variable_index(variable)
        row, column, velocity = self._rows[index], self._columns[index], self._velocities[index]
        if len(variable.shape) < 2:
            velocity.assign(velocity * keep + squares * (1.0 - keep))
            return ops.convert_to_tensor(velocity)
        row.assign(row * keep + ops.mean(squares, axis=-1) * (1.0 - keep))
        column.assign(column * keep + ops.mean(squares, axis=-2) * (1.0 - keep))
        rows = ops.convert_to_tensor(row)
        share = ops.expand_dims(rows / ops.mean(rows, axis=-1, keepdims=True), axis=-1)
        velocity.assign(share * ops.expand_dims(ops.convert_to_tensor(column), axis=-2))
        return ops.convert_to_tensor(velocity)
