"""Progress bars: a `Progress` callback drawn with rich on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from cosearch.progress import Progress


@contextmanager
def bars() -> Iterator[Progress]:
    """One bar per phase, in the order the phases begin."""
    columns = (
        TextColumn("{task.description:24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Bars(*columns, console=Console(stderr=True)) as drawn:
        tasks: dict[str, object] = {}

        def show(phase: str, done: int, total: int, note: str = "") -> None:
            if phase not in tasks:
                tasks[phase] = drawn.add_task(phase, total=total, note=note)
            drawn.update(tasks[phase], completed=done, total=total, note=note)  # type: ignore[arg-type]

        yield show
