"""Keras on JAX, the independent implementation that layers and training are compared with.

A test module that imports this is skipped where Keras or JAX is not installed.
"""

import os
import tempfile

import pytest

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Keras writes its settings there
os.environ["KERAS_HOME"] = tempfile.mkdtemp(prefix="keras-home-")

pytest.importorskip("jax", reason="JAX, the backend of the Keras oracle, is not installed")
keras = pytest.importorskip("keras", reason="Keras, the oracle of these tests, is not installed")
