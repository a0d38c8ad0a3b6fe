"""The tables a sweep ends with."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from cosearch.cli.printing import say
from cosearch.units import show

_UNITS = {"area_mm2": ("area", 1.0), "latency_ms": ("time", 1e-3), "energy_mj": ("energy", 1e-3)}

_SMALL = ("instruction", "parameter", "activation")


def print_sweep(result: dict[str, Any]) -> None:
    """Counts, one table per budget, the size of the front."""
    console = Console()
    say(console, f"{result['evaluated']:,} designs evaluated, {result['can_run']:,} can run")
    for budget in result["budgets"]:
        console.print()
        _print_budget(console, result, budget)
    console.print()
    if result["front"] is not None:
        axes = ", ".join(result["front"]["objectives"])
        say(console, f"{len(result['front']['designs']):,} designs on the exact front of {axes}")
    seconds = result["seconds"]
    say(console, f"tables {seconds['tables']:.1f} s, sweep {seconds['sweep']:.1f} s")


def limits_text(limits: dict[str, float]) -> str:
    """A budget in words."""
    if not limits:
        return "without limits"
    names = {"area_mm2": "area", "latency_ms": "latency", "energy_mj": "energy"}
    return ", ".join(f"{names[key]} at most {_figure(key, limits[key])}" for key in limits)


def _print_budget(console: Console, result: dict[str, Any], budget: dict[str, Any]) -> None:
    words = limits_text(budget["limits"])
    if not budget["met_by"]:
        _print_unmet(console, words, budget)
        return
    say(console, f"{words}: {budget['met_by']:,} designs; best by {_objective(result)}, certified")
    _print_designs(console, result, budget["top"])


def _objective(result: dict[str, Any]) -> str:
    if len(result["workloads"]) == 1 or result["objective"] == "area":
        return str(result["objective"])
    return f"{result['objective']}, {result['aggregate']} of {len(result['workloads'])} workloads"


def _print_unmet(console: Console, words: str, budget: dict[str, Any]) -> None:
    nearest = budget["nearest"]
    if nearest is None:
        say(console, f"{words}: NO DESIGN, for none can run the workload")
        return
    figures = [_figure("area_mm2", nearest["area_mm2"])]
    for key in ("latency_ms", "energy_mj"):
        figures.append(_figure(key, max(nearest[key].values())))
    say(
        console,
        f"{words}: NO DESIGN meets this. The least violation is {budget['violation']:.3g} "
        f"(sum of the relative excesses), by design {nearest['design']}: {', '.join(figures)}",
    )


def _print_designs(console: Console, result: dict[str, Any], designs: list[dict[str, Any]]) -> None:
    table = Table()
    gain = f"speed-up over {result['reference']['device']}"
    for heading in ("area (mm²)", "latency", "energy", gain, "TOPS"):
        table.add_column(heading, justify="right")
    table.add_column("accelerator")
    for design in designs:
        table.add_row(
            f"{design['area_mm2']:.3f}",
            *("\n".join(_figures(key, design)) for key in ("latency_ms", "energy_mj")),
            "" if design["speed_up"] is None else f"{design['speed_up']:.3f}x",
            f"{design['peak_tops']:.3g}",
            chip_text(design["accelerator"]),
        )
    console.print(table)


def chip_text(chip: dict[str, Any]) -> str:
    """An accelerator in a line."""
    small = "/".join(f"{chip[f'{name}_memory_kib']:g}" for name in _SMALL)
    return (
        f"{chip['pes_x']}x{chip['pes_y']} PEs of {chip['pe_memory_kib']:g} KiB, "
        f"{chip['cores']} cores of {chip['core_memory_kib']:g} KiB, {chip['lanes']} lanes, "
        f"staging {small} KiB, {chip['dram_gb_per_s']:g} GB/s"
    )


def _figures(key: str, design: dict[str, Any]) -> list[str]:
    """One line per workload, in their order."""
    return [_figure(key, value) for value in design[key].values()]


def _figure(key: str, value: float) -> str:
    quantity, scale = _UNITS[key]
    return show(value * scale, quantity, 4)
