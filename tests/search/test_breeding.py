"""Crossover and mutation: conditions, parts, canonical form, how many knobs, no repeats."""

import numpy as np
from tests.search.contests import nested_space

from cosearch.search.evolutionary.breeding import Tried, crossover, scatter
from cosearch.space import Knob, Space


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_children_are_canonical_and_made_of_their_parents() -> None:
    space = nested_space()
    mothers, fathers = space.sample(rng(1), 2000), space.sample(rng(2), 2000)
    children = crossover(space, mothers, fathers, rng())
    assert np.array_equal(space.canonical(space.validate(children)), children)
    on = space.active(children)
    assert (((children == mothers) | (children == fathers)) | ~on).all()


def test_a_knob_that_counts_in_one_parent_only_is_that_ones() -> None:
    space = Space([Knob("gate", (0, 1)), Knob("gated", (0, 1, 2, 3), {"gate": (1,)})])
    closed, opened = np.tile([0, 0], (500, 1)), np.tile([1, 3], (500, 1))
    children = crossover(space, closed, opened, rng())
    assert {tuple(child) for child in children} == {(0, 0), (1, 3)}


def test_parts_are_taken_whole_or_mixed() -> None:
    part = Space([Knob(f"k{i}", (0, 1)) for i in range(20)])
    space = part.prefixed("x.") * part.prefixed("y.")
    mothers = np.zeros((3000, 40), dtype=np.int64)
    share = crossover(space, mothers, mothers + 1, rng())[:, :20].mean(axis=1)
    for whole in (0.0, 1.0):
        assert abs((share == whole).mean() - 1 / 3) < 0.04  # sigma 0.009


def test_mutation_changes_as_many_knobs_of_each_part_as_asked() -> None:
    networks = Space([Knob(f"k{i}", tuple(range(5))) for i in range(30)])
    chips = Space([Knob(f"c{i}", tuple(range(5))) for i in range(6)])
    space = networks.prefixed("x.") * chips.prefixed("y.")
    parents = space.sample(rng(1), 4000)
    changed = scatter(space, parents, rng(), per_part=2.0) != parents
    assert abs(changed[:, :30].sum(axis=1).mean() - 2) < 0.1
    assert abs(changed[:, 30:].sum(axis=1).mean() - 2) < 0.1


def test_near_changes_go_one_step_and_stay_inside() -> None:
    space = Space([Knob("a", tuple(range(7))), Knob("b", (0, 1)), Knob("c", (0,))])
    parents = space.sample(rng(1), 3000)
    steps = scatter(space, parents, rng(), per_part=3.0, near=1.0) - parents
    assert (np.abs(steps[:, :2]) == 1).all()
    assert (steps[:, 2] == 0).all()


def test_far_changes_reach_every_other_choice_alike() -> None:
    space = Space([Knob("a", tuple(range(5)))])
    children = scatter(space, np.full((4000, 1), 2), rng(), per_part=1.0)
    counts = np.bincount(children[:, 0], minlength=5)
    assert counts[2] == 0
    assert np.abs(counts[[0, 1, 3, 4]] - 1000).max() < 130  # sigma 27


def test_a_knob_switched_on_takes_any_choice() -> None:
    space = Space([Knob("gate", (0, 1)), Knob("gated", (0, 1, 2, 3), {"gate": (1,)})])
    children = scatter(space, np.zeros((8000, 2), dtype=np.int64), rng(), per_part=0.2)
    opened = children[children[:, 0] == 1, 1]
    assert (np.bincount(opened, minlength=4) > len(opened) / 6).all()


def test_repeats_are_bred_anew_and_never_for_ever() -> None:
    space = Space([Knob("a", tuple(range(10)))])
    tried, draws = Tried(), []
    tried.note(np.arange(9)[:, None])

    def breed(n: int, attempt: int) -> np.ndarray:
        draws.append(attempt)
        return space.sample(rng(attempt), n)

    assert tried.unseen(breed, 20).shape == (20, 1)
    assert draws == list(range(7))
    rows = np.array([[9], [3], [9]])
    assert tried.new(rows).tolist() == [True, False, False]
