"""Runs on disk: one csv per experiment, sorted; seconds apart, since they are the machine's."""

from __future__ import annotations

import csv
import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from cosearch.files import write_atomically
from experiments.apollo.run import MARKS, Record, Run

RESULTS: Final = Path(__file__).parents[2] / "docs" / "results" / "apollo"
EXPERIMENTS: Final = ("single", "multi", "transfer")
_KEYS: Final = tuple(field.name for field in fields(Run))
_CURVES: Final = (*_KEYS, "code", "improvements")
_SECONDS: Final = (*_KEYS, *(f"seconds_{mark}" for mark in MARKS))


@dataclass(frozen=True)
class Records:
    """A folder of runs. What is added is on disk when `add` returns."""

    folder: Path = RESULTS

    def load(self) -> dict[Run, Record]:
        """All runs on record."""
        found: dict[Run, Record] = {}
        for experiment in EXPERIMENTS:
            found |= self._read(experiment)
        return found

    def add(self, record: Record) -> None:
        """In place of a record of the same run, if there is one. Processes take turns."""
        experiment = record.run.experiment
        with self._lock():
            records = self._read(experiment)
            records[record.run] = record
            ordered = [records[run] for run in sorted(records)]
            self._write(f"{experiment}.csv", _CURVES, (_curve(each) for each in ordered))
            self._write(f"{experiment}-seconds.csv", _SECONDS, (_times(each) for each in ordered))

    def _read(self, experiment: str) -> dict[Run, Record]:
        curves = [_record(row) for row in rows(self.folder / f"{experiment}.csv")]
        records = {record.run: record for record in curves}
        for row in rows(self.folder / f"{experiment}-seconds.csv"):
            run = _run(row)
            if run in records:
                records[run] = replace(records[run], seconds=_seconds(row))
        return records

    def _write(self, name: str, header: Sequence[str], lines: Iterable[Sequence[Any]]) -> None:
        def write(path: Path) -> None:
            with path.open("w", newline="") as stream:
                out = csv.writer(stream, lineterminator="\n")
                out.writerow(header)
                out.writerows(lines)

        write_atomically(self.folder / name, write)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def rows(path: Path) -> list[dict[str, str]]:
    """Of a csv; none if there is no such file."""
    if not path.exists():
        return []
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def _key(run: Run) -> list[Any]:
    return [getattr(run, name) for name in _KEYS]


def _curve(record: Record) -> list[Any]:
    events = " ".join(f"{at}:{us:.7g}" for at, us in record.improvements)
    return [*_key(record.run), record.code, events]


def _times(record: Record) -> list[Any]:
    seconds = [record.seconds.get(mark) for mark in MARKS]
    return [*_key(record.run), *("" if each is None else f"{each:.3g}" for each in seconds)]


def _run(row: dict[str, str]) -> Run:
    return Run(
        row["workload"],
        float(row["area_mm2"]),
        row["telling"],
        row["source"],
        row["strategy"],
        int(row["seed"]),
        int(row["trials"]),
    )


def _record(row: dict[str, str]) -> Record:
    events = [event.split(":") for event in row["improvements"].split()]
    return Record(_run(row), row["code"], tuple((int(at), float(us)) for at, us in events))


def _seconds(row: dict[str, str]) -> dict[int, float]:
    return {mark: float(row[f"seconds_{mark}"]) for mark in MARKS if row[f"seconds_{mark}"]}
