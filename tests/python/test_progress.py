"""The lines of training, character by character: on a terminal, in a file, per epoch, and Keras's beside
ours.
"""

import io
import itertools
import re

import convcore
import numpy as np
import pytest
from convcore import layers
from convcore.callbacks import progress_bar
from convcore.callbacks.progress_bar import ProgressBar, format_time, format_value
from convcore.utils import Progbar

CELLS = "\N{BOX DRAWINGS HEAVY HORIZONTAL}" * 20


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """Time that only moves when told."""

    class Clock:
        now = 100.0

        def time(self):
            return self.now

    made = Clock()
    monkeypatch.setattr(progress_bar, "time", made)
    return made


def visible(text):
    return re.sub(r"\x1b\[\d+m", "", text)


def test_bar_on_a_terminal(clock):
    stream = Terminal()
    bar = ProgressBar(48, stream=stream)
    clock.now += 0.3
    bar.update(1, [("accuracy", 0.5), ("loss", 2.0)])
    clock.now += 0.033
    bar.update(12, [("accuracy", 0.70312), ("loss", 0.90125)])
    clock.now += 0.1
    bar.update(13, [("accuracy", 0.70312), ("loss", 0.90125)])
    clock.now += 0.7
    bar.update(48, [("accuracy", 0.8123), ("loss", 0.5512)], finalize=True)
    lines = visible(stream.getvalue()).split("\r")
    assert lines[0] == ""
    assert lines[1].rstrip() == f" 1/48 {CELLS} 14s 300ms/step - accuracy: 0.5000 - loss: 2.0000"
    assert lines[2].rstrip() == f"13/48 {CELLS} 0s 11ms/step - accuracy: 0.7031 - loss: 0.9012"
    assert lines[3].rstrip(" ").endswith("\n") and lines[3].rstrip() == (
        f"48/48 {CELLS} 1s 18ms/step - accuracy: 0.8123 - loss: 0.5512"
    )
    assert len(lines) == 4, "12/48 came 0.033 s after the drawing before it"
    assert len(lines[2]) == len(lines[1]), "a shorter line must cover the longer one"


def test_cells_are_green_as_far_as_it_got(clock):
    stream = Terminal()
    ProgressBar(4, stream=stream).update(3)
    cell = CELLS[0]
    assert f"\x1b[32m{cell * 15}\x1b[0m\x1b[37m{cell * 5}\x1b[0m" in stream.getvalue()


def test_only_the_final_line_where_lines_cannot_be_rewritten(clock):
    stream = io.StringIO()
    bar = ProgressBar(2, stream=stream)
    for step in (1, 2):
        clock.now += 1.0
        bar.update(step, [("loss", 0.5)])
    bar.update(2, [("loss", 0.5), ("val_loss", 0.0001)], finalize=True)
    assert stream.getvalue() == f"2/2 {CELLS} 2s 1s/step - loss: 0.5000 - val_loss: 1.0000e-04\n"


def test_one_line_per_epoch(clock):
    stream = io.StringIO()
    bar = ProgressBar(48, verbose=2, stream=stream)
    bar.update(5, [("accuracy", 0.5), ("loss", 1.0)])
    clock.now += 1.2
    bar.update(48, [("accuracy", 0.8123), ("loss", 0.5512)], finalize=True)
    assert stream.getvalue() == "48/48 - 1s - 25ms/step - accuracy: 0.8123 - loss: 0.5512\n"


def test_unknown_length(clock):
    stream = Terminal()
    bar = ProgressBar(None, stream=stream)
    clock.now += 2.0
    bar.update(12, [("loss", 0.25)])
    assert visible(stream.getvalue()) == "\r     12/Unknown 2s 167ms/step - loss: 0.2500"


def test_long_times(clock):
    stream = Terminal()
    bar = ProgressBar(1000, stream=stream)
    for now in (10.0, 100.0):
        clock.now = 100 + now
        bar.update(1, [])
    assert " 2:46:30 10s/step" in visible(stream.getvalue())
    assert " 27:45:00 100s/step" in visible(stream.getvalue())


def test_plain_cells_where_the_encoding_has_no_others():
    class Ascii(io.StringIO):
        encoding = "ascii"

    stream = Ascii()
    ProgressBar(1, stream=stream).update(1, finalize=True)
    assert stream.getvalue().startswith("1/1 " + "=" * 20)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, " 0s/step"), (1.4, " 1s/step"), (0.0024, " 2ms/step"), (3.1e-5, " 31us/step")]
)
def test_times(seconds, text):
    assert format_time(seconds, "step") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.5000"), (0.001, "1.0000e-03"), (0.00101, "0.0010"), (-2.0, "-2.0000"), (0.0, "0.0000e+00")],
)
def test_values(value, text):
    assert format_value(value) == text


