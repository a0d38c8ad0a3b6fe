"""Fronts against the definition, hypervolume against counting."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cosearch.pareto import hypervolume, knee, non_dominated

points = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=20)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(points)
def test_front_is_what_nobody_dominates(rows: list[tuple[int, int]]) -> None:
    losses = np.array(rows, dtype=float)
    expected = [not any((b <= a).all() and (b < a).any() for b in losses) for a in losses]
    assert non_dominated(losses).tolist() == expected


@settings(max_examples=100, deadline=None, derandomize=True)
@given(points)
def test_hypervolume_counts_unit_squares(rows: list[tuple[int, int]]) -> None:
    losses = np.array(rows, dtype=float)
    squares = sum(any(a <= x and b <= y for a, b in rows) for x in range(7) for y in range(7))
    assert hypervolume(losses, np.array([7.0, 7.0])) == squares


def test_what_is_not_finite_is_on_no_front() -> None:
    losses = np.array([[np.inf, 0.0], [1.0, np.nan], [1.0, 1.0]])
    assert non_dominated(losses).tolist() == [False, False, True]


def test_knee_is_the_bend() -> None:
    assert knee(np.array([[0.0, 10.0], [1.0, 1.0], [10.0, 0.0]])) == 1
