"""Where the time of a model goes: a table of its steps, and a trace for a browser."""

import json

from .. import _core
from ..core import tree
from ..core.arrays import as_array
from ..saving.atomic import atomic_write
from ..trainers.data_adapters import ArrayAdapter
from .inspection import show_table

_COLUMNS = ("scope", "op", "implementation", "output", "milliseconds", "share", "Gop/s", "peak", "GB/s")


def profile_model(model, x, y, repeats, trace):
    """See `Model.profile`."""
    where = f"Model {model.name!r}: profile"
    x = tree.map_structure(lambda a: as_array(a, where), x)
    if y is None:
        rows = model.inference_function().profile(x, repeats=repeats)
    else:
        rows = _profile_training(model, x, y, repeats)
    show_table(profile_lines(rows, _core.peak_operations()))
    if trace is not None:
        with atomic_write(trace) as file:
            file.write(json.dumps(chrome_trace(rows)).encode())
    return rows


def _profile_training(model, x, y, repeats):
    model._assert_compiled("profile")
    adapter = ArrayAdapter(x, y, batch_size=len(tree.flatten(x)[0]), where="profile")
    model._prepare(adapter, "profile")
    return model._step("train").traced.profile(*adapter.first_batch(), repeats=repeats)


def profile_lines(rows, peak):
    """Rows of Function.profile as cells of text: a heading, one line per step, the total. `peak`: operations
    a second.
    """
    total = sum(row["milliseconds"] for row in rows) or 1.0
    lines: list[tuple] = [_COLUMNS]
    for row in rows:
        seconds = row["milliseconds"] / 1e3
        rate, bandwidth = ((row[key] / seconds if seconds else 0.0) for key in ("operations", "bytes"))
        numbers = f"{row['milliseconds']:.4f}", f"{row['milliseconds'] / total:.1%}", f"{rate / 1e9:.2f}"
        cells = [str(row[column]) for column in _COLUMNS[:4]]
        lines.append((*cells, *numbers, f"{rate / peak:.1%}", f"{bandwidth / 1e9:.1f}"))
    lines.append(("total", "", "", "", f"{total:.4f}", "", "", "", ""))
    return lines


def chrome_trace(rows):
    """The steps one after the other as complete events of the Trace Event Format (times in microseconds)."""
    events, begin = [], 0.0
    for row in rows:
        duration = row["milliseconds"] * 1e3
        facts = {key: row[key] for key in ("implementation", "output", "operations", "bytes")}
        event = {"name": f"{row['scope']} {row['op']}".strip(), "cat": row["op"], "args": facts}
        events.append({**event, "ph": "X", "pid": 0, "tid": 0, "ts": begin, "dur": duration})
        begin += duration
    return {"traceEvents": events, "displayTimeUnit": "ms"}