def trained(**arguments):
    x = np.ones((10, 2), "float32")
    model = convcore.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(x, x[:, :1], batch_size=2, **arguments)
    return model, x


LINE = rf"5/5 {CELLS} \d+s \d+(s|ms|us)/step - loss: \d\.\d{{4}}(e-\d\d)? - mae: \d\.\d{{4}}(e-\d\d)?"


def test_output_of_fit(capsys):
    trained(epochs=2, validation_split=0.0)
    expected = rf"Epoch 1/2\n{LINE}\nEpoch 2/2\n{LINE}\n"
    assert re.fullmatch(expected, capsys.readouterr().out)
    trained(epochs=1, verbose=1)
    assert re.fullmatch(LINE + "\n", capsys.readouterr().out)
    trained(epochs=2, verbose=2)
    short = r"5/5 - \d+s - \d+(s|ms|us)/step - loss: \S+ - mae: \S+"
    assert re.fullmatch(rf"Epoch 1/2\n{short}\nEpoch 2/2\n{short}\n", capsys.readouterr().out)
    trained(epochs=2, verbose=0)
    assert capsys.readouterr().out == ""


def test_output_of_evaluate_and_silence_of_predict(capsys):
    model, x = trained(verbose=0)
    model.evaluate(x, x[:, :1], batch_size=2)
    assert re.fullmatch(LINE + "\n", capsys.readouterr().out)
    model.predict(x, batch_size=2)
    model.train_on_batch(x, x[:, :1])
    assert capsys.readouterr().out == ""
    model.predict(x, batch_size=2, verbose=1)
    assert re.fullmatch(rf"5/5 {CELLS} \d+s \S+/step\n", capsys.readouterr().out)


def test_unknown_length_becomes_known(capsys):
    def batches():
        for _ in range(3):
            yield np.ones((2, 2), "float32"), np.ones((2, 1), "float32")

    model, _ = trained(verbose=0)
    model.fit(batches(), verbose=1)
    assert capsys.readouterr().out.startswith(f"3/3 {CELLS} ")


@pytest.fixture
def their_progbar(clock, monkeypatch):
    progbar = pytest.importorskip("oracle").keras.src.utils.progbar
    monkeypatch.setattr(progbar, "time", clock)
    return progbar.Progbar


def drawings(text):
    """What a terminal shows one after the other; Keras writes one more space between the bar and the time."""
    return [re.sub(" +", " ", line).strip() for line in visible(text).replace("\b", "").split("\r")]


def test_same_lines_as_keras(clock, their_progbar, capsys):
    theirs, stream = their_progbar(30, stateful_metrics=["a", "loss"]), Terminal()
    ours = ProgressBar(30, stream=stream)
    values = itertools.cycle([0.25, 12.5, 0.0004, 3.0])
    for step in (1, 2, 9, 29):
        clock.now += 0.7 * step
        pairs = [("a", next(values)), ("loss", next(values))]
        theirs.update(step, pairs, finalize=False)
        ours.update(step, pairs)
    theirs.update(30, pairs, finalize=True)
    ours.update(30, pairs, finalize=True)
    assert drawings(stream.getvalue()) == drawings(capsys.readouterr().out)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stateful_metrics": ["loss"], "width": 7},
        {"stateless_metrics": ["loss"], "interval": 3.0, "unit_name": "sample"},
        {"stateless_metrics": []},
        {"verbose": 2},
        {"verbose": 0},
        {"target": None},
    ],
)
def test_progbar_is_keras_s(clock, their_progbar, monkeypatch, options):
    shown = []
    for make in (Progbar, their_progbar):
        stream, clock.now = Terminal(), 100.0
        monkeypatch.setattr("sys.stdout", stream)
        bar = make(**{"target": 12} | options)
        for step, loss, score in ((1, 2.0, 0.5), (4, 0.5, np.array([0.25, 0.75])), (4, 3.0, np.float32(1))):
            clock.now += 2.0
            bar.update(step, [("loss", loss), ("score", score)])
        clock.now += 4.0
        bar.add(2, [("loss", 1.0)])
        clock.now += 4.0
        bar.target = 12
        bar.update(12, [("loss", 0.25), ("late", 1.0)])
        bar.update(12, finalize=True)
        shown.append(drawings(stream.getvalue()))
    assert shown[0] == shown[1]
