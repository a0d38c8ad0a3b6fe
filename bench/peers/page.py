"""docs/results/peers.md, from the figures of the last run and the words in page.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

BUSY = " **Other jobs were running: read the ratios, not the rates.**"


def page(record: Mapping[str, Any]) -> str:
    """The whole page."""
    machine = record["machine"]
    return (
        Path(__file__)
        .with_name("page.md")
        .read_text()
        .format(
            table=table(record["rows"]),
            date=record["date"],
            cpu=machine["cpu"],
            cores=machine["cores"],
            python=machine["python"],
            load=f"{machine['load']:.2f}",
            busy=BUSY if record["busy"] else "",
            distinct=record["distinct"],
            sample=len(record["sample"]),
            call=f"{record['call_s'] * 1e3:.1f}",
            batched=f"{record['batched_per_s']:,.0f}",
            copies=record["maestro_copies"],
        )
    )


def table(rows: list[Mapping[str, Any]]) -> str:
    """One row a tool, the fastest first; the skipped last."""
    lines = [
        "| tool | for one layer it | layers | layers/s | ours on the same | ours is faster by |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_line, rows)]) + "\n"


def _line(row: Mapping[str, Any]) -> str:
    name = f"{row['peer']} {row['version']}".strip()
    if row["skipped"]:
        return f"| {name} | {row['does']} | skipped: {row['skipped']} | | | |"
    factor = f"{row['factor']:,.1f}x" if row["factor"] < 100 else f"{row['factor']:,.0f}x"
    mine = row["peer"] == "Cosearch"
    return (
        f"| {name} | {row['does']} | {row['layers']} | {_rate(row['layers_per_s'])} | "
        f"{'' if mine else _rate(row['ours_per_s'])} | {'' if mine else factor} |"
    )


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
