"""int8 accuracy of a supernet's sub-networks: what the search should care for, if int8 will run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from numpy import ndarray

from cosearch.deep.accuracy import calibrate, evaluate
from cosearch.deep.datasets.images import Split, as_split, resize
from cosearch.deep.qat.fake import INT8, Precision
from cosearch.deep.qat.quantised import Quantised
from cosearch.deep.supernet import Supernet, SupernetAccuracy
from cosearch.deep.threads import threads
from cosearch.errors import CosearchError


@dataclass(frozen=True)
class Int8Accuracy:
    """As `exact`, with every sub-network quantised after its norms are calibrated.

    Ranges are of the calibration images. Travels between processes and answers alike everywhere.
    """

    exact: SupernetAccuracy
    precision: Precision = INT8
    price: str = "two forward passes over the validation images or so, nothing is trained"
    _loaded: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not len(self.exact.calibration):
            raise CosearchError("int8 accuracy needs calibration images, for the ranges")

    def __call__(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """Fraction of validation images classified right in int8."""
        with threads(1):
            return np.array([self._one(genome) for genome in genomes], dtype=np.float64)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_loaded": {}}

    def _one(self, genome: Int[ndarray, " d"]) -> float:
        if "supernet" not in self._loaded:
            self._loaded["supernet"] = self._load()
        supernet: Supernet = self._loaded["supernet"]
        module, size = supernet.subnet(genome), supernet.resolution(genome)
        exact = self.exact
        images = _scaled(exact.calibration, np.zeros(len(exact.calibration)), size).pixels
        calibrate(module, images)
        quantised = Quantised(module, exact.family.network(genome), self.precision)
        quantised.watch(images)
        return evaluate(quantised, _scaled(exact.images, exact.labels, size))

    def _load(self) -> Supernet:
        supernet = Supernet(self.exact.family, **self.exact.options)
        supernet.load_state_dict(torch.load(self.exact.weights, weights_only=True))
        return supernet.eval()


def _scaled(images: UInt8[ndarray, "n c h w"], labels: ndarray, size: int | None) -> Split:
    """For a network of this resolution; None: as they are."""
    split = as_split(images, labels)
    return split if size is None else Split(resize(split.images, size), split.labels)
