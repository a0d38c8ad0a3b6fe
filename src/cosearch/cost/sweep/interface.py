"""`SweepTables`: one workload on a whole chip family, as what its two sides cost."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.errors import CosearchError

_MAY_BE_INF: Final = ("on_s", "off_s", "on_energy_j", "off_energy_j")


@dataclass(frozen=True)
class SweepTables:
    """Design (o, f) = on-chip combination o with off-chip setting f; see `factors` for the order.

    latency = sum over l of count[l] * max(on_s[row[o], l], off_s[memory[o], l, f])
    energy = on_energy_j[o] + off_energy_j[memory[o], f]
             + (on_leakage_w[o] + off_leakage_w[f]) * latency
    area = on_area_mm2[o] + off_area_mm2[f]

    Of R distinct on-chip rows, L distinct layers, M memory classes (such as the total PE memory).
    A time or energy of inf says that it cannot run.
    """

    on_s: Float[ndarray, "r l"]
    row: Int[ndarray, " n_on"]
    off_s: Float[ndarray, "m l n_off"]
    memory: Int[ndarray, " n_on"]
    count: Float[ndarray, " l"]  # how often each distinct layer occurs, at least 1
    on_energy_j: Float[ndarray, " n_on"]
    off_energy_j: Float[ndarray, "m n_off"]
    on_leakage_w: Float[ndarray, " n_on"]
    off_leakage_w: Float[ndarray, " n_off"]
    on_area_mm2: Float[ndarray, " n_on"]
    off_area_mm2: Float[ndarray, " n_off"]

    def __post_init__(self) -> None:
        for field in fields(self):
            kind = np.int32 if field.name in ("row", "memory") else np.float64
            array = np.ascontiguousarray(getattr(self, field.name), dtype=kind)
            object.__setattr__(self, field.name, array)
        self._check_shapes()
        self._check_values()

    @property
    def sizes(self) -> tuple[int, int]:
        """(n_on, n_off)."""
        return len(self.row), self.off_s.shape[2]

    def _check_shapes(self) -> None:
        (rows, layers), (classes, _, n_off) = self.on_s.shape, self.off_s.shape
        n_on = len(self.row)
        wanted = {
            "off_s": (classes, layers, n_off),
            "memory": (n_on,),
            "count": (layers,),
            "on_energy_j": (n_on,),
            "off_energy_j": (classes, n_off),
            "on_leakage_w": (n_on,),
            "off_leakage_w": (n_off,),
            "on_area_mm2": (n_on,),
            "off_area_mm2": (n_off,),
        }
        for name, shape in wanted.items():
            found = getattr(self, name).shape
            if found != shape:
                raise CosearchError(f"sweep table {name}: shape {found}, expected {shape}")
        for name, end in (("row", rows), ("memory", classes)):
            _in_range(name, getattr(self, name), end)

    def _check_values(self) -> None:
        for field in fields(self):
            array: ndarray[Any, Any] = getattr(self, field.name)
            if not (array >= 0).all():  # false for NaN as well
                raise CosearchError(f"sweep table {field.name}: holds a NaN or a negative number")
            if field.name not in _MAY_BE_INF and not np.isfinite(array).all():
                raise CosearchError(f"sweep table {field.name}: must be finite")
        if not (self.count >= 1).all():
            raise CosearchError("sweep table count: every layer must occur at least once")


def _in_range(name: str, index: Int[ndarray, " n"], end: int) -> None:
    if len(index) == 0 or index.min() < 0 or index.max() >= end:
        raise CosearchError(f"sweep table {name}: indices must be 0 to {end - 1}, and some")
