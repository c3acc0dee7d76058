"""Muon: momentum made orthogonal for matrices, Adam with weight decay for all other variables."""

import math
import re

from .. import ops
from .optimizer import Optimizer


class Muon(Optimizer):
    """Muon: steps along the nearest orthogonal matrix of the momentum. Jordan, 2024; the scale of steps is
    that of Liu et al., 2025, arXiv:2502.16982.

    Variables of other than two axes, of embeddings, and of excluded layers are updated by AdamW.

    Args:
        learning_rate: A float, a schedule, or a callable without arguments.
        adam_beta_1: Adam's decay of the running mean of gradients.
        adam_beta_2: Adam's decay of the running mean of squares.
        adam_weight_decay: Weight decay of the variables that Adam updates.
        epsilon: Keeps Adam's division finite.
        weight_decay: Weight decay of the matrices.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name: See `Optimizer`.
        exclude_layers: Regular expressions; variables whose path has one of them are left to Adam.
        exclude_embeddings: Whether variables with "embedding" in their path are left to Adam.
        muon_a, muon_b, muon_c: Coefficients of the quintic Newton-Schulz iteration.
        adam_lr_ratio: Adam's learning rate as a part of `learning_rate`.
        momentum: Decay of the momentum.
        ns_steps: Number of Newton-Schulz iterations.
        nesterov: Whether the momentum looks one step ahead.
        rms_rate: A matrix of n by m steps by `rms_rate * sqrt(max(n, m))`; None does not scale.
    """

    arguments = (
        *("adam_beta_1", "adam_beta_2", "epsilon", "exclude_layers", "muon_a", "muon_b", "muon_c"),
        *("adam_lr_ratio", "momentum", "ns_steps", "nesterov", "exclude_embeddings"),
        *("adam_weight_decay", "rms_rate"),
    )

    def __init__(
        self,
        learning_rate=0.001,
        adam_beta_1=0.9,
        adam_beta_2=0.999,
        adam_weight_decay=0.004,
        epsilon=1e-7,
        weight_decay=0.004,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
        use_ema=False,
        ema_momentum=0.99,
        ema_overwrite_frequency=None,
        loss_scale_factor=None,
        gradient_accumulation_steps=None,
        name=None,
        exclude_layers=None,
        exclude_embeddings=True,
        muon_a=3.4445,
        muon_b=-4.7750,
        muon_c=2.0315,
        adam_lr_ratio=1,
        momentum=0.95,
        ns_steps=5,
        nesterov=True,
        rms_rate=0.2,
        **kwargs,
    ):
        super().__init__(
            learning_rate,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            use_ema,
            ema_momentum,
            ema_overwrite_frequency,
            loss_scale_factor,
            gradient_accumulation_steps,
            name,
            **kwargs,
        )
        self.adam_beta_1, self.adam_beta_2, self.epsilon = adam_beta_1, adam_beta_2, epsilon
        self.adam_weight_decay, self.adam_lr_ratio = adam_weight_decay, adam_lr_ratio
        self.muon_a, self.muon_b, self.muon_c = muon_a, muon_b, muon_c
        self.momentum, self.nesterov, self.ns_steps = momentum, nesterov, ns_steps
        self.exclude_layers, self.exclude_embeddings = exclude_layers or [], exclude_embeddings
        self.rms_rate = rms_rate

    def _should_use_adamw(self, variable):
        if len(variable.shape) != 2:
            return True
        if self.exclude_embeddings and "embedding" in variable.path.lower():
            return True
        return any(re.search(pattern, variable.path) for pattern in self.exclude_layers)

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = [], []
        for variable in variables:
            self._momentums.append(self.add_variable_from_reference(variable, "momentum"))
            adam = self._should_use_adamw(variable)
            self._velocities.append(self.add_variable_from_reference(variable, "velocity") if adam else None)

    def decay_of(self, variable):
        return self.adam_weight_decay if self._should_use_adamw(variable) else self.weight_decay

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        momentum, velocity = self._momentums[index], self._velocities[index]
        gradient = ops.cast(gradient, variable.dtype)
        rate = ops.cast(learning_rate, variable.dtype)
        if velocity is None:
            self._muon_step(gradient, variable, rate, momentum)
        else:
            self._adam_step(gradient, variable, rate * float(self.adam_lr_ratio), momentum, velocity)

    def _adam_step(self, gradient, variable, rate, m, v):
        step = ops.cast(self.iterations + 1, variable.dtype)
        root = ops.sqrt(1.0 - ops.power(self.adam_beta_2, step))
        alpha = rate * root / (1.0 - ops.power(self.adam_beta_1, step))
        m.assign(m + (gradient - m) * (1.0 - self.adam_beta_1))
        v.assign(v + (ops.square(gradient) - v) * (1.0 - self.adam_beta_2))
        variable.assign(variable - m * alpha / (ops.sqrt(v) + self.epsilon))

    def _muon_step(self, gradient, variable, rate, m):
        m.assign(m + (gradient + m * (self.momentum - 1.0)))
        ahead = gradient + m * self.momentum if self.nesterov else ops.convert_to_tensor(m)
        direction = self.lr_adjust(self.zeropower_via_newtonschulz5(ahead, self.ns_steps))
        variable.assign(variable - rate * direction)

    def lr_adjust(self, x):
        """A step in the size that `rms_rate` demands."""
        return x if self.rms_rate is None else x * (math.sqrt(max(x.shape)) * self.rms_rate)

    def zeropower_via_newtonschulz5(self, x, steps):
        """About the nearest orthogonal matrix, by Newton-Schulz iterations on the side of fewer rows."""
        turned = x.shape[0] > x.shape[1]
        x = ops.transpose(x) if turned else x
        x = x / (ops.norm(x) + 1e-7)
        for _ in range(steps):
            square = ops.matmul(x, ops.transpose(x))
            polynomial = square * self.muon_b + ops.matmul(square * self.muon_c, square)
            x = x * self.muon_a + ops.matmul(polynomial, x)
        return ops.transpose(x) if turned else x
