"""The one spatial dropout layer; its subclasses fix the rank."""

from typing import Any

from ... import dtype_policies
from ..input_spec import InputSpec
from .dropout import Dropout


class BaseSpatialDropout(Dropout):
    """Dropout of whole channels per sample."""

    rank: int
    data_format = "channels_last"

    def __init__(self, rate: float, seed: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _mask_shape(self, inputs: Any) -> Any:
        shared = (1,) * self.rank
        return (None, None, *shared) if self.data_format == "channels_first" else (None, *shared, None)

    def get_config(self) -> dict[str, Any]:
        # Keras writes neither `trainable` nor a policy here
        return {
            "rate": self.rate,
            "seed": self.seed,
            "name": self.name,
            "dtype": dtype_policies.get(self.dtype_policy).name,
        }
