"""What other studies found, for a new one on the same space.

The rows are copied into the new study's folder: the other may grow or vanish, and a resumed study
must begin as it began.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from cosearch.errors import CosearchError
from cosearch.files import read_json, write_atomically
from cosearch.problem import Problem
from cosearch.search import Optimizer, Prior, ranks, transferred
from cosearch.study.records import Records
from cosearch.study.trials import Trials

COPY: Final = "warm_start.jsonl"
_TRIED_AGAIN: Final = 4
_AGREE: Final = 1e-9  # relative; sums may be ordered differently on another machine


@dataclass(frozen=True)
class TakenOver:
    """The distinct trials of another study, judged by the problem at hand.

    `exact`: the other's metrics hold here, since its problem differs in limits, goals or reward
    only. Else they are of other networks or another model, and but a hint.
    """

    origin: str  # digest of the other's manifest
    exact: bool
    trials: Trials

    def tell(self, problem: Problem, optimizer: Optimizer) -> Optimizer:
        """The optimizer that knows of these trials.

        Exact ones are told worst first, so that populations which age keep the best.
        """
        genomes, metrics = self.trials.genomes, self.trials.metrics
        losses, violations = problem.told(metrics)
        if not self.exact:
            # of the limits, only that on area holds for other networks as well
            known = problem.violations(metrics, among=("area_mm2",))
            return transferred(optimizer, Prior(genomes, losses, known))
        worst_first = np.argsort(-ranks(losses, violations), kind="stable")
        optimizer.tell(genomes[worst_first], losses[worst_first], violations[worst_first])
        return optimizer

    def describe(self) -> dict[str, Any]:
        """For the manifest: whose trials, and enough of them to know them again."""
        rows = json.dumps(self.trials.records()).encode()
        return {
            "of": self.origin,
            "exact": self.exact,
            "trials": len(self.trials),
            "digest": hashlib.sha256(rows).hexdigest()[:16],
        }


def take_over(problem: Problem, folders: Sequence[Path], copy: Path) -> None:
    """Read the studies in `folders` and write what is needed of them to `copy`.

    Raises `CosearchError` where there is no study, or one on another space.
    """
    lines = []
    for number, folder in enumerate(folders):
        taken = _read(problem, folder)
        about = {"study": number, "of": taken.origin, "exact": taken.exact}
        rows = taken.trials.records(merit=problem.called("accuracy"))
        lines += [json.dumps({**about, **row}) + "\n" for row in rows]
    write_atomically(copy, lambda beside: beside.write_text("".join(lines), encoding="utf-8"))


def read_copy(problem: Problem, copy: Path) -> list[TakenOver]:
    """What `take_over` wrote, a study after another; nothing where there is no copy."""
    studies: dict[int, list[dict[str, Any]]] = {}
    for row in Records(copy).read():
        studies.setdefault(row["study"], []).append(row)
    return [
        TakenOver(rows[0]["of"], rows[0]["exact"], Trials.of_records(problem, rows))
        for rows in studies.values()
    ]


def origin(folder: Path) -> str | None:
    """Digest of a study's manifest, by which it is known; None where there is none."""
    path = folder / "manifest.json"
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.exists() else None


def _read(problem: Problem, folder: Path) -> TakenOver:
    known = origin(folder)
    if known is None:
        raise CosearchError(f"warm start {folder}: holds no study (no manifest.json)")
    _check_problem(problem, folder)
    rows = Records(folder / "records.jsonl").read()
    if not rows:
        raise CosearchError(f"warm start {folder}: has no trials")
    trials = Trials.of_records(problem, rows).distinct()
    return TakenOver(known, _holds(problem, trials), trials)


def _check_problem(problem: Problem, folder: Path) -> None:
    try:
        told = read_json(folder / "manifest.json")["problem"]
        space, merit = told["space"], told.get("score", {"name": "accuracy"})["name"]
    except (KeyError, TypeError):
        raise CosearchError(f"warm start {folder}: is not the folder of a study") from None
    if space != problem.space.fingerprint:
        raise CosearchError(
            f"warm start {folder}: its space {space} is not this problem's, "
            f"{problem.space.fingerprint}; the same knobs are needed"
        )
    if merit != problem.called("accuracy"):
        raise CosearchError(
            f"warm start {folder}: ranks its networks by {merit}, this problem by "
            f"{problem.called('accuracy')}"
        )


def _holds(problem: Problem, trials: Trials) -> bool:
    """Whether metrics of the other study are those of this problem: some are worked out again.

    No description is trusted, for none tells all of a model or an accuracy.
    """
    runs = np.flatnonzero(np.isfinite(trials.metrics["latency_s"]))
    if not len(runs):
        return False
    places = np.linspace(0, len(runs) - 1, min(_TRIED_AGAIN, len(runs))).astype(int)
    again = trials[runs[places]]
    metrics = problem.evaluate(again.genomes)
    names = [name for name in metrics if name != "accuracy" or problem.accuracy is not None]
    return all(
        np.allclose(again.metrics[name], metrics[name], rtol=_AGREE, atol=0, equal_nan=True)
        for name in names
    )
