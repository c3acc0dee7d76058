# Written by cpp/bindings/stub.py from the op registry: do not edit.
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]
Shape: TypeAlias = tuple[int | None, ...]

class Error(ValueError): ...
class ModelFormatError(Error): ...

class Variable:
    """State that outlives a run, shared with NumPy."""

    def __init__(self, dtype: str, shape: Iterable[int], name: str = "") -> None: ...
    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> str: ...
    @property
    def array(self) -> Array:
        """The memory itself, writable; after writing call touch()."""
    def touch(self) -> None:
        """Tells that the content changed: packed copies of it are made again."""

class Value(Hashable):
    """One value of one graph."""

    @property
    def shape(self) -> Shape: ...
    @property
    def dtype(self) -> str: ...
    @property
    def graph(self) -> Graph: ...
    @property
    def id(self) -> int: ...
    def __hash__(self) -> int: ...
    # Attached by the Python package (core/trace.py).
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...
    def __add__(self, other: Any) -> Any: ...
    def __radd__(self, other: Any) -> Any: ...
    def __sub__(self, other: Any) -> Any: ...
    def __rsub__(self, other: Any) -> Any: ...
    def __mul__(self, other: Any) -> Any: ...
    def __rmul__(self, other: Any) -> Any: ...
    def __truediv__(self, other: Any) -> Any: ...
    def __rtruediv__(self, other: Any) -> Any: ...
    def __floordiv__(self, other: Any) -> Any: ...
    def __rfloordiv__(self, other: Any) -> Any: ...
    def __mod__(self, other: Any) -> Any: ...
    def __rmod__(self, other: Any) -> Any: ...
    def __pow__(self, other: Any) -> Any: ...
    def __rpow__(self, other: Any) -> Any: ...
    def __matmul__(self, other: Any) -> Any: ...
    def __rmatmul__(self, other: Any) -> Any: ...
    def __and__(self, other: Any) -> Any: ...
    def __rand__(self, other: Any) -> Any: ...
    def __or__(self, other: Any) -> Any: ...
    def __ror__(self, other: Any) -> Any: ...
    def __lt__(self, other: Any) -> Any: ...
    def __le__(self, other: Any) -> Any: ...
    def __gt__(self, other: Any) -> Any: ...
    def __ge__(self, other: Any) -> Any: ...
    def __getitem__(self, other: Any) -> Any: ...
    def __neg__(self) -> Any: ...
    def __pos__(self) -> Any: ...
    def __abs__(self) -> Any: ...
    def __invert__(self) -> Any: ...

class Graph:
    """What a model computes, before anyone decides how."""

    scope: str
    def __init__(self) -> None: ...
    def input(self, dtype: str, shape: Iterable[int | None], name: str = "") -> Value: ...
    def variable(self, variable: Variable) -> Value: ...
    def constant(self, array: Array) -> Value: ...
    def scalar(self, value: float, dtype: str = "float32") -> Value: ...
    def emit(
        self, op: str, inputs: Iterable[Value], attrs: dict[str, Any] = {}
    ) -> tuple[Value, ...]:
        """Adds a node; returns its outputs."""
    def output(self, value: Value) -> None: ...
    def update(self, variable: Variable, value: Value) -> None:
        """The variable takes this value after the run; all reads see the old one."""
    def gradients(self, loss: Value, wrt: Iterable[Value]) -> list[Value | None]:
        """d loss / d wrt[i]; None where there is none."""

class StepProfile(TypedDict):
    op: str
    scope: str
    implementation: str
    output: str
    milliseconds: float
    operations: float
    bytes: float

