"""Shapes and types of annotated functions are enforced in tests, and only there."""

import os
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

# Rooms whose annotations are checked at run time; of the last two without their kernels, which
# numba compiles, and without what is called too often for it.
CHECKED = ("pareto", "search", "space", "study", "accuracy")
WITH_KERNELS = ("families", "problem")
KERNELS = ("gather", "dominance", "backward", "bounds", "aims", "descent")
SOURCE = Path(__file__).parents[1] / "src"


def modules(room: str) -> list[str]:
    """The modules of a room but its kernels."""
    paths = (SOURCE / "cosearch" / room).rglob("*.py")
    found = (path.relative_to(SOURCE).with_suffix("") for path in paths)
    return [".".join(path.parts) for path in found if path.stem not in (*KERNELS, "__init__")]


install_import_hook(
    [f"cosearch.{room}" for room in CHECKED]
    + [name for room in WITH_KERNELS for name in modules(room)],
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
