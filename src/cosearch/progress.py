"""How long work reports itself: a callback. The library never prints; the command line draws."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Called with the name of the phase, the units done, the units in all, and a note to show."""

    def __call__(self, phase: str, done: int, total: int, note: str = "") -> None: ...


def silent(phase: str, done: int, total: int, note: str = "") -> None:
    """The default: say nothing."""
