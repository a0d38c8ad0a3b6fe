"""How well each proxy ranks the networks that others trained."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.calibrate.agreement import kendall, spearman
from cosearch.measure.device import cpu_model
from experiments.zero_cost.scores import SCORED, read_scores, sample
from experiments.zero_cost.spaces import BENCHMARKS, Benchmark


def correlations(folder: Path) -> dict[str, Any]:
    """Of every benchmark whose scores are there, and what scored them."""
    found = {
        name: _of(name, read_scores(folder / f"{name}.csv"))
        for name in BENCHMARKS
        if (folder / f"{name}.csv").exists()
    }
    versions = {"python": platform.python_version(), "torch": version("torch")}
    return {"cpu": cpu_model(), "versions": versions, "benchmarks": found}


def _of(name: str, rows: list[dict[str, str]]) -> dict[str, Any]:
    benchmark = BENCHMARKS[name]
    genomes = np.array([[int(digit) for digit in row["genome"]] for row in rows])
    truths = {data: read()(genomes) for data, read in benchmark.accuracies.items()}
    return {
        "networks": len(rows),
        "macs_of_all": {data: _macs_of_all(benchmark, data) for data in benchmark.accuracies},
        "proxies": {
            proxy: {
                "seconds": round(float(_column(rows, f"{proxy}_s").mean()), 3),
                **{data: _ranks(_column(rows, proxy), truth) for data, truth in truths.items()},
            }
            for proxy in SCORED
        },
    }


def _macs_of_all(benchmark: Benchmark, data: str) -> float:
    """Spearman over the whole space, which costs nothing: is the sample like it?"""
    family = benchmark.family()
    everything = sample(family, family.space.size)
    macs = family.decode(everything).macs.sum(1).astype(float)
    return round(spearman(macs, benchmark.accuracies[data]()(everything)), 3)


def _column(rows: list[dict[str, str]], name: str) -> Float[ndarray, " n"]:
    return np.array([float(row[name]) for row in rows])


def _ranks(scores: Float[ndarray, " n"], truth: Float[ndarray, " n"]) -> dict[str, float]:
    places = np.unique(scores, return_inverse=True)[1].astype(float)  # -inf has a place, too
    return {
        "spearman": round(spearman(places, truth), 3),
        "kendall": round(kendall(places, truth), 3),
    }
