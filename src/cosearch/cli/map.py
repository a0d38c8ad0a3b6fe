"""`map`: the loop nest of each layer on an edge accelerator."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cosearch.cli.options import Json, Model
from cosearch.errors import CosearchError, unknown

if TYPE_CHECKING:
    from cosearch.networks import Network


def show_map(
    model: Model,
    on: Annotated[str, typer.Option("--on", help="An edge accelerator by name, or its FILE.json.")],
    layer: Annotated[
        list[str] | None, typer.Option("--layer", help="Only layers of this name; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The mapping the model chose for each layer with MACs, as a loop nest."""
    from cosearch.zoo.read import read_network

    rows = _rows(read_network(model), on, layer or [])
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['name']} ({row['op']}, {row['cycles']:,} cycles)\n{row['text']}\n")


def _rows(network: Network, on: str, names: list[str]) -> list[dict[str, Any]]:
    import numpy as np

    from cosearch.cost import EdgeModel
    from cosearch.cost.edge.mapper import M_COMPUTE, M_ON_CHIP
    from cosearch.cost.edge.nest import nest
    from cosearch.hardware import find_chip
    from cosearch.networks import Kind

    chip = find_chip(on)
    known = [node.name for node, _ in network.rows]
    for name in names:
        if name not in known:
            raise unknown(f"layer of {network.name}", name, known)
    layers = network.layers
    answers = EdgeModel().map(layers, chip.columns()[None])
    rows = []
    for i, (node, _) in enumerate(network.rows):
        if names and node.name not in names:
            continue
        if layers.kind[i] not in (Kind.MAC, Kind.MATMUL):
            if names:
                raise CosearchError(f"layer {node.name}: {node.op} multiplies nothing to be mapped")
            continue
        row: dict[str, Any] = {"name": node.name, "op": node.op}
        if not np.isfinite(answers[i, M_COMPUTE]):
            rows.append({**row, "cycles": None, "loops": [], "text": "cannot run"})
            continue
        found = nest(layers[i], chip.columns(), answers[i])
        cycles = int(max(answers[i, M_COMPUTE], answers[i, M_ON_CHIP]))
        rows.append({**row, "cycles": cycles, **asdict(found), "text": str(found)})
    return rows
