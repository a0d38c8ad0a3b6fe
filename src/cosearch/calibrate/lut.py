"""Lookup tables: every distinct block of a space, measured alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cosearch.calibrate.journal import Journal, Measure
from cosearch.calibrate.manifest import manifest
from cosearch.calibrate.visits import Visits
from cosearch.cost.lookup import LookupRow, LookupTable, write_table
from cosearch.families.distinct import blocks_of
from cosearch.measure import Settings, measure
from cosearch.progress import Progress, silent


def build_table(
    family: Any,
    on: str,
    settings: Settings,
    out: Path,
    *,
    visits: int = 1,
    accept_noise: bool = False,
    progress: Progress = silent,
    take: Measure = measure,
) -> LookupTable:
    """Measure the blocks of `family` on the runtime `on`, and write the table to `out`.

    Every measurement is kept in `rows_file(out)` with all its samples: where the work stopped, the
    next call goes on. `take` measures; raises `CosearchError` as `Journal.measure_all` does.
    """
    blocks = blocks_of(family)
    subject = {"space": family.name, "fingerprint": blocks.fingerprint}
    journal = Journal(rows_file(out), on, settings, subject, take, visits)
    networks = {block.key: block.network for block in blocks.blocks}
    found = journal.measure_all(networks, accept_noise=accept_noise, progress=progress)
    rows = {block.key: _row(block.label, found[block.key]) for block in blocks.blocks}
    table = LookupTable(**subject, manifest=manifest(on, list(found.values())), rows=rows)
    write_table(out, table)
    return table


def rows_file(out: Path) -> Path:
    """Where the measurements of the table `out` are kept, raw samples included."""
    return out.with_suffix(".rows.jsonl")


def _row(label: str, found: Visits) -> LookupRow:
    return LookupRow(
        label,
        found.latency_s,
        found.low_s,
        found.high_s,
        found.noise,
        found.drift,
        found.samples,
    )
