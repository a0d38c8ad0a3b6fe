"""What our edge model says of ZigZag's layers on ZigZag's architectures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy import ndarray

from cosearch.cost.cost import Bound, Cost
from cosearch.cost.models import Device, find_device
from validation.zigzag_layers import Row, layers_of

DEVICES = Path(__file__).with_name("zigzag_devices")
PRICES = Path(__file__).with_name("zigzag_prices.json")


@dataclass(frozen=True)
class Predicted:
    """What we say of the rows of one architecture, shape (n,); cycles and pJ."""

    rows: list[Row]
    cycles: ndarray
    compute: ndarray
    dram: ndarray
    bound: list[str]
    energy_pj: ndarray
    priced_pj: ndarray  # our access counts at ZigZag's unit energies
    known: int  # rows whose stride is known
    unmapped: int  # rows that fit no memory of ours, left out

    @property
    def fixed(self) -> ndarray:
        """Our DRAM traffic under the compute cycles of ZigZag's spatial mapping, overlapped."""
        return np.maximum(self.dram, [row.fixed_cycles for row in self.rows])


def predict(rows: list[Row], architecture: str) -> Predicted:
    """Cycles and energy of the rows of one architecture."""
    device, (layers, known) = devices()[architecture], layers_of(rows)
    cost = device(layers)
    runs = np.isfinite(cost.latency_s[:, 0])
    cost = cost[runs]
    hz = device.file.columns().clock_hz  # type: ignore[attr-defined]
    return Predicted(
        rows=[row for row, ran in zip(rows, runs, strict=True) if ran],
        cycles=cost.latency_s[:, 0] * hz,
        compute=cost.compute_s[:, 0] * hz,
        dram=cost.dram_s[:, 0] * hz,
        bound=[Bound(int(bound)).label for bound in cost.bound[:, 0]],
        energy_pj=cost.energy_j[:, 0] * 1e12,
        priced_pj=priced(cost, architecture),
        known=known,
        unmapped=int((~runs).sum()),
    )


def priced(cost: Cost, architecture: str) -> ndarray:
    """Energy of our access counts at ZigZag's prices, pJ; its register files left out."""
    price = json.loads(PRICES.read_text())[architecture]
    spent = price["mac"] * cost.macs + price["dram"] * cost.dram_bytes
    return np.asarray(spent + price["memory"] * cost.on_chip_bytes)[:, 0]


@cache
def devices() -> dict[str, Device]:
    """ZigZag's architectures that our edge template can express, by name."""
    return {path.stem: find_device(str(path)) for path in sorted(DEVICES.glob("*.json"))}
