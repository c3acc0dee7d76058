"""Looking into a model: its summary, the plan of its inference function and the time of every step."""

import sys

from ..core import tree
from ..core.trace import TracedFunction
from ..layers.layer import Layer


class ModelInspection(Layer):
    """The part of Model that prints tables."""

    def summary(
        self,
        line_length=None,
        positions=None,
        print_fn=None,
        expand_nested=False,
        show_trainable=False,
        layer_range=None,
    ):
        """Prints the layers with their output shapes and numbers of parameters.

        Args:
            line_length: Width of the table in characters; at most the terminal's when None.
            positions: Where the columns end, as fractions of the width.
            print_fn: Called with the text instead of printing it.
            expand_nested: Whether to show the layers of inner models too.
            show_trainable: Whether to show a column that tells what is trained.
            layer_range: Names (or patterns) of the first and the last layer to show.
        """
        from ..utils.summary_utils import print_summary

        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def inference_function(self):
        """The recorded ``call(x, training=False)`` of this model."""
        function = self.__dict__.get("_inference_function")
        if function is None:
            function = TracedFunction(lambda x: self(x, training=False), where=f"Model {self.name!r}: input")
            self.__dict__["_inference_function"] = function
        return function

    def feature_maps(self, x, layers=None, batch_size=None):
        """What every layer makes of ``x``, in inference.

        Args:
            x: Inputs, as for `predict`.
            layers: Layers, or their names, in any order; by default all but those that only take input.
            batch_size: Samples computed at a time, as for `predict`.

        Returns:
            A dict from the layer's name to its output, `(batch, height, width, channels)` after an image
            layer in channels_last. A layer that is called several times has `name`, `name:1` and so on.

        Raises:
            ValueError: The model is not built, is subclassed (its `call` names no outputs of layers), or has
                no such layer.
        """
        from .feature_maps import feature_model

        return feature_model(self, layers).predict(x, batch_size=batch_size, verbose=0)

    def explain(self, *input_shapes):
        """The plan of the inference function, as text; shapes include the batch axis and default to a batch
        of one.
        """
        return (
            self.inference_function()
            .function_for(self._placeholder(input_shapes))
            .explain(*self._concrete_shapes(input_shapes))
        )

    def memory(self, batch_size=1, y=None):
        """The memory that `predict` and `fit` will need for batches of a size, planned without running them.

        Args:
            batch_size: Samples per batch.
            y: Targets of at least one sample, of which shapes and dtypes count. By default integer classes
                for sparse losses, and arrays like the outputs for others.

        Returns:
            `{"predict": parts}`, and `"fit"` if the model is compiled. `total` is the number of bytes by
            which a process that imports convcore, loads this model and runs it grows: the sum of `plan`,
            `layers` and `modules`. `plan` is the sum of what is planned: `variables` (weights; in fit, or
            once they exist, also the states of optimizer and metrics), `inputs` and `outputs` of one batch,
            `arena` (what lives between the steps) and `packed` (copies of weights in the order of the
            kernels). The others are known from measurements: `layers`, the objects, graphs and plans of
            this model, and `modules`, paid once by a process when its first model is loaded and run.

        Raises:
            ValueError: The sizes of an input are unknown.
        """
        from .memory import planned_memory

        return planned_memory(self, batch_size, y)

    def profile(self, x, y=None, repeats=10, trace=None):
        """Prints where the time goes: every step of inference on ``x``, or of training on ``x`` and ``y``.

        Args:
            x: Inputs, as for `predict`.
            y: Targets: the step that `fit` takes for this one batch is measured instead. The model, its
                optimizer and its metrics stay as they were.
            repeats: Runs of which each step's median is taken, after one that is not counted.
            trace: A path. One run is written there as a trace in Chrome's format, which
                chrome://tracing and https://ui.perfetto.dev show.

        Returns:
            The steps in order, as dicts: `scope`, `op`, `implementation`, `output`, `milliseconds`,
            `operations` (multiplications and additions of the direct algorithm) and `bytes` (inputs and
            outputs, each once). The table has beside them the share of the time, operations and bytes a
            second, and the operations in percent of what this machine's multiply-adds reach in registers
            (`peak`, measured at the call); Winograd may exceed 100.

        Raises:
            ValueError: The arrays do not fit the model, or `y` is given and the model is not compiled.
        """
        from .profile import profile_model

        return profile_model(self, x, y, repeats, trace)

    def _concrete_shapes(self, shapes):
        if shapes:
            wrong = [shape for shape in shapes if not tree.is_shape(shape)]
            if wrong:
                raise ValueError(
                    f"Model {self.name!r}: explain: expected a shape for each input, batch included; "
                    f"received {wrong}"
                )
            return [tuple(shape) for shape in shapes]
        inputs = getattr(self, "inputs", None)
        if not inputs:
            raise ValueError(
                f"Model {self.name!r}: explain: the model has no known input shape; pass one, batch included"
            )
        return [tuple(1 if n is None else n for n in x.shape) for x in inputs]

    def _placeholder(self, shapes):
        import numpy as np

        inputs = getattr(self, "inputs", None) or []
        types = [x.dtype for x in inputs] or [self.compute_dtype] * len(shapes)
        arrays = [
            np.zeros(shape, dtype) for shape, dtype in zip(self._concrete_shapes(shapes), types, strict=False)
        ]
        structure = getattr(self, "_inputs_struct", None)
        if structure is not None and tree.is_nested(structure):
            return tree.pack_as(structure, arrays)
        return arrays[0] if len(arrays) == 1 else arrays


def show_table(lines):
    """Prints a table: with rich on a terminal, as aligned plain text elsewhere."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(*lines[0])
        for line in lines[1:]:
            table.add_row(*line)
        Console().print(table)
        return
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        print("  ".join(cells).rstrip())


def explain(model, *input_shapes):
    """Prints and returns the plan of a model's inference function: each step, its implementation, why not the
    others.

    Args:
        model: A Model.
        input_shapes: Shapes with the batch axis; by default the model's own with a batch of one.
    """
    if not isinstance(model, ModelInspection):
        raise ValueError(f"explain: argument `model`: expected a Model; received {model!r}")
    text = model.explain(*input_shapes)
    print(text)
    return text


__all__ = ["ModelInspection", "explain", "show_table"]
