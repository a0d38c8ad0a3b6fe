"""What was found, measured once more."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

from cosearch.measure import Measurement, Settings, measure
from cosearch.networks import Network


def measure_again(network: Network, on: str, settings: Settings) -> Measurement:
    """In a fresh process, longer, and not scaled by the reference: as anyone would find it."""
    longer = replace(settings, rounds=5, max_rounds=15, repeats=20, round_s=0.02)
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        return fresh.submit(measure, network, on, longer, accept_noise=True).result()
