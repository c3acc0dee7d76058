"""The pages that say what the code does, against the code."""

import os
import re
import subprocess
import sys

import pytest
import test_activations
from convcore import activations

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def test_the_page_of_shapes_is_up_to_date():
    script = os.path.join(ROOT, "docs", "layer_shapes.py")
    subprocess.run([sys.executable, script, "--check"], check=True)


def test_the_page_of_keras_names_is_up_to_date():
    """It also fails for an argument that nothing reads, and for an absent name that networks need."""
    pytest.importorskip("keras", reason="Keras, whose names the page compares, is not installed")
    script = os.path.join(ROOT, "docs", "keras_coverage.py")
    subprocess.run([sys.executable, script, "--check"], check=True)


def test_an_argument_that_nothing_reads_is_found():
    sys.path.insert(0, os.path.join(ROOT, "docs"))
    try:
        from unread_arguments import unread
    finally:
        sys.path.pop(0)
    from convcore import layers, ops

    assert unread(layers.BatchNormalization) == ["synchronized"]
    assert unread(layers.Conv2D) == [] and unread(ops.segment_sum) == ["sorted"]


def test_every_activation_is_on_its_page():
    named = set(re.findall(r"^\| `(\w+)` \|", test_activations.PAGE, re.MULTILINE))
    tools = {"get", "serialize", "deserialize", "register_native", "swish", "hard_swish"}
    assert named == set(activations.__all__) - tools


def test_the_page_has_the_known_kinks():
    assert {"relu", "relu6", "elu", "selu", "celu", "hard_shrink", "soft_shrink", "hard_tanh"} <= set(
        test_activations.KINKS
    )
