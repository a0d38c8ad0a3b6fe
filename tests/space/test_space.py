"""Spaces: exact size by enumeration, canonical form, refusals."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cosearch.errors import CosearchError
from cosearch.space import Knob, Space, every
from cosearch.testing import check_space


@st.composite
def spaces(draw: st.DrawFn) -> Space:
    """Up to five small knobs, each possibly gated by earlier ones."""
    knobs: list[Knob] = []
    for i in range(draw(st.integers(1, 5))):
        when = {}
        for parent in knobs:
            if draw(st.integers(0, 3)) == 0:
                kept = draw(st.sets(st.sampled_from(parent.choices), min_size=1))
                when[parent.name] = tuple(sorted(kept))
        knobs.append(Knob(f"k{i}", tuple(range(draw(st.integers(1, 4)))), when))
    return Space(knobs)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(spaces())
def test_size_is_the_number_of_canonical_genomes(space: Space) -> None:
    rows = np.array(list(itertools.product(*(range(len(k.choices)) for k in space.knobs))))
    canonical = space.canonical(rows)
    distinct = np.unique(canonical, axis=0)
    assert space.size == len(distinct)
    assert np.array_equal(space.canonical(canonical), canonical)
    assert np.array_equal(every(space), distinct)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(spaces())
def test_conforms(space: Space) -> None:
    check_space(space, samples=64)


def test_sizes_beyond_64_bits_are_exact() -> None:
    assert Space([Knob(f"k{i}", tuple(range(9))) for i in range(22)]).size == 9**22


def test_no_more_designs_are_listed_than_fit() -> None:
    with pytest.raises(CosearchError, match="43,046,721 designs: at most 12,500,000 can be listed"):
        every(Space([Knob(f"k{i}", tuple(range(9))) for i in range(8)]))


def test_product_multiplies_and_keeps_both() -> None:
    first, second = Space([Knob("a", (1, 2))]), Space([Knob("a", (1, 2, 3))])
    both = first.prefixed("x.") * second.prefixed("y.")
    assert both.size == 6
    assert [knob.name for knob in both.knobs] == ["x.a", "y.a"]
    with pytest.raises(CosearchError, match="appear twice: a"):
        first * second


def test_a_change_of_any_choice_changes_the_fingerprint() -> None:
    first = Space([Knob("a", (1, 2)), Knob("b", (1, 2), {"a": (1,)})])
    others = [
        Space([Knob("a", (1, 3)), Knob("b", (1, 2), {"a": (1,)})]),
        Space([Knob("a", (1, 2)), Knob("b", (1, 2), {"a": (2,)})]),
        Space([Knob("a", (1, 2)), Knob("b", (1, 2))]),
    ]
    assert len({space.fingerprint for space in (first, *others)}) == 4


@pytest.mark.parametrize(
    ("genomes", "message"),
    [
        ([[0, 0, 0]], r"expected \(n, 2\) integers"),
        ([[0, 2]], r"knob 'b' has index 2, allowed are 0 to 1"),
        ([[-1, 0]], r"knob 'a' has index -1"),
        ([[0.5, 0]], "expected"),
    ],
)
def test_wrong_genomes_are_refused(genomes: list[list[float]], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        Space([Knob("a", (1, 2)), Knob("b", (1, 2))]).validate(np.array(genomes))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Knob("a", ()), "no choices"),
        (lambda: Knob("a", (1, 1)), "repeats a choice"),
        (lambda: Space([Knob("a", (1,), {"b": (1,)}), Knob("b", (1,))]), "must come before"),
        (lambda: Space([Knob("a", (1,)), Knob("b", (1,), {"a": (7,)})]), "'a' = 7: allowed are"),
        (lambda: Space([Knob("a", (1,))]).encode({"z": 1}), "unknown knob 'z'"),
        (lambda: Space.from_dict({"knobs": [{"name": "a"}]}), "malformed space"),
    ],
)
def test_malformed_spaces_are_refused(make: object, message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        make()  # type: ignore[operator]
