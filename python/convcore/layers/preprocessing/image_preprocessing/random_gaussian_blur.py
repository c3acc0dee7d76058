"""RandomGaussianBlur."""

from typing import Any

from .... import ops
from ....random import uniform
from .factors import factor_range
from .image_layer import images_of, per_image
from .random_image_layer import RandomImageLayer


class RandomGaussianBlur(RandomImageLayer):
    """In training, blurs some images with a Gaussian filter of random width, one width for the batch.

    Args:
        factor: a number f for (0, f), or a pair, within [0, 1]: the probability of an image is uniform in it.
        kernel_size: an odd number, or a pair of them (width, height).
        sigma: a number s for (0, s), or a pair, within [0, 1]: the standard deviations are uniform in it.
        value_range: the smallest and the largest value of an image.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        seed: an int makes the sequence of filters reproducible.
    """

    def __init__(
        self,
        factor: Any = 1.0,
        kernel_size: Any = 3,
        sigma: Any = 1.0,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self, 0, 1)
        pair = kernel_size if isinstance(kernel_size, (tuple, list)) else (kernel_size, kernel_size)
        if len(pair) != 2 or any(not isinstance(n, int) or n < 1 or n % 2 == 0 for n in pair):
            raise ValueError(
                "RandomGaussianBlur: kernel_size must be an odd number or a pair of them, received "
                f"kernel_size={kernel_size!r}"
            )
        self.kernel_size = tuple(pair)
        self.sigma = factor_range(sigma, "sigma", self, 0, 1)
        self.value_range = value_range

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        chosen = self._coins(images_of(data), self.factor, seed)
        sigma = uniform((2,), *self.sigma, seed=self.generator if seed is None else seed)
        return {"should_apply_blur": chosen, "blur_factor": sigma + 1e-6}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        blurred = ops.image.gaussian_blur(
            images, self.kernel_size, transformation["blur_factor"], data_format=self.data_format
        )
        images = ops.where(per_image(transformation["should_apply_blur"]), blurred, images)
        return ops.clip(images, *self.value_range)
