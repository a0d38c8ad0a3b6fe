"""The frame of every page: one self-contained HTML file, which asks the network for nothing."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from plotly.offline import get_plotlyjs

from cosearch.files import write_atomically
from cosearch.report.formats import tag


def document(title: str, body: str) -> str:
    """The page as text; `body` is markup."""
    here = files("cosearch.report")
    return Template((here / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(title),
        style=(here / "style.css").read_text(encoding="utf-8"),
        plotly=get_plotlyjs(),
        body=body,
    )


def write_document(path: Path, title: str, body: str) -> None:
    """The page as a file, whole or not at all."""
    page = document(title, body)
    write_atomically(path, lambda beside: beside.write_text(page, encoding="utf-8"))


def heading(title: str, lead: str) -> str:
    """What a page begins with, of plain text."""
    return tag("header", tag("h1", escape(title)) + tag("p", escape(lead), class_="lead"))
