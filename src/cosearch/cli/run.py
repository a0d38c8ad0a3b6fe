"""`demo`, `run` and `resume`: the same job started in three ways."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cosearch.recipes import find_recipe

if TYPE_CHECKING:
    from cosearch.recipes.run_folder import RunFolder

Out = Annotated[Path | None, typer.Option(help="Folder to write; new or empty.")]
Seed = Annotated[int, typer.Option(help="Same seed, same result.")]
Json = Annotated[bool, typer.Option("--json", help="Print result.json instead of a table.")]


def demo(out: Out = None, seed: Seed = 0, as_json: Json = False) -> None:
    """Search a digit classifier and its accelerator, train, quantise, export, explain."""
    _start("nahas", out, "demo", as_json, seed=seed, workers=min(2, os.cpu_count() or 1))


def run(
    recipe: Annotated[str, typer.Argument(help="See `cosearch list recipes`.")],
    data: Annotated[
        str, typer.Option(help="digits, cifar10, fashion-mnist or folder:PATH.")
    ] = "digits",
    size: Annotated[int | None, typer.Option(help="Resize images to this many pixels.")] = None,
    latency: Annotated[
        str | None, typer.Option(help="At most this, e.g. '0.3 ms' or '2us'; bare = ms.")
    ] = None,
    area: Annotated[str | None, typer.Option(help="At most this, e.g. '30 mm2'.")] = None,
    energy: Annotated[
        str | None, typer.Option(help="At most this per inference, e.g. '0.2 mJ'; bare = mJ.")
    ] = None,
    chip: Annotated[
        str, typer.Option(help="Fixed accelerator to compare with: a name or FILE.json.")
    ] = "nahas-baseline",
    trials: Annotated[int, typer.Option(help="Designs to try in each search.")] = 1000,
    optimizer: Annotated[str, typer.Option(help="See `cosearch list optimizers`.")] = "genetic",
    supernet_epochs: Annotated[
        int | None, typer.Option(help="Epochs of the supernet; default by number of images.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="Epochs of the winner alone; default likewise.")
    ] = None,
    seed: Seed = 0,
    workers: Annotated[int, typer.Option(help="Processes; the result is the same.")] = 1,
    threads: Annotated[
        int, typer.Option(help="CPU threads for training; more pay from 32 pixels on.")
    ] = 1,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Run a recipe on your data under your limits.

    Limits not given are derived from the fixed accelerator and printed.
    """
    _start(
        recipe,
        out,
        recipe,
        as_json,
        data=data,
        size=size,
        chip=chip,
        latency_s=_quantity(latency, "time", "ms"),
        area_mm2=_quantity(area, "area", "mm2"),
        energy_j=_quantity(energy, "energy", "mJ"),
        trials=trials,
        supernet_epochs=supernet_epochs,
        epochs=epochs,
        optimizer=optimizer,
        seed=seed,
        workers=workers,
        threads=threads,
    )


def resume(
    folder: Annotated[Path, typer.Argument(help="Folder of an unfinished run.")],
    as_json: Json = False,
) -> None:
    """Continue a run that was interrupted or killed; ends as if it never had been."""
    from cosearch.recipes.run_folder import RunFolder

    _work(RunFolder.open(folder), as_json)


def _start(recipe: str, out: Path | None, name: str, as_json: bool, **settings: Any) -> None:
    find_recipe(recipe)
    from cosearch.recipes.run_folder import RunFolder
    from cosearch.recipes.settings import Settings
    from cosearch.recipes.validate import validate

    chosen = Settings(**settings)
    chosen.limits()
    validate(chosen)
    _work(RunFolder.start(out or _free(name), recipe, chosen), as_json)


def _work(folder: RunFolder, as_json: bool) -> None:
    from cosearch.cli.bars import bars
    from cosearch.cli.summary import print_summary

    try:
        with bars() as progress:
            result = find_recipe(folder.recipe).run(folder, progress)
    except KeyboardInterrupt:
        how = f"continue with: cosearch resume {folder.path}"
        typer.echo(f"interrupted; {how if folder.claimed else 'nothing was written'}", err=True)
        raise typer.Exit(130) from None
    if as_json:
        typer.echo(json.dumps(result, indent=2))
    else:
        print_summary(result, folder.path)


def _quantity(text: str | None, quantity: str, unit: str) -> float | None:
    from cosearch.units import parse

    return None if text is None else parse(text, quantity, unit)


def _free(name: str) -> Path:
    """The first of runs/NAME-1, runs/NAME-2, ... that does not exist."""
    number = 1
    while (Path("runs") / f"{name}-{number}").exists():
        number += 1
    return Path("runs") / f"{name}-{number}"
