"""Models: Sequential, functional and subclassed."""

from .cloning import clone_model  # noqa: F401
from .functional import Functional  # noqa: F401
from .model import Model, model_from_json  # noqa: F401
from .sequential import Sequential  # noqa: F401


def __getattr__(name):
    if name in ("load_model", "save_model"):
        from .. import saving

        return getattr(saving, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
