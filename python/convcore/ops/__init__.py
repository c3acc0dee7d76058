"""Functions on arrays, recorded and symbolic tensors, with the names and signatures of ``keras.ops``."""

from . import image, linalg  # noqa: F401
from .alignment import *  # noqa: F403
from .angles import *  # noqa: F403
from .arranging import *  # noqa: F403
from .blocks import *  # noqa: F403
from .control import *  # noqa: F403
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
from .einsum import einsum  # noqa: F401
from .elementwise import *  # noqa: F403
from .encoding import *  # noqa: F403
from .integers import *  # noqa: F403
from .logarithms import *  # noqa: F403
from .losses import (  # noqa: F401
    binary_crossentropy,
    categorical_crossentropy,
    psnr,
    sparse_categorical_crossentropy,
)
from .matrices import *  # noqa: F403
from .nan_reductions import *  # noqa: F403
from .nn import *  # noqa: F403
from .normalization import *  # noqa: F403
from .numpy import *  # noqa: F403
from .operators import attach_operators as _attach_operators
from .products import *  # noqa: F403
from .reductions import *  # noqa: F403
from .scattering import *  # noqa: F403
from .segments import *  # noqa: F403
from .shapes import *  # noqa: F403
from .sorting import *  # noqa: F403
from .windows import *  # noqa: F403

_attach_operators()
