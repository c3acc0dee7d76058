"""SpectralNormalization."""

from typing import Any

from ... import initializers, ops
from ..core.wrapper import Wrapper
from ..input_spec import InputSpec


class SpectralNormalization(Wrapper):
    """Divides the kernel of a layer by its largest singular value in every training step.

    Miyato et al., 2018, arXiv:1802.05957. The singular value is found by power iteration from the vector of
    the step before.

    Args:
        layer: a layer with a `kernel` or `embeddings`.
        power_iterations: iterations per step, at least 1.

    Weights: those of the layer, and `vector_u` (1, last axis of the kernel), not trainable.

    Raises:
        ValueError: `power_iterations` below 1, or a layer without a kernel.
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        if power_iterations <= 0:
            raise ValueError(
                "SpectralNormalization: `power_iterations` should be greater than zero. Received "
                f"power_iterations={power_iterations!r}"
            )
        self.power_iterations = power_iterations

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        kernel = getattr(self.layer, "kernel", getattr(self.layer, "embeddings", None))
        if kernel is None:
            raise ValueError(
                "SpectralNormalization: expected a layer with such weights; "
                f"{type(self.layer).__name__} object has no attribute 'kernel' nor 'embeddings'"
            )
        self.kernel = kernel
        self.vector_u = self.add_weight(
            name="vector_u",
            shape=(1, kernel.shape[-1]),
            initializer=initializers.TruncatedNormal(stddev=0.02),
            trainable=False,
            dtype=kernel.dtype,
        )

    def call(self, inputs: Any, training: Any = False) -> Any:
        if training:
            vector, kernel = self.normalized_weights()
            self.vector_u.assign(vector)
            self.kernel.assign(kernel)
        return self.layer(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.layer.compute_output_shape(input_shape)

    def normalized_weights(self) -> tuple[Any, Any]:
        """(the next `vector_u`, the kernel divided by its largest singular value); both as they are for a
        kernel of zeros.
        """
        kernel, start = ops.convert_to_tensor(self.kernel), ops.convert_to_tensor(self.vector_u)
        weights = ops.reshape(kernel, [-1, self.kernel.shape[-1]])
        u, v = start, None
        for _ in range(self.power_iterations):
            v = ops.normalize(ops.matmul(u, ops.transpose(weights)), axis=None)
            u = ops.normalize(ops.matmul(v, weights), axis=None)
        u, v = ops.stop_gradient(u), ops.stop_gradient(v)
        sigma = ops.reshape(ops.matmul(ops.matmul(v, weights), ops.transpose(u)), [])
        empty = ops.all(ops.equal(kernel, 0.0))
        return ops.where(empty, start, u), kernel / ops.where(empty, 1.0, sigma)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "power_iterations": self.power_iterations}
