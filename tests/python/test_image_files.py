"""Image files and folders of images; Pillow, an optional extra, must be there for these tests."""

import io
import os
import subprocess
import sys

import convcore
import numpy as np
import pytest
from convcore import layers, ops, utils
from convcore.preprocessing import image as old_path

pil = pytest.importorskip("PIL.Image", reason="Pillow, the optional extra, is not installed")


def pixels(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype="uint8")


@pytest.fixture
def folder(tmp_path):
    """Three classes of 4, 3 and 5 PNG files; the pixels are known."""
    for number, (name, count) in enumerate((("ants", 4), ("bees", 3), ("cats", 5))):
        (tmp_path / name / "deep").mkdir(parents=True)
        for i in range(count):
            place = tmp_path / name / ("deep" if i == 0 else "") / f"{i}.PNG"
            pil.fromarray(pixels(6 + i, 8, 3, seed=10 * number + i)).save(place)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "ants" / "notes.txt").write_text("no image")
    return tmp_path


def test_arrays_to_images_and_back():
    x = pixels(5, 7, 3)
    image = utils.array_to_img(x, scale=False)
    assert image.size == (7, 5) and image.mode == "RGB"
    back = utils.img_to_array(image)
    assert back.dtype == np.float32 and np.array_equal(back, x)
    np.testing.assert_array_equal(utils.img_to_array(image, "channels_first"), back.transpose(2, 0, 1))
    np.testing.assert_array_equal(utils.array_to_img(back.transpose(2, 0, 1), "channels_first", False), image)
    gray = utils.array_to_img(np.array([[[1.0], [2.0], [5.0]]]))
    assert gray.mode == "L" and np.asarray(gray).tolist() == [[0, 63, 255]]
    assert utils.array_to_img(np.full((2, 2, 4), 9.0), scale=False).mode == "RGBA"
    assert utils.img_to_array(gray).shape == (1, 3, 1)
    assert old_path.load_img is utils.load_img
    for bad in (np.zeros((2, 2)), np.zeros((2, 2, 2))):
        with pytest.raises(ValueError, match="array_to_img"):
            utils.array_to_img(bad)


def test_files_are_written_and_read(tmp_path):
    x = pixels(6, 9, 3)
    utils.save_img(tmp_path / "a.png", x, scale=False)
    np.testing.assert_array_equal(utils.img_to_array(utils.load_img(tmp_path / "a.png")), x)
    stream = io.BytesIO((tmp_path / "a.png").read_bytes())
    assert utils.load_img(stream, color_mode="grayscale").mode == "L"
    small = utils.load_img(str(tmp_path / "a.png"), target_size=(3, 4), interpolation="bilinear")
    assert small.size == (4, 3)
    kept = utils.load_img(tmp_path / "a.png", target_size=(3, 3), keep_aspect_ratio=True)
    np.testing.assert_array_equal(kept, pil.fromarray(x[:, 1:7]).resize((3, 3), pil.Resampling.NEAREST))
    with pytest.warns(UserWarning, match="JPEG"):
        utils.save_img(tmp_path / "b.jpg", pixels(4, 4, 4), scale=False)
    for arguments in ({"color_mode": "hsv"}, {"target_size": (2, 2), "interpolation": "cubic"}):
        with pytest.raises(ValueError, match="load_img"):
            utils.load_img(tmp_path / "a.png", **arguments)


def test_a_folder_as_batches(folder, capsys):
    data = utils.image_dataset_from_directory(folder, batch_size=5, image_size=(4, 6), shuffle=False)
    assert capsys.readouterr().out == "Found 12 files belonging to 3 classes.\n"
    assert data.class_names == ["ants", "bees", "cats"] and len(data) == 3
    names = [os.path.relpath(path, folder) for path in data.file_paths]
    # folders in order, the deeper ones after the files above them
    assert names[:4] == ["ants/1.PNG", "ants/2.PNG", "ants/3.PNG", "ants/deep/0.PNG"]
    x = np.concatenate([batch for batch, _ in data])
    y = np.concatenate([labels for _, labels in data])
    assert x.shape == (12, 4, 6, 3) and x.dtype == np.float32
    assert y.tolist() == [0] * 4 + [1] * 3 + [2] * 5 and y.dtype == np.int32
    np.testing.assert_array_equal(x[1], ops.image.resize(pixels(8, 8, 3, seed=2).astype("float32"), (4, 6)))


