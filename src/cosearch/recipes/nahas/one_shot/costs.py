"""What designs cost while the policy learns: as modelled, or as an MLP has learnt it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.learned.mlp import train
from cosearch.problem import Problem

Costs = Callable[[Int[ndarray, "n d"]], dict[str, Float[ndarray, " n"]]]

MODELLED: Final = "modelled"
LEARNED: Final = "mlp"
COST_MODELS: Final = (MODELLED, LEARNED)
SAMPLES: Final = 8192
_AT_ONCE: Final = 512


def costs_for(
    kind: str, problem: Problem, seed: int, samples: int = SAMPLES
) -> tuple[Costs, dict[str, Any]]:
    """(joint genomes to metrics, what is known of them).

    An MLP is taught by random designs and tells latency and area only. The last step of the
    search asks the model itself in either case.
    """
    return (problem.model, {}) if kind == MODELLED else _learned(problem, seed, samples)


def _learned(problem: Problem, seed: int, samples: int) -> tuple[Costs, dict[str, Any]]:
    space = problem.space
    genomes = space.sample(np.random.default_rng([seed, 2]), samples + _AT_ONCE)
    parts = [problem.model(genomes[at : at + _AT_ONCE]) for at in range(0, len(genomes), _AT_ONCE)]
    latency_s, area_mm2 = (
        np.concatenate([part[name] for part in parts]) for name in ("latency_s", "area_mm2")
    )
    sizes = tuple(int(n) for n in space.cardinalities)
    known = slice(samples)
    model = train(genomes[known], sizes, latency_s[known], area_mm2[known], seed=seed)

    def costs(asked: Int[ndarray, "n d"]) -> dict[str, Float[ndarray, " n"]]:
        latency_s, area_mm2 = model(asked)
        return {"latency_s": latency_s, "area_mm2": area_mm2}

    new, true = costs(genomes[samples:]), latency_s[samples:]
    runs = np.isfinite(true)
    errors = np.abs(new["latency_s"][runs] / true[runs] - 1)
    return costs, {"samples": samples, "error_of_latency": float(errors.mean())}
