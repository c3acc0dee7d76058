"""times predictions of a model: median and quartiles"""

import statistics
import time

import numpy as np

from .. import _core
from .models import predictor

EXAMPLE = "convcore bench m.convcore --batch 32 --threads 2"


def add_arguments(command):
    """The file, the batch and how long to measure."""
    command.add_argument("model", help="a .keras, .h5 or .convcore file")
    command.add_argument("--batch", type=int, default=1, help="samples a prediction (default: 1)")
    command.add_argument("--seconds", type=float, default=2.0, help="how long to measure (default: 2)")
    command.add_argument("--threads", type=int, default=0, help="0, the default: as many as there are cores")
    command.add_argument(
        "--size",
        type=int,
        default=224,
        help="height and width that the model leaves open (default: 224)",
    )


def run(options):
    """Returns the times as a dict and as text."""
    if options.batch < 1:
        raise ValueError(f"argument --batch: expected a number of at least 1; received {options.batch}")
    _core.set_num_threads(options.threads)
    call, specs = predictor(options.model)
    random = np.random.default_rng(0)
    arrays = []
    for _, dtype, shape in specs:
        sizes = [options.batch, *(options.size if n is None else n for n in shape[1:])]
        arrays.append(random.random(sizes).astype(dtype))
    times: list[float] = []
    call(*arrays)
    end = time.perf_counter() + options.seconds
    while time.perf_counter() < end or len(times) < 3:
        begin = time.perf_counter()
        call(*arrays)
        times.append(1e3 * (time.perf_counter() - begin))
    low, middle, high = statistics.quantiles(times, n=4)
    found = {
        "batch": options.batch,
        "threads": _core.num_threads(),
        "runs": len(times),
        "milliseconds": {"median": middle, "first_quartile": low, "third_quartile": high},
    }
    return found, f"batch {options.batch}: {middle:.3f} ms ({low:.3f} to {high:.3f}), {len(times)} runs"
