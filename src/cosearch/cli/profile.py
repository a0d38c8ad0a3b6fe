"""`profile`: where the time of a network goes on an accelerator."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from cosearch.cli.options import AllowUnknown, Json, Shape
from cosearch.cli.run.start import quantity
from cosearch.errors import CosearchError


def profile(
    on: Annotated[
        str,
        typer.Option("--on", help="A device by name, ACCELERATOR.json; with --space TABLE.json."),
    ],
    model: Annotated[
        str | None,
        typer.Argument(help="An ONNX or TFLite file, or a network of `cosearch list networks`."),
    ] = None,
    shape: Shape = None,
    allow_unknown: AllowUnknown = False,
    space: Annotated[
        str | None,
        typer.Option(help="All networks of a space of `cosearch list spaces` instead of one."),
    ] = None,
    size: Annotated[
        int | None, typer.Option(help="With --space: images of this many pixels, 10 classes.")
    ] = None,
    latency: Annotated[
        str | None, typer.Option(help="With --space: how many are within, e.g. '3 ms'.")
    ] = None,
    energy: Annotated[str | None, typer.Option(help="Likewise, e.g. '0.2 mJ'.")] = None,
    as_json: Json = False,
) -> None:
    """Per layer: shape, MACs, bytes, time, what bounds it, utilisation.

    Of a space: the least, median and most of every metric, and whether limits can be met.
    """
    if (model is None) == (space is None):
        raise CosearchError("profile: a network or --space NAME is needed, and only one of them")
    if space is not None:
        from cosearch.cli.profile_space import profile_space

        limits = {
            "latency_s": quantity(latency, "time", "ms"),
            "energy_j": quantity(energy, "energy", "mJ"),
        }
        profile_space(space, on, size, limits, as_json)
        return
    if any(option is not None for option in (size, latency, energy)):
        raise CosearchError("--size, --latency and --energy go with --space")
    assert model is not None
    from cosearch.cost.explain import explain
    from cosearch.cost.models import find_device
    from cosearch.zoo.read import read_network

    device = find_device(on)
    network = read_network(model, shape or [], allow_unknown=allow_unknown)
    rows, total = explain(device(network.layers), network)
    spread = device.spread(network.layers)
    if spread is not None:
        total["spread"] = spread
    if as_json:
        data = {"model": model, "device": device.file.model_dump(), "layers": rows, "total": total}
        typer.echo(json.dumps(data, indent=2))
        return
    _print_table(rows, total, f"{network.name} on {device.file.name}")
    if spread is not None:
        typer.echo(
            f"a measurement of the total is expected within {spread:.1%}, two times in three"
        )


def _print_table(rows: list[dict[str, Any]], total: dict[str, Any], title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    headings = ("layer", "op", "shape", "MACs", "bytes", "time (µs)", "bound by", "utilisation")
    for number, heading in enumerate(headings):
        right = number in (3, 4, 5, 7)
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    for row in (*rows, {**total, "name": "total", "op": "", "shape": ()}):
        table.add_row(
            row["name"],
            row["op"],
            "x".join(map(str, row["shape"])),
            f"{row['macs']:,}",
            f"{row['bytes']:,}",
            "cannot run" if row["time_us"] is None else f"{row['time_us']:.3f}",
            row["bound_by"],
            f"{row['utilisation']:.1%}",
        )
    Console().print(table)
