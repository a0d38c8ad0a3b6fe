"""`sweep`: every design of an accelerator space evaluated, not sampled."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cosearch.cli.options import Json, Shape, Workload

if TYPE_CHECKING:
    from cosearch.recipes.sweep import Request


def sweep(
    space: Annotated[str, typer.Argument(help="apollo or nahas: the accelerators to go through.")],
    workload: Workload,
    area: Annotated[
        list[str] | None, typer.Option(help="At most this, e.g. '6.8 mm2'; each is a budget.")
    ] = None,
    latency: Annotated[
        str | None, typer.Option(help="At most this for every workload, e.g. '0.3 ms'; bare = ms.")
    ] = None,
    energy: Annotated[
        str | None, typer.Option(help="At most this per inference, e.g. '0.2 mJ'; bare = mJ.")
    ] = None,
    objective: Annotated[str, typer.Option(help="latency, energy, edp or area.")] = "latency",
    aggregate: Annotated[
        str, typer.Option(help="Of several workloads' speed-ups: geomean, mean or worst.")
    ] = "geomean",
    reference: Annotated[
        str, typer.Option(help="The device that speed-ups are against: a name or FILE.json.")
    ] = "edge-tpu-v1",
    top: Annotated[int, typer.Option(help="How many of the best designs of each budget.")] = 10,
    front: Annotated[
        bool, typer.Option("--front/--no-front", help="The exact front of latency and area.")
    ] = True,
    energy_front: Annotated[
        bool, typer.Option("--energy-front", help="The front of latency, area and energy.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(help="Threads, one per core if not said; the result is the same.")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda: where to work it out.")] = "cpu",
    out: Annotated[
        Path | None, typer.Option(help="Folder for result.json, front.csv and front.html.")
    ] = None,
    shape: Shape = None,
    as_json: Json = False,
) -> None:
    """The best accelerators there are within each budget, and the exact front.

    Every design of the space is evaluated with the full model: what is best is certain.
    """
    from cosearch.recipes.sweep import Request, find_space
    from cosearch.recipes.sweep_files import check_folder
    from cosearch.zoo.read import read_network

    request = Request(
        space=find_space(space).name,
        networks=[read_network(name, shape or []) for name in workload],
        budgets=_budgets(area or [], latency, energy),
        objective=objective,
        aggregate=aggregate,
        top=top,
        front=3 if energy_front else 2 * front,
        reference=reference,
        workers=(os.cpu_count() or 1) if workers is None else workers,
        device=device,
    )
    if out is not None:
        check_folder(out)
    _show(_run(request), out, as_json)


def _run(request: Request) -> dict[str, Any]:
    from cosearch.cli.bars import bars
    from cosearch.recipes.sweep import run

    try:
        with bars() as progress:
            return run(request, progress)
    except KeyboardInterrupt:
        typer.echo("interrupted; nothing was written", err=True)
        raise typer.Exit(130) from None


def _show(result: dict[str, Any], out: Path | None, as_json: bool) -> None:
    from cosearch.cli.sweep_table import print_sweep
    from cosearch.recipes.sweep_files import write_folder

    if out is not None:
        write_folder(result, out)
    if as_json:
        typer.echo(json.dumps(result, indent=2))
        return
    print_sweep(result)
    if out is not None:
        typer.echo(f"\nEverything is in {out}.")


def _budgets(areas: list[str], latency: str | None, energy: str | None) -> tuple[Any, ...]:
    """One budget per area, all with the same limits on latency and energy."""
    from cosearch.cost.sweep import Budget
    from cosearch.units import parse

    limits = {}
    if latency is not None:
        limits["latency_s"] = parse(latency, "time", "ms")
    if energy is not None:
        limits["energy_j"] = parse(energy, "energy", "mJ")
    sizes = [{"area_mm2": parse(area, "area", "mm2")} for area in areas] or [{}]
    return tuple(Budget(**size, **limits) for size in sizes)
