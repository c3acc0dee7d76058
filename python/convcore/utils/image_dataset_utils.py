"""Images in folders as a dataset: files are read batch by batch, ahead of training, in threads."""

import os

import numpy as np

from ..core.arguments import standardize_data_format
from ..ops.image import resize
from ..ops.image.resizing import INTERPOLATIONS
from ..trainers.data_adapters import PyDataset
from .image_utils import img_to_array, load_img

FORMATS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_CHANNELS = ("rgb", "rgba", "grayscale")


class ImageFolder(PyDataset):
    """Batches (images, labels) of image files; made by `image_dataset_from_directory`.

    Attributes:
        file_paths: The files, in the order of the first pass.
        class_names: Names of the classes; None without labels.
    """

    def __init__(self, file_paths, labels, class_names, batch_size, load, seed=None):
        super().__init__(workers=max(1, min(8, os.cpu_count() or 1)))
        self.file_paths, self.class_names = list(file_paths), class_names
        self._labels, self._batch_size, self._load = labels, batch_size, load
        self._order = np.arange(len(self.file_paths))
        self._draws = None if seed is None else np.random.default_rng(seed)

    @property
    def num_batches(self):
        return len(self)

    def __len__(self):
        return -(-len(self.file_paths) // (self._batch_size or 1))

    def __getitem__(self, index):
        index = range(len(self))[index]
        if self._batch_size is None:
            return self._pick(self._order[index])
        members = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        samples = [self._pick(i) for i in members]
        if self._labels is None:
            return np.stack(samples)
        return np.stack([image for image, _ in samples]), np.stack([label for _, label in samples])

    def _pick(self, i):
        image = self._load(self.file_paths[i])
        return image if self._labels is None else (image, self._labels[i])

    def __iter__(self):
        """One pass in a loop of one's own; the next one is shuffled anew, as in `fit`."""
        for i in range(len(self)):
            yield self[i]
        self.on_epoch_end()

    def on_epoch_end(self):
        """Shuffles the files for the next pass."""
        if self._draws is not None:
            self._order = self._draws.permutation(len(self._order))


def image_dataset_from_directory(
    directory,
    labels="inferred",
    label_mode="int",
    class_names=None,
    color_mode="rgb",
    batch_size=32,
    image_size=(256, 256),
    shuffle=True,
    seed=None,
    validation_split=None,
    subset=None,
    interpolation="bilinear",
    follow_links=False,
    crop_to_aspect_ratio=False,
    pad_to_aspect_ratio=False,
    data_format=None,
    format="tf",
    verbose=True,
):
    """The images below a folder as a `PyDataset` of float32 batches, values 0 to 255.

    Needs Pillow. Files end in bmp, gif, jpeg, jpg or png; of animations the first picture counts.

    Args:
        directory: With `labels="inferred"`, one folder per class in it.
        labels: "inferred", None, or a list with one label per file, in the order of the sorted paths.
        label_mode: "int" (int32), "categorical" (one-hot float32), "binary" (float32 (batch, 1), of exactly
            two classes) or None.
        class_names: The folders to read, in the order of the labels; all, sorted, when None.
        color_mode: "rgb", "rgba" or "grayscale".
        batch_size: Images per batch; None hands out single images.
        image_size: (height, width).
        shuffle: Whether files are shuffled, anew for every epoch; else they are sorted.
        seed: Seed of the shuffle.
        validation_split: Fraction of the files that `subset` "validation" means.
        subset: "training", "validation", or "both" for a list of two datasets.
        interpolation: "nearest", "bilinear", "bicubic", "lanczos3" or "lanczos5".
        follow_links: Whether to look into folders behind symbolic links.
        crop_to_aspect_ratio, pad_to_aspect_ratio: See `ops.image.resize`.
        data_format: "channels_last" or "channels_first"; None takes the global setting.
        format: "tf" or "grain", for Keras's signature; the result is a `PyDataset` either way.
        verbose: Whether to print how many files were found.
    """
    _check(labels, label_mode, class_names, color_mode, interpolation, format)
    _check_split(validation_split, subset, shuffle, seed)
    if labels is None or label_mode is None:
        labels = label_mode = None
    paths, labels, class_names = _index(directory, labels, class_names, follow_links, verbose)
    if label_mode == "binary" and len(class_names) != 2:
        raise ValueError(
            "image_dataset_from_directory: for label_mode='binary' there must be exactly 2 classes; received "
            f"{class_names}"
        )
    seed = np.random.randint(10**6) if seed is None else seed
    if shuffle:
        paths, labels = _shuffled(paths, seed), _shuffled(labels, seed)
    load = _loader(
        (image_size, image_size) if isinstance(image_size, int) else tuple(image_size),
        color_mode,
        standardize_data_format(data_format),
        interpolation=interpolation,
        crop_to_aspect_ratio=crop_to_aspect_ratio,
        pad_to_aspect_ratio=pad_to_aspect_ratio,
    )
    labels = _encoded(labels, label_mode, len(class_names or ()))
    cut = len(paths) - int((validation_split or 0) * len(paths))
    parts = {"training": slice(None, cut), "validation": slice(cut, None), None: slice(None)}
    made = []
    for part in ("training", "validation") if subset == "both" else (subset,):
        kept = paths[parts[part]]
        if not kept:
            raise ValueError(
                f"image_dataset_from_directory: No images found. Expected images ({', '.join(FORMATS)}) in "
                f"{directory!r}; found none{f' for {part}' if part else ''}"
            )
        if part and verbose:
            print(f"Using {len(kept)} files for {part}.")
        again = seed if shuffle and part != "validation" else None
        kept_labels = None if labels is None else labels[parts[part]]
        made.append(ImageFolder(kept, kept_labels, class_names, batch_size, load, again))
    return made if subset == "both" else made[0]


def _choice(name, value, allowed):
    if value not in allowed:
        raise ValueError(
            f"image_dataset_from_directory: `{name}` argument must be one of {allowed}; received {value!r}"
        )


def _check(labels, label_mode, class_names, color_mode, interpolation, format):
    _choice("label_mode", label_mode, ("int", "categorical", "binary", None))
    _choice("color_mode", color_mode, _CHANNELS)
    _choice("interpolation", interpolation, INTERPOLATIONS)
    _choice("format", format, ("tf", "grain"))
    if labels is not None and not isinstance(labels, (list, tuple)) and labels != "inferred":
        raise ValueError(
            "image_dataset_from_directory: the `labels` argument should be 'inferred', None or a list; "
            f"received {labels!r}"
        )
    if class_names and labels != "inferred":
        raise ValueError(
            'image_dataset_from_directory: you can only pass `class_names` if `labels="inferred"`; received '
            f"class_names={class_names!r} and labels={str(labels)[:80]}"
        )


def _check_split(validation_split, subset, shuffle, seed):
    _choice("subset", subset, ("training", "validation", "both", None))
    if validation_split and not 0 < validation_split < 1:
        raise ValueError(
            "image_dataset_from_directory: argument `validation_split` must be between 0 and 1; "
            f"received {validation_split!r}"
        )
    if bool(validation_split) != bool(subset):
        raise ValueError(
            "image_dataset_from_directory: if `subset` is set, `validation_split` must be set too, and the "
            f"other way round; received subset={subset!r} and validation_split={validation_split!r}"
        )
    if validation_split and shuffle and seed is None:
        raise ValueError(
            "image_dataset_from_directory: a shuffled split needs `seed`, so that its parts do not overlap"
        )


def _index(directory, labels, class_names, follow_links, verbose):
    """(paths, labels, names of the classes), sorted."""
    directory = os.fspath(directory)
    if not os.path.isdir(directory):
        raise FileNotFoundError(
            "image_dataset_from_directory: argument `directory`: expected an existing folder; "
            f"received {directory!r}"
        )
    folders = [""]
    if labels == "inferred":
        found = sorted(
            name
            for name in os.listdir(directory)
            if not name.startswith(".") and os.path.isdir(os.path.join(directory, name))
        )
        missing = [name for name in class_names or () if name not in found]
        if missing:
            raise ValueError(
                "image_dataset_from_directory: the `class_names` passed did not match the folders of "
                f"{directory!r}: expected some of {found}; received {missing}"
            )
        folders = list(class_names or found)
    paths, inferred = [], []
    for number, folder in enumerate(folders):
        for root, _, here in sorted(os.walk(os.path.join(directory, folder), followlinks=follow_links)):
            files = [os.path.join(root, name) for name in sorted(here) if name.lower().endswith(FORMATS)]
            paths += files
            inferred += [number] * len(files)
    if isinstance(labels, (list, tuple)) and len(labels) != len(paths):
        raise ValueError(
            "image_dataset_from_directory: Expected the lengths of `labels` to match the number of files in "
            f"the folder, {len(paths)}; received {len(labels)} labels"
        )
    names: list[str] | None = None
    if labels == "inferred":
        labels, names = inferred, folders
    elif labels is not None:
        names = [str(label) for label in sorted(set(labels))]
    if verbose:
        print(f"Found {len(paths)} files" + (f" belonging to {len(names)} classes." if names else "."))
    return paths, None if labels is None else list(labels), names


def _shuffled(items, seed):
    if items is None:
        return None
    items = list(items)
    np.random.RandomState(seed).shuffle(items)
    return items


def _encoded(labels, label_mode, classes):
    if labels is None:
        return None
    labels = np.asarray(labels, "int32")
    if label_mode == "binary":
        return labels.astype("float32")[:, None]
    return labels if label_mode == "int" else np.eye(classes, dtype="float32")[labels]


def _loader(size, color_mode, data_format, **settings):
    def load(path):
        image = img_to_array(load_img(path, color_mode), "channels_last", "float32")
        image = resize(image, size, data_format="channels_last", **settings)
        return image.transpose(2, 0, 1) if data_format == "channels_first" else image

    return load
