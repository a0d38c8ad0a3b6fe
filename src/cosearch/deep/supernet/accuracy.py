"""Accuracy of a supernet's networks, none of which is trained alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from numpy import ndarray

from cosearch.deep.accuracy import CALIBRATION_IMAGES, calibrate, evaluate
from cosearch.deep.datasets.images import DATA_SEED, ImageData, Split, as_split, resize
from cosearch.deep.supernet.block import Genome
from cosearch.deep.supernet.supernet import Supernet
from cosearch.deep.threads import threads


@dataclass(frozen=True)
class SupernetAccuracy:
    """Validation accuracy of networks that inherit a supernet's weights.

    Each gets its own batch-norm statistics, from `calibration`; without such images it keeps those
    of the supernet, which are of all networks at once. Travels between processes as paths and
    arrays, loads the weights at the first call, and answers alike everywhere: one thread, a fixed
    set of images. `options` are those of `Supernet`.
    """

    family: Any
    weights: Path
    calibration: UInt8[ndarray, "m c h w"]
    images: UInt8[ndarray, "n c h w"]
    labels: Int[ndarray, " n"]
    options: Mapping[str, bool] = field(default_factory=dict)
    price: str = "one forward pass over the validation images, about 0.1 s on one core for digits"
    _loaded: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        family: Any,
        weights: Path,
        data: ImageData,
        *,
        images: int = CALIBRATION_IMAGES,
        **options: bool,
    ) -> SupernetAccuracy:
        """Calibrate on so many training images of `data`, score on its validation part."""
        order = np.random.default_rng(DATA_SEED).permutation(len(data.train))
        calibration = data.train.images.numpy()[order[:images]]
        part = data.validation
        return cls(family, weights, calibration, part.images.numpy(), part.labels.numpy(), options)

    def __call__(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """Fraction of validation images classified right."""
        with threads(1):
            return np.array([self._one(genome) for genome in genomes], dtype=np.float64)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_loaded": {}}

    def _one(self, genome: Genome) -> float:
        if "supernet" not in self._loaded:
            self._loaded["supernet"] = self._load()
        supernet: Supernet = self._loaded["supernet"]
        module, size = supernet.subnet(genome), supernet.resolution(genome)
        if len(self.calibration):
            calibrate(module, self._at("calibration", size).pixels)
        return evaluate(module, self._at("images", size))

    def _at(self, name: str, size: int | None) -> Split:
        """Images for a network of this resolution; None: as they are."""
        if (name, size) not in self._loaded:
            images: ndarray = getattr(self, name)
            labels = self.labels if name == "images" else np.zeros(len(images))
            split = as_split(images, labels)
            scaled = split.images if size is None else resize(split.images, size)
            self._loaded[name, size] = Split(scaled, split.labels)
        found: Split = self._loaded[name, size]
        return found

    def _load(self) -> Supernet:
        supernet = Supernet(self.family, **self.options)
        supernet.load_state_dict(torch.load(self.weights, weights_only=True))
        return supernet.eval()
