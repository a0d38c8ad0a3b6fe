"""Latency measured: each network once, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from multiprocessing import get_context

import numpy as np

from cosearch.calibrate.journal import Journal
from cosearch.cost import Cost
from cosearch.errors import CosearchError
from cosearch.hardware import Accelerators
from cosearch.measure import Measurement, Settings, measure
from cosearch.measure.model_hash import model_hash
from cosearch.networks import Layers, Network


@dataclass(frozen=True)
class MeasuredModel:
    """A cost model of one device: its figures are measured, so that it needs whole networks.

    What stays too noisy is taken all the same, for a search must go on; the journal marks it.
    """

    journal: Journal

    @property
    def name(self) -> str:
        """For manifests."""
        return f"measured on {self.journal.on} in {self.journal.settings.precision}"

    def of_networks(self, networks: Sequence[Network]) -> Cost:
        """Latency (n,); energy and area are not known: infinite."""
        by_hash = {model_hash(network): network for network in networks}
        taken = self.journal.measure_all(by_hash, accept_noise=True)
        unknown = np.full(len(networks), np.inf)
        latency_s = np.array([taken[model_hash(network)].median_s for network in networks])
        columns = {field.name: unknown for field in fields(Cost)}
        return Cost(**{**columns, "latency_s": latency_s})

    def __call__(self, layers: Layers, chips: Accelerators) -> Cost:
        """Rows cannot be measured."""
        raise CosearchError(f"{self.name}: needs networks, not rows of layers")


def measure_again(network: Network, on: str, settings: Settings) -> Measurement:
    """In a fresh process, longer, and not scaled by the reference: as anyone would find it."""
    longer = replace(settings, rounds=5, max_rounds=15, repeats=20, round_s=0.02)
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        return fresh.submit(measure, network, on, longer, accept_noise=True).result()
