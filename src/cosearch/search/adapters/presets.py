"""Optuna's usual samplers by a name each."""

from __future__ import annotations

from typing import Any

import numpy as np

from cosearch.search.adapters.optuna_sampler import OptunaSampler
from cosearch.space import Space


def optuna_tpe(space: Space, rng: np.random.Generator, **options: Any) -> OptunaSampler:
    """Optuna's tree-structured Parzen estimator (its default)."""
    return OptunaSampler(space, rng, sampler="TPESampler", sampler_options=options)


def optuna_gp(space: Space, rng: np.random.Generator, **options: Any) -> OptunaSampler:
    """Optuna's Gaussian process."""
    return OptunaSampler(space, rng, sampler="GPSampler", sampler_options=options)


def optuna_nsga2(space: Space, rng: np.random.Generator, **options: Any) -> OptunaSampler:
    """Optuna's NSGA-II."""
    return OptunaSampler(space, rng, sampler="NSGAIISampler", sampler_options=options)


def optuna_cma_es(space: Space, rng: np.random.Generator, **options: Any) -> OptunaSampler:
    """Optuna's CMA-ES; words are sampled at random."""
    return OptunaSampler(space, rng, sampler="CmaEsSampler", sampler_options=options)
