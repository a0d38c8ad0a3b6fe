"""`Study`: the search loop over append-only truth. Resuming is replaying."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.files import read_json, write_json
from cosearch.problem import METRICS, Metrics, Problem
from cosearch.progress import Progress, silent
from cosearch.search import Optimizer, make_optimizer
from cosearch.study.records import Records
from cosearch.study.screen import Screen
from cosearch.study.trials import Trials, to_record


@dataclass(frozen=True)
class Study:
    """One search in one folder: `manifest.json` and `records.jsonl`.

    The same problem, optimizer, seed and batch give the same records, whatever the number of
    workers and however often the process was killed in between.

    `first` are designs to try before any is asked for. `screen` is how often a batch may be
    asked for to find new designs that meet the limits, before accuracies are paid for; 1 suits
    accuracies that cost nothing.
    """

    folder: Path
    problem: Problem
    optimizer: str = "evolution"
    seed: int = 0
    batch: int = 32
    options: dict[str, Any] = field(default_factory=dict)
    first: Int[ndarray, "n d"] | None = None
    screen: int = 16

    def run(
        self, trials: int, *, progress: Progress = silent, stop_when_feasible: bool = False
    ) -> Trials:
        """Evaluate up to `trials` designs in all, those already on record included."""
        self._claim()
        optimizer = self._new_optimizer()
        records = Records(self.folder / "records.jsonl")
        known = self._read(records)
        screen = Screen(self.problem, self.screen if self.problem.accuracy else 1)
        parts: list[Trials] = []
        done = 0
        while done < trials:
            genomes, modelled = self._next(optimizer, screen, done)
            part = self._batch(genomes[: trials - done], modelled, known, done, records)
            optimizer.tell(part.genomes, part.losses, part.violations)
            parts.append(part)
            done += len(part)
            progress("search", done, trials)
            if stop_when_feasible and part.feasible.any():
                break
        return _join(parts)

    def _next(self, optimizer: Optimizer, screen: Screen, done: int) -> tuple[Any, Metrics]:
        """The next batch and what the cost model says of it."""
        if self.first is None or done >= len(self.first):
            return screen.propose(optimizer, self.batch)
        genomes = self.first[done : done + self.batch]
        screen.note(genomes)
        return genomes, self.problem.model(genomes)

    def _batch(
        self, genomes: Any, modelled: Metrics, known: Trials, done: int, records: Records
    ) -> Trials:
        """The trials of one batch: from the records as far as they go, evaluated from there."""
        old = _slice(known, done, done + len(genomes))
        if not np.array_equal(old.genomes, genomes[: len(old)]):
            raise CosearchError(
                f"{records.path}: trial {done} differs from what this version would try; "
                "resume with the version in manifest.json, or start anew"
            )
        rest = {name: column[len(old) : len(genomes)] for name, column in modelled.items()}
        fresh = self._evaluate(genomes[len(old) :], rest)
        if len(fresh):
            start = done + len(old)
            records.append(
                to_record(start + i, g, fresh.metric_at(i), float(fresh.violations[i]))
                for i, g in enumerate(fresh.genomes)
            )
        return _join([old, fresh])

    def _evaluate(self, genomes: Any, modelled: Metrics) -> Trials:
        return self._trials(genomes, self.problem.judge(genomes, modelled))

    def _trials(self, genomes: Any, metrics: Metrics) -> Trials:
        losses, violations = self.problem.losses(metrics), self.problem.violations(metrics)
        return Trials(genomes, metrics, losses, violations)

    def _read(self, records: Records) -> Trials:
        rows = records.load()
        genomes = np.array([row["genome"] for row in rows], dtype=np.int64)
        if len(rows):
            genomes = self.problem.space.validate(genomes)
        metrics = {
            name: np.array([_number(row["metrics"][name], name) for row in rows], dtype=float)
            for name in METRICS
        }
        return self._trials(genomes.reshape(-1, len(self.problem.space)), metrics)

    def _new_optimizer(self) -> Optimizer:
        rng = np.random.default_rng(self.seed)
        return make_optimizer(self.optimizer, self.problem.space, rng, **self.options)

    def manifest(self) -> dict[str, Any]:
        """What must agree for records to be continued."""
        return {
            "version": version("cosearch"),
            "seed": self.seed,
            "optimizer": self.optimizer,
            "options": self.options,
            "batch": self.batch,
            "screen": self.screen,
            "first": _digest(self.first),
            "problem": self.problem.describe(),
        }

    def _claim(self) -> None:
        """Write the manifest, or check it against the one that is there."""
        path = self.folder / "manifest.json"
        if not path.exists():
            write_json(path, self.manifest())
            return
        there = read_json(path)
        differing = [k for k, v in self.manifest().items() if there.get(k) != v]
        if differing:
            raise CosearchError(f"{self.folder} holds another study: {', '.join(differing)} differ")


def _digest(genomes: Int[ndarray, "n d"] | None) -> str | None:
    """Enough of given designs to know them again."""
    if genomes is None:
        return None
    return hashlib.sha256(np.asarray(genomes, dtype=np.int64).tobytes()).hexdigest()[:16]


def _number(value: float | None, name: str) -> float:
    if value is not None:
        return value
    return np.nan if name == "accuracy" else np.inf


def _slice(trials: Trials, start: int, stop: int) -> Trials:
    part = slice(start, stop)
    metrics = {name: column[part] for name, column in trials.metrics.items()}
    return Trials(trials.genomes[part], metrics, trials.losses[part], trials.violations[part])


def _join(parts: list[Trials]) -> Trials:
    names = parts[0].metrics
    return Trials(
        np.concatenate([p.genomes for p in parts]),
        {name: np.concatenate([p.metrics[name] for p in parts]) for name in names},
        np.concatenate([p.losses for p in parts]),
        np.concatenate([p.violations for p in parts]),
    )
