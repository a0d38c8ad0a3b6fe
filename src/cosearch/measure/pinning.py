"""Hold this process to some cores, for a while."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from cosearch.errors import CosearchError


@contextlib.contextmanager
def pinned(cores: tuple[int, ...]) -> Iterator[None]:
    """Run on `cores` inside, as do threads started inside; no cores: wherever the system likes."""
    if not cores:
        yield
        return
    if not hasattr(os, "sched_setaffinity"):
        raise CosearchError(f"cores {_listed(cores)}: this system cannot pin a process to cores")
    before = os.sched_getaffinity(0)
    if not set(cores) <= before:
        raise CosearchError(f"cores {_listed(cores)}: this process may use {_listed(before)}")
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _listed(cores: tuple[int, ...] | set[int]) -> str:
    return ", ".join(map(str, sorted(cores)))
