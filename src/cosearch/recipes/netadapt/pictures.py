"""The way from the first network to the limit, as figures."""

from __future__ import annotations

from typing import Any, Final

from cosearch.report.plots import lines, listing

_UNITS: Final = {"latency_s": ("ms", 1e3), "energy_j": ("mJ", 1e3)}


def plots(
    metric: str, history: list[dict[str, Any]], limit: float, figures: str
) -> list[dict[str, Any]]:
    """Of the rows of a history; `metric` is what was limited, `figures` how its costs are known."""
    unit, scale = _UNITS[metric]
    costs = [row["cost"] * scale for row in history]
    way = {"name": "kept", "x": costs, "y": [100 * row["accuracy"] for row in history]}
    tried = [each for row in history[1:] for each in row["proposals"]]
    dots = {
        "name": "proposals",
        "x": [each["cost"] * scale for each in tried],
        "y": [100 * each["accuracy"] for each in tried],
        "dots": True,
    }
    title = "From the first network to the limit"
    note = (
        f"Accuracy of validation images after a short fine-tuning; the limit is "
        f"{limit * scale:.4g} {unit}."
    )
    rows = [
        [
            str(row["step"]),
            row["group"],
            f"{row['from']} to {row['to']}",
            f"{row['cost'] * scale:.4g}",
            f"{row['accuracy']:.2%}",
        ]
        for row in history[1:]
    ]
    header = ["step", "channels of", "cut", f"then, {unit}", "accuracy"]
    return [
        lines(title, note, f"{unit}, {figures}", "accuracy, %", [dots, way]),
        listing("The cuts", "", header, rows),
    ]
