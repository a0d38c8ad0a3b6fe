"""What operators are scored for, whole or in part: a device's model, or a table."""

from __future__ import annotations

from dataclasses import replace

from cosearch.calibrate.table_latency import TableLatency
from cosearch.cost.lookup import LookupTable
from cosearch.families import NarrowableFamily
from cosearch.families.distinct import blocks_of
from cosearch.problem import Problem
from cosearch.recipes.hurricane.scores import Seconds, by_device, by_table
from cosearch.recipes.trained.target import Target


def seconds_of(target: Target) -> Seconds:
    """How long a block alone takes there."""
    if target.table is not None:
        return by_table(target.table)
    assert target.device is not None
    return by_device(target.device)


def part_of(target: Target, family: NarrowableFamily) -> Target:
    """The target for a narrowed family: a table answers for a part of its space."""
    return target if target.table is None else replace(target, table=rows_of(target.table, family))


def rows_of(table: LookupTable, family: NarrowableFamily) -> LookupTable:
    """The rows of a narrowed family's blocks; blocks are known by what they compute."""
    found = blocks_of(family)
    rows = {block.key: table.row(block.key, block.label) for block in found.blocks}
    return replace(table, space=family.name, fingerprint=found.fingerprint, rows=rows)


def narrowed_problem(problem: Problem, family: NarrowableFamily) -> Problem:
    """The same problem on a part of its space."""
    model = problem.cost_model
    if isinstance(model, TableLatency):
        model = TableLatency.of(rows_of(model.lookup.model.table, family), family)
    return replace(problem, networks=family, cost_model=model)
