"""`result.json` of a run, in people's units.

Two modelled runs with one seed differ in `timings` only; measured ones in whatever was measured.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cosearch.accuracy.surrogate import Surrogate
from cosearch.cost.explain import explain
from cosearch.cost.models import find_device
from cosearch.pareto import non_dominated
from cosearch.recipes.mnasnet.found import Found
from cosearch.recipes.mnasnet.settings import MnasnetSettings
from cosearch.recipes.run_folder import RunFolder


def build_result(
    folder: RunFolder[MnasnetSettings], accuracy: Surrogate, found: Found
) -> dict[str, Any]:
    """Put the parts together."""
    network = found.network
    latency_s = found.again[-1]["median_s"] if found.again else _searched(found)
    return {
        **folder.origin(),
        "space": {"name": found.family.name, "networks": found.family.space.size},
        "cost_model": found.problem.cost_model.name,
        "profile": dict(found.profile),
        "limits": {"latency_ms": found.limit_s * 1e3},
        "accuracy": float(found.trials.metrics["accuracy"][found.best]),
        "accuracy_is": accuracy.manifest["accuracy"],
        "accuracy_fitted_between": [accuracy.manifest["lowest"], accuracy.manifest["highest"]],
        "accuracy_kendall": accuracy.manifest["reported"]["kendall"],
        "latency_ms": latency_s * 1e3,
        "measured_again": found.again,
        "params": network.params,
        "macs": network.macs,
        "network_choices": found.family.space.values(found.trials.genomes[found.best]),
        "references": _references(found),
        "search": {
            "optimizer": folder.settings.optimizer_asked,
            "reward": folder.settings.reward,
            "trials": len(found.trials),
            "feasible": int(found.trials.feasible.sum()),
            "best": found.best,
        },
        "front": _front(found),
        "network": network.to_dict(),
        "layers": _layers(folder.settings, found),
        "timings": folder.timings(),
    }


def _searched(found: Found) -> float:
    return float(found.trials.metrics["latency_s"][found.best])


def _references(found: Found) -> dict[str, Any]:
    """Named networks of the space, on the same target."""
    references = found.family.references
    genomes = np.array([found.family.space.encode(values) for values in references.values()])
    metrics = found.problem.evaluate(genomes)
    return {
        name: {"accuracy": float(accuracy), "latency_ms": float(latency_s) * 1e3}
        for name, accuracy, latency_s in zip(
            references, metrics["accuracy"], metrics["latency_s"], strict=True
        )
    }


def _front(found: Found) -> list[dict[str, float]]:
    """Trials that no other beats in both figures, fastest first, whatever the limit."""
    trials = found.trials.distinct()
    both = np.stack([trials.metrics["latency_s"], -trials.metrics["accuracy"]], axis=1)
    chosen = np.flatnonzero(np.isfinite(both).all(axis=1) & non_dominated(both))
    return [
        {
            "latency_ms": float(trials.metrics["latency_s"][i]) * 1e3,
            "accuracy": float(trials.metrics["accuracy"][i]),
        }
        for i in chosen[np.argsort(both[chosen, 0], kind="stable")]
    ]


def _layers(settings: MnasnetSettings, found: Found) -> list[dict[str, Any]]:
    """Where the time goes, as the device's model has it; nothing of what was measured whole."""
    if settings.measured:
        return []
    device = find_device(settings.on)
    rows, _ = explain(device(found.network.layers), found.network)
    return rows
