"""What the networks of a space take on the target, before a search: can the limit be met?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from cosearch.problem import Problem
from cosearch.progress import Progress
from cosearch.units import show

MODELLED: Final = 512
MEASURED: Final = 15


def profile(problem: Problem, networks: int, progress: Progress) -> list[float]:
    """Latency in s of the smallest network, then of random ones, the same for every seed."""
    space = problem.space
    random = space.sample(np.random.default_rng(0), networks)
    genomes = np.concatenate([np.zeros((1, len(space)), dtype=random.dtype), random])
    found: list[float] = []
    for chunk in np.array_split(genomes, min(len(genomes), 16)):
        progress("space", len(found), len(genomes))
        found += problem.model(chunk)["latency_s"].tolist()
    return found


def summary(latency_s: list[float], limit_s: float) -> dict[str, Any]:
    """Of a profile, and how much of it is within a limit."""
    return {
        "networks": len(latency_s),
        "min_s": min(latency_s),
        "median_s": float(np.median(latency_s)),
        "max_s": max(latency_s),
        "limit_s": limit_s,
        "within": float(np.mean(np.array(latency_s) <= limit_s)),
    }


def in_a_line(found: Mapping[str, Any]) -> str:
    """For people, before the search begins."""
    low, middle, high, limit = (
        show(found[name], "time") for name in ("min_s", "median_s", "max_s", "limit_s")
    )
    return f"{low} to {high}, median {middle}; {found['within']:.0%} within {limit}"
