"""The short table a run ends with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


def print_summary(result: dict[str, Any], folder: Path) -> None:
    """Joint search beside the fixed accelerator, and what to try next."""
    console = Console()
    fixed, limits = result["fixed_accelerator"], result["limits"]
    table = Table(title=f"{result['data']['name']}, seed {result['seed']}", title_justify="left")
    for heading in ("", "joint search", "fixed accelerator", "limit"):
        table.add_column(heading, justify="left" if not heading else "right")
    table.add_row(
        "validation accuracy (supernet)",
        *(f"{r['validation_accuracy']:.2%}" for r in (result, fixed)),
        "",
    )
    for key, label, digits in (
        ("latency_ms", "latency, modelled (µs)", 1e3),
        ("energy_mj", "energy, modelled (µJ)", 1e3),
        ("area_mm2", "chip area (mm²)", 1.0),
    ):
        bound = f"{limits[key] * digits:.4g}" if key in limits else ""
        figures = (f"{r[key] * digits:.4g}" for r in (result, fixed))
        table.add_row(label, *figures, bound)
    table.add_row("test accuracy, fp32", f"{result['test_accuracy_fp32']:.2%}", "", "")
    table.add_row("test accuracy, int8", f"{result['test_accuracy_int8']:.2%}", "", "")
    measured = result["measured"]
    for precision in ("fp32", "int8"):
        median = measured[f"{precision}_ms"]["median"]
        table.add_row(f"this CPU, {precision}, measured (ms)", f"{median:.3g}", "", "")
    console.print(table)
    console.print(f"\nEverything is in {folder}. Next:", highlight=False)
    for command in (
        f"open {folder}/report.html",
        f"cosearch profile {folder}/network.onnx --on {folder}/accelerator.json",
        "cosearch run nahas --data folder:PATH --latency 0.1ms --area 20mm2",
    ):
        console.print(f"  {command}", highlight=False, soft_wrap=True)
