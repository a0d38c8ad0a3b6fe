"""Errors a person can act on: one line that names the thing, its value, and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_LONG: Final = 30


class CosearchError(ValueError):
    """Bad input. The command line prints the message alone and exits with status 2."""


class LimitError(CosearchError):
    """No design found meets the limits; the message reports the least violation."""


def unknown(kind: str, name: object, allowed: Iterable[str]) -> CosearchError:
    """Say that `name` is no such `kind`, what is allowed, and the nearest match if there is one.

    Of a long list only the nearest are named.
    """
    names = sorted(allowed)
    said = f"allowed are {', '.join(names)}"
    if len(names) > _LONG:
        nearest = ", ".join(get_close_matches(str(name), names, n=5, cutoff=0.3)) or "none"
        said = f"{len(names)} are known, nearest {nearest}"
    near = get_close_matches(str(name), names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return CosearchError(f"unknown {kind} {name!r}: {said}{hint}")
