"""Which trials stand where: the points of the Pareto figure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from cosearch.pareto import non_dominated
from cosearch.report.run_data import RunData, Trials

MOST_POINTS: Final = 3000  # of one study off its front; more make the page slow and no clearer
_FINE: Final = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
_COARSE: Final = (1.0, 2.0, 5.0)


def front(trials: Trials) -> Bool[ndarray, " n"]:
    """Mask (n,) of the feasible trials no feasible trial beats in both latency and accuracy."""
    mask = np.zeros(len(trials), dtype=bool)
    rows = np.flatnonzero(trials.feasible & np.isfinite(trials.latency_s))
    mask[rows] = non_dominated(np.stack([trials.latency_s, -trials.accuracy], axis=1)[rows])
    return mask


def pareto_data(run: RunData) -> dict[str, Any]:
    """Points of every study by role, what was picked, the limit, the part worth seeing."""
    points = {name: _roles(trials) for name, trials in run.studies.items()}
    limit_ms = run.result.get("limits", {}).get("latency_ms")
    view = _log_latency_range(points, limit_ms)
    return {
        "points": points,
        "merit": run.merit,
        "picked": _picked(run),
        "figures": run.result.get("latency", {}).get("predicted", "modelled"),
        "limit_s": None if limit_ms is None else limit_ms * 1e-3,
        "latency_ticks_s": _ticks(_column(points, "latency_s")[1], view),
        "log_latency_range": view,
        "accuracy_range": _accuracy_range(points),
        "left_out": sum(
            int(_shown(trials).sum()) - sum(map(len, points[name].values()))
            for name, trials in run.studies.items()
        ),
    }


def _shown(trials: Trials) -> Bool[ndarray, " n"]:
    return np.isfinite(trials.accuracy) & (trials.latency_s > 0) & np.isfinite(trials.latency_s)


def _roles(trials: Trials) -> dict[str, Trials]:
    on_front = front(trials)
    rest = np.flatnonzero(_shown(trials) & ~on_front)
    kept = np.zeros(len(trials), dtype=bool)
    kept[rest[:: max(1, -(-len(rest) // MOST_POINTS))]] = True
    ordered = np.flatnonzero(on_front)
    return {
        "front": trials[ordered[np.argsort(trials.latency_s[ordered], kind="stable")]],
        "feasible": trials[kept & trials.feasible],
        "infeasible": trials[kept & ~trials.feasible],
    }


def _picked(run: RunData) -> dict[str, tuple[float, float]]:
    """(latency in s, accuracy) of what each search ended with."""
    ends = {"joint": run.result, "fixed": run.result.get("fixed_accelerator", {})}
    reached = {name: run.merit.of(end) for name, end in ends.items()}
    return {
        name: (ends[name]["latency_ms"] * 1e-3, merit)
        for name, merit in reached.items()
        if ends[name].get("latency_ms") is not None and merit is not None
    }


def _accuracy_range(points: Mapping[str, Mapping[str, Any]]) -> tuple[float, float]:
    """Show every front whole, and all but the worst twentieth of the other points."""
    fronts, everything = _column(points, "accuracy")
    if not len(everything):
        return (0.0, 1.0)
    low = min(float(np.quantile(everything, 0.05)), float(fronts.min(initial=np.inf)))
    return _widened(low, float(everything.max()), 0.005)


def _log_latency_range(
    points: Mapping[str, Mapping[str, Any]], limit_ms: float | None
) -> tuple[float, float] | None:
    """As for the accuracy, with the limit in sight; log10 of seconds, as plotly wants it."""
    fronts, everything = _column(points, "latency_s")
    if not len(everything):
        return None
    high = max(float(np.quantile(everything, 0.95)), float(fronts.max(initial=0.0)))
    high = max(high, 0.0 if limit_ms is None else 1.2e-3 * limit_ms)
    return _widened(math.log10(float(everything.min())), math.log10(high), 0.1)


def _ticks(values: Float[ndarray, " n"], view: tuple[float, float] | None) -> list[float]:
    """Round numbers over all `values`; plotly's own on a log axis run into each other."""
    if view is None:
        return []
    low, high = (math.floor(math.log10(extreme(values))) for extreme in (np.min, np.max))
    steps = _FINE if view[1] - view[0] < 1 else _COARSE
    return [step * 10.0**exponent for exponent in range(low, high + 2) for step in steps]


def _column(points: Mapping[str, Mapping[str, Any]], name: str) -> tuple[ndarray, ndarray]:
    """One column of all fronts, and of all points."""
    fronts = [getattr(roles["front"], name) for roles in points.values()]
    everything = [getattr(t, name) for r in points.values() for t in r.values()]
    return np.concatenate(fronts), np.concatenate(everything)


def _widened(low: float, high: float, least: float) -> tuple[float, float]:
    margin = 0.06 * max(high - low, least)
    return (low - margin, high + margin)
