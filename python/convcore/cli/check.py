"""lists what a Keras file needs that is unknown here, without building the model"""

from ..saving.check_file import check_file
from .models import is_exported

EXAMPLE = "convcore check m.h5"


def add_arguments(command):
    """The file."""
    command.add_argument("model", help="a .keras, .h5 or .weights.h5 file")


def run(options):
    """Returns the findings as a dict and as text."""
    if is_exported(options.model):
        raise ValueError(
            f"{options.model}: expected a .keras, .h5 or .weights.h5 file; for .convcore files there is "
            "`convcore verify`"
        )
    found = check_file(options.model)
    lines = [f"{options.model}: {found['kind']}, {found['layers']} layers, {found['arrays']} arrays"]
    lines += [f"unknown class or function: {name}" for name in found["unknown"]]
    lines += [f"damaged or unsupported: {problem}" for problem in found["problems"]]
    lines.append("ok" if found["ok"] else "cannot be loaded as it is")
    return found, "\n".join(lines)
