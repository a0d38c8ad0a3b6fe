"""Chips whose optimum is known by thought, in place of those that need minutes of tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from experiments.apollo.chips import FAMILY, Chips
from numpy import ndarray

_PICKY = (3, 2, 4, 5, 6, 3, 2, 4)  # the best choice of every knob but the first two


class Toy:
    """Area is the product of the first two knobs; latency falls with it, and with luck."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.scale = 1e-6 * (1 + sum(map(len, names)))

    def area_mm2(self, genomes: ndarray) -> ndarray:
        return (1 + genomes[:, 0]) * (1 + genomes[:, 1]) / 2.0

    def evaluate(self, genomes: ndarray) -> tuple[ndarray, ndarray]:
        best = np.minimum(_PICKY, FAMILY.space.cardinalities[2:] - 1)
        away = np.abs(genomes[:, 2:] - best).sum(axis=1)
        area = self.area_mm2(genomes)
        return self.scale * (1 + away / 10) / area, area

    def answers(self, areas_mm2: Sequence[float]) -> list[tuple[float, int]]:
        x, y = np.meshgrid(np.arange(10), np.arange(10))
        areas = (1 + x) * (1 + y) / 2.0
        per_cell = FAMILY.space.size // 100
        return [
            (self.scale / areas[areas <= limit].max(), int((areas <= limit).sum()) * per_cell)
            for limit in areas_mm2
        ]


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every workload is a toy."""
    from experiments.apollo import fingerprint, transfer

    monkeypatch.setattr(Chips, "of", classmethod(lambda cls, *names: Toy(*names)))
    for cached in (fingerprint.figures, fingerprint.code, transfer.study):
        cached.cache_clear()
