"""The pages that say what the code does, against the code."""

import inspect
import os
import re
import subprocess
import sys

import convcore
import pytest
import test_activations
from convcore import activations, ops

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


FAMILIES = [
    *("layers", "losses", "metrics", "optimizers", "callbacks"),
    *("initializers", "regularizers", "constraints"),
]


@pytest.mark.parametrize("module", FAMILIES)
def test_help_tells_every_argument(module):
    """Also of what comes from a base: nobody should have to look for it."""
    module = getattr(convcore, module)
    untold = {}
    for name in module.__all__:
        member = getattr(module, name)
        if inspect.isclass(member):
            kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
            taken = [p.name for p in inspect.signature(member).parameters.values() if p.kind not in kinds]
            words = set(re.findall(r"\w+", member.__doc__))
            untold[name] = [x for x in taken if x not in words and x not in ("name", "dtype")]
        assert not re.search(r"\{(sizes|rank|ints)\}", member.__doc__)
    assert not {name: left for name, left in untold.items() if left}


def test_every_function_of_ops_is_documented():
    functions = {name: getattr(ops, name) for name in dir(ops) if name[0] != "_"}
    assert [name for name, f in functions.items() if inspect.isfunction(f) and not f.__doc__] == []


def test_a_layer_of_some_rank_tells_its_own_axes():
    doc = convcore.layers.MaxPooling3D.__doc__
    assert "`(batch, depth, height, width, channels)`" in doc and "a tuple of 3 ints" in doc
    assert doc.index("Args:") < doc.index("Raises:") < doc.index("Output shape:")


def test_arguments_of_a_base_are_told_once_before_other_sections():
    class Mine(convcore.losses.Loss):
        """Mine: a loss.

        Example:

        >>> Mine(2)
        """

        def __init__(self, scale, reduction="sum"):
            super().__init__(reduction=reduction)

    assert Mine.__doc__.startswith("Mine: a loss.\n\nArgs:\n    reduction: ")
    assert Mine.__doc__.count("reduction:") == 1 and "dtype:" not in Mine.__doc__
    assert Mine.__doc__.endswith("Example:\n\n>>> Mine(2)")
