"""What `compile` sets up: optimizer, loss and metrics, found in full when the first batch tells shapes."""

import warnings
from typing import TYPE_CHECKING, Any

from .. import ops, optimizers
from ..core import scope, tracking, tree
from ..core.keras_tensor import KerasTensor
from ..core.output_spec import output_spec
from ..core.trace import current_trace
from ..metrics import Mean
from .compile_loss import CompileLoss
from .compile_metrics import CompileMetrics

ARGUMENTS = (
    "optimizer",
    "loss",
    "loss_weights",
    "metrics",
    "weighted_metrics",
    "run_eagerly",
    "steps_per_execution",
)


if TYPE_CHECKING:
    from ..layers.layer_attributes import LayerAttributes as ModelAttributes
else:
    ModelAttributes = object


class Compiling(ModelAttributes):
    """The part of Trainer that `compile` configures."""

    compiled = False
    optimizer: Any = None
    loss: Any = None
    stop_training = False
    stop_evaluating = False
    stop_predicting = False
    history: Any = None
    run_eagerly = False
    steps_per_execution = 1
    jit_compile = False
    _compile_loss: Any = None
    _compile_metrics: Any = None
    _loss_tracker: Any = None
    _compile_arguments: Any = None
    _build_loss: Any
    losses: Any
    trainable_variables: Any
    trainable_weights: Any
    dtype_policy: Any
    _flatten_layers: Any

    def compile(
        self,
        optimizer="rmsprop",
        loss=None,
        loss_weights=None,
        metrics=None,
        weighted_metrics=None,
        run_eagerly=False,
        steps_per_execution=1,
        jit_compile="auto",
        auto_scale_loss=True,
    ):
        """Configures the model for training.

        Args:
            optimizer: An optimizer, or its name; None for a model that is only evaluated.
            loss: A loss, its name, a function of (y_true, y_pred), or a list or dict of them per output.
            loss_weights: Weights of the outputs' losses in the total.
            metrics: List of metrics, their names or functions (per output: a list of lists, or a dict).
            weighted_metrics: Metrics that see sample weights.
            run_eagerly: Whether the Python code of the step runs for every batch, which is slow. It still
                records a graph, so the results are the same.
            steps_per_execution: Batches between two calls of batch callbacks.
            jit_compile: Without effect: every step is one compiled graph already.
            auto_scale_loss: Whether a model of the policy `mixed_float16` wraps the optimizer in a
                `LossScaleOptimizer`.
        """
        if not isinstance(steps_per_execution, int) or steps_per_execution < 1:
            raise ValueError(
                "compile: argument `steps_per_execution`: expected an integer >= 1. "
                f"Received: steps_per_execution={steps_per_execution!r}"
            )
        names = getattr(self, "output_names", None)
        new_optimizer = optimizers.get(optimizer)
        scales = new_optimizer is None or isinstance(new_optimizer, optimizers.LossScaleOptimizer)
        if auto_scale_loss and self.dtype_policy.name == "mixed_float16" and not scales:
            new_optimizer = optimizers.LossScaleOptimizer(new_optimizer, name="loss_scale_optimizer")
        compile_loss = CompileLoss(loss, loss_weights, names) if loss is not None else None
        compile_metrics = (
            CompileMetrics(metrics, weighted_metrics, names) if metrics or weighted_metrics else None
        )
        self.optimizer = new_optimizer
        self.loss = loss
        self._compile_loss, self._compile_metrics = compile_loss, compile_metrics
        self._loss_tracker = Mean(name="loss")
        self.run_eagerly, self.steps_per_execution, self.jit_compile = (
            run_eagerly,
            steps_per_execution,
            jit_compile,
        )
        self._compile_arguments = CompileArguments(
            optimizer=optimizer,
            loss=loss,
            loss_weights=loss_weights,
            metrics=metrics,
            weighted_metrics=weighted_metrics,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=False if jit_compile == "auto" else jit_compile,
        )
        self.__dict__.pop("_recorded_steps", None)
        self.__dict__.pop("_known_metrics", None)
        self.stop_training = False
        self.compiled = True

    @property
    def metrics(self):
        """The mean loss, the metrics of `compile`, the mean loss of each output, then the model's own
        metrics.
        """
        found = []
        if self.compiled:
            found.append(self._loss_tracker)
            if self._compile_metrics is not None:
                found.append(self._compile_metrics)
            if self._compile_loss is not None:
                found.extend(self._compile_loss.metrics)
        return tracking.unique(found + self._own_metrics())

    def _own_metrics(self):
        """The metrics that the model and its layers hold; looked for once per `compile`."""
        known = self.__dict__.get("_known_metrics")
        if known is None or known.version != scope.structure_version() or not self.built:
            found = [
                x for layer in self._flatten_layers() for x in tracking.owned(layer) if tracking.is_metric(x)
            ]
            known = self.__dict__["_known_metrics"] = KnownMetrics(found, scope.structure_version())
        return known.metrics

    @property
    def metrics_variables(self):
        """The state of all metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    @property
    def metrics_names(self):
        return [metric.name for metric in self.metrics]

    def _assert_compiled(self, method):
        if not self.compiled:
            raise ValueError(f"Model {self.name!r}: call `compile()` before calling `{method}()`.")

    def gradients_of(self, loss, variables):
        """d loss / d variable for each variable, None where the loss does not depend on it; inside a recorded
        step.

        Args:
            loss: A tensor; of one with axes its sum is differentiated.
            variables: Variables, or tensors that the loss was computed from (an input, an activation). What
                is returned for these may go into another loss, as a gradient penalty does.
        """
        trace = current_trace()
        if trace is None:
            raise RuntimeError("gradients can only be taken inside a recorded step, such as `train_step`.")
        return trace.gradients(ops.sum(loss) if len(loss.shape) else loss, variables)

    def _prepare(self, adapter, where, training=True):
        """Builds what is not built yet, from the shapes of a batch, and checks the labels."""
        x, y, sample_weight = adapter.first_batch()
        self._build_for(x, y, sample_weight, training)
        self._check_adapter_labels(adapter, where)

    def _build_for(self, x, y, sample_weight, training=True):
        loss, metrics = self._compile_loss, self._compile_metrics
        pending = [part for part in (loss, metrics) if part is not None and not part.built]
        if (pending or not self.built) and self._has_call():
            spec = tree.map_structure(as_spec, x)
            y_pred = output_spec(lambda *data: self(*data, training=False), spec)
            self._clear_losses()
            y_true = tree.map_structure(as_spec, y)
            if metrics in pending and y is not None:
                metrics.build(y_true, y_pred)
            if loss in pending:
                weights = tree.map_structure(as_spec, sample_weight)
                self._build_loss((spec, y_true, y_pred, weights), training)
        if self.optimizer is not None and not self.optimizer.built:
            self.optimizer.build(self.trainable_variables)

    def _has_call(self):
        """Whether there is a `call` to build by; a model of own steps over other models may lack one."""
        from ..models.model import Model

        return type(self).call is not Model.call

    def _check_adapter_labels(self, adapter, where):
        if adapter.structure is not None:
            self._check_labels(adapter.data[1], where)

    def _check_labels(self, y, where):
        if self._compile_loss is not None and self._compile_loss.built:
            self._compile_loss.check_labels(y, where)

    # Saving

    def get_compile_config(self):
        """The arguments of `compile` as plain data; empty if the model is not compiled."""
        if not self.compiled or self._compile_arguments is None:
            return {}
        from ..saving import serialize_keras_object

        arguments = dict(self._compile_arguments.given)
        arguments["optimizer"] = self.optimizer
        return {name: serialize_keras_object(value) for name, value in arguments.items()}

    def compile_from_config(self, config):
        """Compiles the model with arguments from `get_compile_config`, and builds the optimizer if the model
        is built.
        """
        from .. import losses
        from .. import metrics as metrics_module

        if type(self).compile is not Compiling.compile:
            warnings.warn(
                f"Model {self.name!r}: `compile()` was not called as part of model loading because the "
                "model's `compile()` method is custom. Override `get_compile_config()` and "
                "`compile_from_config(config)` too, or call `compile()` after loading.",
                stacklevel=2,
            )
            return
        config = dict(config)
        config["optimizer"] = optimizers.get(config.get("optimizer", "rmsprop"))
        for name, kind in (
            ("loss", losses),
            ("metrics", metrics_module),
            ("weighted_metrics", metrics_module),
        ):
            config[name] = restored(config.get(name), kind.deserialize)
        self.compile(**config)
        if self.built and self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)


class CompileArguments:
    """What `compile` was given, in an object that model attributes are not searched through."""

    def __init__(self, **given):
        self.given = given


class KnownMetrics:
    """A model's own metrics, in an object that model attributes are not searched through."""

    def __init__(self, metrics, version):
        self.metrics = metrics
        self.version = version


def restored(data, deserialize):
    """`data` with every configuration envelope in it replaced by its object."""
    if isinstance(data, dict):
        if "class_name" in data and "config" in data:
            return deserialize(data)
        return {name: restored(value, deserialize) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [restored(value, deserialize) for value in data]
    return data


def as_spec(array):
    """A symbolic tensor like an array, of any batch size; None stays."""
    if array is None or isinstance(array, KerasTensor):
        return array
    return KerasTensor((None, *array.shape[1:]), array.dtype.name)
