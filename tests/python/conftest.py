"""Every test starts with fresh names and default settings; the machine's own settings are never read."""

import os
import tempfile

_home = tempfile.mkdtemp(prefix="convcore-test-home-")
os.environ["CONVCORE_HOME"] = _home
os.environ["KERAS_HOME"] = _home
os.environ["CONVCORE_AUTOTUNE_FILE"] = os.path.join(_home, "autotune.json")
os.environ.setdefault("KERAS_BACKEND", "jax")

import pytest  # noqa: E402


@pytest.fixture(autouse=True)
def fresh_session():
    import convcore

    convcore.backend.clear_session()
    yield
    convcore.config.set_floatx("float32")
    convcore.config.set_image_data_format("channels_last")
