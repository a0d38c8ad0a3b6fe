"""Small things the tests of the deep room share."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from cosearch.deep.data import load
from cosearch.deep.datasets.images import ImageData, Split
from cosearch.families.mobile import MobileFamily, Stage

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(autouse=True)
def _one_thread():
    """Other tests run beside these; more threads than cores are slower, not faster."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def digits() -> ImageData:
    return load("digits")


@pytest.fixture(scope="session")
def tiny() -> MobileFamily:
    """Every kind of choice, hardly any work."""
    stages = (Stage((4, 8), (1, 2), 1), Stage((6, 12), (1, 2), 2))
    return MobileFamily(
        (1, 8, 8), 10, stem_width=4, stages=stages, expansions=(2, 3), head_width=16
    )


@pytest.fixture(scope="session")
def middle(tiny: MobileFamily) -> np.ndarray:
    return tiny.space.encode(tiny.references["middle"])


@pytest.fixture(scope="session")
def some(digits: ImageData) -> Split:
    return digits.train.take(torch.arange(0, 1000, 5))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with copies of public data."""
    for folder in (os.environ.get("COSEARCH_DATA"), SHARED):
        if folder and (Path(folder) / "images/cifar10_jpeg.npz").is_file():
            return Path(folder)
    pytest.skip("no copy of CIFAR-10: neither COSEARCH_DATA nor ../shared/data has one")
