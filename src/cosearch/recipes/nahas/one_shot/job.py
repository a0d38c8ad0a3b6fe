"""The whole of it: limits, a policy beside shared weights, the last step, the winner alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.cost import EdgeModel
from cosearch.deep.data import ImageData, load
from cosearch.families import MobileFamily, NahasChipFamily, sized
from cosearch.files import write_json
from cosearch.hardware import Accelerators, describe, find_chip
from cosearch.problem import Limit, Problem
from cosearch.problem.paths import Step
from cosearch.progress import Progress
from cosearch.recipes.deliver import deliver
from cosearch.recipes.judged import judge
from cosearch.recipes.limits import check_reachable, derive_limits
from cosearch.recipes.nahas.one_shot.final import most_probable_pair, on_chip
from cosearch.recipes.nahas.one_shot.learnt import learn, plan_of, read_supernet
from cosearch.recipes.nahas.one_shot.pictures import pictures
from cosearch.recipes.nahas.settings import NahasSettings
from cosearch.recipes.result import build_result
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.searching import Found

Logs = list[ndarray]


def prepare(settings: NahasSettings) -> ImageData:
    """Read the images."""
    return load(settings.data, size=settings.size)


def run(folder: RunFolder[NahasSettings], data: ImageData, progress: Progress) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
    settings = folder.settings
    joint, fixed = _problems(folder, data)
    check_reachable(folder, joint, progress)
    plan = plan_of(settings, data)
    learnt = learn(folder, joint, data, plan.paths, progress)
    chosen = folder.step("choice", lambda: _choose(folder, joint, fixed, data, learnt, progress))
    found = _found(chosen, joint, fixed, learnt)
    networks: Any = joint.networks
    chip = describe(found["joint"].chip, "found by cosearch run nahas")
    write_json(folder.path / "accelerator.json", chip.model_dump())
    network = networks.network(found["joint"].network_genome)
    delivered = deliver(folder, network, data, plan.alone, progress)
    result = build_result(folder, data, networks, joint.at_most, found, delivered)
    result["search"] |= {"method": settings.method, **chosen["said"]}
    result["policy"] = learnt
    result["plots"] = pictures(learnt, joint.space, joint.limits)
    write_json(folder.path / "result.json", result)
    _write_page(folder)
    return result


def _problems(folder: RunFolder[NahasSettings], data: ImageData) -> tuple[Problem, Problem]:
    """(network and chip searched, network alone on the baseline), with the same limits."""
    settings, model = folder.settings, EdgeModel()
    networks: Any = (
        MobileFamily.for_images(*data.shape[:2], len(data.classes))
        if settings.space == "mobile"
        else sized(settings.space, data.shape, len(data.classes), width=settings.width)
    )
    baseline = find_chip(settings.chip).columns()
    limits = folder.step(
        "limits", lambda: derive_limits(networks, model, baseline, settings.limits())
    )
    bounds = tuple(Limit(name, value) for name, value in limits.items())
    joint = Problem(networks, NahasChipFamily(), model, None, limits=bounds)
    return joint, Problem(networks, baseline, model, None, limits=bounds)


def _choose(
    folder: RunFolder[NahasSettings],
    joint: Problem,
    fixed: Problem,
    data: ImageData,
    learnt: dict[str, Any],
    progress: Progress,
) -> dict[str, Any]:
    """The most probable pair, the most probable network on the baseline, how good both are."""
    logs = [np.array(knob) for knob in learnt["log_probabilities"]]
    pair = most_probable_pair(joint, logs, progress)
    pair.step.required(joint.at_most)
    alone = on_chip(fixed, logs[: len(fixed.space)])
    genomes = np.stack([pair.step.genome, alone.genome])
    accuracies = judge(read_supernet(folder, joint.networks), genomes, data, progress)
    return {
        "joint": _plain(pair.step, accuracies[0]),
        "fixed": _plain(alone, accuracies[1]),
        "chip": pair.chip.tolist(),
        "said": {
            "log_probability": pair.log_probability,
            "certain": pair.certain,
            "chips_gone_into": pair.chips,
        },
    }


def _plain(step: Step, accuracy: float) -> dict[str, Any]:
    metrics = {**step.metrics, "accuracy": accuracy}
    return {"genome": step.genome.tolist(), "metrics": metrics, "met": step.met}


def _found(
    chosen: dict[str, Any], joint: Problem, fixed: Problem, learnt: dict[str, Any]
) -> dict[str, Found]:
    """As the results of searches by trials have it."""
    assert isinstance(fixed.chips, Accelerators)
    chips: Any = joint.chips
    chip = chips.decode(np.array([chosen["chip"]]))[0]
    return {
        "joint": _one(chosen["joint"], chip, learnt["designs"], learnt["within"]),
        "fixed": _one(chosen["fixed"], fixed.chips, 1, int(chosen["fixed"]["met"])),
    }


def _one(part: dict[str, Any], chip: Accelerators, trials: int, feasible: int) -> Found:
    genome: Int[ndarray, " k"] = np.array(part["genome"])
    return Found(trials, 0, feasible, trials - 1, part["metrics"], genome, chip)


def _write_page(folder: RunFolder[NahasSettings]) -> None:
    from cosearch.report.page import write_page
    from cosearch.report.run_data import RunData

    write_page(RunData.load(folder.path), folder.path / "report.html")
