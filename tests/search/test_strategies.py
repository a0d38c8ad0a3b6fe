"""What every strategy keeps, beyond the suite we ship: replay, strangers, goldens, poor starts."""

import numpy as np
import pytest
from tests.search.contests import (
    WINS,
    ask_more_than_is_told,
    first_feasible,
    golden,
    nested_space,
    trace,
    wins_over_random,
)

from cosearch.search import OPTIMIZERS
from cosearch.space import Knob, Space
from cosearch.testing.check_optimizer import toy_losses, toy_space

# A change of behaviour shows here, in review.
GOLDEN = {
    "differential": "4af5a63bd56f",
    "evolution": "ce7526b85d16",
    "genetic": "61dc4941fa0e",
    "grid": "cec440f283b9",
    "nsga2": "316cbe5be81d",
    "ppo": "351f5f9ec3a6",
    "quasi-random": "a0e20ee6b930",
    "random": "4f5dc26b286f",
    "reinforce": "d2a0ef0721a2",
}
LEARNING = ("differential", "evolution", "genetic", "nsga2", "ppo", "reinforce")


def make(name: str, space: Space, seed: int = 0):
    return OPTIMIZERS[name](space, np.random.default_rng(seed))


@pytest.mark.parametrize("name", [name for name in LEARNING if name != "ppo"])
def test_beats_random(name: str) -> None:
    """One-sided sign test, alpha = 0.01. (The recurrent controller has a test of its own.)"""
    assert wins_over_random(name) >= WINS


@pytest.mark.parametrize("name", LEARNING)
def test_learns_from_violations_alone(name: str) -> None:
    """Nothing meets the limit at first and every loss is inf; random needs 10,000 trials."""
    assert all(first_feasible(make(name, toy_space(), seed), 3000) > 0 for seed in range(3))


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    assert golden(name) == GOLDEN[name]


@pytest.mark.parametrize("name", GOLDEN)
def test_replay_gives_the_same_next_proposals(name: str) -> None:
    """An optimizer rebuilt from the records goes on as the one that was interrupted."""
    space = toy_space()
    whole = make(name, space)
    before, after = trace(whole, 6), trace(whole, 6)
    rebuilt = make(name, space)
    assert np.array_equal(trace(rebuilt, 6), before)
    assert np.array_equal(trace(rebuilt, 6), after)


@pytest.mark.parametrize("name", GOLDEN)
def test_more_may_be_asked_than_is_told(name: str) -> None:
    ask_more_than_is_told(make(name, nested_space()), nested_space(), rounds=10, batch=9)


@pytest.mark.parametrize("name", GOLDEN)
def test_strangers_only(name: str) -> None:
    """Transfer: told before anything was asked, more than it keeps, in uneven batches."""
    space = toy_space()
    optimizer = make(name, space)
    strangers = space.sample(np.random.default_rng(1), 1500)
    for part in np.split(strangers, [0, 1, 3, 400]):
        optimizer.tell(part, toy_losses(part), np.zeros(len(part)))
    space.validate(optimizer.ask(50))


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("space", [Space([Knob("a", (1,))]), Space([Knob("a", (1, 2))])], ids=str)
def test_tiny_spaces(name: str, space: Space) -> None:
    optimizer = make(name, space)
    for _ in range(30):
        genomes = space.validate(optimizer.ask(7))
        optimizer.tell(genomes, genomes.astype(float), np.full(7, np.inf))


@pytest.mark.parametrize("name", GOLDEN)
def test_infinite_losses_in_two_goals(name: str) -> None:
    """With and without violations, some rows finite, none NaN."""
    space = nested_space()
    optimizer = make(name, space)
    rng = np.random.default_rng(3)
    with np.errstate(all="raise"):
        for _ in range(20):
            genomes = space.validate(optimizer.ask(16))
            losses = np.where(rng.random((16, 2)) < 0.3, np.inf, rng.random((16, 2)))
            violations = rng.choice([0.0, 0.0, 0.5, np.inf], size=16)
            optimizer.tell(genomes, losses, violations)
