"""`result.json` of a run, in people's units. Two runs with one seed differ in `timings` only."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from cosearch.cost.models import find_device
from cosearch.hardware import describe
from cosearch.problem import Workloads
from cosearch.recipes.apollo.found import Found
from cosearch.recipes.apollo.settings import ApolloSettings
from cosearch.recipes.run_folder import RunFolder
from cosearch.study import Trials

REFERENCE: Final = "edge-tpu-v1"
_WITHIN: Final = (0.05, 0.01, 0.0)


def build_result(
    folder: RunFolder[ApolloSettings], given: Workloads, found: Found
) -> dict[str, Any]:
    """Put the parts together."""
    best, trial = found.best
    return {
        **folder.origin(),
        "workloads": [{"name": n.name, "macs": n.macs, "params": n.params} for n in given.networks],
        "limits": {"area_mm2": folder.settings.area_mm2},
        "space": {"name": found.problem.chips.name, "designs": found.problem.space.size},  # type: ignore[union-attr]
        "reference": REFERENCE,
        **_figures(found, best, given, "found by cosearch run apollo"),
        "search": {
            "optimizer": folder.settings.optimizer,
            "trials": len(found.trials),
            "taken_over": len(found.known),
            "feasible": int(found.trials.feasible.sum()),
            "best": trial,
        },
        "certified": _certified(found, given),
        "timings": folder.timings(),
    }


def _certified(found: Found, given: Workloads) -> dict[str, Any] | None:
    """The optimum, how it is known, and how far the search is from it."""
    if found.optimum is None or found.certificate is None:
        return None
    return {
        **found.certificate,
        **_figures(found, found.optimum, given, "the certified optimum"),
        "regret": found.regret,
        "trials_to": {f"{within:.0%}": found.trials_to(within + 1e-9) for within in _WITHIN},
    }


def _figures(found: Found, design: Trials, given: Workloads, name: str) -> dict[str, Any]:
    """A design's figures; of several workloads the geometric mean, and each by itself."""
    chip, metrics = found.chip(design), design.metric_at(0)
    costs = [found.problem.cost_model(n.layers, chip[None]).sum(-1) for n in given.networks]
    latency_s = np.array([float(cost.latency_s) for cost in costs])
    return {
        "latency_ms": metrics["latency_s"] * 1e3,
        "energy_mj": metrics["energy_j"] * 1e3,
        "area_mm2": metrics["area_mm2"],
        "speed_up": _speed_up(given, latency_s),
        "latency_ms_by_workload": dict(zip(given.names, (latency_s * 1e3).tolist(), strict=True)),
        "peak_tops": float(chip.peak_ops_per_s) / 1e12,
        "accelerator": describe(chip, name).model_dump(exclude={"source"}),
    }


def _speed_up(given: Workloads, latency_s: np.ndarray) -> float:
    """Over the reference device, geometric mean."""
    device = find_device(REFERENCE)
    reference = [float(device(network.layers).sum(-1).latency_s) for network in given.networks]
    return float(np.exp(np.log(np.array(reference) / latency_s).mean()))
