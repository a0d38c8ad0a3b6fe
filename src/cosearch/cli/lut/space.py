"""A space of networks by its name on the command line."""

from __future__ import annotations

from typing import Any


def find_space(name: str) -> Any:
    """The family of that name."""
    from cosearch.errors import unknown
    from cosearch.families import FAMILIES

    if name not in FAMILIES:
        raise unknown("space", name, FAMILIES)
    return FAMILIES[name].make()
