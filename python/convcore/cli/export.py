"""writes a .keras model as a .convcore file"""

from ..saving import export_model, load_model

EXAMPLE = "convcore export m.keras m.convcore"


def add_arguments(command):
    """Both files."""
    command.add_argument("model", help="a .keras or .h5 file")
    command.add_argument("output", help="the .convcore file to write")
    command.add_argument("--training", action="store_true", help="also the train step, as compiled")


def run(options):
    """Returns what was written as a dict and as text."""
    model = load_model(options.model, compile=options.training)
    export_model(model, options.output, training=options.training)
    return {"output": options.output}, f"wrote {options.output}"
