"""The short table a run of `apollo` ends with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from rich.console import Console

from cosearch.cli.printing import say, titled
from cosearch.cli.sweep_table import chip_text
from cosearch.units import show

_NEAR: Final = {"0%": "the optimum"}


def print_summary(result: dict[str, Any], folder: Path) -> None:
    """What was found beside the optimum, how soon, and what to try next."""
    console, certified = Console(), result["certified"]
    names = ", ".join(workload["name"] for workload in result["workloads"])
    title = f"{names} within {result['limits']['area_mm2']:g} mm2, seed {result['seed']}"
    columns = {"found": result} | ({"certified optimum": certified} if certified else {})
    table = titled(title, ("", *columns))
    several = len(result["workloads"]) > 1
    latency = "latency, geometric mean" if several else "latency"
    table.add_row(latency, *(_shown(row["latency_ms"], "time") for row in columns.values()))
    for name in result["latency_ms_by_workload"] if several else ():
        each = (row["latency_ms_by_workload"][name] for row in columns.values())
        table.add_row(f"  {name}", *(_shown(figure, "time") for figure in each))
    table.add_row("energy", *(_shown(row["energy_mj"], "energy") for row in columns.values()))
    table.add_row("area (mm²)", *(f"{row['area_mm2']:.3f}" for row in columns.values()))
    faster = (f"{row['speed_up']:.3f}x" for row in columns.values())
    table.add_row(f"speed-up over {result['reference']}", *faster)
    console.print(table)
    for name, row in columns.items():
        say(console, f"{name}: {chip_text(row['accelerator'])}")
    say(console, _verdict(result))
    say(console, f"\nEverything is in {folder}. Next:")
    first = result["settings"]["workload"][0]
    say(console, f"  open {folder}/report.html")
    say(console, f"  cosearch bottleneck {first} --on {folder}/accelerator.json")
    say(console, f"  cosearch run apollo --workload {first} --area 4.8mm2 --warm-start {folder}")


def _verdict(result: dict[str, Any]) -> str:
    search, certified = result["search"], result["certified"]
    where = "before the first trial" if search["best"] is None else f"in trial {search['best'] + 1}"
    tried = f"{search['optimizer']}: best {where} of {search['trials']:,}"
    if certified is None:
        return tried
    soon = (
        f"to {_NEAR.get(within, within)}: {'never' if trials is None else f'{trials:,}'}"
        for within, trials in certified["trials_to"].items()
    )
    return (
        f"{tried}, {certified['regret']:.2%} above the optimum of all {certified['designs']:,} "
        f"designs; trials {', '.join(soon)}"
    )


def _shown(milli: float, quantity: str) -> str:
    return show(milli * 1e-3, quantity, 4)
