"""`result.json` of a search by table. Two runs with one seed differ in `timings` only."""

from __future__ import annotations

from typing import Any

import numpy as np

from cosearch.cost.area import area_by_component_mm2
from cosearch.cost.explain import explain
from cosearch.files import read_json
from cosearch.hardware import Accelerators, describe, find_chip, technology
from cosearch.networks import Network
from cosearch.problem import Problem, Workloads
from cosearch.recipes.nahas.figures import in_edge_units
from cosearch.recipes.nahas.settings import NahasSettings
from cosearch.recipes.run_folder import RunFolder
from cosearch.space import every
from cosearch.study import CERTIFICATE, Study, Trials


def build_result(
    folder: RunFolder[NahasSettings], problem: Problem, trials: Trials, certified: Study | None
) -> dict[str, Any]:
    """Put the parts together."""
    best = trials.best()
    found = trials[[best]]
    network, chip = _network(problem, found), problem.decode_chips(found.genomes)[0]
    layers, _ = explain(problem.cost_model(network.layers, chip[None]), network)
    areas = area_by_component_mm2(chip, technology()).items()
    return {
        **folder.origin("numpy", "numba"),
        "data": {"name": folder.settings.accuracy},
        "limits": in_edge_units(problem.at_most),
        **_figures(problem, found),
        "search": {
            "optimizer": folder.settings.optimizer,
            "trials": len(trials),
            "feasible": int(trials.feasible.sum()),
            "best": best,
        },
        "area_breakdown_mm2": {name: float(area) for name, area in areas},
        "fixed_accelerator": _fixed(folder, problem),
        "certified": None if certified is None else _certified(problem, trials, certified),
        "network": network.to_dict(),
        "layers": layers,
        "timings": folder.timings(),
    }


def _figures(problem: Problem, design: Trials) -> dict[str, Any]:
    """One design: what it reaches, the network's choices, the accelerator."""
    network = _network(problem, design)
    chip: Accelerators = problem.decode_chips(design.genomes)
    chip = chip[0] if chip.shape else chip
    choices = problem.networks.space.values(problem.network_part(design.genomes)[0])  # type: ignore[union-attr]
    return {
        "validation_accuracy": float(design.metrics["accuracy"][0]),
        **in_edge_units(design.metric_at(0)),
        "params": network.params,
        "macs": network.macs,
        "network_choices": choices,
        "peak_tops": float(chip.peak_ops_per_s) / 1e12,
        "accelerator": describe(chip, "found by cosearch run nahas").model_dump(exclude={"source"}),
    }


def _fixed(folder: RunFolder[NahasSettings], problem: Problem) -> dict[str, Any]:
    """The best network on the fixed accelerator: all of them are evaluated."""
    assert not isinstance(problem.networks, Workloads)
    chip = find_chip(folder.settings.chip).columns()
    fixed = Problem(
        problem.networks, chip, problem.cost_model, problem.accuracy, limits=problem.limits
    )
    genomes = every(fixed.space)
    trials = Trials.judged(fixed, genomes, fixed.evaluate(genomes))
    best = trials[[trials.best()]]
    figures = _figures(fixed, best)
    figures["accelerator"] = describe(chip, folder.settings.chip).model_dump(exclude={"source"})
    return {
        **figures,
        "meets_limits": bool(best.feasible[0]),
        "search": {"trials": len(trials), "feasible": int(trials.feasible.sum())},
    }


def _certified(problem: Problem, trials: Trials, study: Study) -> dict[str, Any]:
    """The optimum, how it is known, and how soon the search found it."""
    optimum = study.trials()[:1]
    there = trials.feasible & (trials.metrics["accuracy"] >= optimum.metrics["accuracy"][0])
    fast = trials.metrics["latency_s"] <= optimum.metrics["latency_s"][0] * (1 + 1e-9)
    return {
        **read_json(study.folder / CERTIFICATE),
        **_figures(problem, optimum),
        "trials_to_accuracy": _first(there),
        "trials_to_optimum": _first(there & fast),
    }


def _first(mask: np.ndarray) -> int | None:
    """Trials until the first that is so; None if none is."""
    return int(np.argmax(mask)) + 1 if mask.any() else None


def _network(problem: Problem, design: Trials) -> Network:
    assert not isinstance(problem.networks, Workloads)
    return problem.networks.network(problem.network_part(design.genomes)[0])
