"""What a layer has: variables, sub-layers, losses, freezing, and reading and writing of weights."""

import numpy as np

from ..core import scope, tracking
from ..core.variable import Variable
from ..random.seed_generator import SeedGenerator
from .layer_attributes import LayerAttributes


class LayerState(LayerAttributes):
    """The part of Layer that owns variables and sub-layers."""

    def _flatten_layers(self, include_self=True, recursive=True):
        """This layer and all inside it, parents first."""
        layers = [self] if include_self else []
        for x in tracking.owned(self):
            if tracking.is_layer(x):
                layers.extend(x._flatten_layers() if recursive else [x])
        return tracking.unique(layers)

    def _sublayers(self):
        return self._flatten_layers(include_self=False, recursive=False)

    def _own(self, trainable):
        found = [x for x in tracking.owned(self) if isinstance(x, Variable)]
        return [v for v in found if v._created_trainable == trainable]

    @property
    def weights(self):
        """Own trainable variables in order of creation, own others, then those of the sub-layers."""
        found = self._own(True) + self._own(False)
        for layer in self._sublayers():
            found.extend(layer.weights)
        return tracking.unique(found)

    @property
    def variables(self):
        """The weights, and the state of random generators; that of metrics is in ``metrics_variables``."""
        found = self._own(True) + self._own(False)
        for x in tracking.owned(self):
            if isinstance(x, SeedGenerator):
                found.append(x.state)
        for layer in self._sublayers():
            found.extend(layer.variables)
        return tracking.unique(found)

    @property
    def trainable_weights(self):
        if not self.trainable:
            return []
        found = [v for v in self._own(True) + self._own(False) if v.trainable]
        for layer in self._sublayers():
            found.extend(layer.trainable_weights)
        return tracking.unique(found)

    @property
    def non_trainable_weights(self):
        trainable = {id(v) for v in self.trainable_weights}
        return [v for v in self.weights if id(v) not in trainable]

    @property
    def trainable_variables(self):
        return self.trainable_weights

    @property
    def non_trainable_variables(self):
        trainable = {id(v) for v in self.trainable_weights}
        return [v for v in self.variables if id(v) not in trainable]

    @property
    def trainable(self):
        """Whether optimizers update the weights; setting it reaches all sub-layers."""
        return self._trainable

    @trainable.setter
    def trainable(self, value):
        value = bool(value)
        self._trainable = value
        for variable in self._own(True):
            variable.trainable = value
        for layer in self._sublayers():
            layer.trainable = value
        scope.structure_changed()

    @property
    def metrics(self):
        """Metrics held by this layer and its sub-layers."""
        found = [x for x in tracking.owned(self) if tracking.is_metric(x)]
        for layer in self._sublayers():
            found.extend(layer.metrics)
        return tracking.unique(found)

    @property
    def metrics_variables(self):
        """The state of all metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    @property
    def losses(self):
        """Losses added during the last call, then the penalties of the regularizers on trainable weights."""
        found = []
        for layer in self._flatten_layers():
            found.extend(layer._call_losses)
        for variable in self.trainable_weights:
            if variable.regularizer is not None:
                found.append(variable.regularizer(variable))
        return found

    def _clear_losses(self):
        for layer in self._flatten_layers():
            layer._call_losses.clear()

    def _take_losses(self):
        """The losses added since the last clear, which are forgotten."""
        found = [loss for layer in self._flatten_layers() for loss in layer._call_losses]
        self._clear_losses()
        return found

    def get_weights(self):
        """Copies of the values of ``weights``."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights):
        """Writes arrays in the order of ``weights``; unless counts and shapes agree nothing is written."""
        variables = self.weights
        if len(variables) != len(weights):
            raise ValueError(
                f"Layer {self.name!r}: set_weights: expected a list of {len(variables)} arrays; received "
                f"{len(weights)}"
            )
        for variable, value in zip(variables, weights, strict=False):
            if np.shape(value) != variable.shape:
                raise ValueError(
                    f"Layer {self.name!r}: set_weights: expected an array of shape {variable.shape} for "
                    f"{variable.path!r}; received shape {np.shape(value)}"
                )
        for variable, value in zip(variables, weights, strict=False):
            variable.assign(value)

    def count_params(self):
        """The number of scalars in ``weights``."""
        if not self.built:
            raise ValueError(
                f"Layer {self.name!r}: count_params: the layer has no weights yet. Build it first, by a "
                "call or by build()."
            )
        return sum(variable.size for variable in self.weights)

    def save_own_variables(self, store):
        """Puts the values of this layer's own variables into ``store`` under "0", "1", ..."""
        for i, variable in enumerate(self._own(True) + self._own(False)):
            store[f"{i}"] = variable.numpy()

    def load_own_variables(self, store):
        """Takes the values back; ValueError names the layer if counts or shapes differ."""
        variables = self._own(True) + self._own(False)
        if len(store.keys()) != len(variables):
            hint = "" if variables or self.built else " The layer is not built: build it before loading."
            raise ValueError(
                f"Layer {self.name!r}: expected {len(variables)} variables "
                f"({', '.join(v.path for v in variables)}); "
                f"received {len(store.keys())}.{hint}"
            )
        for i, variable in enumerate(variables):
            variable.assign(np.asarray(store[f"{i}"]))
