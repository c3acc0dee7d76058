"""What happens in one batch: forward, loss, gradients, update, metrics. Each step is recorded once as one
graph.
"""

import inspect
import warnings

from .. import ops
from ..core import tree
from ..core.output_spec import output_spec
from ..losses.reduction import count
from . import foreign_steps
from .compiling import Compiling
from .data_adapters import pack_x_y_sample_weight, unpack_x_y_sample_weight
from .steps import StepFunction


class Stepping(Compiling):
    """The part of Trainer that runs inside the recorded graph; all of it may be overridden."""

    def train_step(self, data):
        """One batch of training: forward, loss, gradients, update, metrics. Returns the results so far."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=True)
        loss = self._compute_loss(x, y, y_pred, sample_weight, training=True)
        self._loss_tracker.update_state(loss, sample_weight=batch_size_of(x))
        self.apply_gradients_of(loss)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def apply_gradients_of(self, loss):
        """Updates the trainable variables along the gradients of a loss; to be used inside `train_step`."""
        variables = self.trainable_variables
        if self.optimizer is None:
            raise ValueError(
                f"Model {self.name!r}: expected an optimizer in `compile()`; received optimizer=None"
            )
        if not variables:
            warnings.warn("The model does not have any trainable weights.", stacklevel=2)
            return
        gradients = self.gradients_of(self.optimizer.scale_loss(loss), variables)
        self.optimizer.apply(gradients, variables)

    def test_step(self, data):
        """One batch of evaluation. Returns the results so far."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        loss = self._compute_loss(x, y, y_pred, sample_weight, training=False)
        self._loss_tracker.update_state(loss, sample_weight=batch_size_of(x))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data):
        """One batch of prediction."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)

    def _compute_loss(self, x, y, y_pred, sample_weight, training):
        """`compute_loss`, which in classes of users may lack the argument `training`."""
        parameters = inspect.signature(self.compute_loss).parameters
        named = "training" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())
        return self.compute_loss(x, y, y_pred, sample_weight, **({"training": training} if named else {}))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The loss of `compile`, plus the penalties of regularizers and everything from `add_loss`."""
        parts = []
        if self._compile_loss is not None:
            loss = self._compile_loss(y, y_pred, sample_weight)
            if loss is not None:
                parts.append(loss)
        parts.extend(ops.sum(ops.convert_to_tensor(loss)) for loss in self.losses)
        if not parts:
            raise ValueError(
                "No loss to compute. Provide a `loss` argument in `compile()`, a regularizer, or call "
                "`add_loss()` in a layer."
            )
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def _build_loss(self, data, training):
        """Finds the losses of `compile`; `data` are symbolic x, y, y_pred and sample_weight. An own
        `compute_loss` tells which targets and predictions they are for.
        """
        if type(self).compute_loss is Stepping.compute_loss:
            _, y_true, y_pred, _ = data
            self._compile_loss.build(y_true, y_pred)
            return
        output_spec(lambda x, y, y_pred, w: self._compute_loss(x, y, y_pred, w, training), *data)
        self._clear_losses()

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Updates the metrics of `compile` and returns the results of all metrics."""
        if self._compile_metrics is not None and y is not None:
            self._compile_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self):
        """The results of all metrics, by name."""
        results = {}
        for metric in self.metrics:
            value = metric.result()
            results.update(value if isinstance(value, dict) else {metric.name: value})
        return results

    def reset_metrics(self):
        """Sets the state of all metrics to zero."""
        for metric in self.metrics:
            metric.reset_state()

    @property
    def _step_functions(self):
        """The recorded steps of this model; none after `compile`."""
        return self.__dict__.setdefault("_recorded_steps", StepFunctions())

    def _step(self, kind):
        """The step function of a kind, recorded at its first use after `compile`."""
        steps = self._step_functions
        if kind not in steps.made:
            step = getattr(self, f"{kind}_step")

            def run(x, y=None, sample_weight=None):
                with foreign_steps.explained(step):
                    results = step(pack_x_y_sample_weight(x, y, sample_weight))
                self._clear_losses()
                return results

            where = {"train": "fit", "test": "evaluate"}.get(kind, kind)
            steps.made[kind] = StepFunction(run, where, self.run_eagerly)
        return steps.made[kind]


class StepFunctions:
    """The recorded steps of a model, in an object that model attributes are not searched through."""

    def __init__(self):
        self.made = {}
        self.single = {}
        self.gradients = {}

    def remember_single(self, kind, known):
        if known.usable:
            self.single[kind] = known


def batch_size_of(x):
    return count(next(leaf for leaf in tree.flatten(x) if leaf is not None), axes=[0])
