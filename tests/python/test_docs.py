"""The pages that say what the code does, against the code."""

import os
import re
import subprocess
import sys

import test_activations
from convcore import activations

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def test_the_page_of_shapes_is_up_to_date():
    script = os.path.join(ROOT, "docs", "layer_shapes.py")
    subprocess.run([sys.executable, script, "--check"], check=True)


def test_every_activation_is_on_its_page():
    named = set(re.findall(r"^\| `(\w+)` \|", test_activations.PAGE, re.MULTILINE))
    tools = {"get", "serialize", "deserialize", "swish", "hard_swish"}
    assert named == set(activations.__all__) - tools


def test_the_page_has_the_known_kinks():
    assert {"relu", "relu6", "elu", "selu", "celu", "hard_shrink", "soft_shrink", "hard_tanh"} <= set(
        test_activations.KINKS
    )
