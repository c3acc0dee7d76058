"""Random numbers: seeds, generators and draws that record into the graph."""

from .draws import dropout, normal, normal_like, uniform, uniform_like  # noqa: F401
from .seed_generator import SeedGenerator, draw_seed, make_default_seed, set_random_seed  # noqa: F401
