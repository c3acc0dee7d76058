"""Random numbers: seeds, generators and draws that record into the graph."""

from ..core.suggestions import missing_attribute
from .draws import dropout, normal, normal_like, uniform, uniform_like  # noqa: F401
from .seed_generator import SeedGenerator, draw_seed, make_default_seed, set_random_seed  # noqa: F401


def __getattr__(name):
    # these are made of ops, which are made of the draws above
    if name in ("beta", "binomial", "categorical", "gamma", "randint", "shuffle", "truncated_normal"):
        from . import more_draws

        return getattr(more_draws, name)
    raise missing_attribute(__name__, name)
