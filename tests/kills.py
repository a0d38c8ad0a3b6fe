"""Ways to end a run before it is done."""

from __future__ import annotations

from cosearch.progress import Progress


class KilledError(Exception):
    """Stands for whatever ends a process."""


def killing(at: str, *, begun: bool = False) -> Progress:
    """Progress that kills a run at the first word of a phase, or once some of that is done."""

    def progress(phase: str, done: int, total: int, note: str = "") -> None:
        if phase == at and (done or not begun):
            raise KilledError

    return progress


def kill_after(epochs: int) -> Progress:
    """Progress that kills a training between two epochs."""

    def progress(phase: str, done: int, total: int, note: str = "") -> None:
        if done == epochs:
            raise KilledError

    return progress
