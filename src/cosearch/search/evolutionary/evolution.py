"""Regularised (ageing) evolution (Real et al., AAAI 2019, algorithm 1), in batches."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cosearch.search.evolutionary.breeding import Tried
from cosearch.search.optimizer import ranks
from cosearch.space import Space


class RegularisedEvolution:
    """Best of a random sample is copied with one knob (of a part) changed; the oldest die.

    Defaults are the paper's P = 100 and S = 25. A whole batch is bred from one population, so
    `n = 1` is the published algorithm and a larger `n` its parallel form. Ours: a child that was
    told before is bred anew, from a tournament of its own and after two failures by more changes,
    since a design paid for twice teaches nothing.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.Generator,
        *,
        population: int = 100,
        tournament: int = 25,
    ) -> None:
        self.space = space
        self.population = population
        self.tournament = tournament
        self._rng = rng
        self._genomes = np.empty((0, len(space)), dtype=np.int64)
        self._losses = np.empty((0, 0))
        self._violations = np.empty(0)
        self._tried = Tried()

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """Random designs until the population is full, then mutated tournament winners."""
        if len(self._genomes) < self.population:
            return self._tried.unseen(lambda k, _: self.space.sample(self._rng, k), n)
        rank = ranks(self._losses, self._violations)

        def breed(k: int, attempt: int) -> ndarray:
            entrants = self._rng.integers(0, len(rank), size=(k, self.tournament))
            children = self._genomes[entrants[np.arange(k), np.argmin(rank[entrants], axis=1)]]
            for _ in range(1 + attempt // 2):
                children = mutate(self.space, children, self._rng)
            return children

        return self._tried.unseen(breed, n)

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Append the newcomers, drop the oldest."""
        self._tried.note(genomes)
        if self._losses.shape[1] != losses.shape[1]:
            self._losses = np.empty((len(self._genomes), losses.shape[1]))
        self._genomes = np.concatenate([self._genomes, genomes])[-self.population :]
        self._losses = np.concatenate([self._losses, losses])[-self.population :]
        self._violations = np.concatenate([self._violations, violations])[-self.population :]


def mutate(
    space: Space, genomes: Int[ndarray, "n d"], rng: np.random.Generator
) -> Int[ndarray, "n d"]:
    """Change one knob of each genome to another of its choices, uniformly.

    Of a product (a network and its chip) one part or several change, all such sets alike likely:
    a better network often needs another chip at once. Only knobs that count and have an
    alternative are drawn; a part without any stays as it is.
    """
    able = space.active(genomes) & (space.cardinalities > 1)
    children = genomes.copy()
    start = 0
    for length, chosen in zip(space.parts, _some(len(genomes), len(space.parts), rng), strict=True):
        part = slice(start, start + length)
        _step(children[:, part], able[:, part] & chosen[:, None], space.cardinalities[part], rng)
        start += length
    return space.canonical(children)


def _some(n: int, parts: int, rng: np.random.Generator) -> Bool[ndarray, "parts n"]:
    """For each of `n` genomes a set of parts, not empty; all such sets alike likely."""
    sets = rng.integers(1, 2**parts, size=n)
    return np.array([sets >> part & 1 for part in range(parts)], dtype=bool)


def _step(
    genomes: Int[ndarray, "n k"],
    able: Bool[ndarray, "n k"],
    choices: Int[ndarray, " k"],
    rng: np.random.Generator,
) -> None:
    """Change in place one able knob of each row."""
    rows = np.arange(len(genomes))
    knob = np.argmax(np.where(able, rng.random(genomes.shape), -1.0), axis=1)
    step = 1 + (rng.random(len(genomes)) * np.maximum(choices[knob] - 1, 1)).astype(np.int64)
    step = np.where(able[rows, knob], step, 0)
    genomes[rows, knob] = (genomes[rows, knob] + step) % choices[knob]
