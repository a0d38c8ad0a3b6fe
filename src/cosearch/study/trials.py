"""`Trials`: evaluated designs as arrays, and as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.problem import METRICS, Metrics, Problem
from cosearch.search import ranks


@dataclass(frozen=True)
class Trials:
    """Designs in the order they were evaluated, judged by one problem."""

    genomes: Int[ndarray, "n d"]
    metrics: Mapping[str, Float[ndarray, " n"]]
    losses: Float[ndarray, "n m"]
    violations: Float[ndarray, " n"]

    @classmethod
    def judged(cls, problem: Problem, genomes: Int[ndarray, "n d"], metrics: Metrics) -> Trials:
        """Of designs whose metrics are known."""
        return cls(genomes, metrics, problem.losses(metrics), problem.violations(metrics))

    @classmethod
    def of_records(cls, problem: Problem, rows: Sequence[Mapping[str, Any]]) -> Trials:
        """Of what `to_record` made; raises `CosearchError` for genomes not of the space."""
        genomes = np.array([row["genome"] for row in rows], dtype=np.int64)
        if len(rows):
            genomes = problem.space.validate(genomes)
        metrics = {
            name: np.array([_number(row["metrics"][key], name) for row in rows], dtype=float)
            for name, key in ((name, problem.called(name)) for name in METRICS)
        }
        return cls.judged(problem, genomes.reshape(-1, len(problem.space)), metrics)

    @classmethod
    def joined(cls, parts: Sequence[Trials]) -> Trials:
        """One after another; at least one part."""
        names = parts[0].metrics
        return cls(
            np.concatenate([p.genomes for p in parts]),
            {name: np.concatenate([p.metrics[name] for p in parts]) for name in names},
            np.concatenate([p.losses for p in parts]),
            np.concatenate([p.violations for p in parts]),
        )

    def __len__(self) -> int:
        return len(self.genomes)

    def __getitem__(self, index: slice | ndarray | list[int]) -> Trials:
        metrics = {name: column[index] for name, column in self.metrics.items()}
        return type(self)(self.genomes[index], metrics, self.losses[index], self.violations[index])

    @property
    def feasible(self) -> ndarray:
        """Mask of the trials that meet all limits."""
        return self.violations <= 0

    def best(self) -> int:
        """Index of the best trial: least violation, then the goals; the earliest of equals."""
        return int(np.argmin(ranks(self.losses, self.violations)))

    def top(self, n: int) -> Int[ndarray, "k d"]:
        """The `n` best distinct genomes, or as many as there are, best first."""
        order = np.argsort(ranks(self.losses, self.violations), kind="stable")
        _, first = np.unique(self.genomes[order], axis=0, return_index=True)
        return self.genomes[order][np.sort(first)[:n]]

    def distinct(self) -> Trials:
        """Each design once, where it was evaluated first."""
        _, first = np.unique(self.genomes, axis=0, return_index=True)
        return self[np.sort(first)]

    def metric_at(self, index: int) -> dict[str, float]:
        """Metrics of one trial."""
        return {name: float(column[index]) for name, column in self.metrics.items()}

    def records(self, start: int = 0, *, merit: str = "accuracy") -> list[dict[str, Any]]:
        """As plain JSON data, numbered from `start`; null stands for not finite.

        `merit` is what the accuracy is called, where it is a score.
        """
        rows = []
        for i, genome in enumerate(self.genomes):
            metrics = {merit if k == "accuracy" else k: v for k, v in self.metric_at(i).items()}
            rows.append(to_record(start + i, genome, metrics, float(self.violations[i])))
        return rows


def to_record(index: int, genome: ndarray, metrics: dict[str, float], violation: float) -> Any:
    """One trial as plain JSON data; null stands for not finite."""
    return {
        "trial": index,
        "genome": genome.tolist(),
        "metrics": {name: _finite(value) for name, value in metrics.items()},
        "violation": _finite(violation),
    }


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _number(value: float | None, name: str) -> float:
    if value is not None:
        return value
    return np.nan if name == "accuracy" else np.inf
