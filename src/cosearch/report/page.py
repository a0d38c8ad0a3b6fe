"""One self-contained HTML page about a run; it asks the network for nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from plotly.offline import get_plotlyjs

from cosearch.errors import CosearchError
from cosearch.report.run_data import RunData
from cosearch.report.sections import SECTIONS, title


def write_page(run: RunData, path: Path) -> None:
    """Write the page about `run`; whole or not at all. `CosearchError` if it cannot be."""
    page = render_page(run)
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_text(page, encoding="utf-8")
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CosearchError(f"report {str(path)!r}: cannot be written: {error.strerror}") from error


def render_page(run: RunData) -> str:
    """The page as text."""
    here = files("cosearch.report")
    return Template((here / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(title(run)),
        style=(here / "style.css").read_text(encoding="utf-8"),
        plotly=get_plotlyjs(),
        body="\n".join(_sections(run)),
    )


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
