"""The page: nothing in it is typed by hand but the words."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from cosearch.families.hurricane import OPERATORS
from experiments.apollo.markdown import table
from experiments.hurricane.plan import ARMS, TARGETS, Size
from experiments.hurricane.table import read

Row = Mapping[str, str]
SAVED, LOST = 0.60, 0.003  # what two stages are to save at least, and to lose at most


def write_page(records: Path, path: Path) -> None:
    """From the rows on record."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_lines(records)) + "\n", encoding="utf-8")


def _lines(records: Path) -> Iterator[str]:
    rows = read(records / "runs.csv")
    yield from _head(rows)
    yield "## Generated against hand-made\n"
    yield _accuracies(rows)
    yield "\n## Two stages against one\n"
    yield _stages(rows)
    yield "\n## What each target likes\n"
    yield from _likes(records)


def _head(rows: Sequence[Row]) -> Iterator[str]:
    size = Size()
    yield "# HURRICANE: a space made for the target\n"
    yield (
        "HURRICANE (Zhang et al. 2019) scores operators on the target, searches among the best of "
        "each layer, and does so in two stages. Three unlike targets here: a systolic array "
        f"(`{TARGETS['systolic']}`), an Edge-TPU-like chip (`{TARGETS['edge-tpu']}`), both "
        "modelled, and the CPU of the machine in int8, every operator measured on ONNX Runtime. "
        "Made by `python -m experiments.hurricane`.\n"
    )
    yield (
        f"A small size: {size.images:,} images of {size.data} at {size.pixels} pixels, channels "
        f"{size.width:g} of the published, {size.supernet_epochs} epochs of AdamW on shared "
        f"weights in one stage, {size.trials} networks a stage tried on {size.validation:,} "
        f"images, the winner trained alone for {size.epochs} epochs. The limit is what half of "
        "the hand-made space, SPOS's, reach. "
        f"{len(rows)} runs are on record. So short a training tells little of differences below "
        "a point.\n"
    )


def _accuracies(rows: Sequence[Row]) -> str:
    header = ("target", "space", "seeds", "alpha", "latency, µs", "limit, µs", "test accuracy")
    lines = []
    for target in TARGETS:
        for arm in ARMS:
            found = _of(rows, target, arm)
            if found:
                alphas = sorted({row["alpha"] for row in found} - {""})
                lines.append(
                    (
                        target,
                        arm,
                        str(len(found)),
                        ", ".join(alphas) or "–",
                        f"{_mean(found, 'latency_us'):.4g}",
                        f"{_mean(found, 'limit_us'):.4g}",
                        f"{_mean(found, 'alone'):.2%}",
                    )
                )
    return table(header, lines, words=2)


def _stages(rows: Sequence[Row]) -> str:
    header = ("target", "seeds", "iterations", "in one stage", "saved", "points lost", "kept")
    lines = []
    for target in TARGETS:
        pairs = _pairs(rows, target)
        if not pairs:
            continue
        done = np.mean([float(two["iterations"]) for _, two in pairs])
        whole = np.mean([float(one["iterations"]) for one, _ in pairs])
        lost = np.mean([float(one["alone"]) - float(two["alone"]) for one, two in pairs])
        saved = 1 - done / whole
        kept = "yes" if saved >= SAVED and lost <= LOST else "no"
        lines.append(
            (
                target,
                str(len(pairs)),
                f"{done:,.0f}",
                f"{whole:,.0f}",
                f"{saved:.0%}",
                f"{100 * lost:.2f}",
                kept,
            )
        )
    claim = (
        f"To save {SAVED:.0%} of the training iterations at {100 * LOST:.1f} points lost at most "
        "is what was aimed at; the share of iterations is a setting, the points are what it "
        "costs.\n\n"
    )
    return claim + table(header, lines)


def _pairs(rows: Sequence[Row], target: str) -> list[tuple[Row, Row]]:
    """One stage and two, of the same seed."""
    one, two = (_of(rows, target, arm) for arm in ("generated", "two-stage"))
    by_seed = {row["seed"]: row for row in two}
    return [(row, by_seed[row["seed"]]) for row in one if row["seed"] in by_seed]


def _likes(records: Path) -> Iterator[str]:
    yield (
        "Mean score of an operator over the layers, the layer's best being 1, at the alpha that "
        "suits the limit.\n"
    )
    scores = {name: _scores(records / f"scores-{name}.csv") for name in TARGETS}
    known = {name: found for name, found in scores.items() if found}
    lines = [
        (f"`{operator}`", *(f"{found[operator]:.2f}" for found in known.values()))
        for operator in OPERATORS
    ]
    yield table(("operator", *known), lines if known else [])


def _scores(path: Path) -> dict[str, float]:
    if not path.exists():
        return {}
    with path.open(newline="") as stream:
        _, *rows = csv.reader(stream)
    return {name: float(np.mean([float(cell) for cell in cells])) for name, *cells in rows}


def _of(rows: Sequence[Row], target: str, arm: str) -> list[Row]:
    return [row for row in rows if row["target"] == target and row["arm"] == arm]


def _mean(rows: Sequence[Row], name: str) -> float:
    return float(np.mean([float(row[name]) for row in rows]))
