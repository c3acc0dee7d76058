"""Keras on JAX, the independent implementation that layers and training are compared with.

A test module that imports this is skipped where Keras or JAX is not installed. `conftest.py` chooses the
backend and where Keras writes its settings.
"""

import os

import pytest

os.environ.setdefault("JAX_PLATFORMS", "cpu")

if os.environ.get("KERAS_BACKEND") == "jax":
    pytest.importorskip("jax", reason="JAX, the backend of the Keras oracle, is not installed")
keras = pytest.importorskip("keras", reason="Keras, the oracle of these tests, is not installed")
