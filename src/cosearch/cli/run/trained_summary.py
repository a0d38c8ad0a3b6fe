"""The short table a recipe that trains ends with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from cosearch.units import show

_COSTS: Final = (("latency_ms", "latency", "time", 1e-3), ("energy_mj", "energy", "energy", 1e-3))


def print_summary(result: dict[str, Any], folder: Path) -> None:
    """What was found, what it was held against, and what to try next."""
    console = Console()
    title = f"{result['recipe']}: {result['data']['name']} on {result['target']}"
    table = Table(title=f"{title}, seed {result['seed']}", title_justify="left")
    for heading in ("", "found", "limit"):
        table.add_column(heading, justify="right" if heading else "left")
    for what, found, limit in _rows(result):
        table.add_row(what, found, limit)
    console.print(table)
    for line in _about(result):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print(f"\nEverything is in {folder}. Next:", highlight=False)
    console.print(f"  open {folder}/report.html", highlight=False, soft_wrap=True)


def _rows(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows = [
        (f"test accuracy, {name}", f"{result[f'test_accuracy_{name}']:.2%}", "")
        for name in ("fp32", "int8")
    ]
    if result["validation_accuracy"] is not None:
        rows.insert(
            0, ("validation accuracy, in search", f"{result['validation_accuracy']:.2%}", "")
        )
    for key, name, kind, scale in _COSTS:
        if result.get(key) is not None:
            limit = result["limits"].get(key)
            at_most = show(limit * scale, kind, 4) if limit else ""
            rows.append((f"{name}, modelled", show(result[key] * scale, kind, 4), at_most))
    for precision in ("fp32", "int8"):
        median = result["measured"][f"{precision}_ms"]["median"]
        rows.append((f"this CPU, {precision}, measured", show(median * 1e-3, "time"), ""))
    return [*rows, ("parameters", f"{result['params']:,}", ""), ("MACs", f"{result['macs']:,}", "")]


def _about(result: dict[str, Any]) -> list[str]:
    """How it was found, a line for each thing the search says of itself."""
    plain = (str, int, float)
    return [f"{k.replace('_', ' ')}: {v}" for k, v in result["search"].items() if type(v) in plain]
