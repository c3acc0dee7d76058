"""Functions on images, with the names and signatures of ``keras.ops.image``.

Images are ``(batch, height, width, channels)`` or one image ``(height, width, channels)``; with
``data_format="channels_first"`` the channels stand before the height.
"""

from .colors import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv
from .distorting import elastic_transform, perspective_transform, ssim
from .filters import gaussian_blur, sobel_edges
from .patches import extract_patches, extract_patches_3d
from .resizing import crop_images, pad_images, resize
from .scaling import scale_and_translate
from .warping import affine_transform, map_coordinates

__all__ = [
    "affine_transform",
    "crop_images",
    "elastic_transform",
    "extract_patches",
    "extract_patches_3d",
    "gaussian_blur",
    "hsv_to_rgb",
    "map_coordinates",
    "pad_images",
    "perspective_transform",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "scale_and_translate",
    "sobel_edges",
    "ssim",
]
