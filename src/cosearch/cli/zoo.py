"""`zoo`: the networks of the literature with their exact counts."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from cosearch.cli.options import Json
from cosearch.errors import unknown


def zoo(
    names: Annotated[
        list[str] | None, typer.Argument(help="Networks or families; all if none is named.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Parameters and multiply-accumulates of the networks of the literature."""
    rows = _rows(names or [])
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        typer.echo(
            f"{row['name']:{width}}  {row['params'] / 1e6:8.3f} M params"
            f"  {row['macs'] / 1e6:9.1f} M MACs  {row['resolution']:4d} px  {row['source']}"
        )


def _rows(names: list[str]) -> list[dict[str, Any]]:
    """What is told of each network, those of a named family together."""
    from cosearch.zoo import ZOO

    families = {entry.family for entry in ZOO.values()}
    for name in names:
        if name not in ZOO and name not in families:
            raise unknown("network or family", name, {*ZOO, *families})
    rows = []
    for entry in ZOO.values():
        if names and entry.name not in names and entry.family not in names:
            continue
        network = entry.build()
        rows.append(
            {
                "name": entry.name,
                "params": network.params,
                "macs": network.macs,
                "family": entry.family,
                "resolution": entry.resolution,
                "source": entry.source,
            }
        )
    return rows
