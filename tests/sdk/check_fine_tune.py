"""The program `fine_tune` on real MNIST: as accurate as it should be, and with the bits of Python's fit.

python tests/sdk/check_fine_tune.py --cmakedir $(python -m convcore --cmakedir) --data mnist.npz [--epochs 6]

Not part of the gate, which has no MNIST. Checks that the weights after 100 steps are bitwise those of `fit`
on the same batches, and that the program trains the convnet of examples/mnist_convnet.py to 98.5 % of the
test images.
"""

import argparse
import importlib.util
import pathlib
import tempfile

import convcore
import numpy as np
from check_examples import EXAMPLES, run, write_idx

STEPS, BATCH, ACCURACY = 100, 128, 0.985


def untrained_model():
    spec = importlib.util.spec_from_file_location(
        "mnist_convnet", EXAMPLES.parents[1] / "examples" / "mnist_convnet.py"
    )
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    convcore.utils.set_random_seed(1)
    model = example.make_model()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def check(folder, cmakedir, data, epochs):
    (x, y), (x_test, y_test) = convcore.datasets.mnist.load_data(data)
    scale = np.float32(255)
    model = untrained_model()
    model.export(folder / "m.convcore", training=True)
    write_idx(folder / "images", x)
    write_idx(folder / "labels", y)
    build = folder / "build"
    run("cmake", "-S", EXAMPLES, "-B", build, f"-Dconvcore_DIR={cmakedir}")
    run("cmake", "--build", build, "--target", "fine_tune")
    program = [build / "fine_tune", *(folder / name for name in ("m.convcore", "images", "labels"))]

    run(*program, folder / "steps.convcore", 1, STEPS)
    n = STEPS * BATCH
    trained = untrained_model()
    trained.load_weights(folder / "steps.convcore")
    model.fit(x[:n, ..., None] / scale, y[:n].astype("int32"), batch_size=BATCH, shuffle=False, verbose=0)
    for expected, actual in zip(model.get_weights(), trained.get_weights(), strict=True):
        np.testing.assert_array_equal(actual, expected)
    print(f"after {STEPS} steps the weights are bitwise those of fit")

    run(*program, folder / "all.convcore", epochs)
    trained.load_weights(folder / "all.convcore")
    _, accuracy = trained.evaluate(
        x_test[..., None] / scale, y_test.astype("int32"), batch_size=500, verbose=0
    )
    print(f"{accuracy:.2%} of the test images after {epochs} epochs")
    assert accuracy >= ACCURACY


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cmakedir", required=True)
    parser.add_argument("--data", required=True, help="mnist.npz")
    parser.add_argument("--epochs", type=int, default=6)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        check(pathlib.Path(folder), arguments.cmakedir, arguments.data, arguments.epochs)
    print("2 passed: fine_tune")


if __name__ == "__main__":
    main()
