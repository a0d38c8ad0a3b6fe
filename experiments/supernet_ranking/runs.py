"""The work: networks trained alone, supernets trained and judged. Every result is kept at once."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int
from numpy import ndarray

from cosearch.accuracy import TABLES
from cosearch.deep.accuracy import evaluate
from cosearch.deep.datasets.images import ImageData
from cosearch.deep.module import to_module
from cosearch.deep.one_shot.spos import SinglePath
from cosearch.deep.supernet import Sandwich, Supernet, SupernetAccuracy
from cosearch.deep.training import Task, TrainSettings, fit, train
from cosearch.files import write_atomically
from cosearch.progress import Progress
from experiments.supernet_ranking.plan import (
    LOOKED_UP,
    OURS,
    SEED,
    Plan,
    Recipe,
    family_of,
)
from experiments.supernet_ranking.records import ALONE, TABLE, Row, add, read


def run(plan: Plan, data: ImageData, path: Path, folder: Path, progress: Progress) -> None:
    """Everything that `path` does not hold; weights and checkpoints in `folder`."""
    some = np.random.default_rng(SEED).permutation(len(data.validation))[: plan.validation]
    validation = data.validation.take(torch.from_numpy(some))
    data = replace(data.trained_on(plan.images), validation=validation)
    _alone(plan, data, path, folder, progress)
    for space in LOOKED_UP:
        _looked_up(space, plan, path)
    for space, recipe in plan.jobs():
        _judge(plan, data, space, recipe, path, folder, progress)


def _alone(plan: Plan, data: ImageData, path: Path, folder: Path, progress: Progress) -> None:
    genomes = plan.genomes(OURS)
    for i, genome in enumerate(genomes):
        name = code(genome)
        if (OURS, ALONE, 0, name) not in read(path):
            start = time.process_time()
            module = to_module(family_of(OURS).network(genome), seed=SEED)
            checkpoint = folder / f"alone-{name}.pt"
            fit(module, data.train, plan.alone(), seed=SEED, checkpoint=checkpoint)
            accuracy = evaluate(module, data.validation)
            add(path, [Row(OURS, ALONE, 0, name, accuracy, time.process_time() - start)])
            checkpoint.unlink()
        progress("networks alone", i + 1, len(genomes))


def _looked_up(space: str, plan: Plan, path: Path) -> None:
    """The table's accuracies: of test images, of networks of the published width."""
    genomes = plan.genomes(space)
    if any((space, TABLE, 0, code(genome)) not in read(path) for genome in genomes):
        pairs = zip(genomes, TABLES[space]()(genomes), strict=True)
        add(path, [Row(space, TABLE, 0, code(genome), float(a), 0.0) for genome, a in pairs])


def _judge(
    plan: Plan,
    data: ImageData,
    space: str,
    recipe: Recipe,
    path: Path,
    folder: Path,
    progress: Progress,
) -> None:
    """With batch-norm statistics of each network's own, and with those of all."""
    genomes = plan.genomes(space)
    left = [
        (calibrated, genome)
        for calibrated in (0, 1)
        for genome in genomes
        if (space, recipe.name, calibrated, code(genome)) not in read(path)
    ]
    if not left:
        return
    weights, seconds = _trained(plan, data, space, recipe, folder, progress)
    own = SupernetAccuracy.of(family_of(space), weights, data)
    inherited = SupernetAccuracy.of(family_of(space), weights, data, images=0)
    for i, (calibrated, genome) in enumerate(left):
        accuracy = (own if calibrated else inherited)(genome[None])[0]
        row = Row(space, recipe.name, calibrated, code(genome), float(accuracy), seconds)
        add(path, [row])
        progress(f"judging {space}, {recipe.name}", i + 1, len(left))


def _trained(
    plan: Plan, data: ImageData, space: str, recipe: Recipe, folder: Path, progress: Progress
) -> tuple[Path, float]:
    """(file of the weights, seconds of training; 0 where they were found)."""
    weights = folder / f"{space}-{recipe.name.replace(', ', '-').replace(' ', '-')}.pt"
    start = time.process_time()
    if not weights.exists():
        supernet = Supernet(family_of(space), seed=SEED)
        settings = plan.shared(space, recipe)
        task = _task(supernet, recipe, settings)
        checkpoint = weights.with_suffix(".checkpoint")
        train(task, data.train, settings, seed=SEED, checkpoint=checkpoint, progress=progress)
        write_atomically(weights, lambda path: torch.save(supernet.state_dict(), path))
    return weights, time.process_time() - start


def _task(supernet: Supernet, recipe: Recipe, settings: TrainSettings) -> Task:
    if recipe.networks > 1:
        return Sandwich(supernet, settings, name=recipe.name)
    space = supernet.family.space
    return SinglePath(supernet, lambda rng: space.sample(rng, 1)[0], name=recipe.name)


def code(genome: Int[ndarray, " d"]) -> str:
    """A genome as text."""
    return "-".join(map(str, np.asarray(genome).tolist()))
