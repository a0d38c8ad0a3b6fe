"""What learns latency and area of joint genomes, all from the same one-hot columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy import ndarray

from cosearch.cost.learned.features import one_hot
from cosearch.cost.learned.mlp import train

Predict = Callable[[ndarray], tuple[ndarray, ndarray]]  # genomes (n, d) to latency_s and area_mm2


@dataclass(frozen=True)
class Designs:
    """Joint genomes (n, d) and what the simulator says of them, both (n,)."""

    genomes: ndarray
    latency_s: ndarray
    area_mm2: ndarray
    cardinalities: tuple[int, ...]

    def __getitem__(self, rows: slice | ndarray) -> Designs:
        kept = (self.genomes[rows], self.latency_s[rows], self.area_mm2[rows])
        return Designs(*kept, self.cardinalities)

    def __len__(self) -> int:
        return len(self.genomes)

    @property
    def columns(self) -> ndarray:
        """A column for each choice of each knob."""
        return one_hot(self.genomes, self.cardinalities)


def mlp(known: Designs, seed: int) -> Predict:
    """The one that ships."""
    return train(known.genomes, known.cardinalities, known.latency_s, known.area_mm2, seed=seed)


def ridge(known: Designs, seed: int) -> Predict:
    """Of the logarithms: every choice multiplies latency and area by a factor of its own."""
    from sklearn.linear_model import Ridge

    logs = np.log(np.stack([known.latency_s, known.area_mm2], axis=1))
    fitted = Ridge(alpha=1.0).fit(known.columns, logs)

    def predict(genomes: ndarray) -> tuple[ndarray, ndarray]:
        latency_s, area_mm2 = np.exp(fitted.predict(one_hot(genomes, known.cardinalities))).T
        return latency_s, area_mm2

    return predict


def boosting(known: Designs, seed: int) -> Predict:
    """Trees on the logarithms, one set for each of the two."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    fitted = [
        HistGradientBoostingRegressor(max_iter=400, learning_rate=0.1, random_state=seed).fit(
            known.columns, np.log(costs)
        )
        for costs in (known.latency_s, known.area_mm2)
    ]

    def predict(genomes: ndarray) -> tuple[ndarray, ndarray]:
        columns = one_hot(genomes, known.cardinalities)
        return np.exp(fitted[0].predict(columns)), np.exp(fitted[1].predict(columns))

    return predict


LEARNERS: Final[Mapping[str, Callable[[Designs, int], Predict]]] = {
    "MLP": mlp,
    "ridge": ridge,
    "boosting": boosting,
}
