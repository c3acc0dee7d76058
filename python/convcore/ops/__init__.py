"""Functions on arrays, recorded and symbolic tensors, with the names and signatures of ``keras.ops``."""

import importlib as _importlib

from ..core.suggestions import missing_attribute
from . import image, linalg  # noqa: F401
from .alignment import *  # noqa: F403
from .arranging import *  # noqa: F403
from .blocks import *  # noqa: F403
from .convolution import *  # noqa: F403
from .core import (  # noqa: F401
    cast,
    convert_to_numpy,
    convert_to_tensor,
    get_item,
    is_tensor,
    shape,
    slice,
    stop_gradient,
)
from .creation import *  # noqa: F403
from .elementwise import *  # noqa: F403
from .encoding import *  # noqa: F403
from .logarithms import *  # noqa: F403
from .losses import (  # noqa: F401
    binary_crossentropy,
    categorical_crossentropy,
    psnr,
    sparse_categorical_crossentropy,
)
from .matrices import *  # noqa: F403
from .nn import *  # noqa: F403
from .normalization import *  # noqa: F403
from .norms import *  # noqa: F403
from .numpy import *  # noqa: F403
from .operators import attach_operators as _attach_operators
from .reductions import *  # noqa: F403
from .segments import *  # noqa: F403
from .shapes import *  # noqa: F403

_attach_operators()

# Rooms that are rarely needed: loaded when one of their functions is asked for, so that the import is quick.
_ROOMS = (
    *("angles", "complex_parts", "control", "letter_sums", "integers", "nan_reductions"),
    *("own_gradients", "products", "scattering", "rearranging", "sorting", "spacing", "windows"),
)


def __getattr__(name):
    if not name.startswith("_"):
        for room in _ROOMS:
            module = _importlib.import_module(f"{__name__}.{room}")
            if name in module.__all__:
                value = globals()[name] = getattr(module, name)
                return value
    raise missing_attribute(__name__, name, __dir__, (f"{__name__}.image", f"{__name__}.linalg"))


def __dir__():
    rooms = [_importlib.import_module(f"{__name__}.{room}") for room in _ROOMS]
    return sorted({*globals(), *(name for room in rooms for name in room.__all__)})
