"""Functions of ops on every element type and on pairs of them, and what Keras on NumPy makes of them."""

import itertools

import numpy as np

NAMES = ("bool", "uint8", "uint16", "uint32", "int8", "int16", "int32", "bfloat16", "float16", "float32")
_BINARY = """
add subtract multiply divide floor_divide mod power maximum minimum equal less logical_xor where arctan2 fmod
isclose append matmul dot inner outer tensordot vdot bitwise_and left_shift right_shift gcd lcm average
concatenate stack
"""
BINARY = _BINARY.split()
WHOLE = ("bitwise_and", "left_shift", "right_shift", "gcd", "lcm")
_UNARY = """
abs negative square sign exp log sqrt floor ceil sin tanh sum prod mean max min var std all any argmax
argsort sort cumsum cumprod median count_nonzero norm clip isnan logical_not nan_to_num diff ptp trace
transpose top_k unique digitize pad full_like bincount isinf trunc
"""
UNARY = _UNARY.split()
_OF_FLOATS = """
arccos arccosh arcsin arcsinh arctan arctanh cbrt corrcoef cosh deg2rad elu erf erfc erfinv exp2
expm1 gelu glu hard_sigmoid hard_silu hard_tanh isposinf leaky_relu log10 log1p log2 log_sigmoid
log_softmax logsumexp mish nanmax nanmean nanmedian nanprod nanstd nansum nanvar normalize rad2deg
reciprocal relu relu6 round rsqrt selu sigmoid signbit silu sinc sinh soft_shrink softmax softplus
softsign sparse_sigmoid squareplus tan trapezoid vander
"""
OF_FLOATS = _OF_FLOATS.split()
A = np.array([[3, 1], [2, 1]])
B = np.array([[1, 2], [1, 3]])


def array(name, values):
    if name == "bfloat16":
        import ml_dtypes

        return values.astype(ml_dtypes.bfloat16)
    return values.astype(name)


SPECIAL = {
    "vander": lambda ops, x: ops.vander(x[0]),
    "where": lambda ops, x, y: ops.where(A > 1, x, y),
    "concatenate": lambda ops, x, y: ops.concatenate([x, y]),
    "stack": lambda ops, x, y: ops.stack([x, y]),
    "average": lambda ops, x, y: ops.average(x, weights=y),
    "clip": lambda ops, x: ops.clip(x, 1, 2),
    "diff": lambda ops, x: ops.diff(x),
    "top_k": lambda ops, x: ops.top_k(x, 1)[0],
    "digitize": lambda ops, x: ops.digitize(x, np.array([0.5, 1.5, 2.5], "float32")),
    "pad": lambda ops, x: ops.pad(x, 1),
    "full_like": lambda ops, x: ops.full_like(x, 1),
    "bincount": lambda ops, x: ops.bincount(x[0]),
}


SPECIAL |= {
    name: lambda ops, x, name=name: getattr(ops, name)(x / 4)
    for name in OF_FLOATS
    if name[:3] in ("arc", "erf")
}
SPECIAL["arccosh"] = lambda ops, x: ops.arccosh(x)


def _applied(ops, name, *arrays):
    return SPECIAL.get(name, lambda ops, *xs: getattr(ops, name)(*xs))(ops, *arrays)


def cases():
    for name, (a, b) in itertools.product(BINARY, itertools.combinations_with_replacement(NAMES, 2)):
        if name not in WHOLE or "float" not in a + b:
            yield f"{name}-{a}-{b}", name, (array(a, A), array(b, B))
    for name, a, number in itertools.product(BINARY[:15], NAMES, (True, 2, 2.5)):
        yield f"{name}-{a}-{number}", name, (array(a, A), number)
        yield f"{name}-{number}-{a}", name, (number, array(a, A))
    for name, a in itertools.product(UNARY, NAMES):
        if name != "bincount" or "int" in a:
            yield f"{name}-{a}", name, (array(a, A),)

    for name, a in itertools.product(OF_FLOATS, NAMES[-3:]):
        yield f"{name}-{a}", name, (array(a, A),)


def results(ops):
    """Case -> (dtype, value in float64), or the name of what is raised."""
    found = {}
    for case, name, arrays in cases():
        try:
            value = np.asarray(_applied(ops, name, *arrays))
            found[case] = str(value.dtype), value.astype("float64")
        except Exception as error:
            found[case] = f"{type(error).__name__}: {error}"
    return found


def answers(keras):
    return results(keras.ops)
