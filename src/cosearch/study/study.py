"""`Study`: the search loop over append-only truth. Resuming is replaying."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.files import read_json, write_json
from cosearch.problem import Metrics, Problem
from cosearch.progress import Progress, silent
from cosearch.search import Optimizer, make_optimizer
from cosearch.study.exact import solve
from cosearch.study.records import Records
from cosearch.study.screen import Screen
from cosearch.study.solved import EXACT
from cosearch.study.to_optuna import to_optuna
from cosearch.study.trials import Trials
from cosearch.study.warm_start import COPY, TakenOver, origin, read_copy, take_over

CERTIFICATE: Final = "certificate.json"


@dataclass(frozen=True)
class Study:
    """One search in one folder: `manifest.json` and `records.jsonl`.

    The same problem, optimizer, seed and batch give the same records, whatever the number of
    workers and however often the process was killed in between.

    `first` are designs to try before any is asked for. `screen` is how often a batch may be
    asked for to find new designs that meet the limits, before accuracies are paid for; 1 suits
    accuracies that cost nothing. `known_limits`: the optimizer knows of the area, which a chip's
    knobs tell, and proposes none beyond its limit. `warm_start`: studies on the same space, or
    their folders, whose trials the optimizer is told, or learns from, before its first; they are
    no trials of this study. The optimizer "exact" covers every design, and `certificate.json`
    says so.
    """

    folder: Path
    problem: Problem
    optimizer: str = "evolution"
    seed: int = 0
    batch: int = 32
    options: dict[str, Any] = field(default_factory=dict)
    first: Int[ndarray, "n d"] | None = None
    screen: int = 16
    known_limits: bool = True
    warm_start: Study | Path | Sequence[Study | Path] = ()

    def run(
        self, trials: int, *, progress: Progress = silent, stop_when_feasible: bool = False
    ) -> Trials:
        """Evaluate up to `trials` designs in all, those already on record included."""
        self._claim()
        if self.optimizer == EXACT:
            return self._run_exact(trials, progress)
        taken = self.taken_over()
        optimizer, screen = self._new_optimizer(taken), self._new_screen(taken)
        records = Records(self.folder / "records.jsonl")
        known = Trials.of_records(self.problem, records.load())
        parts: list[Trials] = []
        done = 0
        while done < trials:
            genomes, modelled = self._next(optimizer, screen, done)
            part = self._batch(genomes[: trials - done], modelled, known, done, records)
            optimizer.tell(part.genomes, *self.problem.told(part.metrics))
            parts.append(part)
            done += len(part)
            progress("search", done, trials)
            if stop_when_feasible and part.feasible.any():
                break
        return Trials.joined(parts)

    def trials(self) -> Trials:
        """What is on record so far; evaluates nothing."""
        return Trials.of_records(self.problem, Records(self.folder / "records.jsonl").read())

    def to_optuna(self, storage: Any | None = None, name: str | None = None) -> Any:
        """What is on record as an `optuna.Study`, by the folder's name unless another is given."""
        return to_optuna(self.problem, self.trials(), storage, name or self.folder.name)

    def taken_over(self) -> list[TakenOver]:
        """What a study that has begun knows from others."""
        return read_copy(self.problem, self.folder / COPY)

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
        old = known[done : done + len(genomes)]
        if not np.array_equal(old.genomes, genomes[: len(old)]):
            raise CosearchError(
                f"{records.path}: trial {done} differs from what this version would try; "
                "resume with the version in manifest.json, or start anew"
            )
        rest = {name: column[len(old) : len(genomes)] for name, column in modelled.items()}
        new = genomes[len(old) :]
        fresh = Trials.judged(self.problem, new, self.problem.judge(new, rest))
        if len(fresh):
            merit = self.problem.called("accuracy")
            records.append(fresh.records(done + len(old), merit=merit))
        return Trials.joined([old, fresh])

    def _new_optimizer(self, taken: Sequence[TakenOver]) -> Optimizer:
        """As if just begun: it knows of other studies, and nothing yet of this one."""
        optimizer = make_optimizer(
            self.optimizer,
            self.problem.space,
            np.random.default_rng(self.seed),
            excess=self.problem.excess if self.known_limits else None,
            **self.options,
        )
        for each in sorted(taken, key=lambda each: each.exact):  # hints first, then facts
            optimizer = each.tell(self.problem, optimizer)
        return optimizer

    def _new_screen(self, taken: Sequence[TakenOver]) -> Screen:
        pays = self.problem.accuracy is not None and self.problem.limits_bind
        screen = Screen(self.problem, self.screen if pays else 1)
        for each in taken:
            if each.exact:
                screen.note(each.trials.genomes)
        return screen

    def _run_exact(self, trials: int, progress: Progress) -> Trials:
        """The best designs, recorded as trials, best first; as many as meet the limits."""
        records = Records(self.folder / "records.jsonl")
        known = Trials.of_records(self.problem, records.load())
        path = self.folder / CERTIFICATE
        if path.exists() and len(known) >= min(trials, read_json(path)["recordable"]):
            return known[:trials]
        solved = solve(self.problem, trials, progress, **self.options)
        modelled = self.problem.model(solved.genomes)
        found = self._batch(solved.genomes, modelled, known, 0, records)
        recordable = max(solved.within_limits or 0, len(found))
        write_json(path, {**solved.certificate, "recordable": recordable})
        return found

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
            "known_limits": self.known_limits,
            "warm_start": [each.describe() for each in self.taken_over()],
            "problem": self.problem.describe(),
        }

    def _claim(self) -> None:
        """Write the manifest, or check it against the one that is there."""
        path = self.folder / "manifest.json"
        if not path.exists():
            self._begin(path)
            return
        there = read_json(path)
        differing = [k for k, v in self.manifest().items() if there.get(k) != v]
        if not self._same_origins(there.get("warm_start", [])):
            differing.append("warm_start")
        if differing:
            raise CosearchError(f"{self.folder} holds another study: {', '.join(differing)} differ")

    def _begin(self, manifest: Path) -> None:
        if self.optimizer == EXACT and (self._sources or self.first is not None):
            raise CosearchError(
                "optimizer 'exact': covers every design; nothing can be given first"
            )
        (self.folder / COPY).unlink(missing_ok=True)  # of a start that was killed
        if self._sources:
            take_over(self.problem, self._sources, self.folder / COPY)
        write_json(manifest, self.manifest())

    def _same_origins(self, there: list[dict[str, Any]]) -> bool:
        """Whether the studies given are those taken over; one that is gone may be any."""
        given = [origin(folder) for folder in self._sources]
        told = [row["of"] for row in there]
        return len(given) == len(told) and all(
            here in (None, known) for here, known in zip(given, told, strict=True)
        )

    @property
    def _sources(self) -> list[Path]:
        """The folders of the studies to start from."""
        given = self.warm_start
        several = [given] if isinstance(given, (Study, Path)) else list(given)
        return [each.folder if isinstance(each, Study) else Path(each) for each in several]


def _digest(genomes: Int[ndarray, "n d"] | None) -> str | None:
    """Enough of given designs to know them again."""
    if genomes is None:
        return None
    return hashlib.sha256(np.asarray(genomes, dtype=np.int64).tobytes()).hexdigest()[:16]
