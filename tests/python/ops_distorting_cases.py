"""Functions of images that look elsewhere or compare, with arguments, and what Keras makes of them."""

import numpy as np

RNG = np.random.default_rng(47)
IMAGES = RNG.random((2, 17, 14, 3)).astype("float32")
OTHERS = RNG.random((2, 17, 14, 3)).astype("float32")
START = np.array([[[0, 0], [13, 0], [0, 16], [13, 16]]] * 2, "float32")
END = START + RNG.normal(size=START.shape).astype("float32") * 2
CASES = {
    "perspective": lambda image: image.perspective_transform(IMAGES, START, END, fill_value=0.5),
    "perspective_nearest": lambda image: image.perspective_transform(IMAGES, START, END, "nearest"),
    "perspective_one": lambda image: image.perspective_transform(IMAGES[0], START[0], END[1]),
    "perspective_first": lambda image: image.perspective_transform(
        IMAGES.transpose(0, 3, 1, 2), START, END, data_format="channels_first"
    ),
    "scaled": lambda image: image.scale_and_translate(
        IMAGES, (2, 9, 20, 3), np.float32([0.5, 1.3]), np.float32([0.7, -2.0]), (1, 2), "linear"
    ),
    "scaled_lanczos": lambda image: image.scale_and_translate(
        IMAGES[0], (9, 20, 3), np.float32([1.5, 0.4]), np.float32([-1.0, 0.3]), (0, 1), "lanczos3", False
    ),
    "scaled_cubic": lambda image: image.scale_and_translate(
        IMAGES, (2, 17, 20, 3), np.float32([0.4]), np.float32([2.0]), (2,), "cubic"
    ),
    "ssim": lambda image: image.ssim(IMAGES, OTHERS),
    "ssim_one": lambda image: image.ssim(IMAGES[0], OTHERS[0] * 0.5 + IMAGES[0], max_val=2.0, filter_size=5),
}


def answers(keras):
    return {name: np.asarray(case(keras.ops.image)) for name, case in CASES.items()}
