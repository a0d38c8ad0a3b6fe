"""The grid: every design once, in sorted order, whatever the batches and the conditions."""

import itertools

import numpy as np
import pytest
from tests.search.contests import nested_space

from cosearch.search import Grid
from cosearch.space import Knob, Space, following

FREE = Space([Knob("a", (0, 1, 2)), Knob("b", (5,)), Knob("c", (0, 1))])


def every_design(space: Space) -> list[tuple[int, ...]]:
    """Sorted, by brute force."""
    rows = itertools.product(*(range(c) for c in space.cardinalities))
    kept = space.canonical(np.array(list(rows)))
    return sorted({tuple(row) for row in kept.tolist()})


@pytest.mark.parametrize("space", [FREE, nested_space()], ids=["free", "nested"])
@pytest.mark.parametrize("batch", [1, 4, 7, 1000])
def test_every_design_once_in_order(space: Space, batch: int) -> None:
    grid = Grid(space, np.random.default_rng(0))
    asked = np.concatenate([grid.ask(batch) for _ in range(-(-space.size // batch))])
    designs = [tuple(row) for row in asked[: space.size].tolist()]
    assert designs == every_design(space)
    assert len(designs) == space.size


def test_random_after_the_end() -> None:
    grid = Grid(FREE, np.random.default_rng(0))
    grid.ask(4)
    last = grid.ask(40)
    assert last[:2].tolist() == [[2, 0, 0], [2, 0, 1]]
    assert len(np.unique(last[2:], axis=0)) == FREE.size
    assert len(np.unique(grid.ask(60), axis=0)) == FREE.size


def test_spaces_too_large_to_count() -> None:
    """2^200 designs behind a gate that switches 199 knobs off: no walk through what is off."""
    knobs = [Knob("gate", (0, 1)), *(Knob(f"k{i}", (0, 1), {"gate": (1,)}) for i in range(199))]
    rows = Grid(Space(knobs), np.random.default_rng(0)).ask(5)
    assert rows[:, 0].tolist() == [0, 1, 1, 1, 1]
    assert rows[:, -2:].tolist() == [[0, 0], [0, 0], [0, 1], [1, 0], [1, 1]]


def test_following_starts_anywhere() -> None:
    space = nested_space()
    designs = every_design(space)
    for start in (0, 1, 17, len(designs) - 1):
        rows = following(space, np.array(designs[start]), 9)
        assert [tuple(row) for row in rows.tolist()] == designs[start : start + 9]
