"""Tables and lines in the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table


def titled(title: str, headings: Iterable[str]) -> Table:
    """An empty table: words in its first column, figures in the others."""
    made = Table(title=title, title_justify="left")
    for number, heading in enumerate(headings):
        made.add_column(heading, justify="right" if number else "left")
    return made


def say(console: Console, line: str) -> None:
    """A line as it is."""
    console.print(line, highlight=False, markup=False, soft_wrap=True)
