"""`MeasuredLatency`: a device asked with every network a search proposes, each only once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NoReturn

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.calibrate.journal import Journal, Measure
from cosearch.cost import Cost
from cosearch.errors import CosearchError
from cosearch.families.distinct import block_key
from cosearch.hardware import Accelerators
from cosearch.measure import Measurement, Settings, measure
from cosearch.networks import Layers, Network
from cosearch.progress import Progress, silent


@dataclass(frozen=True)
class MeasuredLatency:
    """A cost model of one device: latencies are measured, and kept in `path`.

    `on` is a runtime or a remote device's file, as `measure` takes it. The file is a `Journal`: a
    resumed search finds what it measured, scaled to the reference workload's time at its start; a
    file of another device, version or settings is refused. Two genomes of one graph share a figure.
    """

    on: str
    settings: Settings
    path: Path
    accept_noise: bool = False
    progress: Progress = silent
    take: Measure = measure

    @property
    def name(self) -> str:
        """As manifests say it."""
        return f"measured on {self.on}, {self.settings.precision}"

    def measurements(self, networks: Sequence[Network]) -> list[Measurement]:
        """One of each network, measured now or before.

        Raises `CosearchError` where the device goes away or stays too noisy; what was measured
        until then is kept.
        """
        keys = [block_key(network) for network in networks]
        journal = Journal(self.path, self.on, self.settings, {"subject": "networks"}, self.take)
        found = journal.measure_all(
            dict(zip(keys, networks, strict=True)),
            accept_noise=self.accept_noise,
            progress=self.progress,
        )
        return [found[key] for key in keys]

    def latency_s(self, networks: Sequence[Network]) -> Float[ndarray, " n"]:
        """Median seconds of each."""
        return np.array([taken.median_s for taken in self.measurements(networks)])

    def of_networks(self, networks: Sequence[Network]) -> Cost:
        """Latency (n,) and MACs; the rest is infinite, as nobody measured it."""
        unknown = np.full(len(networks), np.inf)
        columns = {field.name: unknown for field in fields(Cost)}
        columns["latency_s"] = self.latency_s(networks)
        columns["macs"] = np.array([float(network.macs) for network in networks])
        return Cost(**columns)

    def __call__(self, layers: Layers, chips: Accelerators) -> NoReturn:
        """Refused: a layer taken out of its network takes another time."""
        raise CosearchError(f"{self.name}: whole networks are measured, not their layers")
