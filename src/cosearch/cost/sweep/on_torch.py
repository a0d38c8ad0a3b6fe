"""Tiles evaluated by torch, on a CUDA GPU or, to test it, on the CPU: the same numbers.

The additions come in the same order as in the compiled kernels, and nothing is fused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.sweep.figures import Figures
from cosearch.cost.sweep.front import Front
from cosearch.cost.sweep.goal import Budget, Goal
from cosearch.cost.sweep.interface import SweepTables
from cosearch.cost.sweep.measured import Measured, Reading
from cosearch.cost.sweep.tiles import Tile
from cosearch.errors import CosearchError

TILE = 2048  # on-chip combinations: with 840 settings 14 MB an array


def find_device(name: str) -> Any:
    """torch's device; `CosearchError` where torch or the GPU is missing."""
    try:
        import torch
    except ModuleNotFoundError as error:
        raise CosearchError(f"device {name}: needs torch: pip install 'cosearch[deep]'") from error
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise CosearchError(f"device {name}: torch finds no CUDA GPU here; use --device cpu")
    return torch.device(name)


class OnTorch:
    """The tables on a device."""

    def __init__(
        self, workloads: Sequence[SweepTables], goal: Goal, reference: Figures | None, device: Any
    ) -> None:
        import torch

        self._torch, self._device = torch, device
        self._goal, self._settings = goal, workloads[0].sizes[1]
        self._workloads = [
            {name: self._put(array) for name, array in vars(tables).items()} for tables in workloads
        ]
        self._reading = Reading(goal, reference, torch)

    def measure(self, tile: Tile) -> Measured:
        """Evaluate every design of a tile."""
        on = self._put(tile.on)
        pairs = list(zip(self._workloads, tile.classes, strict=True))
        latency = [self._latency(tables, on, memory) for tables, memory in pairs]
        energy = []
        if self._goal.needs_energy:
            timed = zip(pairs, latency, strict=True)
            energy = [self._energy(tables, on, m, time) for (tables, m), time in timed]
        areas = self._workloads[0]["on_area_mm2"][on], self._workloads[0]["off_area_mm2"]
        return self._reading(on * self._settings, latency, energy, areas)

    def meeting(
        self, found: Measured, budget: Budget, bar: tuple[float, int]
    ) -> tuple[int, Float[ndarray, " n"], Int[ndarray, " n"]]:
        """How many meet the budget; loss and index of those better than the bar."""
        latency, energy, area = budget.limits
        fits = (found.slowest <= latency) & (found.highest <= energy)
        fits &= found.on_area[:, None] + found.off_area <= area
        met = int(fits.sum())
        if bar[0] < 0 or met == 0:
            return met, np.empty(0), np.empty(0, dtype=np.int64)
        loss = found.loss[fits]
        design = self._designs(found)[fits]
        most = min(bar[0], float(loss.kthvalue(min(self._goal.top, met)).values))
        good = loss <= most
        return met, self._get(loss[good]), self._get(design[good])

    def violation(
        self, found: Measured, budget: Budget, bar: tuple[float, int]
    ) -> tuple[float, int]:
        """The least sum of relative excesses over the limits, and its design; else the bar."""
        latency, energy, area = budget.limits
        excess = (found.slowest / latency - 1.0).clamp(min=0.0)
        excess += (found.highest / energy - 1.0).clamp(min=0.0)
        excess += ((found.on_area[:, None] + found.off_area) / area - 1.0).clamp(min=0.0)
        runs = found.slowest < np.inf
        if not bool(runs.any()):
            return bar
        excess, design = excess[runs], self._designs(found)[runs]
        least = excess.min()
        return min(bar, (float(least), int(design[excess == least].min())))

    def beyond(
        self, found: Measured, front: Front
    ) -> tuple[Float[ndarray, "n 3"], Int[ndarray, " n"]]:
        """Points, and their designs, that the front's sieve lets through."""
        area = (found.on_area[:, None] + found.off_area).contiguous()
        bars, scales = self._put(front.sieve[0]), front.sieve[1]
        rows = self._bins(area, scales[0], bars.shape[0])
        columns = self._bins(found.energy, scales[1], bars.shape[1])
        good = found.latency < bars[rows, columns]
        kept = [column[good] for column in (area, found.latency, found.energy)]
        points = self._torch.stack(kept, dim=1)
        return self._get(points), self._get(self._designs(found)[good])

    def _latency(self, tables: dict[str, Any], on: Any, memory: int) -> Any:
        rows = tables["on_s"][tables["row"][on].long()]
        total = self._torch.zeros((len(on), self._settings), dtype=rows.dtype, device=self._device)
        for i in range(rows.shape[1]):
            count = tables["count"][i]
            off_s = tables["off_s"][memory, i] * count
            total += self._torch.maximum(rows[:, i, None] * count, off_s)
        return total

    def _energy(self, tables: dict[str, Any], on: Any, memory: int, latency: Any) -> Any:
        leakage = tables["on_leakage_w"][on][:, None] + tables["off_leakage_w"]
        moved = tables["on_energy_j"][on][:, None] + tables["off_energy_j"][memory]
        return self._torch.where(latency < np.inf, moved + leakage * latency, np.inf)

    def _designs(self, found: Measured) -> Any:
        return found.first[:, None] + self._torch.arange(self._settings, device=self._device)

    def _bins(self, values: Any, scale: Int[ndarray, " 2"], bins: int) -> Any:
        """As `kernels.bin_of`."""
        bits = values.view(self._torch.int64)
        return ((bits >> int(scale[0])) - int(scale[1])).clamp(0, bins - 1)

    def _put(self, array: ndarray) -> Any:
        return self._torch.from_numpy(array).to(self._device)

    def _get(self, tensor: Any) -> Any:
        return tensor.cpu().numpy()
