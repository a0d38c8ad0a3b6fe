"""`resume`: go on with a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cosearch.cli.run.start import Json, work


def resume(
    folder: Annotated[Path, typer.Argument(help="Folder of an unfinished run.")],
    as_json: Json = False,
) -> None:
    """Continue a run that was interrupted or killed; ends as if it never had been."""
    from cosearch.recipes.run_folder import RunFolder

    work(RunFolder.open(folder), as_json)
