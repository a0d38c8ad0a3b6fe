"""The page: nothing in it is typed by hand but the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from experiments.apollo.markdown import table
from experiments.two_stages.plan import ARMS, ONE, TARGETS, TWO, WITHIN, Size

Row = Mapping[str, str]
SAVED, LOST = 0.60, 0.003  # what two stages are to save at least, and to lose at most
_KNOWN: Final = {"scored": "*highest score*", "best": "*best*", "mean": "*mean*"}
_DRAWS: Final = 10_000


def write_page(rows: Sequence[Row], size: Size, path: Path) -> None:
    """From the rows on record."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_lines(rows, size)) + "\n", encoding="utf-8")


def _lines(rows: Sequence[Row], size: Size) -> Iterator[str]:
    yield "# Two stages against one\n"
    yield (
        "HURRICANE searches late layers first, early ones being fixed to the operators of the "
        "highest score, then the early ones: fewer paths share the weights, which takes fewer "
        "training iterations. Here in the 6,561 networks of NAS-Bench-Macro, where the truth is "
        "known: weights are shared by the same networks at a quarter of the width, on "
        f"{size.images:,} images of CIFAR-10 at {size.pixels} pixels, {size.epochs} epochs of "
        f"AdamW in one stage; a stage judges {size.trials} networks on {size.validation:,} "
        "images; what is found has the accuracy of the benchmark's table. The limit is the "
        f"latency that {WITHIN:.0%} of all networks reach on the target, a cost model. *One "
        "stage, as short* trains all layers for as many iterations as two stages take together: "
        "what the stages themselves are worth. *Highest score* trains nothing: the "
        "network that the first stage begins with. *Best* and *mean* are of all networks within "
        "the limit. Made by `python -m experiments.two_stages`.\n"
    )
    yield "## What was found\n"
    yield _found(rows)
    yield "\n## Saved and lost\n"
    yield from _saved(rows)


def _found(rows: Sequence[Row]) -> str:
    header = ("target", "search", "seeds", "iterations", "accuracy, mean", "lowest", "highest")
    lines = []
    for target in TARGETS:
        for arm in ARMS:
            found = _of(rows, target, arm)
            if found:
                accuracies = [float(row["accuracy"]) for row in found]
                lines.append(
                    (
                        target,
                        arm,
                        str(len(found)),
                        f"{np.mean([float(row['iterations']) for row in found]):,.0f}",
                        f"{np.mean(accuracies):.2%}",
                        f"{min(accuracies):.2%}",
                        f"{max(accuracies):.2%}",
                    )
                )
        known = [row for row in rows if row["target"] == target][:1]
        for row in known:
            for name, words in _KNOWN.items():
                lines.append((target, words, "–", "–", f"{float(row[name]):.2%}", "–", "–"))
    return table(header, lines, words=2)


def _saved(rows: Sequence[Row]) -> Iterator[str]:
    header = ("target", "search", "pairs", "iterations saved", "points lost", "90 %")
    lines = []
    for arm in (arm for arm in ARMS if arm != ONE):
        every = []
        for target in TARGETS:
            pairs = _pairs(rows, target, arm)
            every += pairs
            if pairs:
                lines.append((target, arm, *_figures(pairs)))
        if every:
            lines.append(("all", arm, *_figures(every)))
    yield (
        "Against one stage; pairs have the target and the seed in common. The interval holds the "
        f"mean of 90 % of resampled sets of pairs. To save {SAVED:.0%} of the iterations at "
        f"{100 * LOST:.1f} points lost at most is what was aimed at; the share of iterations is "
        "a setting, the points are what it costs.\n"
    )
    yield table(header, lines, words=2)
    pairs = [pair for target in TARGETS for pair in _pairs(rows, target, TWO)]
    if pairs:
        kept = saved(pairs) >= SAVED and lost(pairs).mean() <= LOST
        yield f"\nOver all pairs the aim is {'met' if kept else 'missed'}."


def saved(pairs: Sequence[tuple[Row, Row]]) -> float:
    """The share of the iterations of the first of each pair that the second goes without."""
    whole, done = (
        sum(float(row["iterations"]) for row in rows) for rows in zip(*pairs, strict=True)
    )
    return 1 - done / whole


def lost(pairs: Sequence[tuple[Row, Row]]) -> np.ndarray:
    """Accuracy of the first of each pair less that of the second."""
    return np.array([float(one["accuracy"]) - float(two["accuracy"]) for one, two in pairs])


def _figures(pairs: Sequence[tuple[Row, Row]]) -> tuple[str, ...]:
    points = 100 * lost(pairs)
    drawn = np.random.default_rng(0).choice(points, (_DRAWS, len(points))).mean(axis=1)
    low, high = np.quantile(drawn, (0.05, 0.95))
    return (
        str(len(pairs)),
        f"{saved(pairs):.0%}",
        f"{points.mean():.2f}",
        f"{low:.2f} to {high:.2f}",
    )


def _pairs(rows: Sequence[Row], target: str, arm: str) -> list[tuple[Row, Row]]:
    """One stage and another search, of the same seed."""
    by_seed = {row["seed"]: row for row in _of(rows, target, arm)}
    ones = _of(rows, target, ONE)
    return [(row, by_seed[row["seed"]]) for row in ones if row["seed"] in by_seed]


def _of(rows: Sequence[Row], target: str, arm: str) -> list[Row]:
    return [row for row in rows if row["target"] == target and row["arm"] == arm]
