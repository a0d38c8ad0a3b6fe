"""`bottleneck`: why a network is slow on a device, and what would help."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cosearch.cli.device_option import chosen_device
from cosearch.cli.options import AllowUnknown, Json, Model, Shape
from cosearch.errors import CosearchError

if TYPE_CHECKING:
    from rich.console import Console


def bottleneck(
    network: Model,
    on: Annotated[str, typer.Option("--on", help="A device by name, or DEVICE.json.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change the device: KEY=VALUE of its file, e.g. batch=128."),
    ] = None,
    shape: Shape = None,
    allow_unknown: AllowUnknown = False,
    as_json: Json = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Write a roofline plot here, one HTML file.")
    ] = None,
) -> None:
    """What bounds each layer, a roofline, and what doubling each resource would give."""
    from cosearch.cost.bottleneck import bottleneck as analyse
    from cosearch.zoo.read import read_network

    if plot is not None and plot.suffix.lower() not in (".html", ".htm"):
        raise CosearchError(f"--plot {plot}: needs a name that ends in .html")
    device = chosen_device(on, settings or [])
    found = analyse(device, read_network(network, shape or [], allow_unknown=allow_unknown))
    if plot is not None:
        _write_plot(found, plot)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    _print(found)
    if plot is not None:
        typer.echo(f"\nroofline plot: {plot}")


def _write_plot(found: dict[str, Any], path: Path) -> None:
    try:
        from cosearch.report.roofline_figure import write_roofline
    except ModuleNotFoundError as error:
        raise CosearchError(f"--plot needs {error.name}: pip install cosearch[report]") from error
    write_roofline(found, path)


def _print(found: dict[str, Any]) -> None:
    from rich.console import Console

    from cosearch.cli.printing import say
    from cosearch.cli.roofline_text import roofline_text

    console = Console()
    _print_layers(found, console)
    _print_total(found, console)
    picture = roofline_text(found["roofline"], [row["bound_by"] for row in found["layers"]])
    if picture:
        say(console, f"\n{picture}")
    console.print()
    _print_what_if(found, console)


def _print_layers(found: dict[str, Any], console: Console) -> None:
    from rich.table import Table

    title = f"{found['network']} on {found['device']['name']}"
    table = Table(title=title, title_justify="left")
    for heading in ("layer", "M MACs", "ops/byte", "TOPS", "time (µs)", "share", "bound by"):
        words = heading in ("layer", "bound by")
        table.add_column(
            heading,
            justify="left" if words else "right",
            no_wrap=heading != "layer",
            overflow="fold",
        )
    whole, roof = found["total"]["time_us"], found["roofline"]
    for row, intensity, reached in zip(
        found["layers"], roof["intensity"], roof["achieved_ops_per_s"], strict=True
    ):
        time = row["time_us"]
        table.add_row(
            row["name"],
            f"{row['macs'] / 1e6:,.2f}",
            _intensity(intensity, time),
            f"{reached / 1e12:.3g}",
            "cannot run" if time is None else f"{time:.3f}",
            f"{time / whole:.1%}" if time is not None and whole else "",
            row["bound_by"],
        )
    console.print(table)


def _intensity(value: float | None, time: float | None) -> str:
    if time is None:
        return ""
    return "no DRAM" if value is None else f"{value:.3g}"


def _gain(time: float | None, speedup: float | None) -> str:
    """Without a speed-up there is still a gain where the device alone cannot run it."""
    if speedup is None:
        return "" if time is None else "then it runs"
    return f"{speedup:.3f}x"


def _print_total(found: dict[str, Any], console: Console) -> None:
    total, shares = found["total"], found["shares"]
    parts = ", ".join(f"{bound} {share:.1%}" for bound, share in shares.items())
    if total["time_us"] is None:
        console.print("total: cannot run", highlight=False)
        return
    console.print(
        f"total: {total['time_us']:,.1f} µs a pass of {total['batch']},"
        f" {total['images_per_s'] or 0:,.0f} images/s, utilisation {total['utilisation']:.1%}",
        f"time by bound: {parts}",
        sep="\n",
        highlight=False,
        soft_wrap=True,
    )


def _print_what_if(found: dict[str, Any], console: Console) -> None:
    from cosearch.cli.printing import titled

    table = titled("what if there were twice as much", ("of", "time (µs)", "speed-up"))
    for row in found["what_if"]:
        time, speedup = row["latency_us"], row["speedup"]
        table.add_row(
            row["resource"],
            "cannot run" if time is None else f"{time:,.1f}",
            _gain(time, speedup),
        )
    console.print(table)
