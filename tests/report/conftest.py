"""The sample run as a fixture; test folders are no packages, so it is loaded by its path."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def sample() -> ModuleType:
    """The module ``sample_run``."""
    spec = importlib.util.spec_from_file_location(
        "sample_run", Path(__file__).with_name("sample_run.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
