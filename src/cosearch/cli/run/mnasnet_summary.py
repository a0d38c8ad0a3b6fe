"""The short table a run of `mnasnet` ends with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console

from cosearch.cli.printing import say, titled
from cosearch.cli.run import trained_summary
from cosearch.units import show


def print_summary(result: dict[str, Any], folder: Path) -> None:
    """What was found beside a known network, how it was confirmed, and what to try next."""
    if "measured" in result:  # on this CPU, as of every network that was trained
        trained_summary.print_summary(result, folder)
        return
    console, target = Console(), result["settings"]["on"]
    limit = show(result["limits"]["latency_ms"] * 1e-3, "time", 4)
    name = Path(target).stem
    columns = {"found": result, **result["references"]}
    table = titled(f"{name} within {limit}, seed {result['seed']}", ("", *columns))
    table.add_row("accuracy, predicted", *(f"{row['accuracy']:.2%}" for row in columns.values()))
    table.add_row(
        f"latency, {result['cost_model']}",
        *(show(row["latency_ms"] * 1e-3, "time", 4) for row in columns.values()),
    )
    console.print(table)
    for line in (*_about(result), f"\nEverything is in {folder}. Next:", *_next(result, folder)):
        say(console, line)


def _about(result: dict[str, Any]) -> tuple[str, ...]:
    search = result["search"]
    return (
        "Accuracies are of a short training schedule: their ranking is what counts "
        f"(held-out Kendall {result['accuracy_kendall']:.3f}).",
        f"{search['optimizer']}: best in trial {search['best'] + 1:,} of {search['trials']:,}, "
        f"{search['feasible']:,} within the limit",
        *([_again(result)] if result["measured_again"] else []),
    )


def _again(result: dict[str, Any]) -> str:
    """What the limit was held against in the end."""
    *failed, met = result["measured_again"]
    times = [show(met[name], "time", 4) for name in ("median_s", "low_s", "high_s")]
    said = f"measured again in a fresh process: {times[0]} ({times[1]} to {times[2]}), within"
    if not failed:
        return said
    better = "a better one" if len(failed) == 1 else f"{len(failed)} better ones"
    return f"{said}; {better} met the limit in the search, but not when measured again"


def _next(result: dict[str, Any], folder: Path) -> tuple[str, ...]:
    target = result["settings"]["on"]
    other = "tpu-v3" if result["measured_again"] else "onnxruntime"
    return (
        f"  open {folder}/report.html",
        f"  cosearch run mnasnet --on {target} --reward soft",
        f"  cosearch run mnasnet --on {other}",
    )
