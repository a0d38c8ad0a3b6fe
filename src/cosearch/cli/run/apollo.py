"""`run apollo`: the fastest accelerator for given networks within an area."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cosearch.cli.options import Shape, Workload
from cosearch.cli.run.start import Json, Out, Seed, quantity, start


def apollo(
    workload: Workload,
    area: Annotated[str, typer.Option(help="At most this, e.g. '6.8 mm2'.")] = "6.8 mm2",
    trials: Annotated[int, typer.Option(help="Designs to try.")] = 512,
    optimizer: Annotated[
        str, typer.Option(help="See `cosearch list optimizers`; 'exact' goes through all.")
    ] = "p3bo",
    batch: Annotated[int, typer.Option(help="Designs proposed at a time.")] = 16,
    warm_start: Annotated[
        Path | None, typer.Option(help="Folder of another run, whose trials are made use of.")
    ] = None,
    certify: Annotated[
        bool, typer.Option(help="Find the optimum of all designs too, and say how far from it.")
    ] = True,
    shape: Shape = None,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """The fastest accelerator of Apollo's 452,760,000 for given networks, within an area.

    Several networks count by the geometric mean of their latencies.
    """
    start(
        "apollo",
        out,
        "apollo",
        as_json,
        workload=[_lasting(name) for name in workload],
        area_mm2=quantity(area, "area", "mm2"),
        trials=trials,
        optimizer=optimizer,
        batch=batch,
        warm_start=None if warm_start is None else str(warm_start.resolve()),
        certify=certify,
        shape=shape or [],
        seed=seed,
    )


def _lasting(name: str) -> str:
    """A file by its whole path: a run may be resumed from elsewhere."""
    from cosearch.zoo.read import is_file

    return str(Path(name).resolve()) if is_file(name) else name
