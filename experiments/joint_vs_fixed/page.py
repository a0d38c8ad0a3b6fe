"""The page about joint against fixed, from its records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

RECORDS: Final = Path(__file__).parents[2] / "docs" / "results" / "joint-vs-fixed.csv"
ONE_SHOT: Final = RECORDS.with_name("joint-vs-fixed-one-shot.csv")
ARMS: Final = ("fixed", "joint", "phased")

Rows = Sequence[dict[str, Any]]


def write_page(rows: Rows, one_shot: Rows, path: Path) -> None:
    """Markdown; no figure in it is typed by hand."""
    lines = [*_lines(rows), *_one_shot(one_shot)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _lines(rows: Rows) -> Iterator[str]:
    seeds = len({row["seed"] for row in rows})
    yield "# Joint against fixed"
    yield ""
    yield (
        "NAHAS (arXiv 2102.08619) searches network and accelerator together. Here: the 6,561 "
        "networks of NAS-Bench-Macro, whose accuracies are of networks trained by themselves on "
        "CIFAR-10, on NAHAS's 50,000 accelerators, within the area of the baseline accelerator "
        "and a latency. `fixed` keeps the baseline; `joint` searches both with as many trials; "
        "`phased` spends half of them on the fastest chip for one medium network, half on "
        f"networks for that chip. A trial is one accuracy asked for. Medians of {seeds} seeds, "
        "found by the genetic search; latency and energy by the edge model. Made by "
        "`python -m experiments.joint_vs_fixed.run`."
    )
    for trials in sorted({row["trials"] for row in rows}):
        yield ""
        yield f"## {trials:.0f} trials"
        yield ""
        yield "Of the networks found, test accuracy (%) | latency (µs) | energy (µJ)."
        yield ""
        yield "| latency limit (µs) | " + " | ".join(ARMS) + " | joint − fixed (points) |"
        yield "|---|" + "---|" * (len(ARMS) + 1)
        same = [row for row in rows if row["trials"] == trials]
        for limit in sorted({row["limit_s"] for row in same}):
            yield _row([row for row in same if row["limit_s"] == limit], limit)
        yield ""
        yield (
            "The fastest, and the most frugal, of the networks and chips that `joint` found under "
            "any of these limits, no less accurate than `fixed` (energy was no goal):"
        )
        yield ""
        yield "| `fixed`: accuracy, latency (µs), energy (µJ) | latency of `joint` | energy |"
        yield "|---|---|---|"
        for limit in sorted({row["limit_s"] for row in same}):
            yield _at_equal_accuracy(same, limit)


def _one_shot(rows: Rows) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield "## One-shot"
    yield ""
    yield (
        "A policy learnt beside shared weights (`nahas --method one-shot`), over network and chip "
        "or over networks for the baseline, with equally many designs drawn "
        f"({_of(rows, 'trials'):,.0f}). The weights are of narrow copies of the networks, on small "
        "images; what is found has its accuracy from the table, its costs at full size. Medians "
        f"of {len({row['seed'] for row in rows})} seeds. Made by "
        "`python -m experiments.joint_vs_fixed.one_shot`."
    )
    yield ""
    yield "| latency limit (µs) | fixed | joint | joint − fixed (points) |"
    yield "|---|---|---|---|"
    for limit in sorted({row["limit_s"] for row in rows}):
        yield _row([row for row in rows if row["limit_s"] == limit], limit, ARMS[:2])


def _at_equal_accuracy(rows: Rows, limit: float) -> str:
    """Per seed the least of each metric, as a share of the fixed chip's; their medians."""
    shares: dict[str, list[float]] = {"latency_s": [], "energy_j": []}
    fixed = [row for row in rows if row["arm"] == "fixed" and row["limit_s"] == limit]
    for row in fixed:
        equal = [
            other
            for other in rows
            if other["arm"] == "joint"
            and other["seed"] == row["seed"]
            and other["accuracy"] >= row["accuracy"]
        ]
        for metric, found in shares.items():
            least = min((other[metric] for other in equal), default=float("nan"))
            found.append(least / row[metric] - 1)
    cells = " | ".join(f"{median(found):+.0%}" if found else "" for found in shares.values())
    return f"| {_cell(fixed)} | {cells} |"


def _row(rows: Rows, limit: float, arms: Sequence[str] = ARMS) -> str:
    cells = [_cell([row for row in rows if row["arm"] == arm]) for arm in arms]
    fixed, joint = (_of([r for r in rows if r["arm"] == a], "accuracy") for a in ARMS[:2])
    return f"| {limit * 1e6:.3g} | {' | '.join(cells)} | {(joint - fixed) * 100:+.2f} |"


def _cell(rows: Rows) -> str:
    if not rows:
        return ""
    accuracy, latency, energy = (_of(rows, m) for m in ("accuracy", "latency_s", "energy_j"))
    return f"{accuracy:.2%}, {latency * 1e6:.3g}, {energy * 1e6:.3g}"


def _of(rows: Rows, metric: str) -> float:
    """The median over seeds."""
    return median(row[metric] for row in rows) if rows else float("nan")