def test_label_modes_and_formats(folder):
    def first(**arguments):
        return utils.image_dataset_from_directory(
            folder, image_size=(4, 6), shuffle=False, verbose=False, batch_size=12, **arguments
        )[0]

    assert first(labels=None).shape == (12, 4, 6, 3)
    assert first(label_mode=None, color_mode="grayscale").shape == (12, 4, 6, 1)
    assert first(labels=None, data_format="channels_first", color_mode="rgba").shape == (12, 4, 4, 6)
    one_hot = first(label_mode="categorical")[1]
    assert one_hot.dtype == np.float32 and one_hot.sum(0).tolist() == [4, 3, 5]
    two = first(label_mode="binary", class_names=["cats", "ants"])[1]
    assert two.shape == (9, 1) and two.dtype == np.float32 and two[:, 0].tolist() == [0] * 5 + [1] * 4
    assert first(labels=list(range(12)))[1].tolist() == list(range(12))
    single = utils.image_dataset_from_directory(folder, batch_size=None, image_size=8, verbose=False)
    assert len(single) == 12 and single[3][0].shape == (8, 8, 3)


def test_the_order_is_that_of_keras(folder):
    paths = utils.image_dataset_from_directory(folder, shuffle=False, verbose=False).file_paths
    expected = list(paths)
    np.random.RandomState(7).shuffle(expected)
    data = utils.image_dataset_from_directory(folder, seed=7, verbose=False)
    assert data.file_paths == expected
    parts = utils.image_dataset_from_directory(
        folder, seed=7, validation_split=0.25, subset="both", verbose=False
    )
    assert [part.file_paths for part in parts] == [expected[:9], expected[9:]]
    only = utils.image_dataset_from_directory(
        folder, seed=7, validation_split=0.25, subset="validation", verbose=False
    )
    assert only.file_paths == expected[9:]


def test_shuffling_is_new_every_epoch_and_reproducible(folder):
    def passes():
        data = utils.image_dataset_from_directory(
            folder, seed=3, image_size=(4, 4), batch_size=12, verbose=False
        )
        seen = []
        for _ in range(3):
            seen.append(data[0][1].tolist())
            data.on_epoch_end()
        return seen

    first = passes()
    assert first == passes() and len({tuple(order) for order in first}) == 3
    assert all(sorted(order) == [0] * 4 + [1] * 3 + [2] * 5 for order in first)


def test_a_folder_trains_a_model(folder):
    data = utils.image_dataset_from_directory(folder, seed=1, image_size=(8, 8), batch_size=5, verbose=False)
    model = convcore.Sequential(
        [
            convcore.Input((8, 8, 3)),
            layers.Rescaling(1 / 255),
            layers.RandomFlip("horizontal"),
            layers.Conv2D(4, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(data, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert model.predict(data, verbose=0).shape == (12, 3)


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"labels": "x"}, ["labels", "'x'"]),
        ({"labels": [1, 2]}, ["number of files", "12; received 2 labels"]),
        ({"labels": None, "class_names": ["ants"]}, ["class_names"]),
        ({"class_names": ["dogs"]}, ["class_names", "dogs", "ants"]),
        ({"label_mode": "hot"}, ["label_mode", "'hot'"]),
        ({"label_mode": "binary"}, ["exactly 2 classes", "bees"]),
        ({"color_mode": "hsv"}, ["color_mode", "'hsv'"]),
        ({"interpolation": "gaussian"}, ["interpolation", "'gaussian'"]),
        ({"validation_split": 1.5, "subset": "training"}, ["validation_split", "1.5"]),
        ({"validation_split": 0.5}, ["`subset` is set", "0.5"]),
        ({"subset": "first"}, ["subset", "'first'"]),
        ({"validation_split": 0.5, "subset": "training"}, ["seed"]),
        ({"format": "csv"}, ["format", "'csv'"]),
        ({"validation_split": 0.01, "subset": "validation", "seed": 1}, ["found none", "validation"]),
    ],
)
def test_bad_arguments(folder, arguments, words):
    with pytest.raises(ValueError) as caught:
        utils.image_dataset_from_directory(folder, verbose=False, **arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_without_pillow_the_error_says_what_to_install(tmp_path):
    code = (
        "import sys; sys.modules['PIL'] = None\n"
        "from convcore import utils\n"
        "try: utils.load_img('x.png')\n"
        "except ImportError as error: print(error)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert "pip install convcore[image]" in answer.stdout
