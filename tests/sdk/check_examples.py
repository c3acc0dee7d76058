"""Builds cpp/examples against an installed convcore; compares what they print and write with Python.

python tests/sdk/check_examples.py --cmakedir $(python -m convcore --cmakedir)
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import convcore
import numpy as np
from convcore import layers

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "cpp" / "examples"
EPOCHS = 3


def digits():
    """The digits as 28x28 images in whole pixel values, and their classes."""
    (x, y), _ = convcore.datasets.digits.load_data()
    x = np.repeat(np.repeat(x, 3, axis=1), 3, axis=2)
    x = np.pad(x, ((0, 0), (2, 2), (2, 2)))
    return (x * (255 / 16)).astype("uint8"), y.astype("int32")


def trained_model():
    model = convcore.Sequential(
        [
            layers.Input((28, 28, 1), name="image"),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.2, seed=1),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def check_custom_activation(folder, build):
    """The same compiled function here and in a C++ program: the same losses, to the last bit."""
    convcore.activations.register_native("bent", build / "libbent.so")
    model = convcore.Sequential([layers.Input((6,)), layers.Dense(5, activation="bent"), layers.Dense(2)])
    model.compile("sgd", "mse")
    model.export(folder / "bent.convcore", training=True)
    x, y = (((np.arange(8 * n) % 9 - 4) / 4).reshape(8, n).astype("float32") for n in (6, 2))
    losses = [np.float32(model.train_on_batch(x, y)) for _ in range(3)]
    ok, *printed = run(build / "custom_activation", folder / "bent.convcore").split()
    assert ok == "ok"
    np.testing.assert_array_equal(np.float32(printed), losses)


def write_idx(path, array):
    """The format of the MNIST files: two zeros, the type, the rank, big-endian sizes, the bytes."""
    sizes = b"".join(n.to_bytes(4, "big") for n in array.shape)
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + sizes + array.astype("uint8").tobytes())


def run(*command):
    print("$", *command, flush=True)
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    print(result.stdout, result.stderr, sep="", flush=True)
    if result.returncode:
        sys.exit(f"{command[0]} ended with status {result.returncode}")
    return result.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cmakedir", required=True)
    cmakedir = parser.parse_args().cmakedir
    with tempfile.TemporaryDirectory() as folder:
        check(pathlib.Path(folder), cmakedir)
    print("1 passed: the programs compute what Python does")


def check(folder, cmakedir):
    x, y = digits()
    model = trained_model()
    model.export(folder / "m.convcore", training=True)
    build = folder / "build"
    run(
        "cmake", "-S", EXAMPLES, "-B", build, f"-Dconvcore_DIR={cmakedir}", f"-DMODEL={folder / 'm.convcore'}"
    )
    run("cmake", "--build", build, "-j", "2")
    assert run(build / "embed").startswith("ok")

    check_custom_activation(folder, build)
    printed = [float(line) for line in run(build / "predict_c", folder / "m.convcore").split()]
    zeros = model.predict(np.zeros((1, 28, 28, 1), "float32"), verbose=0)[0]
    np.testing.assert_allclose(printed, zeros, atol=1e-6)

    write_idx(folder / "images", x)
    write_idx(folder / "labels", y)
    files = [folder / name for name in ("m.convcore", "images", "labels", "t.convcore")]
    last = run(build / "fine_tune", *files, EPOCHS).split()
    printed = {name: float(value) for name, value in zip(last[-4::2], last[-3::2], strict=True)}
    scaled = (x[..., None] / np.float32(255)).astype("float32")
    history = model.fit(scaled, y, batch_size=128, epochs=EPOCHS, shuffle=False, verbose=0).history
    assert set(printed) == set(history)
    for name, values in history.items():
        np.testing.assert_allclose(printed[name], values[-1], atol=1e-4)
    again = trained_model()
    again.load_weights(folder / "t.convcore")
    for expected, actual in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(actual, expected)

    (folder / "digit.pgm").write_bytes(b"P5\n# a comment\n28 28\n255\n" + x[0].tobytes())
    best = run(build / "classify", folder / "t.convcore", folder / "digit.pgm", 1 / 255).split()
    scores = model.predict(scaled[:1], verbose=0)[0]
    assert int(best[0]) == scores.argmax() and abs(float(best[1]) - scores.max()) < 2e-4


if __name__ == "__main__":
    main()
