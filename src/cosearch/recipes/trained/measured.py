"""A runtime or a remote device as the target of a space: its blocks are measured first."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from cosearch.calibrate.additivity import check_additivity, corrected
from cosearch.calibrate.lut import build_table
from cosearch.cost.lookup import Correction, LookupTable, write_table
from cosearch.progress import Progress, renamed
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.settings import TrainedSettings
from cosearch.recipes.trained.target import Target, find_target

WHOLE: Final = 8  # networks measured too: blocks alone pay for a call each

Folder = RunFolder[Any]


def target_of(folder: Folder, family: Any, progress: Progress) -> Target:
    """As asked; of a runtime or a remote device, all blocks measured, or found measured.

    The table stays in the folder with every sample: it serves other runs as `--on`.
    """
    settings: TrainedSettings = folder.settings
    if not settings.measured:
        return find_target(settings.on)
    table = _table(folder, family, settings, progress)
    return Target(str(settings.place), table=table, place=settings.place)


def _table(
    folder: Folder, family: Any, settings: TrainedSettings, progress: Progress
) -> LookupTable:
    """Blocks, then some whole networks: sums are corrected by the median of the ratios.

    One number, which a noisy machine does not lead to negative latencies; what is found in the end
    is measured whole anyway.
    """
    path = folder.path / "operators.json"
    table = build_table(
        family,
        settings.on,
        settings.measuring,
        path,
        accept_noise=True,
        progress=renamed(progress, "measure: blocks"),
    )
    found = check_additivity(
        table,
        family,
        family.space.sample(np.random.default_rng(0), WHOLE),
        path.with_suffix(".networks.jsonl"),
        accept_noise=True,
        progress=renamed(progress, "measure: networks"),
    )
    factor = float(np.median(found.measured_s / found.sums_s))
    table = corrected(table, Correction(0.0, factor, 0.0, WHOLE))
    write_table(path, table)
    return table
