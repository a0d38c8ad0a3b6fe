"""What every cost model must keep."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy import ndarray

from cosearch.cost import Cost
from cosearch.cost.resources import resources_of
from cosearch.networks import Layers


def check_cost_model(model: Any, layers: Layers, chips: Any) -> None:
    """Batch equals loop; never negative; never beats the roofline; resources never hurt.

    `layers` (n, L) run on `chips` (n,), columns of any kind in `cosearch.cost.resources`.
    Raises AssertionError naming what broke.
    """
    cost = model(layers, chips[:, None])
    for i in range(chips.shape[0]):
        alone = model(layers[i], chips[i : i + 1])
        for name, column in cost.items():
            assert np.array_equal(column[i], getattr(alone, name)), f"{name}: batch is not the loop"
    for name, column in cost.items():
        assert not np.isnan(column).any(), f"{name} is NaN"
        assert (column >= 0).all(), f"{name} is negative"
    _roofline(layers, chips, cost)
    _monotone(model, layers, chips)


def _roofline(layers: Layers, chips: Any, cost: Cost) -> None:
    peak = chips.peak_ops_per_s[:, None] / 2
    late_enough = cost.latency_s * (1 + 1e-9)
    assert (late_enough >= cost.macs / peak).all(), "faster than the peak allows"
    bandwidth = chips.dram_bytes_per_s[:, None]
    assert (late_enough >= cost.dram_bytes / bandwidth).all(), "faster than DRAM allows"
    assert (cost.macs >= layers.macs).all(), "leaves out multiply-accumulates"
    padding: ndarray = layers.repeat == 0
    assert (cost.latency_s[padding] == 0).all(), "padding must cost nothing"


def _monotone(model: Any, layers: Layers, chips: Any) -> None:
    before = model(layers, chips[:, None]).sum(-1)
    sure = [resource for resource in resources_of(chips) if not resource.may_hurt]
    for name in (resource.column for resource in sure):
        after = model(layers, replace(chips, **{name: getattr(chips, name) * 2})[:, None]).sum(-1)
        worse = after.latency_s > before.latency_s * (1 + 1e-9)
        assert not worse.any(), f"doubling {name} slows down design {np.flatnonzero(worse)[0]}"
        smaller = after.area_mm2 < before.area_mm2 * (1 - 1e-9)
        assert not smaller.any(), f"doubling {name} shrinks design {np.flatnonzero(smaller)[0]}"
