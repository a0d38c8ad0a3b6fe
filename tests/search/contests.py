"""What the tests of every strategy share: spaces, problems, contests against random, goldens."""

import hashlib
from typing import Any

import numpy as np

from cosearch.search import OPTIMIZERS, Optimizer
from cosearch.space import Knob, Space
from cosearch.testing.check_optimizer import toy_losses, toy_space

SEEDS = 12
WINS = 11  # one-sided sign test: 11 or 12 wins of 12 have p = 13 / 4096 = 0.0032 under the null


def nested_space() -> Space:
    """Conditions on conditions, in a product of two."""
    knobs = [
        Knob("a", (0, 1, 2)),
        Knob("b", (0, 1, 2, 3), {"a": (1, 2)}),
        Knob("c", (0, 1), {"b": (3,)}),
        Knob("d", (0, 1, 2), {"a": (0,)}),
    ]
    return Space(knobs).prefixed("x.") * Space([Knob("e", (0, 1, 2, 3, 4))]).prefixed("y.")


def best_after(optimizer: Optimizer, trials: int = 600, batch: int = 20) -> float:
    """Least loss on the toy problem."""
    best = np.inf
    for _ in range(trials // batch):
        genomes = optimizer.ask(batch)
        losses = toy_losses(genomes)
        optimizer.tell(genomes, losses, np.zeros(batch))
        best = min(best, losses.min())
    return best


def wins_over_random(name: str, **options: Any) -> int:
    """Of `SEEDS` contests on the toy problem; a draw is none."""
    space = toy_space()

    def best(player: str, seed: int, **given: Any) -> float:
        return best_after(OPTIMIZERS[player](space, np.random.default_rng(seed), **given))

    return sum(best(name, seed, **options) < best("random", seed) for seed in range(SEEDS))


def trace(optimizer: Optimizer, rounds: int = 12, batch: int = 16) -> np.ndarray:
    """What an optimizer proposes on the toy problem; a third of the designs miss a limit."""
    asked = []
    for _ in range(rounds):
        genomes = optimizer.ask(batch)
        violations = np.maximum(genomes[:, 0] - 3.0, 0.0)
        optimizer.tell(genomes, toy_losses(genomes), violations)
        asked.append(genomes)
    return np.concatenate(asked)


def ask_more_than_is_told(optimizer: Optimizer, space: Space, rounds: int, batch: int) -> None:
    """As a study does that screens proposals before it pays for accuracies."""
    for _ in range(rounds):
        asked = np.concatenate([optimizer.ask(batch) for _ in range(3)])
        assert np.array_equal(space.canonical(space.validate(asked)), asked)
        optimizer.tell(asked[::3], asked[::3, :1].astype(float), np.zeros(batch))


def golden(name: str, **options: Any) -> str:
    """First twelve digits of the SHA-256 of what a strategy proposes from seed 7."""
    rows = trace(OPTIMIZERS[name](toy_space(), np.random.default_rng(7), **options))
    return hashlib.sha256(rows.astype("<i8").tobytes()).hexdigest()[:12]


def first_feasible(optimizer: Optimizer, trials: int, batch: int = 20) -> int:
    """Trials until a design of the toy space meets a limit that one in 10,000 meets; -1: none."""
    for done in range(0, trials, batch):
        genomes = optimizer.ask(batch)
        losses = toy_losses(genomes)
        violations = np.maximum(losses[:, 0] - 16.0, 0.0)
        if not violations.all():
            return done
        optimizer.tell(genomes, np.full_like(losses, np.inf), violations)
    return -1
