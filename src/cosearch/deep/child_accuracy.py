"""Accuracy of a network trained by itself for a few epochs: a proxy for training it in full.

As MnasNet (arXiv 1807.11626: 5 epochs a child) and multi-trial NAHAS (arXiv 2102.08619) have it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int, UInt8
from numpy import ndarray

from cosearch.deep.datasets.images import ImageData, as_split
from cosearch.deep.module import to_module
from cosearch.deep.stored import Stored
from cosearch.deep.training import DivergedError, TrainSettings, fit
from cosearch.families import NetworkFamily

NOTHING = 0.0  # the accuracy of a child whose training diverged


@dataclass(frozen=True)
class ChildAccuracy:
    """Validation accuracy of each network after `settings.epochs` epochs from scratch.

    Every child has the same seed, images and order of images, so that they differ in nothing else,
    and its figure in `folder`: it is trained once, however often a run is killed. Answers alike in
    any process, given the same `settings.threads`.
    """

    family: NetworkFamily
    settings: TrainSettings
    seed: int
    folder: Path
    train_images: UInt8[ndarray, "n c h w"]
    train_labels: Int[ndarray, " n"]
    images: UInt8[ndarray, "m c h w"]
    labels: Int[ndarray, " m"]
    key: str  # of all that a figure hangs on beside the genome

    @classmethod
    def of(
        cls,
        family: NetworkFamily,
        settings: TrainSettings,
        data: ImageData,
        *,
        seed: int,
        folder: Path,
    ) -> ChildAccuracy:
        """Train on the training part of `data`, judge on its validation part."""
        learnt = data.train.images.numpy(), data.train.labels.numpy()
        judged = data.validation.images.numpy(), data.validation.labels.numpy()
        about = {"seed": seed, **asdict(settings)}
        stored = Stored.of(folder, family, about, (*learnt, *judged))
        return cls(family, settings, seed, folder, *learnt, *judged, stored.key)

    @property
    def price(self) -> str:
        """For people."""
        return f"training on {len(self.train_labels):,} images for {self.settings.epochs} epochs"

    def __call__(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """Fraction of validation images classified right."""
        rows = np.asarray(genomes, dtype=np.int64)
        return np.array([self._one(genome) for genome in rows], dtype=np.float64)

    def _one(self, genome: Int[ndarray, " d"]) -> float:
        stored = Stored(self.folder, self.key)
        checkpoint = stored.path(genome).with_suffix(".pt")
        found = stored.get(genome, lambda: self._trained(genome, checkpoint))
        checkpoint.unlink(missing_ok=True)
        return float(found["accuracy"])

    def _trained(self, genome: Int[ndarray, " d"], checkpoint: Path) -> dict[str, Any]:
        module = to_module(self.family.network(genome), seed=self.seed)
        try:
            history = fit(
                module,
                as_split(self.train_images, self.train_labels),
                self.settings,
                seed=self.seed,
                checkpoint=checkpoint,
                validation=as_split(self.images, self.labels),
            )
        except DivergedError as error:
            return {"accuracy": NOTHING, "note": str(error)}
        last = history.epochs[-1]
        return {"accuracy": last.accuracy, "loss": last.loss}
