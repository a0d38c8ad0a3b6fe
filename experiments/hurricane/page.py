"""The page: nothing in it is typed by hand but the words."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from cosearch.families.hurricane import OPERATORS
from cosearch.recipes.hurricane.settings import LAYERS
from experiments.apollo.markdown import table
from experiments.hurricane.plan import ARMS, NEAR, TARGETS, Size

Row = Mapping[str, str]
_DRAWS: Final = 10_000


def write_page(rows: Sequence[Row], scores: Path, path: Path) -> None:
    """From the rows on record, and the targets' scores in a folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_lines(rows, scores)) + "\n", encoding="utf-8")


def _lines(rows: Sequence[Row], scores: Path) -> Iterator[str]:
    size = Size()
    yield "# HURRICANE: a space made for the target\n"
    yield (
        "HURRICANE (Zhang et al. 2019) scores operators on the target and searches among the best "
        "of each layer; its two stages have [a page of their own](two-stages.md). Three unlike "
        f"targets here: a systolic array (`{TARGETS['systolic']}`), an Edge-TPU-like chip "
        f"(`{TARGETS['edge-tpu']}`), both modelled, and the CPU of the machine in int8, every "
        "operator measured on ONNX Runtime. A space is worth what its networks are worth: of the "
        "generated one and of SPOS's, made by hand, networks are drawn that take "
        f"{NEAR:.0%} to 100 % of the same limit, or of what the space's slowest network takes, "
        "and trained alone. The limit is what half of SPOS's space reach. Made by "
        "`python -m experiments.hurricane`.\n"
    )
    yield (
        f"A small size: {size.images:,} images of {size.data} at {size.pixels} pixels, channels "
        f"{size.width:g} of the published, {size.epochs} epochs of AdamW, {size.test:,} test "
        "images. The interval holds the difference of the means of 90 % of resampled networks.\n"
    )
    yield "## Generated against hand-made\n"
    yield _accuracies(rows)
    yield f"\n{_claim(rows)}"
    yield "\n## What each target likes\n"
    yield from _likes(scores)


def _accuracies(rows: Sequence[Row]) -> str:
    header = (
        "target",
        "space",
        "networks",
        "alpha",
        "latency, µs",
        "MACs, million",
        "parameters",
        "separable layers",
        "accuracy, mean",
        "best",
        "generated less hand-made, points",
    )
    lines = []
    for target in TARGETS:
        for arm in ARMS:
            found = _of(rows, target, arm)
            if found:
                accuracies = _values(found, "accuracy")
                lines.append(
                    (
                        target,
                        arm,
                        str(len(found)),
                        found[0]["alpha"] or "–",
                        f"{_values(found, 'latency_us').mean():.4g}",
                        f"{_values(found, 'macs').mean() / 1e6:.2f}",
                        f"{_values(found, 'params').mean():,.0f}",
                        f"{_values(found, 'separable').mean():.1f}",
                        f"{accuracies.mean():.2%}",
                        f"{accuracies.max():.2%}",
                        _difference(rows, target) if arm == "generated" else "",
                    )
                )
    return table(header, lines, words=2)


def _claim(rows: Sequence[Row]) -> str:
    """What was published beside what is here."""
    compared = [target for target in TARGETS if all(len(_of(rows, target, arm)) for arm in ARMS)]
    better = [target for target in compared if _gain(rows, target)[1] > 0]
    return (
        "Published, trained in full on ImageNet: on a DSP 3.47 points above FBNet-iPhoneX at 6.35 "
        "times its speed (the paper's abstract). Here the generated space's networks are surely "
        f"more accurate than the hand-made one's on {len(better)} of {len(compared)} targets. "
        f"Of the {LAYERS} layers, separable ones have no shortcut of any kind: two convolutions, "
        "one after the other, as in MobileNet's first version. Long chains of these train slowly "
        "and the training here is short: that is how we read the difference, and not tested."
    )


def _difference(rows: Sequence[Row], target: str) -> str:
    if not _of(rows, target, "hand-made"):
        return ""
    return "{:+.1f} ({:+.1f} to {:+.1f})".format(*_gain(rows, target))


def _gain(rows: Sequence[Row], target: str) -> tuple[float, float, float]:
    """Points of the generated space's mean above the hand-made one's; 90 % interval."""
    by_hand, made = (100 * _values(_of(rows, target, arm), "accuracy") for arm in ARMS)
    rng = np.random.default_rng(0)
    means = [rng.choice(each, (_DRAWS, len(each))).mean(axis=1) for each in (by_hand, made)]
    low, high = np.quantile(means[1] - means[0], (0.05, 0.95))
    return float(made.mean() - by_hand.mean()), float(low), float(high)


def _likes(folder: Path) -> Iterator[str]:
    yield (
        "Mean score of an operator over the layers, the layer's best being 1, at the alpha that "
        "suits the limit.\n"
    )
    scores = {name: _scores(folder / f"scores-{name}.csv") for name in TARGETS}
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


def _values(rows: Sequence[Row], name: str) -> np.ndarray:
    return np.array([float(row[name]) for row in rows])
