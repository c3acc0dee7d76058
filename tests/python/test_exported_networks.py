"""Exported networks compute the bits of the model that they were exported from, on every instruction set.

tests/sdk/check_networks.py does the same at full size with a C++ program.
"""

from pathlib import Path

import pytest
from convcore import _core
from core_graphs import run_python

SDK = Path(__file__).resolve().parents[1] / "sdk"


@pytest.mark.parametrize("isa", _core.available_isas())
def test_exported_networks_compute_the_same_bits(tmp_path, isa):
    code = f"""
import pathlib, sys
sys.path.insert(0, {str(SDK)!r})
import networks
networks.export(pathlib.Path({str(tmp_path)!r}), small=True)
print(networks.convcore._core.isa(), len(networks.NETWORKS))
"""
    assert run_python(code, CONVCORE_ISA=isa) == f"{isa} 6"
