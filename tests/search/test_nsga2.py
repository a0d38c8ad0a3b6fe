"""NSGA-II: fronts and crowding against slow and plain versions; a better front than random's."""

import numpy as np
import pytest
from tests.search.contests import SEEDS, WINS

from cosearch.pareto import hypervolume, non_dominated
from cosearch.search import NSGA2, OPTIMIZERS
from cosearch.search.evolutionary.domination import crowding, fronts
from cosearch.space import Knob, Space

PLANE = Space([Knob(f"k{i}", tuple(range(8))) for i in range(14)])


def beats(a: int, b: int, losses: np.ndarray, violations: np.ndarray) -> bool:
    """Constrained domination, as Deb et al. define it."""
    if violations[a] > 0 or violations[b] > 0:
        return bool(violations[a] < violations[b])
    return bool((losses[a] <= losses[b]).all() and (losses[a] < losses[b]).any())


def plain_fronts(losses: np.ndarray, violations: np.ndarray) -> list[int]:
    left, out, front = set(range(len(losses))), [0] * len(losses), 0
    while left:
        best = {i for i in left if not any(beats(j, i, losses, violations) for j in left)}
        for i in best:
            out[i] = front
        left -= best
        front += 1
    return out


def plain_crowding(losses: np.ndarray, front: np.ndarray) -> np.ndarray:
    out = np.zeros(len(losses))
    for f in np.unique(front):
        members = np.flatnonzero(front == f)
        for column in losses[members].T:
            order = np.argsort(column, kind="stable")
            span = column[order[-1]] - column[order[0]] or 1.0
            out[members[order[[0, -1]]]] = np.inf
            for i in range(1, len(order) - 1):
                out[members[order[i]]] += (column[order[i + 1]] - column[order[i - 1]]) / span
    return out


@pytest.mark.parametrize("objectives", [1, 2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_fronts_equal_the_plain_ones(objectives: int, seed: int) -> None:
    """Small integers, so that many designs are equal; inf among losses and violations."""
    rng = np.random.default_rng(seed)
    losses = rng.integers(0, 5, size=(40, objectives)).astype(float)
    losses[rng.random(losses.shape) < 0.1] = np.inf
    violations = rng.choice([0.0, 0.0, 0.0, 0.3, 0.7, np.inf], size=40)
    assert fronts(losses, violations).tolist() == plain_fronts(losses, violations)


def test_the_first_front_is_the_one_reports_show() -> None:
    losses = np.random.default_rng(0).random((200, 2))
    assert np.array_equal(fronts(losses, np.zeros(200)) == 0, non_dominated(losses))


def test_enough_sorted_designs_are_enough() -> None:
    losses, violations = np.random.default_rng(0).random((100, 2)), np.zeros(100)
    whole, part = fronts(losses, violations), fronts(losses, violations, enough=20)
    assert (part[whole < part.max()] == whole[whole < part.max()]).all()
    assert (part < part.max()).sum() >= 20


@pytest.mark.parametrize("seed", range(3))
def test_crowding_equals_the_plain_one(seed: int) -> None:
    losses = np.random.default_rng(seed).random((60, 2))
    front = fronts(losses, np.zeros(60))
    assert np.allclose(crowding(losses, front), plain_crowding(losses, front))


def test_the_crowded_die_first() -> None:
    space = Space([Knob("a", tuple(range(10)))])
    optimizer = NSGA2(space, np.random.default_rng(0), population=4)
    first = np.array([0.0, 1.0, 1.1, 5.0, 10.0])
    optimizer.tell(np.arange(5)[:, None], np.stack([first, 10 - first], axis=1), np.zeros(5))
    assert sorted(optimizer._parents.genomes[:, 0]) == [0, 2, 3, 4]


def test_a_design_told_twice_lives_once() -> None:
    space = Space([Knob("a", tuple(range(10)))])
    optimizer = NSGA2(space, np.random.default_rng(0), population=4)
    for _ in range(3):
        optimizer.tell(np.array([[1], [1]]), np.zeros((2, 2)), np.zeros(2))
    assert optimizer._parents.genomes.tolist() == [[1]]


def volume(name: str, seed: int) -> float:
    """Of the front found in 800 trials of two opposed goals, one of them limited."""
    optimizer = OPTIMIZERS[name](PLANE, np.random.default_rng(seed))
    found = []
    for _ in range(20):
        genomes = optimizer.ask(40)
        losses = np.stack([(genomes**2).sum(axis=1), ((genomes - 7) ** 2).sum(axis=1)], axis=1)
        violations = np.maximum(genomes[:, 0] - 3.0, 0.0)
        optimizer.tell(genomes, losses.astype(float), violations)
        found.append(losses[violations == 0].astype(float))
    return hypervolume(np.concatenate(found), np.array([700.0, 700.0]))


def test_finds_a_better_front_than_random() -> None:
    """One-sided sign test over 12 seeds, alpha = 0.01."""
    assert sum(volume("nsga2", s) > volume("random", s) for s in range(SEEDS)) >= WINS
