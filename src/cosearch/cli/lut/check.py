"""`lut check`: is a table whole, and of which space, device and day?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cosearch.cli.options import Json


def check(
    table: Annotated[Path, typer.Argument(help="A file of `cosearch lut build`.")],
    space: Annotated[
        str | None, typer.Option(help="Also check that it has every block of this space.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Verify the hash of a table, and print what it says of itself."""
    from cosearch.cost.lookup import read_table

    found = read_table(table)
    if space is not None:
        from cosearch.calibrate.space_lookup import SpaceLookup
        from cosearch.cli.lut.space import find_space

        SpaceLookup.of(found, find_space(space))
    facts = {
        "space": found.space,
        "fingerprint": found.fingerprint,
        "rows": len(found.rows),
        **found.manifest,
        "corrected": found.correction is not None,
        "sha256": found.sha256,
    }
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        typer.echo(f"{name:12} {_shown(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(map(_shown, value)) or "any"
    return str(value)
