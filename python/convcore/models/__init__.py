"""Models: Sequential, functional and subclassed."""

from ..core.suggestions import missing_attribute
from .cloning import clone_model  # noqa: F401
from .functional import Functional  # noqa: F401
from .model import Model, model_from_json  # noqa: F401
from .sequential import Sequential  # noqa: F401

_FROM_SAVING = ("load_model", "save_model")


def __getattr__(name):
    if name in _FROM_SAVING:
        from .. import saving

        return getattr(saving, name)
    raise missing_attribute(__name__, name, lambda: [*globals(), *_FROM_SAVING])