class Function:
    """A graph that can be called; plans are cached by input shapes."""

    def __init__(self, graph: Graph) -> None: ...
    def __call__(self, *arrays: Array) -> list[Array]:
        """Runs on C-contiguous arrays of exactly the declared dtypes; returns new arrays."""
    def explain(self, *shapes: Iterable[int]) -> str: ...
    def seconds(self, *arrays: Array, repeats: int = 10) -> float: ...
    def measure_choices(self, *arrays: Array) -> list[dict[str, Any]]: ...
    def profile(self, *arrays: Array, repeats: int = 10) -> list[StepProfile]: ...
    def arena_bytes(self, *shapes: Iterable[int]) -> int: ...
    def memory(self, *shapes: Iterable[int]) -> dict[str, int]: ...

class Model:
    """A model file, loaded."""

    @staticmethod
    def load(path: str) -> Model: ...
    def functions(self) -> list[str]: ...
    def inputs(self, function: str) -> list[tuple[str, str, Shape]]: ...
    def outputs(self, function: str) -> list[tuple[str, str, Shape]]: ...
    def run(self, function: str, *arrays: Array) -> list[Array]:
        """Runs on C-contiguous arrays of exactly the declared dtypes."""
    def variables(self) -> list[tuple[str, str, Shape]]: ...
    def variable(self, name: str) -> Array: ...
    def save(self, path: str) -> None: ...
    def verify(self) -> dict[str, Any]: ...
    def explain(self, function: str, *arrays: Array) -> str: ...

def write_model_file(
    path: str,
    variables: Sequence[tuple[str, Variable]],
    functions: Sequence[tuple[str, Function, Sequence[str], Sequence[str]]],
    sample: tuple[str, Sequence[Array], Sequence[Array]] | None = None,
) -> None: ...

class OpInfo(TypedDict):
    name: OpName
    inputs: list[str]
    doc: str
    attributes: list[tuple[str, Any]]
    differentiable: bool
    elementwise: bool

def run_op(op: str, arrays: Sequence[Array], attrs: dict[str, Any] = {}) -> tuple[Array, ...]: ...
def ops() -> list[OpInfo]: ...
def set_num_threads(n: int) -> None: ...
def num_threads() -> int: ...
def peak_operations() -> float: ...
def has_bfloat16() -> bool: ...
def all_finite(array: Any) -> bool: ...
def set_precision(level: int) -> None: ...
def precision() -> int: ...
def register_activation(name: str, value: int, derivative: int) -> None: ...
def choices() -> dict[str, str]: ...
def set_choices(choices: dict[str, str]) -> None: ...
def isa() -> str: ...
def available_isas() -> list[str]: ...

