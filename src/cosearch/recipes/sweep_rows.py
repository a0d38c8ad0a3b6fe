"""What a sweep found, as plain data in people's units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from cosearch.cost.sweep import Answer, Budget, Figures, SweepResult
from cosearch.cost.sweep.factors import genomes
from cosearch.hardware import describe

# Field of a budget -> its name and scale for people.
_LIMITS: Final = {
    "area_mm2": ("area_mm2", 1.0),
    "latency_s": ("latency_ms", 1e3),
    "energy_j": ("energy_mj", 1e3),
}


def result_rows(found: SweepResult, family: Any, names: Sequence[str]) -> dict[str, Any]:
    """One row per budget, and the front; both hold designs as `design_rows` gives them."""
    front = None if found.front is None else design_rows(found, found.front, family, names)
    axes = {0: [], 2: ["latency", "area"], 3: ["latency", "area", "energy"]}[found.goal.front]
    return {
        "budgets": [_budget(found, answer, family, names) for answer in found.answers],
        "front": {"objectives": axes, "designs": front} if front is not None else None,
    }


def design_rows(
    found: SweepResult, figures: Figures, family: Any, names: Sequence[str]
) -> list[dict[str, Any]]:
    """Figures of each design, and the accelerator as a device file holds it."""
    if not len(figures):
        return []
    chips = family.decode(genomes(family, figures.design))
    tops = chips.peak_ops_per_s / 1e12
    gains = found.speed_up(figures)
    return [
        {
            "design": int(figures.design[i]),
            "area_mm2": float(figures.area_mm2[i]),
            "latency_ms": dict(zip(names, (figures.latency_s[i] * 1e3).tolist(), strict=True)),
            "energy_mj": dict(zip(names, (figures.energy_j[i] * 1e3).tolist(), strict=True)),
            "speed_up": None if gains is None else float(gains[i]),
            "peak_tops": float(tops[i]),
            "accelerator": describe(chips[i], f"{family.name}-{figures.design[i]}").model_dump(
                exclude={"source"}
            ),
        }
        for i in range(len(figures))
    ]


def _budget(
    found: SweepResult, answer: Answer, family: Any, names: Sequence[str]
) -> dict[str, Any]:
    nearest = answer.nearest
    return {
        "limits": _limits(answer.budget),
        "met_by": answer.met,
        "top": design_rows(found, answer.best, family, names),
        "nearest": design_rows(found, nearest, family, names)[0] if nearest else None,
        "violation": answer.violation if np.isfinite(answer.violation) else None,
    }


def _limits(budget: Budget) -> dict[str, float]:
    limits = {name: getattr(budget, name) for name in _LIMITS}
    return {
        _LIMITS[name][0]: limit * _LIMITS[name][1]
        for name, limit in limits.items()
        if np.isfinite(limit)
    }
