"""Functions on images, with the names and signatures of ``keras.ops.image``.

Images are ``(batch, height, width, channels)`` or one image ``(height, width, channels)``; with
``data_format="channels_first"`` the channels stand before the height.
"""

from .resizing import crop_images, pad_images, resize

__all__ = ["crop_images", "pad_images", "resize"]
