"""The command ``convcore``: looks into model files, runs, exports, proves and times them.

    convcore info                              the library, the instruction set, the threads
    convcore summary m.keras                   the layers of a model
    convcore check m.h5                        all that a Keras file needs and convcore lacks
    convcore predict m.convcore digit.png      the highest scores for images or arrays
    convcore export m.keras m.convcore         for C++ and other languages
    convcore verify m.convcore                 whether this machine computes what the writer's did
    convcore bench m.convcore --batch 32       milliseconds a prediction

Each takes ``--json`` for machines. A refused file or argument ends with status 1 and one line on stderr.
"""

import argparse
import json
import os
import sys

from . import bench, check, export, info, predict, summary, verify

COMMANDS = {
    "info": info,
    "summary": summary,
    "check": check,
    "predict": predict,
    "export": export,
    "verify": verify,
    "bench": bench,
}


def main(arguments=None):
    """Runs the command line; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.cmakedir or options.includes:
        print(installed("lib", "cmake", "convcore") if options.cmakedir else installed("include"))
        return 0
    if options.command is None:
        parser.print_help()
        return 2
    try:
        result, text = options.run(options)
    except (ValueError, OSError) as error:
        print(f"convcore {options.command}: {_plain(error, options.command)}", file=sys.stderr)
        return 1
    print(json.dumps(result) if options.json else text)
    return 0 if result.get("ok", True) else 1


def _plain(error, command):
    """What an error says: the file first where it is the system's, the command not once more."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    return str(error).removeprefix(f"{command}: ")


def installed(*parts):
    """The path of a folder of the C++ side inside the installed package."""
    path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), *parts)
    if not os.path.isdir(path):
        raise SystemExit(
            f"convcore: expected {path}, which an installed wheel has; this looks like a source tree"
        )
    return path


def _parser():
    parser = argparse.ArgumentParser(
        prog="convcore",
        description="Looks into, runs and ships models.",
        epilog="convcore COMMAND --help tells the arguments of a command, with an example.",
    )
    parser.add_argument("--cmakedir", action="store_true", help="print the folder of convcoreConfig.cmake")
    parser.add_argument("--includes", action="store_true", help="print the folder of the C++ headers")
    commands = parser.add_subparsers(dest="command", metavar="command")
    for name, module in COMMANDS.items():
        about = module.__doc__ or ""
        command = commands.add_parser(
            name,
            help=about,
            description=f"{about[:1].upper()}{about[1:]}.",
            epilog=f"Example: {module.EXAMPLE}",
        )
        command.add_argument("--json", action="store_true", help="print one JSON object")
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser
