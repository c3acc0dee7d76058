"""Small helpers of data preparation, with Keras as the oracle."""

import copy
import pickle

import convcore
import numpy as np
import pytest
from convcore import utils
from oracle import keras


@pytest.mark.parametrize(
    "labels, classes",
    [
        ([0, 2, 1], None),
        ([[0], [3]], 5),
        (np.zeros((2, 3), "uint8"), 2),
        (2, 4),
        (np.array([1.0, 0.0]), None),
        (np.zeros((4, 1)), 2),
    ],
)
def test_to_categorical(labels, classes):
    ours, expected = utils.to_categorical(labels, classes), keras.utils.to_categorical(labels, classes)
    assert ours.dtype == expected.dtype
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize(
    "labels, words", [([0, 3], "0 to 1.*3"), ([-1], "-1"), ([0.5], "integer"), (["a"], "integer")]
)
def test_to_categorical_refuses_labels_outside(labels, words):
    with pytest.raises(ValueError, match=words):
        utils.to_categorical(labels, 2)


def test_to_categorical_of_nothing_needs_the_number_of_classes():
    assert utils.to_categorical([], 3).shape == (0, 3)
    with pytest.raises(ValueError, match="num_classes"):
        utils.to_categorical([])


@pytest.mark.parametrize("axis, order", [(-1, 2), (1, 1), (1, 3)])
def test_normalize(axis, order):
    x = np.random.default_rng(0).normal(size=(4, 5))
    x[2] = 0.0
    np.testing.assert_allclose(
        utils.normalize(x, axis, order), keras.utils.normalize(x, axis, order), rtol=1e-12
    )


def test_normalize_along_the_first_axis():
    x = np.random.default_rng(0).normal(size=(4, 5))
    np.testing.assert_allclose(np.abs(utils.normalize(x, 0, 1)).sum(axis=0), 1.0)


@pytest.mark.parametrize("parts", [(1,), (1, 2), (1, 2, 3), ([1, 2],), ((1, 2), 3), ({"a": 1},)])
def test_pack_and_unpack(parts):
    packed = utils.pack_x_y_sample_weight(*parts)
    assert packed == keras.utils.pack_x_y_sample_weight(*parts)
    assert utils.unpack_x_y_sample_weight(packed) == keras.utils.unpack_x_y_sample_weight(packed)


def test_unpack_refuses_more_than_three_parts():
    with pytest.raises(ValueError, match="4"):
        utils.unpack_x_y_sample_weight((1, 2, 3, 4))


def test_seeds_and_sessions():
    def draw():
        utils.set_random_seed(7)
        utils.clear_session()
        layer = convcore.layers.Dense(3)
        return layer.name, layer(np.ones((1, 4), "float32"))

    first, second = draw(), draw()
    assert first[0] == second[0] == "dense"
    utils.set_random_seed(7)
    np.testing.assert_array_equal(first[1], convcore.layers.Dense(3)(np.ones((1, 4), "float32")))


@pytest.mark.parametrize("config_class", [utils.Config, keras.utils.Config])
def test_config(config_class):
    """The same lines for Keras's class and ours."""
    config = config_class(rate=0.1, keys="hidden")
    config.seed, config["name"] = 3, "net"
    assert (config.rate, config["seed"], config.get("absent", 7), len(config)) == (0.1, 3, 7, 4)
    assert list(config) == ["keys", "name", "rate", "seed"] and "name" in config and "x" not in config
    assert config.as_dict() == dict(config.items()) and list(config.values()) == [0.1, "hidden", 3, "net"]
    config.as_dict()["rate"] = 5
    assert config.to_json() == '{"rate": 0.1, "keys": "hidden", "seed": 3, "name": "net"}'
    config.freeze()
    changes = [
        lambda: setattr(config, "seed", 4),
        lambda: config.update(seed=4),
        lambda: config.pop("seed"),
        lambda: config.__setitem__("seed", 4),
        lambda: config.__delitem__("seed"),
    ]
    for change in changes:
        with pytest.raises(ValueError, match="because the config is frozen"):
            change()
    assert config.frozen and config.seed == 3
    config.unfreeze()
    config.update({"seed": 4}, depth=2)
    del config["keys"]
    assert config.pop("depth") == 2 and config.pop("depth", None) is None
    assert repr(config) == "<Config {'rate': 0.1, 'seed': 4, 'name': 'net'}>"
    with pytest.raises(AttributeError, match="Unknown attribute: 'ratee'. Did you mean 'rate'?"):
        config.ratee  # noqa: B018
    assert copy.deepcopy(config).as_dict() == pickle.loads(pickle.dumps(config)).as_dict() == config.as_dict()
