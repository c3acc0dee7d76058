"""What the README promises is run: its example, its commands, its links, the packaged example."""

import os
import re

import pytest
from convcore.examples import digits

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as _file:
    README = _file.read()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_example_runs_and_is_short(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (example,) = blocks("python")
    assert len([line for line in example.splitlines() if line.strip()]) <= 10
    exec(compile(example, "README.md", "exec"), {"__name__": "readme"})
    assert 'Model: "' in capsys.readouterr().out


def test_there_are_exactly_two_set_up_commands():
    commands = [
        line for block in blocks("sh") for line in block.splitlines() if line.startswith("pip install")
    ]
    assert commands == [
        "pip install . && python -m convcore.examples.digits",
        'pip install ".[test]" && python -m pytest',
    ]


def test_the_packaged_example_reaches_its_accuracy(capsys):
    assert digits.main([]) >= 0.98
    output = capsys.readouterr().out
    assert 'Model: "digits"' in output and "test accuracy" in output


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?://|#)([^)#]+)", README))))
def test_links_lead_somewhere(target):
    assert os.path.exists(os.path.join(ROOT, target))
