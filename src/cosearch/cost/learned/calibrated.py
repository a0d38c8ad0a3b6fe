"""`CalibratedModel`: an analytic model whose networks take what a correction makes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.columns import Columns
from cosearch.cost.cost import Cost
from cosearch.cost.learned.common_operators import on_common_operators
from cosearch.cost.learned.correction import Correction
from cosearch.cost.learned.operator_times import operator_times
from cosearch.errors import CosearchError
from cosearch.networks import Layers

_CHUNK = 256  # networks at a time: a table of their operators is made of each chunk
_TIMES = ("latency_s", "compute_s", "on_chip_s", "dram_s", "vector_s", "instruction_s")


@dataclass(frozen=True)
class CalibratedModel:
    """A `CostModel` of one device. Whole networks are predicted, never a layer by itself.

    `analytic` is the model that was corrected and `chip` its device, columns of shape ().
    """

    name: str
    analytic: Any
    chip: Columns
    correction: Correction

    def __call__(self, layers: Layers, chips: Columns) -> Cost:
        """Layers (..., L) -> Cost (..., L): networks' times, shared out as the analytic model does.

        Raises `CosearchError` for chips that are not the calibrated device.
        """
        self._check(chips)
        cost: Cost = self.analytic(layers, chips)
        seconds, _ = self._predict(layers, cost)
        factor = (seconds / cost.latency_s.sum(-1))[..., None]
        return replace(cost, **{name: getattr(cost, name) * factor for name in _TIMES})

    def predict(self, layers: Layers) -> tuple[Float[ndarray, "..."], Float[ndarray, "..."]]:
        """Layers (..., L) -> (seconds, standard deviation of their logarithm), each (...)."""
        return self._predict(layers, self.analytic(layers, self.chip[None]))

    def _predict(self, layers: Layers, cost: Cost) -> tuple[ndarray, ndarray]:
        shape, length = cost.latency_s.shape[:-1], cost.latency_s.shape[-1]
        rows = layers.map(lambda c: np.broadcast_to(c, cost.latency_s.shape).reshape(-1, length))
        times = cost.latency_s.reshape(-1, length)
        found = [
            self._chunk(rows[i : i + _CHUNK], times[i : i + _CHUNK])
            for i in range(0, len(times), _CHUNK)
        ]
        seconds, spread = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return seconds.reshape(shape), spread.reshape(shape)

    def _chunk(self, layers: Layers, latency_s: ndarray) -> tuple[ndarray, ndarray]:
        networks = operator_times(layers, latency_s)
        networks, measured = on_common_operators(networks, self.correction.measured)
        return replace(self.correction, measured=measured).predict(networks)

    def _check(self, chips: Columns) -> None:
        for name, column in self.chip.items():
            if not (getattr(chips, name) == column).all():
                raise CosearchError(f"{self.name}: was measured on one device, not on other chips")
