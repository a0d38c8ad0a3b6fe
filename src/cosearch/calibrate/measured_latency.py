"""`MeasuredLatency`: a device asked with every network a search proposes, each only once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.calibrate.journal import Journal
from cosearch.cost import Cost
from cosearch.cost.cost import only_latency
from cosearch.errors import CosearchError
from cosearch.hardware import Accelerators
from cosearch.measure.model_hash import model_hash
from cosearch.networks import Layers, Network
from cosearch.progress import Progress, silent


@dataclass(frozen=True)
class MeasuredLatency:
    """A cost model of one device: its figures are measured, so that it needs whole networks.

    A resumed search finds in the journal what it measured. Two genomes of one graph share a figure.
    What stays too noisy is taken all the same, for a search must go on; the journal marks it.
    """

    journal: Journal
    accept_noise: bool = True
    progress: Progress = silent

    @property
    def name(self) -> str:
        """For manifests."""
        return f"measured on {self.journal.on} in {self.journal.settings.precision}"

    def latency_s(self, networks: Sequence[Network]) -> Float[ndarray, " n"]:
        """Median seconds of each, scaled to the reference workload's time at the journal's start.

        Raises `CosearchError` where the device goes away; what was measured until then is kept.
        """
        keys = [model_hash(network) for network in networks]
        by_key = dict(zip(keys, networks, strict=True))
        taken = self.journal.measure_all(
            by_key, accept_noise=self.accept_noise, progress=self.progress
        )
        return np.array([taken[key].latency_s for key in keys])

    def of_networks(self, networks: Sequence[Network]) -> Cost:
        """Latency (n,); the rest is infinite, as nobody measured it."""
        return only_latency(self.latency_s(networks))

    def __call__(self, layers: Layers, chips: Accelerators) -> Cost:
        """Rows cannot be measured."""
        raise CosearchError(f"{self.name}: needs networks, not rows of layers")
