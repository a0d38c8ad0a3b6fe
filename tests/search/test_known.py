"""Limits known beforehand: kept where they can be, never waited for."""

import numpy as np
import pytest
from tests.search.contests import SEEDS, WINS

from cosearch.search import OPTIMIZERS, Filtered, make_optimizer, repair
from cosearch.space import Knob, Space
from cosearch.testing import check_optimizer
from cosearch.testing.check_optimizer import toy_losses, toy_space

STRATEGIES = (
    "differential",
    "evolution",
    "genetic",
    "grid",
    "nsga2",
    "quasi-random",
    "random",
    "reinforce",
)


def excess(genomes: np.ndarray) -> np.ndarray:
    """Half of the designs of the toy space are admissible."""
    return np.maximum(genomes[:, 0] - 2.0, 0.0)


def nothing(genomes: np.ndarray) -> np.ndarray:
    return 1.0 + genomes[:, 0]


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("limit", [excess, nothing])
def test_a_filtered_strategy_is_a_strategy(name: str, limit) -> None:
    check_optimizer(lambda space, rng: make_optimizer(name, space, rng, excess=limit))


@pytest.mark.parametrize("name", STRATEGIES)
def test_only_admissible_designs_are_proposed(name: str) -> None:
    optimizer = make_optimizer(name, toy_space(), np.random.default_rng(0), excess=excess)
    for _ in range(15):
        genomes = optimizer.ask(16)
        assert (excess(genomes) == 0).all()
        optimizer.tell(genomes, toy_losses(genomes), np.zeros(16))


def test_nothing_admissible_gives_the_least_violating_after_bounded_rounds() -> None:
    asked = []

    class Counting(OPTIMIZERS["random"]):
        def ask(self, n: int) -> np.ndarray:
            asked.append(n)
            return super().ask(n)

    space = Space([Knob("a", tuple(range(50)))])
    rng = np.random.default_rng(0)
    genomes = Filtered(Counting(space, rng), space, rng, nothing, rounds=5).ask(20)
    assert asked == [20] * 5
    assert (nothing(genomes) < 3).all()  # repaired as far as can be: 1 is the least there is


def test_repair_finds_the_admissible_design_there_is() -> None:
    """Of 26 million designs, the 216 next to one corner."""
    space = Space([Knob(f"k{i}", tuple(range(6))) for i in range(10)])

    def corner(genomes: np.ndarray) -> np.ndarray:
        return np.maximum(genomes.sum(axis=1) - 3.0, 0.0)

    rng = np.random.default_rng(0)
    genomes = space.sample(rng, 100)
    mended = repair(space, genomes, corner, rng)
    assert (corner(mended) == 0).sum() >= 95  # random ones have a chance of 1 in 200,000
    assert np.array_equal(space.canonical(space.validate(mended)), mended)
    fine = np.zeros((3, 10), dtype=np.int64)
    assert np.array_equal(repair(space, fine, corner, rng), fine)


def budget(genomes: np.ndarray) -> np.ndarray:
    """Knobs of unlike weight, such as areas: doubling, and far beyond the limit at their most."""
    return np.maximum((2.0 ** (genomes % 6)).sum(axis=1) / 40 - 1, 0.0)


def test_a_repaired_design_stays_near_the_proposal_and_uses_what_the_limit_grants() -> None:
    """Median of 300: three knobs of ten changed, four fifths of the limit used."""
    space = Space([Knob(f"k{i}", tuple(range(6))) for i in range(10)])
    rng = np.random.default_rng(0)
    genomes = space.sample(rng, 900)
    genomes = genomes[(budget(genomes) > 0.5) & (budget(genomes) < 1.5)][:300]
    assert len(genomes) == 300
    mended = repair(space, genomes, budget, rng)
    assert (budget(mended) == 0).all()
    used = (2.0**mended).sum(axis=1) / 40
    assert np.median(used) > 0.8
    assert np.median((mended != genomes).sum(axis=1)) <= 3


def test_repair_keeps_conditions() -> None:
    space = toy_space()
    rng = np.random.default_rng(0)
    genomes = space.sample(rng, 200)
    mended = repair(space, genomes, excess, rng)
    assert np.array_equal(space.canonical(space.validate(mended)), mended)
    assert (excess(mended) == 0).all()
    others = (mended != genomes) & (excess(genomes) > 0)[:, None]
    assert not others[:, 1:11].any()  # only the knob that matters, and the one it gates


def test_a_filtered_grid_loses_no_admissible_design() -> None:
    space = Space([Knob("a", tuple(range(6))), Knob("b", tuple(range(5)))])
    grid = make_optimizer("grid", space, np.random.default_rng(0), excess=excess)
    rows = np.concatenate([grid.ask(5) for _ in range(3)])
    assert rows.tolist() == [[a, b] for a in range(3) for b in range(5)]


def test_options_reach_the_strategy() -> None:
    rng = np.random.default_rng(0)
    made = make_optimizer("genetic", toy_space(), rng, excess=excess, population=3)
    assert made.optimizer.population == 3


def best(seed: int, filtering: bool) -> float:
    """Under a limit that one design in 260 meets, after 200 trials; inf if none was met."""
    space = toy_space()

    def limit(genomes: np.ndarray) -> np.ndarray:
        return np.maximum(genomes[:, :4].sum(axis=1) - 1.0, 0.0)

    rng, found = np.random.default_rng(seed), np.inf
    optimizer = make_optimizer("genetic", space, rng, excess=limit if filtering else None)
    for _ in range(10):
        genomes = optimizer.ask(20)
        losses, violations = toy_losses(genomes), limit(genomes)
        optimizer.tell(genomes, losses, violations)
        found = min(found, losses[violations == 0].min(initial=np.inf))
    return found


def test_knowing_the_limit_saves_trials() -> None:
    """One-sided sign test over 12 seeds, alpha = 0.01."""
    assert sum(best(s, True) < best(s, False) for s in range(SEEDS)) >= WINS
