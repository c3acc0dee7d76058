"""Hostile weights files: links, foreign storage, absurd sizes, wrong shapes; the model keeps its weights."""

import struct
import time

import convcore
import h5py
import numpy as np
import pytest
from convcore import layers
from convcore.saving import ModelFormatError
from hostile import dense_weights, refused_weights
from models_to_save import sequential, trained


def _external_link(file, group):
    del group["0"]
    group["0"] = h5py.ExternalLink("/etc/passwd", "/")


def _soft_link(file, group):
    del group["0"]
    group["0"] = h5py.SoftLink("/layers/dense/vars/1")


def _external_storage(file, group):
    del group["0"]
    group.create_dataset("0", (4, 3), "float32", external=[("/etc/passwd", 0, 48)])


def _virtual(file, group):
    del group["0"]
    layout = h5py.VirtualLayout((4, 3), "float32")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4, 3))
    group.create_virtual_dataset("0", layout)


def _replace(value, **arguments):
    def change(file, group):
        del group["0"]
        group.create_dataset("0", data=value, **arguments)

    return change


def _absurd(file, group):
    del group["0"]
    group.create_dataset("0", (1 << 40, 1 << 20), "float32", chunks=(16, 16))


def _never_written(file, group):
    del group["0"]
    group.create_dataset("0", (4, 3), "float32", chunks=(4, 3))


def _group_instead(file, group):
    del group["0"]
    group.create_group("0")


def _root_cycle(file, group):
    del file["layers"]
    file["layers"] = file["/"]


ONES = np.ones((4, 3), "float32")


@pytest.mark.parametrize(
    "change, words",
    [
        (_external_link, ("an external link",)),
        (_soft_link, ("a soft link",)),
        (_external_storage, ("external storage",)),
        (_virtual, ("virtual",)),
        (_replace(np.ones((3, 4), "float32")), ("(4, 3)", "(3, 4)", "dense")),
        (_replace(np.ones((4, 3), "complex64")), ("type",)),
        (_replace(np.array(["a", "b"], dtype="S4")), ("type",)),
        (_replace(np.array(["a", "b"], dtype=object), dtype=h5py.string_dtype()), ("type",)),
        (_replace(ONES, chunks=(4, 3), compression="lzf"), ("filter",)),
        (_absurd, ("size",)),
        (_never_written, ("chunk",)),
        (_group_instead, ("dataset",)),
        (_root_cycle, ("2 variables", "received 0")),
        (lambda file, group: group.create_dataset("2", data=ONES), ("2 variables", "received 3")),
        (lambda file, group: group.pop("1"), ("2 variables", "received 1")),
        (lambda file, group: group.move("1", "one"), ("2 variables",)),
        (lambda file, group: file.pop("layers"), ("2 variables", "received 0")),
    ],
)
def test_weights_that_are_refused(change, words, tmp_path):
    refused_weights(tmp_path, dense_weights(change), *words)


@pytest.mark.parametrize(
    "options", [{"chunks": (2, 2)}, {"compression": "gzip", "shuffle": True}, {"fletcher32": True}]
)
def test_chunked_and_compressed_datasets_load(options, tmp_path):
    value = np.arange(12, dtype="float32").reshape(4, 3)
    (tmp_path / "m.weights.h5").write_bytes(dense_weights(_replace(value, **options)))
    model = convcore.Sequential([convcore.Input((4,)), layers.Dense(3)])
    model.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(model.get_weights()[0], value)


def test_tables_that_overlap(tmp_path):
    """A thousand nodes of a tree, each with 65,535 entries that all but begin in the node before."""
    content = dense_weights(_replace(ONES, chunks=(4, 3)))
    tree = content.index(b"TREE\x01")  # of chunks, not of groups
    base, entry = len(content), 40
    nodes = bytearray(24 + 1000 * 999 + 65535 * entry)
    for i in range(1000):
        struct.pack_into("<4sBBH", nodes, 1000 * i, b"TREE", 1, 1, 65535)
        if i < 999:
            struct.pack_into("<Q", nodes, 1000 * i + 24 + 65535 * entry - 8, base + 1000 * (i + 1))
    content = content.replace(struct.pack("<Q", tree), struct.pack("<Q", base)) + bytes(nodes)
    content = bytearray(content)
    struct.pack_into("<Q", content, 40, len(content))  # the end of the file
    begin = time.process_time()
    refused_weights(tmp_path, bytes(content), "tables that do not overlap")
    assert time.process_time() - begin < 1


