"""Calls of layers: on arrays, inside a recording, and on symbolic tensors; building on the first of them."""

import functools
import inspect

import numpy as np

from ..config import floatx
from ..core import dtypes, masks, scope, tree
from ..core.arrays import as_array, is_array_like
from ..core.keras_tensor import KerasTensor, Node, any_symbolic
from ..core.operation import _fresh
from ..core.output_spec import output_spec
from ..core.scope import CallContext, current_trace
from ..core.stateless import run_with
from ..core.trace import Tensor, TracedFunction
from . import layer_masks
from .format_hint import format_hint
from .input_spec import assert_input_compatibility
from .layer_building import LayerBuilding, call_arguments, matching_shapes, shapes_of

_NO_FUNCTION = (-1, None)


class LayerCalling(LayerBuilding):
    """The part of Layer that runs ``call``."""

    _casts_inputs = True  # models of symbolic inputs give these the dtypes that they declare

    def __call__(self, *args, **kwargs):
        if len(args) == 1 and not kwargs and type(x := args[0]) is np.ndarray and not scope.state.traces:
            version, function = self._fast_calls.get((x.dtype, x.ndim, x.shape[1:]), _NO_FUNCTION)
            if (
                version == scope._structure_version
                and x.flags.c_contiguous
                and masks.get_keras_mask(x) is None
            ):
                return function(x)[0]
        if "name" not in self.__dict__:
            raise RuntimeError(
                f"{type(self).__name__}: call super().__init__() in the constructor before anything else"
            )
        if "training" in kwargs and kwargs["training"] is None:
            del kwargs["training"]
        if any_symbolic(args, kwargs):
            return self.symbolic_call(*args, **kwargs)
        if current_trace() is not None:
            return self._call_recorded(args, kwargs)
        return self._call_eager(args, kwargs)

    def symbolic_call(self, *args, **kwargs):
        """Builds if needed, records a node and returns symbolic outputs."""
        self._check_inputs(args, kwargs)
        with scope.no_trace():
            self._maybe_build(args, kwargs)
        outputs = tree.map_structure(_fresh, self.compute_output_spec(*args, **kwargs))
        self._clear_losses()
        Node(self, args, kwargs, outputs)
        return outputs

    def compute_output_spec(self, *args, **kwargs):
        """Symbolic outputs for symbolic inputs: of the shapes that an own ``compute_output_shape`` tells, or
        else found by recording the call.
        """
        if type(self).compute_output_shape.__module__.startswith("convcore."):
            return output_spec(self._emit, *args, **kwargs)
        given = shapes_of(call_arguments(self, args, kwargs))
        shape = self.compute_output_shape(**matching_shapes(self, "compute_output_shape", given))
        return tree.map_shapes(lambda sizes: KerasTensor(sizes, self.compute_dtype), shape)

    def compute_output_shape(self, *args, **kwargs):
        """The output shape(s) for the given input shape(s)."""
        placeholders = [
            tree.map_shapes(lambda shape: KerasTensor(shape, self.compute_dtype), shape) for shape in args
        ]
        with scope.no_trace():
            outputs = self.compute_output_spec(*placeholders, **kwargs)
        self._clear_losses()
        return tree.map_structure(lambda x: x.shape, outputs)

    def stateless_call(
        self, trainable_variables, non_trainable_variables, *args, return_losses=False, **kwargs
    ):
        """A call with these values of the variables, which it leaves as they are.

        Returns:
            The outputs, the new values of ``non_trainable_variables`` and, if asked for, the losses.
        """
        trainable, others = self.trainable_variables, self.non_trainable_variables

        def run():
            outputs = self(*args, **kwargs)
            return (outputs, self.losses) if return_losses else (outputs,)

        (outputs, *losses), values = run_with(
            [*trainable, *others],
            [*trainable_variables, *non_trainable_variables],
            run,
            f"Layer {self.name!r}: stateless_call",
        )
        return outputs, values[len(trainable) :], *losses

    def _call_eager(self, args, kwargs):
        where = f"Layer {self.name!r} ({type(self).__name__}): input"
        wide = dtypes.result_type(self.compute_dtype, floatx()) != floatx()
        found = masks.by_position([args, kwargs])
        args, kwargs = tree.map_structure(
            lambda x: as_array(x, where, keep_float64=wide) if is_array_like(x) else x, (args, kwargs)
        )
        self._check_inputs(args, kwargs)
        function = self._eager_function
        if function is None:
            function = TracedFunction(self._call_with_losses, where=where, keep_float64=wide)
            self._eager_function = function
        if found:
            kwargs["_masks"] = found
        outputs, losses, made = function(*args, **kwargs)
        layer_masks.attach_by_position(outputs, made)
        self._clear_losses()
        self._call_losses.extend(losses)
        if (
            len(args) == 1
            and not kwargs
            and not losses
            and not made
            and type(outputs) is type(args[0]) is np.ndarray
            and args[0].ndim
        ):
            x = args[0]
            recorded = function.recorded_for(x)
            if recorded.any_batch:
                key = (x.dtype, x.ndim, x.shape[1:])
                self._fast_calls[key] = (scope.structure_version(), recorded.function)
        return outputs

    def _call_with_losses(self, *args, _masks=None, **kwargs):
        layer_masks.attach_by_position([args, kwargs], _masks or {})
        outputs = self._call_recorded(args, kwargs)
        made = {i: masks.get_keras_mask(x) for i, x in enumerate(tree.flatten(outputs))}
        return outputs, self._take_losses(), {i: mask for i, mask in made.items() if mask is not None}

    def _emit(self, *args, **kwargs):
        return self._call_recorded(args, kwargs)

    def _call_recorded(self, args, kwargs):
        """``call`` inside the current recording, with scopes, dtype, masks and penalties."""
        path_scope = self._path_scope()  # the path may tell the policy, and with it the inputs' dtype
        found = layer_masks.incoming(self, args, kwargs)
        args, kwargs = tree.map_structure(self._as_input, (args, kwargs))
        self._check_inputs(args, kwargs)
        outer = scope.state.call
        if outer is None:
            self._clear_losses()
        trace = current_trace()
        with path_scope:
            if not self.built:
                self._maybe_build(args, kwargs)
            training = self._resolve_training(kwargs, outer)
            entry = outer.entry_layer if outer else self
            scope.state.call = CallContext(entry, training, self._autocast_dtype(outer))
            outer_scope, trace.graph.scope = trace.graph.scope, self.path
            try:
                outputs = self.call(*args, **kwargs)
                self._add_activity_penalty(outputs)
                layer_masks.outgoing(self, args[0] if args else None, outputs, found)
            except (ValueError, TypeError) as error:
                self._name(error, args)
                raise
            finally:
                scope.state.call = outer
                trace.graph.scope = outer_scope
        return outputs

    def _autocast_dtype(self, outer):
        """The dtype that variables are read in during this call, None for their own: in a layer of a mixed
        policy its compute dtype, and in the layers that it calls theirs.
        """
        if outer is None or outer.autocast is None:
            return self.compute_dtype if self.compute_dtype != self.variable_dtype else None
        return self.compute_dtype if self.autocast and dtypes.is_float(self.compute_dtype) else None

    def _as_input(self, x):
        if not is_array_like(x) or isinstance(x, KerasTensor):
            return x
        value = current_trace().convert(x)
        casts = self.autocast and self._casts_inputs
        if casts and dtypes.is_float(value.dtype) and value.dtype != self.compute_dtype:
            from ..ops.core import cast

            value = cast(value, self.compute_dtype)
        return value

    def _resolve_training(self, kwargs, outer):
        """The training flag of this call: the argument, else the enclosing call's, else the default of
        ``call``.
        """
        accepts, default = _training_parameter(type(self).call)
        training = kwargs.get("training")
        if training is None:
            training = outer.training if outer is not None else None
        if training is None:
            training = default
        if accepts and training is not None:
            kwargs["training"] = training
        elif not accepts:
            kwargs.pop("training", None)
        return training

    def _add_activity_penalty(self, outputs):
        if self.activity_regularizer is None:
            return
        from ..core.dispatch import apply
        from ..ops import divide, maximum

        for output in tree.flatten(outputs):
            if type(output) is Tensor:
                batch = apply("size", output, axes=[0])
                penalty = self.activity_regularizer(output)
                self._call_losses.append(divide(penalty, maximum(batch, 1)))

    def _name(self, error, args):
        # The innermost layer names itself; outer layers pass the error on.
        if getattr(error, "layer_named", False) or len(error.args) != 1:
            return
        # what an op says begins with the path
        text = str(error).removeprefix(f"{self.path}: ")
        if repr(self.name) not in text:
            where = "" if self.path == self.name else f" at {self.path}"
            text = f"Layer {self.name!r} ({type(self).__name__}{where}): {text}"
        given = [tuple(x.shape) for x in tree.flatten(args) if hasattr(x, "shape")]
        shapes = ", ".join(map(str, given))
        if shapes and shapes not in text:
            text = f"{text} [input shape {shapes}]"
        data_format = getattr(self, "data_format", None)
        if given and data_format is not None:
            text += format_hint(given[0], data_format)
        error.args = (text,)
        error.layer_named = True

    def _check_inputs(self, args, kwargs):
        for arg in args:
            for leaf in tree.flatten(arg):
                if leaf is not None and not is_array_like(leaf):
                    raise ValueError(
                        f"Layer {self.name!r}: Only input tensors may be passed as positional arguments "
                        "(NumPy arrays or symbolic tensors); pass others by name. "
                        f"Received {leaf!r}"
                        + (" inside a list: use np.array(...)" if tree.is_nested(arg) else "")
                    )
        if self.input_spec is not None:
            first = args[0] if args else next(iter(kwargs.values()), None)
            assert_input_compatibility(self.input_spec, first, self.name)

    def _path_scope(self):
        """The scope of this layer's path, which is fixed by the first use."""
        if self._layer_path is None:
            outer = scope.current_path()
            self.__dict__["_layer_path"] = f"{outer}/{self.name}" if outer else self.name
        return scope.absolute_scope(self._layer_path)


@functools.cache
def _training_parameter(call):
    """(whether ``call`` takes ``training``, its default)."""
    parameters = inspect.signature(call).parameters
    if "training" in parameters:
        default = parameters["training"].default
        return True, None if default is inspect.Parameter.empty else default
    return any(p.kind is p.VAR_KEYWORD for p in parameters.values()), None
