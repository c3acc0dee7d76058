"""The examples in docstrings are run."""

import doctest
import importlib
import pkgutil

import convcore
import pytest


def modules():
    """Every module of the package that has an example."""
    found = []
    for info in pkgutil.walk_packages(convcore.__path__, "convcore."):
        if info.name.rsplit(".", 1)[-1] in ("_core", "__main__"):
            continue
        module = importlib.import_module(info.name)
        if any(test.examples for test in doctest.DocTestFinder(exclude_empty=True).find(module)):
            found.append(info.name)
    return found


@pytest.mark.parametrize("name", modules())
def test_docstring_examples(name):
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    results = doctest.testmod(importlib.import_module(name), optionflags=options)
    assert results.failed == 0
