"""prints the version, the instruction set and the threads"""

import platform

from .. import __version__, _core

EXAMPLE = "convcore info"


def add_arguments(command):
    """This command takes none."""


def run(options):
    """Returns the facts as a dict and as text."""
    facts = {
        "version": __version__,
        "isa": _core.isa(),
        "available_isas": list(_core.available_isas()),
        "threads": _core.num_threads(),
        "python": platform.python_version(),
    }
    return facts, "\n".join(
        f"{name:15} {', '.join(v) if isinstance(v, list) else v}" for name, v in facts.items()
    )
