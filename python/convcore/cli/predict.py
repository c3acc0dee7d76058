"""runs a model on images or .npy arrays and prints the highest scores"""

import numpy as np

from .models import predictor, read_input

EXAMPLE = "convcore predict m.convcore digit.png --scale 0.00392157 --top 3"


def add_arguments(command):
    """The file, the inputs and how to read them."""
    command.add_argument("model", help="a .keras, .h5 or .convcore file")
    command.add_argument("inputs", nargs="+", help="images, or .npy files with one sample or a batch")
    command.add_argument(
        "--scale",
        type=float,
        default=1.0,
        help="multiply the input by this (default: 1; pixels are 0 to 255)",
    )
    command.add_argument("--top", type=int, default=5, help="how many scores to print (default: 5)")
    command.add_argument("--labels", help="a text file with one class name a line")


def run(options):
    """Returns the scores as a dict and as text."""
    call, specs = predictor(options.model)
    if len(specs) != 1:
        raise ValueError(f"{options.model}: expected a model with one input; received one with {len(specs)}")
    if options.top < 1:
        raise ValueError(f"argument --top: expected a number of at least 1; received {options.top}")
    labels = None
    if options.labels:
        with open(options.labels, encoding="utf-8") as file:
            labels = file.read().splitlines()
    found, lines = {}, []
    for path in options.inputs:
        x = read_input(path, specs[0])
        x = (x * options.scale).astype(specs[0][1]) if options.scale != 1 else x
        rows = np.asarray(call(x)[0]).reshape(len(x), -1)
        found[path] = [_highest(row, options.top, labels) for row in rows]
        for row in found[path]:
            lines.append(f"{path}: " + ", ".join(f"{label} {score:.4f}" for label, score in row))
    return {"predictions": found}, "\n".join(lines)


def _highest(scores, count, labels):
    best = np.argsort(-scores, kind="stable")[:count]
    return [(labels[i] if labels and i < len(labels) else str(i), float(scores[i])) for i in best]
