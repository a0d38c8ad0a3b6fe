"""What operators are scored for: a device's model, a table, or a runtime that is measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cosearch.calibrate.lut import build_table
from cosearch.calibrate.table_latency import TableLatency
from cosearch.cost.lookup import LookupTable
from cosearch.families import HurricaneFamily
from cosearch.families.distinct import blocks_of
from cosearch.problem import Problem
from cosearch.progress import Progress
from cosearch.recipes.hurricane.scores import Seconds, by_device, by_table
from cosearch.recipes.hurricane.settings import HurricaneSettings
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.target import Target, find_target


def target_of(
    folder: RunFolder[HurricaneSettings], family: HurricaneFamily, progress: Progress
) -> Target:
    """As asked; of a runtime or a remote device, all operators measured, or found measured.

    The table stays in the folder with every sample: it serves other runs as `--on`.
    """
    settings = folder.settings
    if not settings.measured:
        return find_target(settings.on)
    table = build_table(
        family,
        settings.on,
        settings.measuring,
        folder.path / "operators.json",
        accept_noise=True,
        progress=progress,
    )
    return Target(f"{Path(settings.on).stem}, {settings.measuring.precision}", table=table)


def seconds_of(target: Target) -> Seconds:
    """How long a block alone takes there."""
    if target.table is not None:
        return by_table(target.table)
    assert target.device is not None
    return by_device(target.device)


def part_of(target: Target, family: HurricaneFamily) -> Target:
    """The target for a narrowed family: a table answers for a part of its space."""
    return target if target.table is None else replace(target, table=rows_of(target.table, family))


def rows_of(table: LookupTable, family: HurricaneFamily) -> LookupTable:
    """The rows of a narrowed family's blocks; blocks are known by what they compute."""
    found = blocks_of(family)
    rows = {block.key: table.row(block.key, block.label) for block in found.blocks}
    return replace(table, space=family.name, fingerprint=found.fingerprint, rows=rows)


def narrowed_problem(problem: Problem, family: HurricaneFamily) -> Problem:
    """The same problem on a part of its space."""
    model = problem.cost_model
    if isinstance(model, TableLatency):
        model = TableLatency.of(rows_of(model.lookup.model.table, family), family)
    return replace(problem, networks=family, cost_model=model)
