"""The base of layers on images: batches and single images, dicts with labels and masks."""

from typing import Any

from .... import ops
from ....core import tree
from ....core.arguments import standardize_data_format
from ....core.dispatch import apply
from ....ops.image.layout import image_axes
from ...common import to_float
from ...layer import Layer


class ImageLayer(Layer):
    """A layer of images `(batch, height, width, channels)` or of one image `(height, width, channels)`.

    Data is an array of images, or a dict with the keys `images` and, as wanted, `labels` and
    `segmentation_masks`, which a layer transforms along with the images. Integer images become floats.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        bounding_box_format: must be None: bounding boxes are not transformed.
    """

    def __init__(
        self, data_format: str | None = None, *, bounding_box_format: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if bounding_box_format is not None:
            raise ValueError(
                f"{type(self).__name__}: bounding boxes are not transformed, bounding_box_format must be "
                f"None, received {bounding_box_format!r}"
            )
        self.data_format = standardize_data_format(data_format)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """What the layer draws for this data; None for layers that draw nothing."""
        return None

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """A batch of images under a transformation that `get_random_transformation` drew."""
        raise NotImplementedError(f"{type(self).__name__} does not transform images")

    def transform_labels(self, labels: Any, transformation: Any = None, training: Any = True) -> Any:
        """Labels under the same transformation; most layers leave them alone."""
        return labels

    def transform_segmentation_masks(
        self, masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Masks, images of class numbers, under the same transformation; color changes leave them alone."""
        return masks

    def call(self, data: Any, training: Any = True) -> Any:
        images = data["images"] if isinstance(data, dict) else data
        rank = len(images.shape)
        if rank == 4:
            return self._call_batch(data, training)
        if rank != 3:
            raise ValueError(
                f"{type(self).__name__} '{self.name}': Expected the input image to be rank 3 or 4 (a batch), "
                f"received shape {tuple(images.shape)}"
            )
        batch = tree.map_structure(lambda x: apply("expand_dims", x, axis=0), data)
        results = self._call_batch(batch, training)
        return tree.map_structure(lambda x: apply("squeeze", x, axes=[0]), results)

    def _call_batch(self, data: Any, training: Any) -> Any:
        transformation = self.get_random_transformation(data, training=training)
        if not isinstance(data, dict):
            return self.transform_images(data, transformation, training=training)
        if "bounding_boxes" in data:
            raise ValueError(f"{type(self).__name__} '{self.name}': bounding boxes are not transformed")
        results = dict(data)
        for key in ("images", "labels", "segmentation_masks"):
            if key in data:
                results[key] = getattr(self, f"transform_{key}")(data[key], transformation, training=training)
        return results

    def _call_eager(self, args: Any, kwargs: Any) -> Any:
        # a batch of one: so height and width are known when the call is recorded, only the batch is not
        data = args[0] if args else kwargs.get("data")
        images = data.get("images") if isinstance(data, dict) else data
        if getattr(images, "ndim", None) != 3:
            return super()._call_eager(args, kwargs)
        args, kwargs = tree.map_structure(lambda x: x[None] if hasattr(x, "ndim") else x, (args, kwargs))
        return tree.map_structure(lambda x: x[0], super()._call_eager(args, kwargs))

    def _float(self, images: Any) -> Any:
        images = to_float(ops.convert_to_tensor(images), self)
        return ops.cast(images, self.compute_dtype)

    def _sizes(self, images: Any) -> tuple[Any, Any]:
        """Height and width: numbers, or scalars where they are unknown while recording."""
        axes = image_axes(len(images.shape), self.data_format)[:2]
        sizes = [images.shape[axis] for axis in axes]
        height, width = (
            float(size) if size is not None else apply("size", images, axes=[axis])
            for size, axis in zip(sizes, axes, strict=True)
        )
        return height, width


def images_of(data: Any) -> Any:
    """The images of data that may be a dict."""
    return ops.convert_to_tensor(data["images"] if isinstance(data, dict) else data)


def per_image(values: Any) -> Any:
    """Values `(batch,)` as `(batch, 1, 1, 1)`."""
    return ops.reshape(values, (-1, 1, 1, 1))
