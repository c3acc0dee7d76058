"""Where Keras's published weights are: their names, their address, and the folder Keras keeps them in."""

import os
from typing import Any

_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/"
_KERNELS = "_weights_tf_dim_ordering_tf_kernels"
# name prefix of the model -> (folder, file with the classifier, file without); the longest prefix counts
_FILES = {
    "vgg": ("{name}/", "{name}" + _KERNELS + ".h5", "{name}" + _KERNELS + "_notop.h5"),
    "resnet": ("resnet/", "{name}" + _KERNELS + ".h5", "{name}" + _KERNELS + "_notop.h5"),
    "densenet": ("densenet/", "{name}" + _KERNELS + ".h5", "{name}" + _KERNELS + "_notop.h5"),
    "xception": ("xception/", "{name}" + _KERNELS + ".h5", "{name}" + _KERNELS + "_notop.h5"),
    "inception": ("{name}/", "{name}" + _KERNELS + ".h5", "{name}" + _KERNELS + "_notop.h5"),
    "mobilenet_": ("mobilenet/", "{name}_tf.h5", "{name}_tf_no_top.h5"),
    "mobilenet_v2": ("mobilenet_v2/", "{name}.h5", "{name}_no_top.h5"),
    "weights_mobilenet_v3": ("mobilenet_v3/", "{name}.h5", "{name}_no_top_v2.h5"),
    "efficientnetb": ("", "{name}.h5", "{name}_notop.h5"),
    "efficientnetv2": ("efficientnet_v2/", "{name}.h5", "{name}_notop.h5"),
    "convnext": ("convnext/", "{name}.h5", "{name}_notop.h5"),
    "NASNet": ("nasnet/", "{name}.h5", "{name}-no-top.h5"),
}


def published_file(name: str, include_top: bool) -> tuple[str, str]:
    """(file name, address) of Keras's weights for the application `name`."""
    prefix = max((key for key in _FILES if name.startswith(key)), key=len, default=None)
    if prefix is None:
        raise ValueError(
            f"weights='imagenet': Keras publishes none for {name!r}; use weights=None or a path to a file"
        )
    folder, top, without = _FILES[prefix]
    file = (top if include_top else without).format(name=name)
    return file, _ADDRESS + folder.format(name=name) + file


def cache_folder() -> str:
    """The folder in which Keras keeps downloaded weights: `$KERAS_HOME/models`, else `~/.keras/models`."""
    home = os.environ.get("KERAS_HOME")
    return os.path.join(home or os.path.expanduser("~/.keras"), "models")


def find_weights(weights: Any, name: str | None, include_top: bool) -> str | None:
    """The path of the weights that an application's argument `weights` asks for; None for random ones.

    convcore never downloads: for "imagenet" it looks into Keras's cache folder, and says what belongs there
    if the file is missing.
    """
    if weights is None:
        return None
    if weights != "imagenet":
        path = os.fspath(weights)
        if not os.path.isfile(path):
            raise ValueError(
                f"application {name!r}: weights: expected None, 'imagenet' or the path of an existing "
                f"file; received {weights!r}"
            )
        return path
    file, address = published_file(str(name), include_top)
    path = os.path.join(cache_folder(), file)
    if not os.path.isfile(path):
        raise ValueError(
            f"application {name!r}: weights='imagenet': {path} was not found, and convcore does not "
            f"download. Download {address} and put it there, or pass its path as `weights`; "
            "weights=None gives random weights."
        )
    return path
