"""Functional models: the graph between symbolic inputs and outputs, as a model."""

import numpy as np

from ..core import tree
from ..core.function import GraphMap, cut_at
from ..core.keras_tensor import KerasTensor
from ..core.masks import attach
from ..core.operation import single
from ..layers.core.input_layer import Input
from ..layers.layer import Layer
from ..trainers.trainer import Trainer
from .inputs import adapt, check_shape, flatten_inputs, warn_of_mismatch
from .model import Model, refuse_layers


class Functional(Model):
    """What ``Model(inputs, outputs)`` makes.

    Args:
        inputs: Symbolic tensors: one, or a list, tuple or dict of them.
        outputs: Symbolic tensors computed from them, in any such structure.
        name: Name of the model.
    """

    _casts_inputs = False

    def __new__(cls, *args, **kwargs):
        return Layer.__new__(cls, *args, **kwargs)

    def __init__(self, inputs, outputs, name=None, trainable=True, **kwargs):
        Trainer.__init__(self)
        if type(self) is Functional or name is not None:
            Layer.__init__(self, name=name, trainable=True, **kwargs)
        else:
            Layer.__init__(self, trainable=True, **kwargs)
        where = f"Model {self.name!r}"
        _check_symbolic(inputs, "inputs", where)
        _check_symbolic(outputs, "outputs", where)
        inputs, outputs = cut_at(
            inputs, outputs, lambda x: Input(batch_shape=x.shape, dtype=x.dtype, name=x.name)
        )
        self._inputs_struct, self._outputs_struct = inputs, outputs
        self.inputs, self.outputs = tree.flatten(inputs), tree.flatten(outputs)
        self._graph_map = GraphMap(self.inputs, self.outputs, where, outputs)
        self._layers = [operation for operation in self._graph_map.operations if isinstance(operation, Layer)]
        for layer in self._layers:
            if isinstance(layer, Layer) and layer.built and layer._layer_path is None:
                layer.__dict__["_layer_path"] = layer.name
        # Keras writes it so: a functional model has nothing left to build.
        self.__dict__["_build_shapes"] = {"input_shape": None}
        self.built = True
        if not trainable:
            self.trainable = False

    def build(self, input_shape=None):
        """A functional model is built at construction."""

    def _check_inputs(self, args, kwargs):
        super()._check_inputs(args, kwargs)
        where = f"Model {self.name!r}"
        inputs = args[0] if args else kwargs.get("inputs")
        for x, symbolic in zip(
            flatten_inputs(inputs, self._inputs_struct, self.inputs, where), self.inputs, strict=False
        ):
            check_shape(x, symbolic, where, self._inputs_struct)

    @property
    def operations(self):
        """Layers and functions in the order of ``layers``."""
        return list(self._graph_map.operations)

    @property
    def layers(self):
        return list(self._layers)

    @layers.setter
    def layers(self, _):
        refuse_layers()

    @property
    def nodes(self):
        return list(self._graph_map.nodes)

    def call(self, inputs, training=None, mask=None):
        where = f"Model {self.name!r}"
        flat = flatten_inputs(inputs, self._inputs_struct, self.inputs, where)
        warn_of_mismatch(inputs, self._inputs_struct, where)
        values = [adapt(x, symbolic) for x, symbolic in zip(flat, self.inputs, strict=False)]
        attach(values, mask)

        def call_node(operation, args, kwargs):
            # The mode of this call wins over the one that was given when the node was made, as in Keras.
            if training is not None and "training" in kwargs:
                kwargs["training"] = training
            return operation(*args, **kwargs)

        results = self._graph_map.run(self.inputs, self._outputs_struct, values, call_node)
        return results[0] if self._lists_one_output else results

    @property
    def _lists_one_output(self):
        # As in Keras, such a model returns its output without the list, except for symbolic inputs.
        return isinstance(self._outputs_struct, list | tuple) and len(self._outputs_struct) == 1

    def compute_output_spec(self, *args, **kwargs):
        outputs = super().compute_output_spec(*args, **kwargs)
        return tree.pack_as(self._outputs_struct, tree.flatten(outputs))

    @property
    def input(self):
        return self._inputs_struct

    @property
    def output(self):
        return self._outputs_struct

    @property
    def input_shape(self):
        return _shapes(self._inputs_struct)

    @property
    def output_shape(self):
        return _shapes(self._outputs_struct)

    @property
    def input_names(self):
        return [x.keras_history.operation.name for x in self.inputs]

    @property
    def output_names(self):
        return [x.keras_history.operation.name for x in self.outputs]

    def get_config(self):
        if type(self).__init__ is not Functional.__init__:
            return Layer.get_config(self)
        from .functional_config import functional_config

        return functional_config(self)


def _shapes(structure):
    return single([x.shape for x in tree.flatten(structure)])


def _described(x):
    return f"an array of shape {x.shape}" if isinstance(x, np.ndarray) else x


def _check_symbolic(structure, what, where):
    leaves = tree.flatten(structure)
    wrong = [x for x in leaves if not isinstance(x, KerasTensor)]
    if wrong or not leaves:
        raise ValueError(
            f"{where}: All `{what}` values must be KerasTensors (from Input(...) and calls on them). "
            f"Received: {[_described(x) for x in wrong] or structure!r}"
            + (". Call the layer on a tensor." if any(isinstance(x, Layer) for x in wrong) else "")
        )
    if what == "inputs" and len({id(x) for x in leaves}) != len(leaves):
        raise ValueError(f"{where}: expected each input once; received {[x.name for x in leaves]}")
    for x in leaves:
        if x.keras_history is None:
            raise ValueError(
                f"{where}: the graph is disconnected: {x!r} in `{what}` was made by no operation"
            )


__all__ = ["Functional"]
