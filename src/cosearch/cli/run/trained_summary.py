"""The short table a recipe that trains ends with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from rich.console import Console

from cosearch.cli.printing import say, titled
from cosearch.units import show

_MS: Final = 1e-3


def print_summary(result: dict[str, Any], folder: Path) -> None:
    """What was found, what it was held against, and what to try next."""
    console = Console()
    title = f"{result['recipe']}: {result['data']['name']} on {result['target']}"
    table = titled(f"{title}, seed {result['seed']}", ("", "found", "limit"))
    for what, found, limit in _rows(result):
        table.add_row(what, found, limit)
    console.print(table)
    end = (f"\nEverything is in {folder}. Next:", f"  open {folder}/report.html")
    for line in (*_about(result), *end):
        say(console, line)


def _rows(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows = [
        (f"test accuracy, {name}", f"{result[f'test_accuracy_{name}']:.2%}", "")
        for name in ("fp32", "int8")
    ]
    if result["validation_accuracy"] is not None:
        rows.insert(
            0, ("validation accuracy, in search", f"{result['validation_accuracy']:.2%}", "")
        )
    rows += [*_latency(result), *_energy(result)]
    for precision in ("fp32", "int8"):
        median = result["measured"][f"{precision}_ms"]["median"]
        rows.append((f"this CPU, {precision}, measured", show(median * 1e-3, "time"), ""))
    return [*rows, ("parameters", f"{result['params']:,}", ""), ("MACs", f"{result['macs']:,}", "")]


def _latency(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """As predicted, and as measured where it was: the limit stands beside what must keep it."""
    found, limit = result["latency"], result["limits"].get("latency_ms")
    at_most = show(limit * _MS, "time", 4) if limit else ""
    taken = found["measured_ms"]
    rows = []
    if found["predicted_ms"] is not None:
        predicted = show(found["predicted_ms"] * _MS, "time", 4)
        rows.append((f"latency, {found['predicted']}", predicted, "" if taken else at_most))
    if taken:
        median, low, high = (show(taken[n] * _MS, "time", 4) for n in ("median", "low", "high"))
        rows.append(("latency, measured", f"{median} ({low} to {high})", at_most))
    return rows


def _energy(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """No energy is measured."""
    if result.get("energy_mj") is None:
        return []
    limit = result["limits"].get("energy_mj")
    shown = show(result["energy_mj"] * 1e-3, "energy", 4)
    return [("energy, modelled", shown, show(limit * 1e-3, "energy", 4) if limit else "")]


def _about(result: dict[str, Any]) -> list[str]:
    """How it was found, a line for each thing the search says of itself."""
    plain, latency = (str, int, float), result["latency"]
    facts = {k.replace("_", " "): v for k, v in result["search"].items() if type(v) in plain}
    said = [f"{k}: {v:.5g}" if type(v) is float else f"{k}: {v}" for k, v in facts.items()]
    if latency["measured_ms"]:
        said.append(f"latency measured: whole, in a fresh process, on {latency['measured_on']}")
    if latency["missed"]:
        better = len(latency["missed"])
        said.append(f"over the limit when measured: {better} that were predicted to keep it")
    if latency["unmeasured"]:
        said.append(f"not measured: {latency['unmeasured']}")
    return said
