"""How every recipe is started and gone on with: settings checked, a folder, bars, a summary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cosearch.recipes import find_recipe

if TYPE_CHECKING:
    from cosearch.recipes.run_folder import RunFolder

Out = Annotated[Path | None, typer.Option(help="Folder to write; new or empty.")]
Seed = Annotated[int, typer.Option(help="Same seed, same result.")]
Json = Annotated[bool, typer.Option("--json", help="Print result.json instead of a table.")]

# Recipe -> the module whose `print_summary(result, folder)` ends a run.
_SUMMARIES: Final[Mapping[str, str]] = {
    "apollo": "cosearch.cli.run.apollo_summary",
    "fbnet": "cosearch.cli.run.trained_summary",
    "hurricane": "cosearch.cli.run.trained_summary",
    "mnasnet": "cosearch.cli.run.mnasnet_summary",
    "nahas": "cosearch.cli.run.nahas_summary",
    "netadapt": "cosearch.cli.run.trained_summary",
    "spos": "cosearch.cli.run.trained_summary",
}


def start(recipe: str, out: Path | None, name: str, as_json: bool, **settings: Any) -> None:
    """Check the settings, then run in `out`, or in the first free runs/NAME-1, runs/NAME-2, ..."""
    from cosearch.recipes.run_folder import RunFolder

    chosen = find_recipe(recipe).settings(**settings)
    chosen.validate()
    work(RunFolder.start(out or _free(name), recipe, chosen), as_json)


def work(folder: RunFolder[Any], as_json: bool) -> None:
    """Run, or go on, and print what came of it."""
    from cosearch.cli.bars import bars

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
        import_module(_SUMMARIES[folder.recipe]).print_summary(result, folder.path)


def quantity(text: str | None, kind: str, unit: str) -> float | None:
    """A limit as typed, in SI units; None if there is none."""
    from cosearch.units import parse

    return None if text is None else parse(text, kind, unit)


def _free(name: str) -> Path:
    number = 1
    while (Path("runs") / f"{name}-{number}").exists():
        number += 1
    return Path("runs") / f"{name}-{number}"
