"""What was found, measured once more."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

from cosearch.measure import Measurement, Settings, measure
from cosearch.networks import Network


def measure_again(network: Network, on: str, settings: Settings) -> Measurement:
    """In a fresh process, longer, and not scaled by the reference: as anyone would find it."""
    longer = replace(settings, rounds=5, max_rounds=15, repeats=20, round_s=0.02)
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        return fresh.submit(measure, network, on, longer, accept_noise=True).result()


def as_kept(taken: Measurement) -> dict[str, Any]:
    """Seconds with their 95 % interval, and what measured them."""
    return {
        "median_s": taken.median_s,
        "low_s": taken.low_s,
        "high_s": taken.high_s,
        "noise": taken.statistics.noise,
        "sha256": taken.sha256,
        "model_sha256": taken.model_sha256,
        "versions": dict(taken.versions),
        "device": dict(taken.device),
        "settings": taken.settings.to_dict(),
    }
