"""`report`: draw a run's page again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    folder: Annotated[Path, typer.Argument(help="Folder of a run, finished or not.")],
) -> None:
    """Write report.html from the records: one page, no network needed."""
    from cosearch.report.network_page import is_network_search, write_network_page
    from cosearch.report.page import write_page
    from cosearch.report.run_data import RunData
    from cosearch.report.search_page import is_search, write_search_page
    from cosearch.report.trained_page import is_trained, write_trained_page

    path = folder / "report.html"
    if is_trained(folder):
        write_trained_page(folder)
    elif is_search(folder):
        write_search_page(folder)
    elif is_network_search(folder):
        write_network_page(folder)
    else:
        write_page(RunData.load(folder), path)
    typer.echo(path)
