"""The short table a run of `nahas` ends with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from cosearch.cli.printing import say, titled


def print_summary(result: dict[str, Any], folder: Path) -> None:
    """Joint search beside the fixed accelerator, and what to try next."""
    console = Console()
    fixed, limits = result["fixed_accelerator"], result["limits"]
    title = f"{result['data']['name']}, seed {result['seed']}"
    table = titled(title, ("", "joint search", "fixed accelerator", "limit"))
    tabular = "measured" not in result
    table.add_row(*_merit(result), "")
    for key, label, digits in (
        ("latency_ms", "latency, modelled (µs)", 1e3),
        ("energy_mj", "energy, modelled (µJ)", 1e3),
        ("area_mm2", "chip area (mm²)", 1.0),
    ):
        bound = f"{limits[key] * digits:.4g}" if key in limits else ""
        figures = (f"{r[key] * digits:.4g}" for r in (result, fixed))
        table.add_row(label, *figures, bound)
    if not tabular:
        _add_measured(table, result)
    console.print(table)
    if tabular:
        say(console, _verdict(result))
    say(console, f"\nEverything is in {folder}. Next:")
    for command in _next(folder, result["data"]["name"] if tabular else ""):
        say(console, f"  {command}")


def _merit(result: dict[str, Any]) -> tuple[str, str, str]:
    """By what the searches ranked: an accuracy, or a score, which is none and no percentage."""
    both = result, result["fixed_accelerator"]
    if "score" in result:
        values = [r["score"]["value"] for r in both]
        first, second = ("-" if value is None else f"{value:.5g}" for value in values)
        return f"{result['score']['name']} (a score), in search", first, second
    name = "validation accuracy, in search" if "measured" in result else "accuracy (table)"
    first, second = (f"{r['validation_accuracy']:.2%}" for r in both)
    return name, first, second


def _add_measured(table: Table, result: dict[str, Any]) -> None:
    """What there is of a network that was trained and exported."""
    table.add_row("test accuracy, fp32", f"{result['test_accuracy_fp32']:.2%}", "", "")
    table.add_row("test accuracy, int8", f"{result['test_accuracy_int8']:.2%}", "", "")
    for precision in ("fp32", "int8"):
        median = result["measured"][f"{precision}_ms"]["median"]
        table.add_row(f"this CPU, {precision}, measured (ms)", f"{median:.3g}", "", "")


def _verdict(result: dict[str, Any]) -> str:
    """How soon the search was where it could not be better."""
    search, certified = result["search"], result["certified"]
    tried = f"{search['optimizer']}: best in trial {search['best'] + 1:,} of {search['trials']:,}"
    if certified is None:
        return tried
    optimum = f"{certified['validation_accuracy']:.2%} in {certified['latency_ms'] * 1e3:.4g} µs"
    soon = certified["trials_to_optimum"]
    reached = "not reached" if soon is None else f"reached in trial {soon:,}"
    return f"{tried}; the optimum of all {certified['designs']:,} designs, {optimum}: {reached}"


def _next(folder: Path, table: str) -> tuple[str, ...]:
    page = f"open {folder}/report.html"
    if table:
        return page, f"cosearch run nahas --accuracy {table} --chips apollo --area 6.8mm2"
    return (
        page,
        f"cosearch profile {folder}/network.onnx --on {folder}/accelerator.json",
        "cosearch run nahas --data folder:PATH --latency 0.1ms --area 20mm2",
    )
