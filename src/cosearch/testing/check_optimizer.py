"""What every optimizer must keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cosearch.search import Optimizer
from cosearch.space import Knob, Space

Make = Callable[[Space, np.random.Generator], Optimizer]


def check_optimizer(make: Make, *, seed: int = 0, rounds: int = 20) -> None:
    """Valid genomes for any n, determinism, replay, strangers, inf, duplicates, size-1 spaces.

    `rounds` of 16 designs show determinism, half as many that nothing but inf is survived: fewer
    for an optimizer that takes seconds a round. Raises AssertionError naming what broke.
    """
    space = toy_space()
    _valid_for_any_n(make(space, np.random.default_rng(seed)), space)
    first, second = (
        _trace(make(space, np.random.default_rng(seed)), space, rounds) for _ in range(2)
    )
    assert np.array_equal(first, second), "same seed, same proposals"
    _tolerates(make(space, np.random.default_rng(seed)), space, rounds // 2)
    only = Space([Knob("only", (1,))])
    optimizer = make(only, np.random.default_rng(seed))
    for _ in range(2 * rounds):
        genomes = optimizer.ask(5)
        assert (genomes == 0).all(), "a space of one design has one genome"
        optimizer.tell(genomes, np.zeros((5, 1)), np.zeros(5))


def toy_space() -> Space:
    """Twelve knobs, one of them gated."""
    knobs = [Knob(f"k{i}", tuple(range(6))) for i in range(11)]
    return Space([*knobs, Knob("gated", (0, 1, 2), {"k0": (3, 4)})])


def toy_losses(genomes: Any) -> Any:
    """A sum with a single best design; shape (n, 1)."""
    target = np.arange(genomes.shape[1]) % 3
    return ((genomes - target) ** 2).sum(axis=1, keepdims=True).astype(float)


def _valid_for_any_n(optimizer: Optimizer, space: Space) -> None:
    for n in (1, 2, 7, 64, 1, 200):
        genomes = optimizer.ask(n)
        assert genomes.shape == (n, len(space)), f"ask({n}) gave shape {genomes.shape}"
        space.validate(genomes)
        assert np.array_equal(space.canonical(genomes), genomes), "proposals must be canonical"
        optimizer.tell(genomes, toy_losses(genomes), np.zeros(n))


def _trace(optimizer: Optimizer, space: Space, rounds: int) -> Any:
    asked = []
    for _ in range(rounds):
        genomes = optimizer.ask(16)
        optimizer.tell(genomes, toy_losses(genomes), np.zeros(16))
        asked.append(genomes)
    return np.concatenate(asked)


def _tolerates(optimizer: Optimizer, space: Space, rounds: int) -> None:
    strangers = space.sample(np.random.default_rng(99), 150)
    optimizer.tell(strangers, toy_losses(strangers), np.zeros(150))
    optimizer.tell(np.repeat(strangers[:1], 20, 0), np.full((20, 1), np.inf), np.full(20, np.inf))
    for _ in range(rounds):
        genomes = space.validate(optimizer.ask(16))
        optimizer.tell(genomes, np.full((16, 1), np.inf), np.full(16, np.inf))
    space.validate(optimizer.ask(16))
