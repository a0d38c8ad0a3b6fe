"""One run of the recipe per target and seed; what each found, on every target."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from cosearch.cost.models import find_device
from cosearch.files import write_atomically
from cosearch.networks import Network
from cosearch.progress import Progress, silent
from cosearch.recipes import find_recipe
from cosearch.recipes.fbnet.settings import FbnetSettings
from cosearch.recipes.run_folder import MANIFEST, RunFolder

# an accelerator with large local memories, a plain systolic array, a server's core in int8
TARGETS: Final = ("nahas-baseline", "scalesim-32x32-os", "x86-avx512-int8")


@dataclass(frozen=True)
class Plan:
    """What is searched; the limit of each target is what a quarter of the space reaches there."""

    settings: FbnetSettings
    seeds: tuple[int, ...]


FULL: Final = Plan(
    FbnetSettings(
        data="cifar10",
        size=16,
        images=4000,
        width=0.25,
        supernet_epochs=20,
        epochs=30,
        samples=4,
    ),
    seeds=(0, 1),
)
SMOKE: Final = Plan(
    FbnetSettings(
        space="nas-bench-macro", width=0.1, images=200, supernet_epochs=2, epochs=1, samples=1
    ),
    seeds=(0,),
)


@dataclass(frozen=True)
class Row:
    """A network searched for one target, as it runs on another."""

    searched_for: str
    run_on: str
    seed: int
    latency_s: float
    limit_s: float  # of the target searched for
    test_accuracy_fp32: float
    test_accuracy_int8: float
    macs: int
    params: int
    data: str


def search_all(plan: Plan, runs: Path, table: Path, progress: Progress = silent) -> list[Row]:
    """All rows; those in `table` are taken from there, the others added as they are found."""
    rows = read_rows(table) if table.exists() else []
    known = {(row.searched_for, row.seed) for row in rows}
    for seed in plan.seeds:
        for target in TARGETS:
            if (target, seed) in known:
                continue
            settings = replace(plan.settings, on=target, seed=seed)
            result = _run(runs / f"{target}-{seed}", settings, progress)
            rows += _everywhere(target, seed, result)
            _write(rows, table)
    return rows


def _run(path: Path, settings: FbnetSettings, progress: Progress) -> Mapping[str, Any]:
    started = (path / MANIFEST).exists()
    folder = RunFolder.open(path) if started else RunFolder.start(path, "fbnet", settings)
    return find_recipe("fbnet").run(folder, progress)


def _everywhere(target: str, seed: int, result: Mapping[str, Any]) -> list[Row]:
    network = Network.from_dict(result["network"])
    return [
        Row(
            target,
            other,
            seed,
            float(find_device(other)(network.layers).sum(-1).latency_s),
            result["limits"]["latency_ms"] * 1e-3,
            result["test_accuracy_fp32"],
            result["test_accuracy_int8"],
            network.macs,
            network.params,
            result["data"]["name"],
        )
        for other in TARGETS
    ]


def read_rows(table: Path) -> list[Row]:
    """As written."""
    kinds: Mapping[str, Any] = {"int": int, "float": float, "str": str}
    with table.open(newline="", encoding="utf-8") as file:
        return [
            Row(**{field.name: kinds[str(field.type)](row[field.name]) for field in fields(Row)})
            for row in csv.DictReader(file)
        ]


def _write(rows: Sequence[Row], table: Path) -> None:
    def write(path: Path) -> None:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(
                file, [field.name for field in fields(Row)], lineterminator="\n"
            )
            writer.writeheader()
            writer.writerows(asdict(row) for row in rows)

    table.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(table, write)
