"""`Study`: the search loop over append-only truth. Resuming is replaying."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from cosearch.errors import CosearchError, unknown
from cosearch.files import read_json, write_json
from cosearch.problem import METRICS, Problem
from cosearch.progress import Progress, silent
from cosearch.search import OPTIMIZERS
from cosearch.study.records import Records
from cosearch.study.trials import Trials, to_record


@dataclass(frozen=True)
class Study:
    """One search in one folder: `manifest.json` and `records.jsonl`.

    The same problem, optimizer, seed and batch give the same records, whatever the number of
    workers and however often the process was killed in between.
    """

    folder: Path
    problem: Problem
    optimizer: str = "evolution"
    seed: int = 0
    batch: int = 32
    options: dict[str, Any] = field(default_factory=dict)

    def run(
        self, trials: int, *, progress: Progress = silent, stop_when_feasible: bool = False
    ) -> Trials:
        """Evaluate up to `trials` designs in all, those already on record included."""
        self._claim()
        optimizer = self._new_optimizer()
        records = Records(self.folder / "records.jsonl")
        known = self._read(records)
        parts: list[Trials] = []
        done = 0
        while done < trials:
            genomes = optimizer.ask(self.batch)[: trials - done]
            part = self._batch(genomes, known, done, records)
            optimizer.tell(part.genomes, part.losses, part.violations)
            parts.append(part)
            done += len(part)
            progress("search", done, trials)
            if stop_when_feasible and part.feasible.any():
                break
        return _join(parts)

    def _batch(self, genomes: Any, known: Trials, done: int, records: Records) -> Trials:
        """The trials of one batch: from the records as far as they go, evaluated from there."""
        old = _slice(known, done, done + len(genomes))
        if not np.array_equal(old.genomes, genomes[: len(old)]):
            raise CosearchError(
                f"{records.path}: trial {done} differs from what this version would try; "
                "resume with the version in manifest.json, or start anew"
            )
        fresh = self._evaluate(genomes[len(old) :])
        if len(fresh):
            start = done + len(old)
            records.append(
                to_record(start + i, g, fresh.metric_at(i), float(fresh.violations[i]))
                for i, g in enumerate(fresh.genomes)
            )
        return _join([old, fresh])

    def _evaluate(self, genomes: Any) -> Trials:
        if not len(genomes):
            return self._trials(genomes, {name: np.empty(0) for name in METRICS})
        return self._trials(genomes, self.problem.evaluate(genomes))

    def _trials(self, genomes: Any, metrics: dict[str, Any]) -> Trials:
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

    def _new_optimizer(self) -> Any:
        if self.optimizer not in OPTIMIZERS:
            raise unknown("optimizer", self.optimizer, OPTIMIZERS)
        rng = np.random.default_rng(self.seed)
        return OPTIMIZERS[self.optimizer](self.problem.space, rng, **self.options)

    def manifest(self) -> dict[str, Any]:
        """What must agree for records to be continued."""
        return {
            "version": version("cosearch"),
            "seed": self.seed,
            "optimizer": self.optimizer,
            "options": self.options,
            "batch": self.batch,
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
