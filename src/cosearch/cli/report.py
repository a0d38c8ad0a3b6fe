"""`report`: draw a run's page again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    folder: Annotated[Path, typer.Argument(help="Folder of a run, finished or not.")],
) -> None:
    """Write report.html from the records: one page, no network needed."""
    from cosearch.report.page import write_page
    from cosearch.report.run_data import RunData

    path = folder / "report.html"
    write_page(RunData.load(folder), path)
    typer.echo(path)
