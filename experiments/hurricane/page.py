"""The page: nothing in it is typed by hand but the words."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from cosearch.families.hurricane import OPERATORS
from experiments.apollo.markdown import table
from experiments.hurricane.plan import ARMS, TARGETS, Size

Row = Mapping[str, str]


def write_page(rows: Sequence[Row], scores: Path, path: Path) -> None:
    """From the rows on record, and the targets' scores in a folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_lines(rows, scores)) + "\n", encoding="utf-8")


def _lines(rows: Sequence[Row], scores: Path) -> Iterator[str]:
    yield from _head(rows)
    yield "## Generated against hand-made\n"
    yield _accuracies(rows)
    yield "\n## What each target likes\n"
    yield from _likes(scores)


def _head(rows: Sequence[Row]) -> Iterator[str]:
    size = Size()
    yield "# HURRICANE: a space made for the target\n"
    yield (
        "HURRICANE (Zhang et al. 2019) scores operators on the target and searches among the best "
        "of each layer; its two stages have [a page of their own](two-stages.md). Three unlike "
        "targets here: a systolic array "
        f"(`{TARGETS['systolic']}`), an Edge-TPU-like chip (`{TARGETS['edge-tpu']}`), both "
        "modelled, and the CPU of the machine in int8, every operator measured on ONNX Runtime. "
        "Made by `python -m experiments.hurricane`.\n"
    )
    yield (
        f"A small size: {size.images:,} images of {size.data} at {size.pixels} pixels, channels "
        f"{size.width:g} of the published, {size.supernet_epochs} epochs of AdamW on shared "
        f"weights in one stage, {size.trials} networks tried on {size.validation:,} "
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