# Every op: inputs, attributes with their defaults, what it computes.
#   reshape(x; shape=[]): the elements of x under another shape; one dimension may be -1
#   reshape_like(x, like): the elements of x under the shape of like
#   flatten(x): (batch, ...) to (batch, product of the rest)
#   expand_dims(x; axis=-1): x with a new axis of size 1 at position axis
#   squeeze(x; axes=[]): x without the named axes of size 1; without any of them if none is named
#   stop_gradient(x): x, as a constant to gradients
#   custom_gradient(y, upstream, xs_and_gs...): y, whose gradients for the x's in xs_and_gs are the g's behind them
#   transpose(x; axes=[]): axis i of the result is axis axes[i] of x; without axes the order is reversed
#   broadcast_to(x; shape=[]): x broadcast to shape; -1 keeps a dimension of x
#   broadcast_like(x, like): x broadcast to the shape of like
#   pad(x; paddings=[], value=0.0): x with a border of value; paddings is low, high for each axis in turn
#   slice(x; begin=[], end=[], strides=[]): x[begin:end:stride] on the first axes; 0, 2^63-1, 1 is a whole axis
#   slice_backward(dy, x; begin=[], end=[], strides=[]): zeros of the shape of x with dy where the slice was taken
#   concatenate(xs...; axis=-1): tensors joined along one axis
#   concatenate_backward(dy, xs...; axis=-1): dy cut into pieces of the shapes of xs
#   up_sample(x; size=[], data_format='channels_last'): elements of the spatial axes, each repeated size times along its axis
#   take(x, indices; axis=0): x[..., indices, ...] along axis; out of range: NaN, or 0 for integers
#   take_backward(dy, indices, x; axis=0): zeros of the shape of x, with the rows of dy added at indices
#   one_hot(indices; num_classes=0, dtype='float32'): 1 at the index and 0 elsewhere along a new last axis; out of range: zeros
#   size(x; axes=[]): the product of the named dimensions of x (of all without axes), as a float32 scalar
#   negative(x): -x
#   abs(x): |x|; its gradient at 0 is 0
#   sign(x): -1, 0 or 1
#   square(x): x*x
#   exp(x): e to the power x
#   log(x): natural logarithm
#   log1p(x): log(1 + x), accurate near 0
#   sqrt(x): square root
#   rsqrt(x): 1 / sqrt(x)
#   reciprocal(x): 1 / x
#   floor(x): largest integer not above x
#   ceil(x): smallest integer not below x
#   round(x): nearest integer, halves to even
#   sin(x): sine
#   cos(x): cosine
#   relu(x): max(x, 0); its gradient at 0 is 0
#   sigmoid(x): 1 / (1 + exp(-x))
#   tanh(x): hyperbolic tangent
#   softplus(x): log(1 + exp(x)), computed stably
#   erf(x): error function
#   isnan(x): x is not a number
#   isfinite(x): x is neither infinite nor NaN
#   logical_not(x): x == 0
#   add(a, b): a + b
#   subtract(a, b): a - b
#   multiply(a, b): a * b
#   divide(a, b): a / b
#   divide_no_nan(a, b): a / b, and 0 where b is 0
#   floor_divide(a, b): a / b rounded towards minus infinity
#   mod(a, b): a - b*floor(a / b), with the sign of b
#   power(a, b): a to the power b
#   maximum(a, b): the larger; equal operands share the gradient, NaN wins
#   minimum(a, b): the smaller; equal operands share the gradient, NaN wins
#   equal(a, b): a == b
#   not_equal(a, b): a != b
#   less(a, b): a < b
#   less_equal(a, b): a <= b
#   greater(a, b): a > b
#   greater_equal(a, b): a >= b
#   logical_and(a, b): a and b are both not 0
#   logical_or(a, b): a or b is not 0
#   where(condition, a, b): a where condition holds, else b
#   clip(x; min=-inf, max=inf): x limited to [min, max]; the gradient at the limits is 0
#   cast(x; dtype='float32'): x as another dtype: floats truncate and saturate, NaN becomes 0, to bool: x != 0
#   fused_elementwise(xs...; program=''): a program of elementwise ops, in one pass over memory
#   native_activation(x; function='', derivative=False): a function that the application registered, or its derivative
#   conv(x, kernel, bias?, residual?; strides=[], padding='valid', dilation_rate=[], groups=1, data_format='channels_last', paddings=[], activation='linear'): convolution of rank 1 to 3; activation(result + bias + residual)
#   conv_backward_input(dy, kernel, x; strides=[], padding='valid', dilation_rate=[], groups=1, data_format='channels_last', paddings=[]): gradient of a convolution for its input; only the shape of x is read
#   conv_backward_filter(x, dy, kernel; strides=[], padding='valid', dilation_rate=[], groups=1, data_format='channels_last', paddings=[]): gradient of a convolution for its kernel; only the shape of kernel is read
#   conv_backward_filter_bias(x, dy, kernel; strides=[], padding='valid', dilation_rate=[], groups=1, data_format='channels_last', paddings=[]): gradients of a convolution for its kernel and bias; only the shape of kernel is read
#   conv_backward_filter_by_image(x, dy, kernel; strides=[], padding='valid', dilation_rate=[], groups=1, data_format='channels_last', paddings=[]): gradient of a convolution for its kernel, image by image: (batch, *shape of the kernel)
#   conv_transpose(x, kernel, bias?, residual?; strides=[], padding='valid', dilation_rate=[], groups=1, data_format='channels_last', output_padding=[], activation='linear'): transposed convolution of rank 1 to 3; activation(result + bias + residual)
#   dense(x, kernel, bias?, residual?; activation='linear'): matrix product over the last axis; activation(result + bias + residual)
#   dense_backward_input(dy, kernel): gradient of dense for its input
#   dense_backward_filter(x, dy): gradient of dense for its kernel
#   sum(x; axes=[], keepdims=False): sum along axes (none: all); bool and uint8 give int32
#   mean(x; axes=[], keepdims=False): arithmetic mean along axes (none: all)
#   max(x; axes=[], keepdims=False): largest element along axes (none: all); ties share the gradient
#   min(x; axes=[], keepdims=False): smallest element along axes (none: all); ties share the gradient
#   prod(x; axes=[], keepdims=False): product along axes (none: all)
#   all(x; axes=[], keepdims=False): every element along axes (none: all) is not 0
#   any(x; axes=[], keepdims=False): some element along axes (none: all) is not 0
#   l2_norm(x; axes=[], keepdims=False): square root of the sum of squares along axes (none: all); gradient 0 at 0
#   argmax(x; axis=-1, keepdims=False): position of the first largest element along an axis, as int32; the first NaN wins
#   argmin(x; axis=-1, keepdims=False): position of the first smallest element along an axis, as int32; the first NaN wins
#   argsort(x; descending=False): positions along the last axis in the order of the elements, as int32; NaN is the largest
#   bitwise(a, b; function='and'): and, or, xor, left_shift, right_shift or gcd of whole numbers of one shape
#   sum_to_shape(x, like): x summed along the axes that `like` has not, or has with size 1
#   softmax(x; axis=-1): exp(x) divided by its sum along an axis
#   log_softmax(x; axis=-1): logarithm of softmax along an axis
#   max_pool(x; pool_size=[], strides=[], padding='valid', output_size=[], data_format='channels_last', paddings=[]): largest element of each window
#   max_pool_backward(x, y, dy; pool_size=[], strides=[], padding='valid', output_size=[], data_format='channels_last', paddings=[]): gradient of max_pool
#   average_pool(x; pool_size=[], strides=[], padding='valid', output_size=[], data_format='channels_last', paddings=[]): mean of each window, padding excluded
#   average_pool_backward(dy, x; pool_size=[], strides=[], padding='valid', output_size=[], data_format='channels_last', paddings=[]): gradient of average_pool
#   l2_pool(x; pool_size=[], strides=[], padding='valid', output_size=[], data_format='channels_last', paddings=[]): square root of the sum of squares of each window
#   l2_pool_backward(x, y, dy; pool_size=[], strides=[], padding='valid', output_size=[], data_format='channels_last', paddings=[]): gradient of l2_pool
#   resize(x; size=[], scale=[], interpolation='bilinear', antialias=False, data_format='channels_last'): images of another size, half-pixel centres
#   resize_backward(dy, x; size=[], scale=[], interpolation='bilinear', antialias=False, data_format='channels_last'): gradient of resize
#   affine_transform(x, transform; interpolation='bilinear', fill_mode='constant', fill_value=0.0, data_format='channels_last'): output (x, y) shows the input at (a0 x + a1 y + a2, b0 x + b1 y + b2)
#   affine_transform_backward(dy, transform; interpolation='bilinear', fill_mode='constant', fill_value=0.0, data_format='channels_last'): gradient of affine_transform with respect to x
#   batch_norm_training(x, gamma, beta, residual?; axis=-1, epsilon=0.001, activation='linear'): gamma*(x - mean)/sqrt(variance + epsilon) + beta with the batch's mean and biased variance; activation(result + residual), limits only
#   batch_norm_training_backward(x, gamma, mean, variance, dy, beta?; axis=-1, epsilon=0.001, activation='linear'): gradient of batch_norm_training; beta is read where the activation limits
#   batch_norm_statistics(x; epsilon=0.001, activation='linear', count=0): mean and sum of squared differences from it, by chunks of an image
#   batch_norm_join(statistics, x; epsilon=0.001, activation='linear', count=0): mean and biased variance of batch_norm_statistics; only the shape of x is read
#   batch_norm_apply(x, mean, variance, gamma, beta, residual?; epsilon=0.001, activation='linear', count=0): activation(gamma*(x - mean)/sqrt(variance + epsilon) + beta + residual), limits only
#   batch_norm_backward_statistics(x, dy, mean, variance, gamma, beta?; epsilon=0.001, activation='linear', count=0): sums of dy and of dy times the normalised x, by chunks of an image
#   batch_norm_backward_join(statistics, x; epsilon=0.001, activation='linear', count=0): gradients for gamma and beta of batch_norm_backward_statistics; only the shape of x is read
#   batch_norm_backward_apply(x, dy, mean, variance, gamma, dgamma, dbeta, beta?; epsilon=0.001, activation='linear', count=0): gradient of batch_norm_training for x, from those for gamma and beta
#   layer_norm(x, gamma, beta; axes=1, epsilon=0.001, center=True): (x - mean)/sqrt(variance + epsilon)*gamma + beta over the last axes of x; without center, mean is 0
#   layer_norm_backward(x, gamma, dy; axes=1, epsilon=0.001, center=True): gradient of layer_norm
#   dropout(x, state; rate=0.5, noise_shape=[]): zeros with probability `rate`, other elements divided by 1 - rate
#   random_uniform(state, like?; shape=[], minval=0.0, maxval=1.0): uniform numbers in [minval, maxval) from a generator state
#   random_normal(state, like?; shape=[], mean=0.0, stddev=1.0): normally distributed numbers from a generator state
OpName: TypeAlias = Literal[
    "reshape",
    "reshape_like",
    "flatten",
    "expand_dims",
    "squeeze",
    "stop_gradient",
    "custom_gradient",
    "transpose",
    "broadcast_to",
    "broadcast_like",
    "pad",
    "slice",
    "slice_backward",
    "concatenate",
    "concatenate_backward",
    "up_sample",
    "take",
    "take_backward",
    "one_hot",
    "size",
    "negative",
    "abs",
    "sign",
    "square",
    "exp",
    "log",
    "log1p",
    "sqrt",
    "rsqrt",
    "reciprocal",
    "floor",
    "ceil",
    "round",
    "sin",
    "cos",
    "relu",
    "sigmoid",
    "tanh",
    "softplus",
    "erf",
    "isnan",
    "isfinite",
    "logical_not",
    "add",
    "subtract",
    "multiply",
    "divide",
    "divide_no_nan",
    "floor_divide",
    "mod",
    "power",
    "maximum",
    "minimum",
    "equal",
    "not_equal",
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "logical_and",
    "logical_or",
    "where",
    "clip",
    "cast",
    "fused_elementwise",
    "native_activation",
    "conv",
    "conv_backward_input",
    "conv_backward_filter",
    "conv_backward_filter_bias",
    "conv_backward_filter_by_image",
    "conv_transpose",
    "dense",
    "dense_backward_input",
    "dense_backward_filter",
    "sum",
    "mean",
    "max",
    "min",
    "prod",
    "all",
    "any",
    "l2_norm",
    "argmax",
    "argmin",
    "argsort",
    "bitwise",
    "sum_to_shape",
    "softmax",
    "log_softmax",
    "max_pool",
    "max_pool_backward",
    "average_pool",
    "average_pool_backward",
    "l2_pool",
    "l2_pool_backward",
    "resize",
    "resize_backward",
    "affine_transform",
    "affine_transform_backward",
    "batch_norm_training",
    "batch_norm_training_backward",
    "batch_norm_statistics",
    "batch_norm_join",
    "batch_norm_apply",
    "batch_norm_backward_statistics",
    "batch_norm_backward_join",
    "batch_norm_backward_apply",
    "layer_norm",
    "layer_norm_backward",
    "dropout",
    "random_uniform",
    "random_normal",
]
