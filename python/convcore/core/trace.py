"""Recording: a Trace turns calls of the op functions into one C++ graph; a TracedFunction keeps and calls
such graphs.
"""

import threading

import numpy as np

from .. import _core
from . import dtypes, scope, tree
from .arrays import as_array, is_array_like
from .keras_tensor import KerasTensor
from .scope import current_trace
from .variable import Variable

Tensor = _core.Value
Error = _core.Error


class Trace:
    """One graph being recorded. Inside ``with Trace() as trace:`` op functions on its tensors emit nodes.

    Reading a Variable gives its value in this recording; assigning to it makes later reads see the new value
    and, when the recorded function has run, writes it.
    """

    def __init__(self):
        self.graph = _core.Graph()
        self._current = {}  # id(variable) -> Value, after assignments
        self._first = {}  # id(variable) -> Value before the run
        self._assigned = {}  # id(variable) -> variable
        self._later = {}  # id(variable) -> Values that stand for it after assignments
        self._kept = []  # variables that were read, so that ids stay theirs

    def __enter__(self):
        scope.state.traces.append(self)
        return self

    def __exit__(self, *exc_info):
        scope.state.traces.pop()

    def input(self, dtype, shape, name):
        """A new input; ``shape`` may hold None."""
        return self.graph.input(dtype, tuple(shape), name)

    def first_read(self, variable):
        """The variable's value from before the run: what gradients are taken with respect to."""
        value = self._first.get(id(variable))
        if value is None:
            value = self._first[id(variable)] = self.graph.variable(variable._handle)
            self._kept.append(variable)
        return value

    def read(self, variable):
        """The variable's value as of now in the recording, in the dtype that the present call reads it in."""
        value = self._current.get(id(variable))
        value = self.first_read(variable) if value is None else self._after_assignment(variable, value)
        dtype = variable.dtype
        return value if value.dtype == dtype else self.graph.emit("cast", [value], {"dtype": dtype})[0]

    def _after_assignment(self, variable, value):
        """What a trainable variable was assigned, as a place of its own to take gradients at: as in Keras
        they are those of the value that a layer read, not of what it was computed from.
        """
        if not variable.trainable or any(value is known for known in self._later.get(id(variable), ())):
            return value
        value = self._current[id(variable)] = self.graph.emit("stop_gradient", [value], {})[0]
        self._later.setdefault(id(variable), []).append(value)
        return value

    def assign(self, variable, value):
        """Later reads see ``value``; it is written when the function has run. Shape and dtype must be the
        variable's.
        """
        self._kept.append(variable)
        self._current[id(variable)] = value
        self._assigned[id(variable)] = variable

    def constant(self, array):
        return self.graph.constant(array)

    def convert(self, x, dtype=None):
        """Any operand as a Value of this graph; Python numbers become scalars of ``dtype``."""
        if type(x) is Tensor:
            return x
        if isinstance(x, Variable):
            return self.read(x)
        if isinstance(x, (bool, int, float)) or (isinstance(x, np.generic) and x.dtype.kind in "fiub"):
            return self._scalar(x, dtype)
        # an array of a supported dtype keeps it: whoever made it has promoted it
        return self.graph.constant(
            as_array(x, "constant", dtype or dtypes.name_of(getattr(x, "dtype", None)))
        )

    def _scalar(self, x, dtype):
        if dtype is None:
            dtype = (
                "bool"
                if isinstance(x, (bool, np.bool_))
                else dtypes.result_type(type(x))
                if not isinstance(x, np.generic)
                else dtypes.result_type(x.dtype)
            )
        if dtypes.is_float(dtype):
            return self.graph.scalar(float(x), dtype)
        return self.graph.constant(np.asarray(x, dtype))

    def gradients(self, loss, variables):
        """d loss / d variable for each variable or tensor of this recording, None where the loss does not
        depend on it. Of several values that a variable has had each counts where it was read.
        """
        if type(loss) is not Tensor:
            raise ValueError(
                "gradients: expected a loss computed from the predictions with convcore.ops; "
                f"received {loss!r}"
            )
        places = [
            [v] if type(v) is Tensor else [self.first_read(v), *self._later.get(id(v), ())] for v in variables
        ]
        found = iter(self.graph.gradients(loss, [place for of_one in places for place in of_one]))
        return [self._sum([next(found) for _ in of_one]) for of_one in places]

    def _sum(self, gradients):
        total, *others = [g for g in gradients if g is not None] or [None]
        for other in others:
            total = self.graph.emit("add", [total, other], {})[0]
        return total

    def finish(self, outputs):
        """Closes the recording: a function of the flat list of input arrays that returns ``outputs``'
        structure of arrays.
        """
        for leaf in tree.flatten(outputs):
            if leaf is not None:
                self.graph.output(self._output(leaf))
        for key, variable in self._assigned.items():
            self.graph.update(variable._handle, self._current[key])
        return RecordedFunction(_core.Function(self.graph), outputs, self._kept)

    def _output(self, leaf):
        if isinstance(leaf, (str, KerasTensor)):
            raise ValueError(f"a recorded function must return tensors; received {leaf!r}")
        value = self.convert(leaf)
        if value.dtype == "bfloat16" and not _core.has_bfloat16():  # arrays cannot hold it
            value = self.graph.emit("cast", [value], {"dtype": "float32"})[0]
        return value


