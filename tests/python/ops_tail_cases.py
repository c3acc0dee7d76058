"""Functions of ops that are composed of others, with arguments, and what Keras makes of them."""

import numpy as np

RNG = np.random.default_rng(41)
X = RNG.normal(size=(3, 4)).astype("float32")
Y = RNG.normal(size=(3, 4)).astype("float32")
CUBE = RNG.normal(size=(2, 3, 4)).astype("float32")
ODD = np.array([0.0, 1.5, -2.5, np.nan, np.inf, -np.inf, 1e-4, -1e-4, 300.0, 4e9], "float32")
PLACES = RNG.integers(0, 3, (2, 4)).astype("int32")
WEIGHTS = RNG.uniform(0.5, 2, 4).astype("float32")

UNARY = (
    "exp2 tan sinh cosh arcsinh cbrt deg2rad rad2deg sinc erfc trunc fabs copy logsumexp ptp tril triu trace"
)
BINARY = "logaddexp logaddexp2 hypot heaviside fmax fmin vdot outer isclose append"
CASES = {name: lambda ops, name=name: getattr(ops, name)(X) for name in UNARY.split()}
CASES |= {name: lambda ops, name=name: getattr(ops, name)(X, Y) for name in BINARY.split()}
CASES |= {
    f"{name}_odd": lambda ops, name=name: getattr(ops, name)(ODD)
    for name in ["isposinf", "isneginf", "nan_to_num", "trunc", "sinh", "arcsinh", "fabs"]
}
CASES |= {
    "arccosh": lambda ops: ops.arccosh(1.0 + np.abs(X)),
    "arctanh": lambda ops: ops.arctanh(np.tanh(X)),
    "fmax_nan": lambda ops: ops.fmax(ODD, ODD[::-1].copy()),
    "fmin_nan": lambda ops: ops.fmin(ODD, ODD[::-1].copy()),
    "isclose_nan": lambda ops: ops.isclose(ODD, ODD, equal_nan=True),
    "isclose_inf": lambda ops: ops.isclose(ODD, ODD + 1e-9),
    "logaddexp_inf": lambda ops: ops.logaddexp(
        np.float32([-np.inf, np.inf, 3]), np.float32([-np.inf, 1, -np.inf])
    ),
    "logsumexp_axis": lambda ops: ops.logsumexp(CUBE * 50, axis=(0, 2), keepdims=True),
    "logsumexp_inf": lambda ops: ops.logsumexp(np.full((2, 3), -np.inf, "float32"), axis=1),
    "logical_xor": lambda ops: ops.logical_xor(X > 0, Y > 0),
    "ldexp": lambda ops: ops.ldexp(X, np.arange(4, dtype="int32")),
    "saturate": lambda ops: ops.saturate_cast(X * 300, "uint8"),
    "nan_to_num": lambda ops: ops.nan_to_num(ODD, nan=1.0, posinf=2.0, neginf=3.0),
    "linspace": lambda ops: ops.linspace(0, 3, 7),
    "linspace_open": lambda ops: ops.linspace(0.0, 3.0, 6, endpoint=False),
    "logspace": lambda ops: ops.logspace(0, 2, 5),
    "tri": lambda ops: ops.tri(3, 4, 1),
    "identity": lambda ops: ops.identity(3),
    "triu_k": lambda ops: ops.triu(CUBE, 1),
    "tril_k": lambda ops: ops.tril(CUBE, -1),
    "vstack": lambda ops: ops.vstack([X[0], Y[0]]),
    "hstack": lambda ops: ops.hstack([X, Y]),
    "dstack": lambda ops: ops.dstack([X, Y]),
    "vsplit": lambda ops: ops.vsplit(X, 3)[1],
    "hsplit": lambda ops: ops.hsplit(X, [1, 3])[1],
    "dsplit": lambda ops: ops.dsplit(CUBE, 2)[1],
    "array_split": lambda ops: ops.array_split(X, 3, axis=1)[0],
    "append_axis": lambda ops: ops.append(X, Y, 1),
    "fliplr": lambda ops: ops.fliplr(X),
    "flipud": lambda ops: ops.flipud(X),
    "roll": lambda ops: ops.roll(X, 5),
    "roll_axes": lambda ops: ops.roll(CUBE, (1, -2), (0, 2)),
    "rot90": lambda ops: ops.rot90(X),
    "rot90_3": lambda ops: ops.rot90(CUBE, 3, (1, 2)),
    "rot90_2": lambda ops: ops.rot90(CUBE, 2, (0, 1)),
    "diff": lambda ops: ops.diff(CUBE, 2, 1),
    "cumsum": lambda ops: ops.cumsum(CUBE, 1),
    "cumsum_all": lambda ops: ops.cumsum(X),
    "cumsum_bool": lambda ops: ops.cumsum(X > 0, 1),
    "cumprod": lambda ops: ops.cumprod(CUBE, -1),
    "average": lambda ops: ops.average(X, 1, WEIGHTS),
    "average_plain": lambda ops: ops.average(X, 0),
    "meshgrid": lambda ops: ops.meshgrid(X[0], Y[:, 0])[1],
    "meshgrid_ij": lambda ops: ops.meshgrid(X[0], Y[:, 0], indexing="ij")[0],
    "tensordot": lambda ops: ops.tensordot(CUBE, CUBE, [[0, 2], [0, 2]]),
    "tensordot_1": lambda ops: ops.tensordot(CUBE, X.T.copy(), 1),
    "diagonal": lambda ops: ops.diagonal(CUBE, 1, 1, 2),
    "diagonal_below": lambda ops: ops.diagonal(CUBE, -1, 2, 0),
    "diag": lambda ops: ops.diag(X[0], 1),
    "diag_below": lambda ops: ops.diag(X[0], -2),
    "diag_of": lambda ops: ops.diag(X, -1),
    "take_along_axis": lambda ops: ops.take_along_axis(CUBE, PLACES[:, None], 1),
    "take_along_last": lambda ops: ops.take_along_axis(X, np.array([[1], [-1], [0]]), -1),
    "take_along_flat": lambda ops: ops.take_along_axis(X, np.array([3, 1])),
    "unstack": lambda ops: ops.unstack(CUBE, axis=1)[2],
}


def answers(keras):
    return {name: np.asarray(case(keras.ops)) for name, case in CASES.items()}
