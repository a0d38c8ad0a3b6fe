"""A proxy in the place of an accuracy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from numpy import ndarray
from torch import Tensor

from cosearch.deep.datasets.images import DATA_SEED, ImageData, as_split
from cosearch.deep.module import to_module
from cosearch.deep.proxies.table import find_proxy
from cosearch.deep.stored import Stored
from cosearch.deep.threads import threads
from cosearch.families.family import NetworkFamily
from cosearch.networks import Network

Genome = Int[ndarray, " d"]


@dataclass(frozen=True)
class ProxyAccuracy:
    """Scores of the untrained networks of `family` by the proxy `name`; only the ranking counts.

    Not a share of anything: rewards that multiply by it make no sense. -inf is what no input
    reaches. First weights come from `seed`, the same for every network; one thread, so a genome
    has one score, whoever asks and where. With a `folder` each score is kept there in a file.
    """

    family: NetworkFamily
    name: str
    images: UInt8[ndarray, "n c h w"]
    labels: Int[ndarray, " n"]
    seed: int = 0
    folder: Path | None = None
    price: str = "a pass or two over one batch, no training"

    def __post_init__(self) -> None:
        find_proxy(self.name)

    @classmethod
    def of(
        cls,
        family: NetworkFamily,
        name: str,
        data: ImageData,
        *,
        batch: int = 64,
        seed: int = 0,
        folder: Path | None = None,
    ) -> ProxyAccuracy:
        """On a fixed random batch of the training images."""
        order = np.random.default_rng(DATA_SEED).permutation(len(data.train))[:batch]
        chosen = data.train.take(torch.from_numpy(order))
        return cls(family, name, chosen.images.numpy(), chosen.labels.numpy(), seed, folder)

    def __call__(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """The proxy's score of each."""
        one = self._worked_out if self.folder is None else self._kept
        return np.array([one(row) for row in np.asarray(genomes, np.int64)], dtype=np.float64)

    def _worked_out(self, genome: Genome) -> float:
        batch = as_split(self.images, self.labels)
        network = self.family.network(genome)
        return score(self.name, network, batch.pixels, batch.labels, seed=self.seed)

    def _kept(self, genome: Genome) -> float:
        """JSON knows no infinity: null stands for it."""

        def work() -> dict[str, Any]:
            found = self._worked_out(genome)
            return {self.name: found if math.isfinite(found) else None}

        found = self._stored.get(genome, work)[self.name]
        return -math.inf if found is None else float(found)

    @cached_property
    def _stored(self) -> Stored:
        assert self.folder is not None
        about = {"proxy": self.name, "seed": self.seed}
        return Stored.of(self.folder, self.family, about, (self.images, self.labels))


def score(name: str, network: Network, images: Tensor, labels: Tensor, *, seed: int = 0) -> float:
    """By the proxy `name`, of `network` with first weights from `seed`; -inf instead of NaN."""
    proxy = find_proxy(name)
    with threads(1):
        found = proxy(
            to_module(network, seed=seed), images, labels, torch.Generator().manual_seed(seed)
        )
    return -math.inf if math.isnan(found) else found
