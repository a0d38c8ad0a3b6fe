"""What is trained: three spaces for CIFAR-10, networks alone, and supernets by four recipes.

All recipes but one get the same number of passes of a network over the images; the best of them is
trained for longer, too. Seconds are in the records.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.deep.training import TrainSettings
from cosearch.families import sized
from cosearch.problem.paths import PathTable, sample_paths
from cosearch.problem.paths.sampling import reachable

IMAGE: Final = (3, 16, 16)
OURS, MACRO, CELLS = "mobile", "nas-bench-macro", "nasbench201"
LOOKED_UP: Final = (MACRO, CELLS)  # accuracies are a benchmark's
WIDTH: Final = 0.5  # what two cores train in minutes
SEED: Final = 0
ADAMW_LR: Final = 0.02  # as `cosearch run spos` with as many images


@dataclass(frozen=True)
class Recipe:
    """How a supernet is trained; `networks` pass over the images in each step."""

    name: str
    networks: int
    distil: bool = False
    longer: float = 1.0  # than the others
    adamw: bool = False  # not SGD


SINGLE: Final = Recipe("single path", 1)
LONGER: Final = Recipe("single path, longer", 1, longer=2.5)
SANDWICHES: Final = (Recipe("sandwich", 3), Recipe("sandwich, distilled", 4, distil=True))
BY_ADAMW: Final = Recipe("single path, AdamW", 1, adamw=True)
RECIPES: Final = (SINGLE, *SANDWICHES, LONGER)


@dataclass(frozen=True)
class Plan:
    """Sizes of everything; the defaults are those on record."""

    images: int = 16_000
    networks: int = 32  # trained alone
    looked_up: int = 100  # of each benchmark
    epochs: int = 10  # of a network alone
    passes: int = 60  # over the images, of a supernet's networks together
    looked_up_passes: int = 30
    validation: int = 5_000

    def alone(self) -> TrainSettings:
        """For a network by itself."""
        return TrainSettings(self.epochs, 128, 0.2, shift=2, mirror=True, threads=1)

    def shared(self, space: str, recipe: Recipe) -> TrainSettings:
        """For a supernet."""
        passes = self.passes if space == OURS else self.looked_up_passes
        settings = self.alone()
        if recipe.adamw:
            settings = replace(settings, optimizer="adamw", lr=ADAMW_LR)
        return replace(
            settings,
            epochs=max(1, round(recipe.longer * passes / recipe.networks)),
            random_networks=recipe.networks - 1 - recipe.distil,
            distil=recipe.distil,
        )

    def jobs(self) -> tuple[tuple[str, Recipe], ...]:
        """The supernets; sizes are elastic in the first space alone, and a sandwich needs them.

        Those of the benchmarks are trained by SGD as the others, and by AdamW.
        """
        ours = ((OURS, recipe) for recipe in RECIPES)
        benchmarks = ((space, recipe) for space in LOOKED_UP for recipe in (SINGLE, BY_ADAMW))
        return (*ours, *benchmarks)

    def genomes(self, space: str) -> Int[ndarray, "n d"]:
        """The networks to rank, all different.

        Of ours one from each of as many ranges of MACs, each wider than the last by the same
        factor: at random nearly all would be of the middle, and as alike as trainings differ. Of
        a benchmark's, random ones.
        """
        rng = np.random.default_rng(SEED)
        if space == OURS:
            return _over_macs(space, self.networks, rng)
        drawn = family_of(space).space.sample(rng, 2 * self.looked_up)
        first = np.sort(np.unique(drawn, axis=0, return_index=True)[1])
        return drawn[first][: self.looked_up]


def _over_macs(space: str, n: int, rng: np.random.Generator) -> Int[ndarray, "n d"]:
    table = PathTable.of(family_of(space), metrics=("macs",))
    ends = np.geomspace(*reachable(table, "macs"), n + 1)
    return np.concatenate(
        [
            sample_paths(table, rng, 1, at_least={"macs": low}, at_most={"macs": high})
            for low, high in pairwise(ends)
        ]
    )


def macs_of(space: str, code: str) -> int:
    """Of the network whose genome reads so."""
    genome = np.array([int(choice) for choice in code.split("-")])
    found: int = family_of(space).network(genome).macs
    return found


def family_of(space: str) -> Any:
    """The space for these images."""
    return sized(space, IMAGE, 10, WIDTH)
