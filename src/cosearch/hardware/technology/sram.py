"""One SRAM macro: energy, area and leakage as functions of its capacity and port width."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.hardware.technology.constants import Spread, beside, constant, constants
from cosearch.units import KIB

# The fits are centred here, so that their first coefficient is the value of an ordinary macro.
_CENTRE_KIB, _CENTRE_BYTES = 64, 32
SRAM_CELLS: Final = ("itrs-lstp", "itrs-hp")
# Below the smallest CACTI node: how (energy, area, leakage) follow the node (rule and source:
# Accelergy-Project/hwcomponents-cacti): powers of node / 22 nm, and a factor for FinFET leakage.
_BELOW_CACTI: Final = {
    "read_j": (0.5, 1.0),
    "write_j": (0.5, 1.0),
    "area_mm2": (1.0, 1.0),
    "leakage_w": (0.5, 0.79),
}
QUANTITIES: Final = tuple(_BELOW_CACTI)


def features(capacity_bytes: ndarray, width_bytes: ndarray) -> Float[ndarray, "*b 6"]:
    """1, l, m, l^2, l m, m^2 with l = ln(KiB / 64) and m = ln(bytes / 32)."""
    capacity = np.log(np.asarray(capacity_bytes, dtype=float) / (_CENTRE_KIB * KIB))
    width = np.log(np.asarray(width_bytes, dtype=float) / _CENTRE_BYTES)
    capacity, width = np.broadcast_arrays(capacity, width)
    terms = (np.ones_like(width), capacity, width, capacity**2, capacity * width, width**2)
    return np.stack(terms, axis=-1)


@dataclass(frozen=True)
class MacroFit:
    """max(floor * width^floor_power, exp(powers . features)), of one node.

    A macro has a least number of rows, so below some capacity only its width counts: the floor.
    """

    powers: tuple[float, ...]
    floor: float
    floor_power: float

    def __call__(self, capacity_bytes: ndarray, width_bytes: ndarray) -> ndarray:
        """The quantity, in the unit of the constant."""
        terms = np.moveaxis(features(capacity_bytes, width_bytes), -1, 0)
        # no matrix product: its rounding would depend on the size of the batch
        logs = sum(power * term for power, term in zip(self.powers, terms, strict=True) if power)
        growth = np.exp(logs)
        least = self.floor * np.asarray(width_bytes, dtype=float) ** self.floor_power
        return np.maximum(growth, least)


@dataclass(frozen=True)
class SramFit:
    """A quantity at any node: a weighted mean of the nodes beside it, times `scale`.

    Outside `reach` (smallest and largest capacity of the sweep), energies stay and area and leakage
    (`grows`) go on in proportion: a larger memory is several macros.
    """

    parts: tuple[tuple[float, MacroFit], ...]  # weight, fit
    reach: tuple[float, float]
    grows: bool
    scale: float = 1.0

    def __call__(self, capacity_bytes: ndarray, width_bytes: ndarray) -> ndarray:
        """Capacity and width (*b) -> J per access, mm2 or W."""
        capacity = np.clip(capacity_bytes, *self.reach)
        mean = sum(weight * fit(capacity, width_bytes) for weight, fit in self.parts)
        beyond = capacity_bytes / capacity if self.grows else 1.0
        return np.asarray(self.scale * mean * beyond)

    def __mul__(self, factor: float) -> Self:
        """The same quantity, larger by a factor."""
        return replace(self, scale=self.scale * factor)


def sram(quantity: str, node_nm: float, cells: str) -> tuple[SramFit, Spread]:
    """read_j, write_j, area_mm2 or leakage_w of a macro at a node, and its spread.

    Between CACTI's nodes linear in the node, below them by a rule, both as HWComponents does.
    """
    rows = constants()[f"sram_{quantity} {cells}"]
    smallest = rows[0].node_nm
    near = beside(rows, max(node_nm, smallest), float)
    parts = tuple((share, MacroFit(tuple(r.value[:6]), *r.value[6:])) for share, r in near)
    reach = (constant("sram_smallest_bytes").value, constant("sram_largest_bytes").value)
    fit = SramFit(parts, reach, grows=quantity in ("area_mm2", "leakage_w"))
    if node_nm < smallest:
        power, factor = _BELOW_CACTI[quantity]
        fit = fit * (factor * (node_nm / smallest) ** power)
    return fit, near[0][1].spread
