"""What the page is drawn from: a run folder's result and trial records, read-only."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cosearch.columns import Columns
from cosearch.errors import CosearchError
from cosearch.report.merit import Merit

STUDIES: Final = ("joint", "fixed")
_COSTS: Final = ("latency_s", "energy_j", "area_mm2")


@dataclass(frozen=True)
class Trials(Columns):
    """The records of one study as columns (n,), by trial number; NaN where nothing was measured."""

    trial: Int[ndarray, " n"]
    accuracy: Float[ndarray, " n"]  # or the score in its place, see `RunData.merit`
    latency_s: Float[ndarray, " n"]
    energy_j: Float[ndarray, " n"]
    area_mm2: Float[ndarray, " n"]
    violation: Float[ndarray, " n"]  # inf: the design cannot run

    def __len__(self) -> int:
        return len(self.trial)

    @property
    def feasible(self) -> Bool[ndarray, " n"]:
        """Mask (n,) of the trials that meet every limit and have an accuracy."""
        return (self.violation <= 0) & np.isfinite(self.accuracy)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read ``records.jsonl``. A last line cut short is left out; any other bad line raises."""
        lines = _read(path).splitlines()
        records = [
            record
            for number, line in enumerate(lines, 1)
            if (record := _record(line, f"{path}:{number}", number == len(lines))) is not None
        ]
        return cls.of(records)

    @classmethod
    def of(cls, records: list[dict[str, Any]]) -> Self:
        """Columns of plain records, sorted by trial number."""
        records = sorted(records, key=lambda record: record["trial"])
        metrics = {
            name: np.array([_number(r["metrics"].get(name), math.nan) for r in records])
            for name in _COSTS
        }
        merits = [[v for k, v in r["metrics"].items() if k not in _COSTS] for r in records]
        return cls(
            trial=np.array([record["trial"] for record in records], dtype=np.int64),
            accuracy=np.array([_number(next(iter(m), None), math.nan) for m in merits]),
            violation=np.array([_number(r.get("violation"), math.inf) for r in records]),
            **metrics,
        )


@dataclass(frozen=True)
class RunData:
    """`result` is ``result.json`` (empty while the run goes on); `studies` the records by name.

    `score` is by what their networks were ranked where that was no accuracy.
    """

    result: Mapping[str, Any] = field(default_factory=dict)
    studies: Mapping[str, Trials] = field(default_factory=dict)
    score: str = ""

    @property
    def finished(self) -> bool:
        """Whether the run wrote its result."""
        return bool(self.result)

    @property
    def merit(self) -> Merit:
        """Accuracy, or the score in its place."""
        return Merit(self.result.get("score", {}).get("name", self.score))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a run folder, finished or not; `CosearchError` if it holds nothing to show."""
        folder = Path(folder)
        if not folder.is_dir():
            raise CosearchError(f"run folder {str(folder)!r}: there is no such folder")
        paths = {name: folder / name / "records.jsonl" for name in STUDIES}
        studies = {name: Trials.read(path) for name, path in paths.items() if path.exists()}
        studies = {name: trials for name, trials in studies.items() if len(trials)}
        result = _result(folder / "result.json")
        if not result and not studies:
            raise CosearchError(
                f"run folder {str(folder)!r}: nothing to show: "
                "neither result.json nor a trial in joint/records.jsonl or fixed/records.jsonl"
            )
        return cls(result, studies, next((_score(folder / name) for name in studies), ""))


def _result(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        data = json.loads(_read(path))
    except json.JSONDecodeError as error:
        raise CosearchError(f"{path}: not valid JSON: {error}") from error
    if not isinstance(data, dict):
        raise CosearchError(f"{path}: expected an object, found {type(data).__name__}")
    return data


def _score(study: Path) -> str:
    """What the study's manifest calls the accuracy of its problem, where it is none."""
    path = study / "manifest.json"
    problem = _result(path).get("problem", {})
    return str(problem.get("score", {}).get("name", ""))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", errors="replace")
    except OSError as error:
        raise CosearchError(f"{path}: cannot be read: {error.strerror}") from error


def _record(line: str, where: str, last: bool) -> dict[str, Any] | None:
    """One record, or None for a blank line or a last line cut short."""
    if not line.strip():
        return None
    try:
        record = json.loads(line)
        if isinstance(record["trial"], int) and isinstance(record["metrics"], dict):
            return dict(record)
    except (json.JSONDecodeError, KeyError, TypeError):
        pass
    if last:
        return None
    raise CosearchError(f"{where}: not a trial record: {line[:60]!r}")


def _number(value: Any, missing: float) -> float:
    return float(value) if isinstance(value, int | float) else missing
