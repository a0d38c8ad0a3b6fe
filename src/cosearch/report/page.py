"""One self-contained HTML page about a run; it asks the network for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cosearch.errors import CosearchError
from cosearch.files import write_atomically
from cosearch.report.document import document
from cosearch.report.run_data import RunData
from cosearch.report.sections import SECTIONS, title


def write_page(run: RunData, path: Path) -> None:
    """Write the page about `run`; whole or not at all. `CosearchError` if it cannot be."""
    page = render_page(run)
    write_atomically(path, lambda beside: beside.write_text(page, encoding="utf-8"))


def render_page(run: RunData) -> str:
    """The page as text."""
    return document(title(run), "\n".join(_sections(run)))


def _sections(run: RunData) -> Iterator[str]:
    for draw in SECTIONS:
        try:
            yield draw(run)
        except CosearchError:
            raise
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            name = draw.__name__.replace("_", " ")
            raise CosearchError(
                f"report: the part {name!r} cannot be drawn from result.json: {error!r}"
            ) from error
