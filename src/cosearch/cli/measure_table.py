"""Measurements as a table."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Table

from cosearch.measure import Measurement
from cosearch.units import show


def print_table(found: list[Measurement]) -> None:
    """All are of one model; below it what measured them."""
    first, asked = found[0], found[0].settings
    threads = f"{asked.threads} thread{'s' if asked.threads > 1 else ''}"
    title = f"{first.model}, batch {asked.batch}, {threads}"
    table = Table(title=title, title_justify="left")
    for number, heading in enumerate(
        ("on", "precision", "median", "low", "high", "noise", "drift")
    ):
        table.add_column(heading, justify="right" if number > 1 else "left")
    for each in found:
        table.add_row(
            each.runtime,
            each.settings.precision,
            show(each.median_s, "time"),
            show(each.low_s, "time"),
            show(each.high_s, "time"),
            f"{each.statistics.noise:.1%}{' !' if each.too_noisy else ''}",
            f"{each.statistics.drift:.1%}",
        )
    Console().print(table)
    if any(each.too_noisy for each in found):
        typer.echo("!: the machine was too noisy for this figure; kept as asked")
    typer.echo(f"{first.device['cpu']}; {'; '.join(sorted({_versions(m) for m in found}))}")


def _versions(measurement: Measurement) -> str:
    return ", ".join(f"{name} {version}" for name, version in measurement.versions.items())
