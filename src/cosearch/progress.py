"""How long work reports itself: a callback. The library never prints; the command line draws."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Called with the name of the phase, the units done, the units in all, and a note to show."""

    def __call__(self, phase: str, done: int, total: int, note: str = "") -> None: ...


def silent(phase: str, done: int, total: int, note: str = "") -> None:
    """The default: say nothing."""


def renamed(progress: Progress, name: str) -> Progress:
    """Tells of work under the name that a recipe has for it, not under its own."""

    def show_as(phase: str, done: int, total: int, note: str = "") -> None:
        progress(name, done, total, note)

    return show_as
