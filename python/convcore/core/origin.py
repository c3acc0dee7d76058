"""Says in errors, and in tables of steps, which loss or metric something comes from."""

import contextlib

from .scope import current_trace


@contextlib.contextmanager
def origin(kind, name, y_true, y_pred):
    """What is recorded inside has the scope `"loss mse"`; errors begin with it and end with the shapes.

    Args:
        kind: `"loss"` or `"metric"`.
        name: Its name.
        y_true, y_pred: What it was called with.
    """
    trace, scope = current_trace(), f"{kind} {name}"
    if trace is not None:
        outer, trace.graph.scope = trace.graph.scope, scope
    try:
        yield
    except (ValueError, TypeError) as error:
        if len(error.args) == 1 and not getattr(error, "origin_named", False):
            text = str(error).removeprefix(f"{scope}: ").removeprefix(f"{name}: ")
            error.args = (f"{scope}: {text}{_shapes(text, y_true, y_pred)}",)
            setattr(error, "origin_named", True)  # noqa: B010
        raise
    finally:
        if trace is not None:
            trace.graph.scope = outer


def _shapes(text, y_true, y_pred):
    given = [(word, getattr(x, "shape", None)) for word, x in (("y_true", y_true), ("y_pred", y_pred))]
    shapes = [f"{word}.shape={tuple(shape)}" for word, shape in given if shape is not None]
    return f" [{', '.join(shapes)}]" if shapes and "y_pred" not in text else ""