class RecordedFunction:
    """A finished recording, callable with one flat list of arrays. Where the recorded function returned None
    its results hold None.

    ``any_batch`` tells whether the batch axes may have another size than when it was recorded.
    """

    any_batch = True

    def __init__(self, function, outputs, kept):
        self.function = function
        self.single = not tree.is_nested(outputs) and outputs is not None
        self.structure = tree.map_structure(lambda _: None, outputs)
        leaves = tree.flatten(outputs)
        self._given = None if all(x is not None for x in leaves) else [x is not None for x in leaves]
        self._kept = kept

    def pack(self, results):
        if self.single:
            return results[0]
        if self._given is not None:
            found = iter(results)
            results = [next(found) if given else None for given in self._given]
        return tree.pack_as(self.structure, results)

    def __call__(self, arrays):
        return self.pack(self.function(*arrays))


class TracedFunction:
    """Runs ``fn`` as compiled graphs: recorded once per structure, dtypes and shapes (batch axis free) of the
    arguments.

    A function that cannot be recorded without knowing the size of the batch (it makes an array of that size,
    say) is recorded for every size of its own.

    Args:
        fn: A function of arrays, nested in lists, tuples and dicts, written with ``convcore.ops``. Anything
            else among its arguments is static: another value means another recording.
        dynamic_batch: Whether the first axis of every array may change without a new recording.
        where: Name used in error messages.
        keep_float64: Whether float64 arrays stay what they are rather than becoming floatx.
    """

    def __init__(self, fn, dynamic_batch=True, where=None, keep_float64=False):
        self._fn = fn
        self._dynamic_batch = dynamic_batch
        self._keep_float64 = keep_float64
        self._where = where or getattr(fn, "__name__", "function")
        self._lock = threading.RLock()
        # (dtype, rank, shape without batch) -> _core.Function, for one array in and one array out
        self._fast = {}
        self._recorded = {}
        self._version = scope.structure_version()

    def __call__(self, *args, **static):
        if len(args) == 1 and type(x := args[0]) is np.ndarray and not static:
            shape = x.shape
            function = self._fast.get((x.dtype, x.ndim, shape[1:] if self._dynamic_batch else shape))
            if function is not None and self._version == scope._structure_version and x.flags.c_contiguous:
                return function(x)[0]
        arrays, recorded = self._lookup(args, static)
        return recorded(arrays)

    def function_for(self, *args, **static):
        """The compiled ``_core.Function`` for such arguments."""
        return self._lookup(args, static)[1].function

    def recorded_for(self, *args, **static):
        """The recording for such arguments: `.function` takes their arrays flat, `.pack` gives its results
        their structure.
        """
        return self._lookup(args, static)[1]

    def explain(self, *args, **static):
        """The plan for these arguments as text."""
        arrays, recorded = self._lookup(args, static)
        return recorded.function.explain(*[array.shape for array in arrays])

    def measure_choices(self, *args, **static):
        """What computes each problem of the plan fastest, as a list of dicts; see `convcore.autotune`."""
        arrays, recorded = self._lookup(args, static)
        return recorded.function.measure_choices(*arrays)

    def profile(self, *args, repeats=10, **static):
        """Time per step for these arguments, as a list of dicts."""
        arrays, recorded = self._lookup(args, static)
        return recorded.function.profile(*arrays, repeats=repeats)

    def clear(self):
        """Forgets all recordings."""
        with self._lock:
            self._fast.clear()
            self._recorded.clear()
            self._version = scope.structure_version()

    def _lookup(self, args, static):
        if self._version != scope.structure_version():
            self.clear()
        arrays: list[np.ndarray] = []
        key = (self._key(args, arrays), self._key(static, arrays) if static else None)
        recorded = self._recorded.get(key)
        if recorded is None:
            with self._lock:
                recorded = self._recorded.get(key) or self._record(key, args, static, arrays)
        if type(recorded) is dict:
            with self._lock:
                recorded = self._of_this_size(recorded, args, static, arrays)
        return arrays, recorded

    def _key(self, value, arrays):
        if isinstance(value, dict):
            return ("d", tuple((name, self._key(value[name], arrays)) for name in tree._keys(value)))
        if isinstance(value, (list, tuple)):
            return (type(value).__name__, tuple([self._key(item, arrays) for item in value]))
        if is_array_like(value):
            value = as_array(value, self._where, keep_float64=self._keep_float64)
            arrays.append(value)
            return (value.dtype.char, self._signature(value.shape))
        try:
            hash(value)
        except TypeError:
            return _Same(value)
        return ("s", type(value), value)

    def _signature(self, shape):
        return (None, *shape[1:]) if self._dynamic_batch and shape else shape

    def _record(self, key, args, static, arrays):
        """The recording for arrays of any batch size, or a dict that will hold one for each size."""
        shapes = [self._signature(array.shape) for array in arrays]
        try:
            recorded = self._trace(args, static, arrays, shapes)
        except Exception as error:
            if all(None not in shape for shape in shapes):
                raise
            recorded = {}
            try:
                self._of_this_size(recorded, args, static, arrays)
            except Exception:
                raise error from None
        self._version = scope.structure_version()
        self._recorded[key] = recorded
        if (
            len(arrays) == 1
            and not static
            and len(args) == 1
            and not tree.is_nested(args[0])
            and type(recorded) is not dict
            and recorded.single
        ):
            shape = arrays[0].shape
            key = (arrays[0].dtype, len(shape), shape[1:] if self._dynamic_batch else shape)
            self._fast[key] = recorded.function
        return recorded

    def _of_this_size(self, by_sizes, args, static, arrays):
        sizes = tuple(array.shape[:1] for array in arrays)
        if sizes not in by_sizes:
            recorded = self._trace(args, static, arrays, [array.shape for array in arrays])
            recorded.any_batch = False
            by_sizes[sizes] = recorded
        return by_sizes[sizes]

    def _trace(self, args, static, arrays, shapes):
        with Trace() as trace:
            values = [
                trace.input(array.dtype.name, shape, f"input_{i}")
                for i, (array, shape) in enumerate(zip(arrays, shapes, strict=True))
            ]
            iterator = iter(values)
            args, static = _replace_arrays(args, iterator), _replace_arrays(static, iterator)
            return trace.finish(self._fn(*args, **static))


class _Same:
    """A key for one unhashable object, which stays alive as long as the key."""

    def __init__(self, value):
        self.value = value

    def __hash__(self):
        return id(self.value)

    def __eq__(self, other):
        return isinstance(other, _Same) and other.value is self.value


def _replace_arrays(structure, values):
    # Walks in the order of TracedFunction._key.
    if isinstance(structure, dict):
        replaced = {name: _replace_arrays(structure[name], values) for name in tree._keys(structure)}
        return {name: replaced[name] for name in structure}
    if isinstance(structure, (list, tuple)):
        return tree._rebuild(structure, [_replace_arrays(item, values) for item in structure])
    if is_array_like(structure):
        return next(values)
    return structure


def is_tensor(x):
    """Whether ``x`` is a tensor of a recording."""
    return type(x) is Tensor


__all__ = ["Error", "Tensor", "Trace", "TracedFunction", "current_trace", "is_tensor"]
