"""Figures of a design in people's units, as `result.json` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_EDGE_UNITS: Final = {
    "latency_s": ("latency_ms", 1e3),
    "energy_j": ("energy_mj", 1e3),
    "area_mm2": ("area_mm2", 1.0),
}


def in_edge_units(metrics: Mapping[str, float]) -> dict[str, float]:
    """What `metrics` has of latency, energy and area."""
    return {
        name: metrics[key] * scale for key, (name, scale) in _EDGE_UNITS.items() if key in metrics
    }