def test_chunks_larger_than_what_they_hold(tmp_path):
    """12 chunks of 4 MB, a few KB packed, for 144 bytes of weights."""
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        group = file.create_group("layers/dense/vars")
        shape = {"shape": (12, 3), "maxshape": (None, None), "chunks": (1, 1 << 20)}
        group.create_dataset("0", data=np.ones((12, 3), "float32"), compression="gzip", **shape)
        group["1"] = np.ones(3, "float32")
    model = convcore.Sequential([convcore.Input((12,)), layers.Dense(3)])
    begin = time.process_time()
    with pytest.raises(ModelFormatError, match="chunks that shape"):
        model.load_weights(tmp_path / "m.weights.h5")
    assert time.process_time() - begin < 1


def test_one_chunk_as_many_datasets(tmp_path):
    """The state of an optimizer of Keras 2 is read before it is compared: hard links make much of little."""
    model = trained("sequential")
    model.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5", "r+") as file:
        group = file["optimizer_weights"]
        zeros = np.zeros(10 << 20, "float32")
        big = group.create_dataset("big", data=zeros, chunks=(1 << 20,), compression="gzip")
        names = [f"link{i}" for i in range(200)]
        for name in names:
            group[name] = big
        del group.attrs["weight_names"]
        group.attrs["weight_names"] = np.array([name.encode() for name in names])
    with pytest.raises(ModelFormatError, match="beside others"):
        convcore.models.load_model(tmp_path / "m.h5")


@pytest.mark.parametrize("content", [b"", b"text", b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + bytes(500)])
def test_files_that_are_not_hdf5(content, tmp_path):
    refused_weights(tmp_path, content, "m.weights.h5")


def test_truncated_weights(tmp_path):
    content = dense_weights(lambda file, group: None)
    for size in range(0, len(content) - 1, 97):
        refused_weights(tmp_path, content[:size])


def test_one_bad_layer_leaves_all_layers_alone(tmp_path):
    model = trained("sequential")
    model.save_weights(tmp_path / "m.weights.h5")
    other = sequential()
    other.compile("adam", loss="sparse_categorical_crossentropy")
    other.optimizer.build(other.trainable_variables)
    before = [v.numpy() for v in [*other.weights, *other.optimizer.variables]]
    with h5py.File(tmp_path / "m.weights.h5", "r+") as file:
        del file["layers/dense/vars/1"]
    with pytest.raises(ModelFormatError, match="dense"):
        other.load_weights(tmp_path / "m.weights.h5")
    for old, variable in zip(before, [*other.weights, *other.optimizer.variables], strict=True):
        np.testing.assert_array_equal(old, variable.numpy(), err_msg=variable.path)


def test_a_users_loader_that_fails_half_way_changes_nothing(tmp_path):
    class Fussy(layers.Layer):
        def build(self, input_shape):
            self.w = self.add_weight((2,), "zeros", name="w")

        def call(self, x):
            return x + self.w

        def load_own_variables(self, store):
            self.w.assign(store["0"])
            raise RuntimeError("no")

    model = convcore.Sequential([convcore.Input((2,)), layers.Dense(2), Fussy()])
    model.save_weights(tmp_path / "m.weights.h5")
    other = convcore.Sequential([convcore.Input((2,)), layers.Dense(2), Fussy()])
    other.layers[0].set_weights([np.full((2, 2), 7.0), np.full(2, 7.0)])
    other.layers[1].w.assign([5.0, 5.0])
    before = other.get_weights()
    try:
        other.load_weights(tmp_path / "m.weights.h5")
    except (ModelFormatError, RuntimeError):
        pass
    else:
        pytest.fail("the loader's error was swallowed")
    for a, b in zip(before[:2], other.get_weights()[:2], strict=True):
        np.testing.assert_array_equal(a, b)
