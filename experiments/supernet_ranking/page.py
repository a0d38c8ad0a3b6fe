"""The page, from the records alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.calibrate.agreement import kendall, spearman
from experiments.apollo.markdown import table
from experiments.supernet_ranking.plan import IMAGE, LONGER, OURS, WIDTH, Plan
from experiments.supernet_ranking.records import ALONE, TABLE, Row

TRUTH = (ALONE, TABLE)
_DRAWS = 1000


Macs = Callable[[str, str], int]  # of a space's network, by the network's name


def write_page(rows: Iterable[Row], path: Path, macs: Macs) -> None:
    """Rank correlations of every supernet, and of MACs, with the networks' own accuracies."""
    path.write_text("\n".join(_lines(list(rows), macs)) + "\n", encoding="utf-8")


def _lines(rows: list[Row], macs: Macs) -> Iterator[str]:
    plan = Plan()
    yield "# How well shared weights rank networks\n"
    yield (
        f"CIFAR-10 from a JPEG-coded copy, {IMAGE[-1]} pixels, {plan.images:,} images; "
        f"networks of {WIDTH:g} of the width. Alone a network trains for "
        f"{plan.epochs} epochs; the networks of a supernet see the images {plan.passes} times in "
        f"all, whatever the recipe, but {LONGER.longer * plan.passes:g} times where it says "
        f"*longer*, and those of a benchmark's space {plan.looked_up_passes} times; a sandwich, of "
        "several networks a step, takes so many fewer steps. By SGD where it does not say AdamW. "
        "*Recalibrated*: every network has "
        "batch-norm statistics of its own. The interval holds 90 % of resampled sets of networks. "
        f"Those of `{OURS}` are spread evenly over the logarithm of MACs, so that MACs rank them, "
        "too; those of a benchmark are random. *Beyond MACs*: Kendall of what a parabola over it "
        "leaves of both accuracies. "
        "The benchmarks' networks have the published width and 32 pixels; NAS-Bench-201's were "
        "trained for about 12 epochs. Made by `python -m experiments.supernet_ranking` from its "
        "`accuracies.csv`.\n"
    )
    for space in dict.fromkeys(row.space for row in rows if row.weights not in TRUTH):
        yield f"## {space}\n"
        yield _truth(space, rows) + "\n"
        header = (
            "recipe",
            "recalibrated",
            "networks",
            "Kendall",
            "90 %",
            "Spearman",
            "beyond MACs",
            "mean",
        )
        yield table(header, list(_cells(space, rows, macs)), words=2)
        yield ""


def _truth(space: str, rows: list[Row]) -> str:
    found = [row for row in rows if row.space == space and row.weights in TRUTH]
    figures = [row.accuracy for row in found]
    how = "trained alone" if found[0].weights == ALONE else "in the benchmark's table"
    return (
        f"{len(found)} networks; their accuracies {how} are {min(figures):.1%} to "
        f"{max(figures):.1%}."
    )


def _cells(space: str, rows: list[Row], macs: Macs) -> Iterator[tuple[str, ...]]:
    mine = [row for row in rows if row.space == space]
    truth = {row.genome: row.accuracy for row in mine if row.weights in TRUTH}
    sizes = {genome: macs(space, genome) for genome in truth}
    both = np.array([(sizes[genome], truth[genome]) for genome in truth], dtype=np.float64)
    yield ("none: MACs alone", "", str(len(both)), *_agreement(both), "", "")
    settings = dict.fromkeys(
        (row.weights, row.recalibrated) for row in mine if row.weights not in TRUTH
    )
    for weights, recalibrated in settings:
        found = {
            row.genome: row.accuracy
            for row in mine
            if (row.weights, row.recalibrated) == (weights, recalibrated) and row.genome in truth
        }
        pairs = np.array([(found[genome], truth[genome]) for genome in found])
        yield (
            weights,
            "yes" if recalibrated else "no",
            str(len(pairs)),
            *_agreement(pairs),
            f"{beyond(pairs, np.array([sizes[genome] for genome in found])):.2f}",
            f"{pairs[:, 0].mean():.1%}",
        )


def _agreement(pairs: Float[ndarray, "n 2"]) -> tuple[str, str, str]:
    low, high = interval(pairs)
    return f"{kendall(*pairs.T):.2f}", f"{low:.2f} to {high:.2f}", f"{spearman(*pairs.T):.2f}"


def beyond(pairs: Float[ndarray, "n 2"], macs: Float[ndarray, " n"]) -> float:
    """Kendall's tau of what a parabola over the logarithm of MACs does not explain of either."""
    logs = np.log(macs)
    left = [accuracy - np.polyval(np.polyfit(logs, accuracy, 2), logs) for accuracy in pairs.T]
    return kendall(*left)


def interval(pairs: Float[ndarray, "n 2"]) -> tuple[float, float]:
    """Of Kendall's tau, 5th to 95th percentile over networks drawn with replacement."""
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(pairs), (_DRAWS, len(pairs)))
    with np.errstate(invalid="ignore"):
        taus = [kendall(*pairs[draw].T) for draw in draws]
    if np.isnan(taus).all():
        return np.nan, np.nan
    low, high = np.nanquantile(taus, (0.05, 0.95))
    return float(low), float(high)
