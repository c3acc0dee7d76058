"""prints the layers of a .keras file, or the functions of a .convcore file"""

from ..saving import ExportedModel, load_model
from .models import is_exported

EXAMPLE = "convcore summary m.keras"


def add_arguments(command):
    """The file."""
    command.add_argument("model", help="a .keras, .h5 or .convcore file")


def run(options):
    """Returns the parts as a dict and as text."""
    if is_exported(options.model):
        return _exported(ExportedModel(options.model))
    model = load_model(options.model, compile=False)
    lines: list[str] = []
    model.summary(print_fn=lambda line, **_: lines.append(line))
    layers = [
        {"name": layer.name, "class": type(layer).__name__, "parameters": layer.count_params()}
        for layer in model.layers
    ]
    return {"name": model.name, "layers": layers, "parameters": model.count_params()}, "\n".join(lines)


def _exported(model):
    def described(specs):
        return [{"name": name, "dtype": dtype, "shape": list(shape)} for name, dtype, shape in specs]

    functions = {
        name: {"inputs": described(model.inputs(name)), "outputs": described(model.outputs(name))}
        for name in model.functions
    }
    sizes = {name: value.size for name, value in model.variables().items()}
    lines = []
    for name, parts in functions.items():
        sides = [
            ", ".join(f"{part['name']} {part['dtype']} {tuple(part['shape'])}" for part in parts[side])
            for side in ("inputs", "outputs")
        ]
        lines.append(f"{name}: {sides[0]} -> {sides[1]}")
    lines.append(f"{len(sizes)} variables, {sum(sizes.values())} numbers")
    return {"functions": functions, "variables": sizes}, "\n".join(lines)
