"""100 random limits on small spaces: every final step meets them, or no network does."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from tests.problem.small_spaces import SPACES

from cosearch.cost.models import find_device
from cosearch.families import FAMILIES
from cosearch.problem import Problem
from cosearch.problem.paths import Constraint
from cosearch.testing import check_limits

# limits of 100 in all: (space, device, limits)
CASES = (
    ("layers", "scalesim-32x32-ws", 30),
    ("resolutions", "small-edge", 30),
    ("stages", "nahas-baseline", 40),
    pytest.param("stages", "eyeriss", 100, marks=pytest.mark.slow),
    pytest.param("mobile", "small-edge", 100, marks=pytest.mark.slow),
    pytest.param("nas-bench-macro", "small-edge", 100, marks=pytest.mark.slow),
)


def final_step(constraint: Constraint, problem: Problem, seed: int) -> np.ndarray:
    """A search whose policy likes anything, and its last step."""
    rng = np.random.default_rng(seed)
    scores = [rng.normal(size=size) for size in problem.space.cardinalities]
    under = Constraint(problem, constraint.table)
    return under.required(under.final(scores)).genome


@pytest.mark.parametrize(("space", "device", "limits"), CASES)
def test_every_last_step_meets_its_limits(space: str, device: str, limits: int) -> None:
    family = SPACES[space]() if space in SPACES else FAMILIES[space].make()
    found = find_device(device)
    chip = found.file.columns()
    free = Constraint.of(Problem(family, chip, found.model, None))
    met = check_limits(partial(final_step, free), family, found.model, chip, limits=limits)
    assert 0 < met < limits, "some limits must be within reach, and some not"


def test_a_search_that_misses_is_caught() -> None:
    found = find_device("small-edge")
    family, chip = SPACES["stages"](), found.file.columns()

    def careless(problem: Problem, seed: int) -> np.ndarray:
        return family.space.encode(family.references["largest"])

    with pytest.raises(AssertionError, match="misses them"):
        check_limits(careless, family, found.model, chip, limits=4)
