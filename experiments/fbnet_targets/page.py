"""docs/results/fbnet-targets.md from the table of runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from cosearch.files import write_atomically
from cosearch.units import show
from experiments.fbnet_targets.runs import FULL, TARGETS, Row

_HEAD = """# FBNet: searched for one target, run on another

`python -m experiments.fbnet_targets` writes this page. For each target FBNet's differentiable
search looks for a network within the latency that a quarter of the space's random networks reach
on it; then every network found is priced on every target. Latencies are the cost models',
accuracies are of {data} test images, after training alone; means over {seeds}.

A small size: {images:,} images of {pixels} pixels, channels {width:g} of the published, {search}
epochs of the search and {alone} of the winner alone. A limit is kept, not used up: the loss trades
accuracy for latency below it, too.
"""


def write_page(rows: Sequence[Row], path: Path) -> None:
    """Means over the seeds."""
    n = len({row.seed for row in rows})
    text = "\n".join(
        [
            _HEAD.format(
                data=rows[0].data, seeds="one seed" if n == 1 else f"{n} seeds", **_size()
            ),
            *_latencies(rows),
            "",
            _worst(rows),
            "",
            *_networks(rows),
            "",
        ]
    )
    write_atomically(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def _size() -> dict[str, Any]:
    asked = FULL.settings
    return {
        "images": asked.images,
        "pixels": asked.size,
        "width": asked.width,
        "search": asked.supernet_epochs,
        "alone": asked.epochs,
    }


def _latencies(rows: Sequence[Row]) -> list[str]:
    lines = [
        f"| searched for | {' | '.join(f'on {target}' for target in TARGETS)} |",
        f"|---|{'---:|' * len(TARGETS)}",
    ]
    for searched in TARGETS:
        cells = (show(_latency_s(rows, searched, on), "time", 3) for on in TARGETS)
        lines.append(f"| {searched} | {' | '.join(cells)} |")
    return lines


def _worst(rows: Sequence[Row]) -> str:
    """What it costs to run what was searched for something else."""
    ratios = {
        (searched, on): _latency_s(rows, searched, on) / _latency_s(rows, on, on)
        for searched in TARGETS
        for on in TARGETS
        if searched != on
    }
    (searched, on), ratio = max(ratios.items(), key=lambda item: item[1])
    return (
        f"At most {ratio:.2f} times the latency of the target's own network: what was searched "
        f"for {searched}, on {on}."
    )


def _networks(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| searched for | limit | test accuracy, fp32 | int8 | MACs | parameters |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for searched in TARGETS:
        own = [row for row in rows if row.searched_for == searched == row.run_on]
        lines.append(
            f"| {searched} | {show(mean(r.limit_s for r in own), 'time', 3)} "
            f"| {mean(r.test_accuracy_fp32 for r in own):.2%} "
            f"| {mean(r.test_accuracy_int8 for r in own):.2%} "
            f"| {mean(r.macs for r in own) / 1e6:.2f} M "
            f"| {mean(r.params for r in own) / 1e6:.3f} M |"
        )
    return lines


def _latency_s(rows: Sequence[Row], searched: str, on: str) -> float:
    return mean(r.latency_s for r in rows if r.searched_for == searched and r.run_on == on)
