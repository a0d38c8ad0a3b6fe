"""Do blocks add up? Whole networks measured, against the sums of their blocks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.calibrate.agreement import Agreement, agreement
from cosearch.calibrate.journal import Journal, Measure, steady
from cosearch.calibrate.space_lookup import SpaceLookup
from cosearch.cost.lookup import Correction, LookupTable, fit_correction
from cosearch.errors import CosearchError
from cosearch.families.distinct import block_key
from cosearch.measure import Measurement, Settings, measure
from cosearch.progress import Progress, silent


@dataclass(frozen=True)
class Additivity:
    """Measured networks beside the sums of their blocks."""

    sums_s: Float[ndarray, " n"]
    blocks: Int[ndarray, " n"]  # how many do something
    measured_s: Float[ndarray, " n"]

    @property
    def raw(self) -> Agreement:
        """Of the sums."""
        return agreement(self.sums_s, self.measured_s)

    @property
    def correction(self) -> Correction:
        """Fitted on all of them."""
        return fit_correction(self.sums_s, self.blocks, self.measured_s)

    @property
    def corrected(self) -> Agreement:
        """Of corrected sums, each network's correction fitted on the others."""
        predicted = np.array([self._without(i) for i in range(len(self.measured_s))])
        return agreement(predicted, self.measured_s)

    def _without(self, i: int) -> float:
        others = np.arange(len(self.measured_s)) != i
        fitted = fit_correction(self.sums_s[others], self.blocks[others], self.measured_s[others])
        return float(fitted(self.sums_s[i : i + 1], self.blocks[i : i + 1])[0])


def check_additivity(
    table: LookupTable,
    family: Any,
    genomes: Int[ndarray, "n d"],
    path: Path,
    *,
    accept_noise: bool = False,
    progress: Progress = silent,
    take: Measure = measure,
) -> Additivity:
    """Measure the networks of `genomes` as the table was measured, and set them against it.

    `path` keeps the measurements, as `Journal` does. Raises `CosearchError` for a table of another
    space, and where this is not the device and runtime of the table.
    """
    lookup = SpaceLookup.of(table, family)
    built = [family.network(genome) for genome in genomes]
    networks = {block_key(network): network for network in built}
    settings = Settings.from_dict(table.manifest["settings"])
    visits = table.manifest.get("visits", 1)
    journal = Journal(path, table.manifest["on"], settings, {"space": table.space}, take, visits)
    taken = journal.measure_all(networks, accept_noise=accept_noise, progress=progress)
    _check_device(table, next(iter(taken.values())).taken[0])
    return Additivity(
        lookup.sum_s(genomes),
        lookup.busy(genomes),
        np.array([taken[block_key(network)].latency_s for network in built]),
    )


def corrected(table: LookupTable, correction: Correction) -> LookupTable:
    """The table with `correction` in it."""
    return replace(table, correction=correction)


def _check_device(table: LookupTable, taken: Measurement) -> None:
    for name, now in (("device", steady(taken.device)), ("versions", dict(taken.versions))):
        then = table.manifest[name]
        if then != now:
            raise CosearchError(f"the table was measured with {name} {then}, this is {now}")
