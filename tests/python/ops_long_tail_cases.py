"""The rest of `keras.ops` that is composed here, with arguments, and what Keras makes of it."""

import numpy as np

RNG = np.random.default_rng(43)
X = RNG.normal(size=(3, 4)).astype("float32")
Y = RNG.normal(size=(3, 4)).astype("float32")
CUBE = RNG.normal(size=(2, 3, 4)).astype("float32")
UNIT = RNG.uniform(-1, 1, (3, 4)).astype("float32")
HOLES = np.where(RNG.random((2, 3, 4)) < 0.3, np.nan, CUBE).astype("float32")
TIES = RNG.integers(0, 4, (3, 7)).astype("int32")
INTS, MORE = RNG.permutation(40)[:10].reshape(2, 5).astype("int32") + 1
EDGES = np.array([-1.0, -0.2, 0.1, 0.9], "float32")
SIGNS = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf], "float32")
IMAGES = RNG.normal(size=(2, 3, 6, 5)).astype("float32")

NAN = "nansum nanmean nanmax nanmin nanprod nanvar nanstd nancumsum nancumprod nanmedian"
CASES = {name: lambda ops, name=name: getattr(ops, name)(HOLES, axis=1) for name in NAN.split()}
CASES |= {name: lambda ops, name=name: getattr(ops, name)(UNIT) for name in ["arcsin", "arccos", "erfinv"]}
WHOLE = "gcd lcm bitwise_and bitwise_or bitwise_xor"
CASES |= {name: lambda ops, name=name: getattr(ops, name)(INTS, MORE) for name in WHOLE.split()}
WINDOWS = "bartlett blackman hamming hanning"
CASES |= {name: lambda ops, name=name: getattr(ops, name)(7) for name in WINDOWS.split()}
EINSUMS = {
    "ij,jk->ik": (X, Y.T.copy()),
    "ij,jk": (X, Y.T.copy()),
    "bij,bkj->bik": (CUBE, CUBE),
    "...ij,kj->...ki": (CUBE, X),
    "ij->ji": (X,),
    "ijk->": (CUBE,),
    "iij->j": (CUBE[:, :2],),
    "ij,ij->i": (X, Y),
    "i,j->ij": (X[0], Y[:, 0]),
    "bij,jk,kl->bil": (CUBE, Y.T.copy(), X),
    "bij,bj->b": (CUBE, CUBE[:, 0]),
}
CASES |= {
    f"einsum {text}": lambda ops, text=text, operands=operands: ops.einsum(text, *operands)
    for text, operands in EINSUMS.items()
}
CASES |= {
    f"quantile {method}": lambda ops, method=method: ops.quantile(CUBE, [0.1, 0.77], (0, 2), method)
    for method in ["linear", "lower", "higher", "nearest", "midpoint"]
}
CASES |= {
    "arctan": lambda ops: ops.arctan(X * 5),
    "arctan_inf": lambda ops: ops.arctan(SIGNS),
    "arctan2": lambda ops: ops.arctan2(X, Y),
    "arctan2_signs": lambda ops: ops.arctan2(SIGNS[:, None], SIGNS[None, :4]),
    "signbit": lambda ops: ops.signbit(SIGNS),
    "argsort": lambda ops: ops.argsort(CUBE, 1),
    "argsort_int": lambda ops: ops.argsort(INTS),
    "sort": lambda ops: ops.sort(CUBE, 0),
    "sort_flat": lambda ops: ops.sort(X, None),
    "top_k": lambda ops: ops.top_k(CUBE, 2)[0],
    "top_k_indices": lambda ops: ops.top_k(INTS, 3)[1],
    "in_top_k": lambda ops: ops.in_top_k(np.array([1, 0, 3]), X, 2),
    "median": lambda ops: ops.median(CUBE, 1, keepdims=True),
    "percentile": lambda ops: ops.percentile(X, 30),
    "quantile_keep": lambda ops: ops.quantile(CUBE, [0.5, 0.2], 1, keepdims=True),
    "nanquantile": lambda ops: ops.nanquantile(HOLES, [0.3, 0.6], 2),
    "nanpercentile": lambda ops: ops.nanpercentile(HOLES, 40, method="higher"),
    "nansum_all": lambda ops: ops.nansum(HOLES, keepdims=True),
    "searchsorted": lambda ops: ops.searchsorted(EDGES, X),
    "searchsorted_right": lambda ops: ops.searchsorted(EDGES, EDGES, "right"),
    "digitize": lambda ops: ops.digitize(X, EDGES),
    "isin": lambda ops: ops.isin(TIES, np.array([1, 3])),
    "bincount": lambda ops: ops.bincount(TIES[0], minlength=6),
    "bincount_weights": lambda ops: ops.bincount(TIES[0], weights=np.arange(7.0, dtype="float32")),
    "histogram": lambda ops: ops.histogram(X.ravel(), 5)[0],
    "histogram_edges": lambda ops: ops.histogram(X.ravel(), 5)[1],
    "histogram_range": lambda ops: ops.histogram(X.ravel(), 4, (-1.0, 0.5))[0],
    "inner": lambda ops: ops.inner(CUBE, X),
    "kron": lambda ops: ops.kron(X, EDGES[None]),
    "cross": lambda ops: ops.cross(CUBE, CUBE[::-1].copy(), axis=1),
    "cross_2": lambda ops: ops.cross(X[:, :2], Y[:, :2]),
    "cross_2_3": lambda ops: ops.cross(X[:, :2], Y[:, :3]),
    "corrcoef": lambda ops: ops.corrcoef(X),
    "trapezoid": lambda ops: ops.trapezoid(CUBE, dx=0.5, axis=1),
    "trapezoid_x": lambda ops: ops.trapezoid(X, np.cumsum(EDGES**2)),
    "vander": lambda ops: ops.vander(EDGES, 3),
    "vander_up": lambda ops: ops.vander(EDGES, increasing=True),
    "diagflat": lambda ops: ops.diagflat(X[:2, :2], 1),
    "kaiser": lambda ops: ops.kaiser(6, 3.0),
    "i0": lambda ops: ops.i0(np.linspace(-8, 8, 33).astype("float32")),
    "shift": lambda ops: ops.left_shift(INTS, 2),
    "shift_right": lambda ops: ops.bitwise_right_shift(INTS, 1),
    "invert": lambda ops: ops.bitwise_not(INTS),
    "nextafter": lambda ops: ops.nextafter(X, Y),
    "view": lambda ops: ops.view(X, "int32"),
    "nonzero": lambda ops: ops.nonzero(TIES)[1],
    "unique": lambda ops: ops.unique(TIES, return_counts=True)[1],
    "unravel_index": lambda ops: ops.unravel_index(np.array([5, 11, 0]), (3, 4))[1],
    "fmod": lambda ops: ops.fmod(X * 5, Y),
    "empty_like": lambda ops: ops.shape(ops.empty_like(X)),
    "select": lambda ops: ops.select([X > 0.5, X < 0], [X, Y], 7.0),
    "geomspace": lambda ops: ops.geomspace(1.0, 100.0, 5),
    "scatter": lambda ops: ops.scatter(np.array([[0, 1], [2, 3], [0, 1]]), EDGES[:3], (3, 4)),
    "scatter_update": lambda ops: ops.scatter_update(X.copy(), np.array([[0, 1], [2, 3]]), EDGES[:2]),
    "scatter_update_rows": lambda ops: ops.scatter_update(X.copy(), np.array([[2]]), Y[:1]),
    "scatter_update_add": lambda ops: ops.scatter_update(X.copy(), np.array([[0], [0]]), Y[:2], "add"),
    "scatter_update_mul": lambda ops: ops.scatter_update(
        X.copy(), np.array([[0], [2], [0], [0], [2]]), np.concatenate([Y[:3], Y[:2]]), "mul"
    ),
    "scatter_update_max": lambda ops: ops.scatter_update(X.copy(), np.array([[0], [0]]), Y[:2], "max"),
    "slice_update": lambda ops: ops.slice_update(CUBE.copy(), [0, 1, 2], Y[None, :2, :2]),
    "segment_max": lambda ops: ops.segment_max(X, np.array([0, 2, 0]), 3),
    "segment_min": lambda ops: ops.segment_min(TIES.astype("float32"), np.array([1, 1, 0]), 2),
    "segment_prod": lambda ops: ops.segment_prod(X, np.array([1, 1, 0]), 3),
    "unfold": lambda ops: ops.unfold(IMAGES, (3, 2), padding=1, stride=2),
    "fold": lambda ops: ops.fold(ops.unfold(IMAGES, 2, dilation=2), (6, 5), 2, dilation=2),
    "cond": lambda ops: ops.cond(X[0, 0] > 0, lambda: X, lambda: Y),
    "switch": lambda ops: ops.switch(1, [lambda x: x, lambda x: -x], X),
    "fori_loop": lambda ops: ops.fori_loop(0, 3, lambda i, x: x * 2 + i, X),
    "while_loop": lambda ops: ops.while_loop(lambda x: ops.sum(x) < 50, lambda x: x + 1, (np.abs(X),))[0],
    "scan": lambda ops: ops.scan(lambda c, x: (c + x, c * x), X[0], X, reverse=True)[1],
    "map": lambda ops: ops.map(lambda x: ops.sum(x) * x, X),
    "associative_scan": lambda ops: ops.associative_scan(lambda a, b: a + b, X, axis=1),
}
# the modes of correlate, on which Keras's backends agree
CASES |= {
    f"correlate {mode}": lambda ops, mode=mode: ops.correlate(X.ravel(), EDGES, mode)
    for mode in ["valid", "same", "full"]
}


def answers(keras):
    return {name: np.asarray(case(keras.ops)) for name, case in CASES.items()}
