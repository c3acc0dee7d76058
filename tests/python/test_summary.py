"""The text of `summary()`, character by character against Keras's."""

import convcore
import pytest
from oracle import keras


def sequential(k):
    layers = [
        k.Input((28, 28, 1)),
        k.layers.Conv2D(32, 3),
        k.layers.ReLU(),
        k.layers.Flatten(),
        k.layers.Dense(10),
    ]
    return k.Sequential(layers, name="net")


def frozen(k):
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3), k.layers.Dense(2)], name="part_frozen")
    model.layers[0].trainable = False
    return model


def unbuilt(k):
    return k.Sequential([k.layers.Dense(3), k.layers.Flatten()], name="unbuilt")


def long_names(k):
    name = "a_layer_whose_name_is_far_too_long_for_its_column_in_the_table"
    return k.Sequential([k.Input((70000,)), k.layers.Dense(300, name=name)], name="wide")


def chain(k):
    x = k.Input((6, 6, 2), name="in")
    return k.Model(x, k.layers.Dense(3, name="d")(k.layers.Flatten(name="f")(x)), name="chain")


def branched(k):
    a, b = k.Input((6, 6, 2), name="a"), k.Input((6, 6, 2), name="b")
    shared = k.layers.Conv2D(3, 3, name="shared")
    inner = k.Sequential(
        [k.Input((4, 4, 3)), k.layers.Flatten(name="flat"), k.layers.Dense(2, name="small")], name="inner"
    )
    x = shared(a) + shared(b)
    return k.Model([a, b], [inner(x), k.layers.Flatten(name="other")(x)], name="branched")


def compiled(k):
    model = sequential(k)
    model.compile(k.optimizers.Adam(), loss="mse")
    model.optimizer.build(model.trainable_variables)
    return model


MODELS = [sequential, frozen, unbuilt, long_names, chain, branched, compiled]


def text(model, **arguments):
    calls = []
    model.summary(print_fn=calls.append, **arguments)
    assert len(calls) == 1
    return calls[0]


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize(
    "arguments", [{}, {"show_trainable": True}, {"line_length": 100}, {"expand_nested": True}]
)
def test_summary_is_that_of_keras(make, arguments, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    convcore.utils.clear_session()
    keras.utils.clear_session()
    assert text(make(convcore), **arguments) == text(make(keras), **arguments)


@pytest.mark.parametrize("columns", ["60", "80", "200"])
def test_summary_fits_the_terminal(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    convcore.utils.clear_session()
    keras.utils.clear_session()
    assert text(branched(convcore)) == text(branched(keras))


def test_a_range_of_layers():
    for arguments in ({"layer_range": ("conv", "flatten")}, {"positions": [0.3, 0.6, 1.0]}):
        convcore.utils.clear_session()
        keras.utils.clear_session()
        assert text(sequential(convcore), **arguments) == text(sequential(keras), **arguments)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="layer_range"):
        sequential(convcore).summary(layer_range=("nobody", "dense"))
    with pytest.raises(ValueError, match="layer_range"):
        sequential(convcore).summary(layer_range=("dense",))
    with pytest.raises(ValueError, match="columns"):
        sequential(convcore).summary(line_length=10)


def test_summary_prints_to_standard_output(capsys):
    sequential(convcore).summary()
    assert 'Model: "net"' in capsys.readouterr().out
