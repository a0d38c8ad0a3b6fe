"""`calibrate`: a handful of measurements, and a device's latencies for all networks of a space."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cosearch.cli import measuring
from cosearch.cli.options import Json

if TYPE_CHECKING:
    from cosearch.calibrate.check import Check
    from cosearch.calibrate.fitting import Fitted
    from cosearch.cost.learned.calibration import Calibration


def calibrate(
    space: measuring.Space,
    on: measuring.On,
    precision: measuring.Precision = "fp32",
    samples: Annotated[int, typer.Option(help="Networks to measure and fit.")] = 20,
    held_out: Annotated[
        int, typer.Option(help="Random networks to measure and check with; 0, or 5 and more.")
    ] = 20,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="A device of `cosearch list devices`, or its file, whose model is corrected; "
            "several: the one that suits. [default: x86 processors]"
        ),
    ] = None,
    image_size: Annotated[
        int | None, typer.Option(help="Pixels a side, where the space leaves them open.")
    ] = None,
    threads: measuring.Threads = 1,
    seed: Annotated[int, typer.Option(help="Draws the networks.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(help="The calibration; SPACE-RUNTIME-PRECISION.calibration.json if not said."),
    ] = None,
    visits: measuring.Visits = 3,
    max_noise: measuring.MaxNoise = 0.1,
    accept_noise: measuring.AcceptNoise = False,
    as_json: Json = False,
) -> None:
    """Measure a few networks of a space, and correct a device's model by them.

    The file serves wherever a device is asked for. Stopped half-way, the same command goes on.
    """
    from cosearch.calibrate.calibrate import Job
    from cosearch.calibrate.calibrate import calibrate as run
    from cosearch.cli.bars import bars
    from cosearch.cli.lut.space import find_space

    settings = measuring.settings(precision, threads, max_noise, visits)
    family = find_space(space, image_size)
    job = Job(family, on, settings, samples, held_out, tuple(model or ()), seed, visits)
    path = out or Path(f"{space}-{Path(on).stem}-{precision}.calibration.json")
    with bars() as progress:
        calibration, fitted = run(job, path, accept_noise=accept_noise, progress=progress)
    if as_json:
        typer.echo(json.dumps(_plain(path, calibration), indent=2))
        return
    _print(path, calibration, fitted)


def _plain(path: Path, made: Calibration) -> dict[str, Any]:
    return {
        "calibration": str(path),
        "sha256": made.sha256,
        "space": made.space,
        "fingerprint": made.fingerprint,
        "samples": len(made.samples),
        "model": made.device["name"],
        "errors": made.errors,
        "manifest": made.manifest,
    }


def _print(path: Path, made: Calibration, fitted: Fitted) -> None:
    from rich.console import Console
    from rich.table import Table

    about = made.manifest
    typer.echo(f"{path}: {made.space} on {measuring.where(about)}")
    typer.echo(f"the model of {made.device['name']}, corrected by {len(made.samples)} networks")
    if about["too_noisy"]:
        typer.echo(f"{about['too_noisy']} measurements are noisier than asked for")
    table = Table("", "mean error", "Kendall", "Spearman", "covered", box=None)
    rows = {"left out": fitted.left_out, "held out": fitted.held_out, "by MACs": fitted.macs}
    for name, check in rows.items():
        if check:
            table.add_row(f"{check.networks} {name}", *_figures(check))
    Console().print(table)
    typer.echo(
        "left out: each sample, predicted from the others; by MACs: a line, on what is held out; "
        "in brackets: 95 % of draws of these networks; covered: within the predicted 95 % interval"
    )


def _figures(check: Check) -> tuple[str, ...]:
    low, high = check.intervals["mape"]
    return (
        f"{check.mape:.1%} ({low * 100:.1f}-{high * 100:.1f})",
        f"{check.kendall:.3f} ({_ends(check, 'kendall')})",
        f"{check.spearman:.3f} ({_ends(check, 'spearman')})",
        "" if check.coverage is None else f"{check.coverage:.0%}",
    )


def _ends(check: Check, name: str) -> str:
    low, high = check.intervals[name]
    return f"{low:.2f} to {high:.2f}"
