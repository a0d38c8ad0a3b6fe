"""With accuracies from training on a person's images: shared weights, or every network's own; or
with the scores of a zero-cost proxy, and only the winner trained.

First the same search on a fixed accelerator, from whose best the joint one starts. Then the winner
is trained alone, quantised, exported and measured. Every step is stored; a killed run goes on
where it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cosearch.accuracy import Accuracy
from cosearch.cost import EdgeModel
from cosearch.deep.child_accuracy import ChildAccuracy
from cosearch.deep.data import ImageData, load
from cosearch.deep.training import Plan, plan_for
from cosearch.families import MobileFamily, NahasChipFamily
from cosearch.files import write_json
from cosearch.hardware import describe, find_chip
from cosearch.problem import Limit, Problem, Score
from cosearch.progress import Progress
from cosearch.recipes.deliver import deliver, train_supernet
from cosearch.recipes.limits import check_reachable, derive_limits
from cosearch.recipes.nahas.settings import SUPERNET, NahasSettings
from cosearch.recipes.result import build_result
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.scored import proxy_for
from cosearch.recipes.searching import search


def prepare(settings: NahasSettings) -> ImageData:
    """Read the images."""
    return load(settings.data, size=settings.size)


def run(folder: RunFolder[NahasSettings], data: ImageData, progress: Progress) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
    settings = folder.settings
    networks = MobileFamily.for_images(*data.shape[:2], len(data.classes))
    baseline = find_chip(settings.chip).columns()
    model = EdgeModel()
    limits = folder.step(
        "limits", lambda: derive_limits(networks, model, baseline, settings.limits())
    )
    bounds = tuple(Limit(name, value) for name, value in limits.items())
    score = Score(settings.proxy) if settings.proxy else None
    joint = Problem(networks, NahasChipFamily(), model, None, limits=bounds, score=score)
    fixed = Problem(networks, baseline, model, None, limits=bounds, score=score)
    check_reachable(folder, joint, progress)
    plan = _plan(settings, data)
    accuracy = _accuracy(folder, networks, data, plan, progress)
    found = search(folder, joint, fixed, accuracy, progress)
    winner = found["joint"]
    chip = describe(winner.chip, "found by cosearch run nahas")
    write_json(folder.path / "accelerator.json", chip.model_dump())
    delivered = deliver(folder, networks.network(winner.network_genome), data, plan.alone, progress)
    result = build_result(folder, data, networks, limits, found, delivered)
    write_json(folder.path / "result.json", result)
    _write_page(folder)
    return result


def _accuracy(
    folder: RunFolder[NahasSettings],
    networks: MobileFamily,
    data: ImageData,
    plan: Plan,
    progress: Progress,
) -> Accuracy:
    """Of networks that share a supernet's weights, or of each trained on its own; or scores."""
    settings = folder.settings
    if settings.proxy is not None:
        return proxy_for(folder, networks, settings.proxy, data)
    if settings.accuracy == SUPERNET:
        return train_supernet(folder, networks, data, plan.sandwich, progress)
    child = replace(plan.alone, epochs=settings.child_epochs)
    children = folder.path / "children"
    return ChildAccuracy.of(networks, child, data, seed=settings.seed, folder=children)


def _plan(settings: NahasSettings, data: ImageData) -> Plan:
    """How to train: by the number of images, epochs as asked."""
    plan = plan_for(len(data.train), mirror=data.mirror, threads=settings.threads)
    return replace(
        plan,
        sandwich=replace(plan.sandwich, epochs=settings.supernet_epochs or plan.sandwich.epochs),
        alone=replace(plan.alone, epochs=settings.epochs or plan.alone.epochs),
    )


def _write_page(folder: RunFolder[NahasSettings]) -> None:
    from cosearch.report.page import write_page
    from cosearch.report.run_data import RunData

    write_page(RunData.load(folder.path), folder.path / "report.html")
