"""Shapes and types of annotated functions are enforced in tests, and only there."""

import os
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

# Rooms whose annotations are checked at run time. Kernels compiled by numba cannot be.
CHECKED = ("pareto", "problem", "search", "space", "study", "accuracy")
FAMILIES = Path(__file__).parents[1] / "src" / "cosearch" / "families"
KERNELS = ("gather",)

install_import_hook(
    [f"cosearch.{room}" for room in CHECKED]
    + [
        f"cosearch.families.{path.stem}"
        for path in FAMILIES.glob("*.py")
        if path.stem not in KERNELS
    ],
    "beartype.beartype",
)


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of reference data; skips where there is none."""
    named = os.environ.get("COSEARCH_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder}; name a folder with COSEARCH_DATA")
    return folder
