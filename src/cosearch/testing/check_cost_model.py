"""What every cost model must keep."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy import ndarray

from cosearch.cost import CostModel
from cosearch.hardware import Accelerators
from cosearch.networks import Layers

RESOURCES: Final = (
    "pes_x",
    "pes_y",
    "cores",
    "lanes",
    "core_memory_bytes",
    "pe_memory_bytes",
    "dram_bytes_per_s",
    "clock_hz",
)


def check_cost_model(model: CostModel, layers: Layers, chips: Accelerators) -> None:
    """Batch equals loop; never negative; never beats the roofline; resources never hurt.

    `layers` (n, L) run on `chips` (n,). Raises AssertionError naming what broke.
    """
    cost = model(layers, chips[:, None])
    for i in range(len(chips.pes_x)):
        alone = model(layers[i], chips[i : i + 1])
        for name, column in cost.items():
            assert np.array_equal(column[i], getattr(alone, name)), f"{name}: batch is not the loop"
    for name, column in cost.items():
        assert not np.isnan(column).any(), f"{name} is NaN"
        assert (column >= 0).all(), f"{name} is negative"
    _roofline(layers, chips, cost.latency_s)
    _monotone(model, layers, chips)


def _roofline(layers: Layers, chips: Accelerators, latency_s: ndarray) -> None:
    peak = (chips.macs_per_cycle * chips.clock_hz)[:, None]
    assert (latency_s * (1 + 1e-9) >= layers.macs / peak).all(), "faster than the peak allows"
    padding = layers.repeat == 0
    assert (latency_s[padding] == 0).all(), "padding must cost nothing"


def _monotone(model: CostModel, layers: Layers, chips: Accelerators) -> None:
    before = model(layers, chips[:, None]).sum(-1)
    for name in RESOURCES:
        after = model(layers, replace(chips, **{name: getattr(chips, name) * 2})[:, None]).sum(-1)
        worse = after.latency_s > before.latency_s * (1 + 1e-9)
        assert not worse.any(), f"doubling {name} slows down design {np.flatnonzero(worse)[0]}"
        smaller = after.area_mm2 < before.area_mm2 * (1 - 1e-9)
        assert not smaller.any(), f"doubling {name} shrinks design {np.flatnonzero(smaller)[0]}"
