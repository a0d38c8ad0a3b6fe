"""Tiles evaluated on CPU cores by the compiled kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.sweep.figures import Figures
from cosearch.cost.sweep.front import Front
from cosearch.cost.sweep.goal import Budget, Goal
from cosearch.cost.sweep.kernels import beyond, energy_tile, latency_tile, meeting, violation
from cosearch.cost.sweep.measured import Measured, Reading
from cosearch.cost.sweep.repeated import Repeated
from cosearch.cost.sweep.tiles import Tile

TILE = 256  # on-chip combinations: with 840 settings 1.7 MB an array

Listed = tuple[int, Float[ndarray, " n"], Int[ndarray, " n"]]


class Compiled:
    """One worker's buffers about the tables that all share."""

    def __init__(
        self, workloads: Sequence[Repeated], goal: Goal, reference: Figures | None
    ) -> None:
        self._workloads = workloads
        self._reading = Reading(goal, reference)
        self._settings = workloads[0].tables.sizes[1]
        size, energies = (len(workloads), TILE, self._settings), goal.needs_energy
        self._latency = np.empty(size)
        self._energy = np.empty(size) if energies else None
        self._loss = np.empty(TILE * self._settings)
        self._design = np.empty(TILE * self._settings, dtype=np.int64)
        self._points = np.empty((TILE * self._settings if goal.front else 0, 3))

    def measure(self, tile: Tile) -> Measured:
        """Evaluate every design of a tile; the arrays last until the next call."""
        pairs = list(zip(self._workloads, tile.classes, strict=True))
        latency = self._latency[:, : len(tile.on)]
        for out, (work, memory) in zip(latency, pairs, strict=True):
            latency_tile(work.on_s, work.tables.row[tile.on], work.off_s[memory], out)
        energy = () if self._energy is None else self._energy[:, : len(tile.on)]
        for out, time, (work, memory) in zip(energy, latency, pairs, strict=False):
            each = work.tables
            on = (each.on_energy_j[tile.on], each.off_energy_j[memory])
            energy_tile(*on, each.on_leakage_w[tile.on], each.off_leakage_w, time, out)
        tables = self._workloads[0].tables
        areas = tables.on_area_mm2[tile.on], tables.off_area_mm2
        return self._reading(tile.on * self._settings, list(latency), list(energy), areas)

    def meeting(self, found: Measured, budget: Budget, bar: tuple[float, int]) -> Listed:
        """How many meet the budget; loss and index of those better than the bar."""
        met, n = meeting(
            found.loss, _judged(found), budget.limits, bar, found.first, self._loss, self._design
        )
        return met, self._loss[:n], self._design[:n]

    def violation(
        self, found: Measured, budget: Budget, bar: tuple[float, int]
    ) -> tuple[float, int]:
        """The least sum of relative excesses over the limits, and its design; else the bar."""
        least, design = violation(_judged(found), budget.limits, found.first, bar)
        return float(least), int(design)

    def beyond(
        self, found: Measured, front: Front
    ) -> tuple[Float[ndarray, "n 3"], Int[ndarray, " n"]]:
        """Points, and their designs, that the front's sieve lets through."""
        frugal = found.on_area if front.flat else found.energy.min(axis=1)
        columns = (found.latency, found.energy, found.on_area, found.off_area)
        n = beyond(columns, frugal, *front.sieve, found.first, self._points, self._design)
        return self._points[:n], self._design[:n]


def _judged(found: Measured) -> tuple[Any, ...]:
    return found.slowest, found.highest, found.on_area, found.off_area
