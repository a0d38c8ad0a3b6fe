"""Our own measurements: HURRICANE's operators in two layers, and whole networks.

`python -m experiments.flops.measured` measures what is not on record, in ONNX Runtime in both
precisions, and rewrites `measured.csv`. Stopped half-way, the same command goes on.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import numpy as np

from cosearch.calibrate.journal import Journal
from cosearch.calibrate.visits import Visits
from cosearch.cli.bars import bars
from cosearch.families import HurricaneFamily
from cosearch.families.accel_nasbench import accel_nasbench_family
from cosearch.families.distinct import blocks_of
from cosearch.measure import Settings
from cosearch.networks import Network

RUNTIME: Final = "onnxruntime"
PRECISIONS: Final = ("fp32", "int8")
LAYERS: Final = ("stage1.block1", "stage2.block1")
NETWORKS: Final = 16
PIXELS: Final = 64
TABLE: Final = Path(__file__).with_name("measured.csv")
VISITS: Final = 5  # to each, the others between
JOURNALS: Final = Path(__file__).parents[2] / "build" / "flops"
HEADER: Final = ("group", "name", "macs", "precision", "latency_us", "low_us", "high_us", "noise")


def operators() -> dict[str, Network]:
    """All 32 operators of HURRICANE in each of `LAYERS`, by layer and name."""
    found = {}
    for block in blocks_of(HurricaneFamily()).blocks:
        layer, choice, *_ = block.label.split()
        if layer in LAYERS:
            found[f"{layer}:{choice.partition('=')[2]}"] = block.network
    return found


def networks() -> dict[str, Network]:
    """Random networks of Accel-NASBench's space."""
    family = accel_nasbench_family((3, PIXELS, PIXELS))
    genomes = family.space.sample(np.random.default_rng(0), NETWORKS)
    return {f"networks:{i}": family.network(genome) for i, genome in enumerate(genomes)}


def _settings(precision: str) -> Settings:
    """What ranks operators: a quarter of noise is small beside the factors between them."""
    return Settings(precision=precision, max_rounds=5, max_noise=0.25)


def main() -> None:
    """Measure and write."""
    subjects = operators() | networks()
    rows = []
    for precision in PRECISIONS:
        journal = Journal(
            JOURNALS / f"{precision}.jsonl", RUNTIME, _settings(precision), visits=VISITS
        )
        with bars() as progress:
            taken = journal.measure_all(subjects, accept_noise=True, progress=progress)
        rows += [_row(key, subjects[key], precision, each) for key, each in taken.items()]
    with TABLE.open("w", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(HEADER)
        out.writerows(rows)


def _row(key: str, network: Network, precision: str, found: Visits) -> list[str]:
    group, _, name = key.partition(":")
    times = (found.latency_s, found.low_s, found.high_s)
    noise = f"{found.noise:.3f}"
    return [group, name, str(network.macs), precision, *(f"{s * 1e6:.4g}" for s in times), noise]


if __name__ == "__main__":
    main()
