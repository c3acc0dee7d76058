"""runs the sample in a .convcore file and compares"""

from ..saving import ExportedModel
from .models import is_exported

EXAMPLE = "convcore verify m.convcore"


def add_arguments(command):
    """The file."""
    command.add_argument("model", help="a .convcore file")


def run(options):
    """Returns the outcome as a dict and as text."""
    if not is_exported(options.model):
        raise ValueError(f"{options.model}: expected a .convcore file, as model.export() writes it")
    found = ExportedModel(options.model).verify()
    how = (
        "to the last bit" if found["bitwise"] else f"within {found['max_error']:.1e} of the largest magnitude"
    )
    return found, f"{'ok' if found['ok'] else 'WRONG'}: {found['function']} equals the sample {how}"
