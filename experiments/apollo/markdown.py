"""Numbers and tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

NOTHING: Final = "–"


def table(header: Sequence[str], lines: Iterable[Sequence[str]], *, words: int = 1) -> str:
    """The first columns are words, the others numbers."""
    rule = ["---"] * words + ["---:"] * (len(header) - words)
    found = list(lines)
    if not found:
        return "*Not run yet.*"
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *found))


def regret(value: float) -> str:
    """As a percentage; what found nothing feasible says so."""
    if np.isnan(value):
        return NOTHING
    return percent(value) if np.isfinite(value) else "none"


def percent(share: float) -> str:
    """Two or three digits."""
    if np.isnan(share):
        return NOTHING
    if share == 0:
        return "0 %"
    value = 100 * share
    if value >= 99.5:
        return f"{value:.0f} %"
    return f"{value:.1f} %" if value >= 1 else f"{value:.2g} %"


def trials(value: float) -> str:
    """A number of trials; never, if it is inf."""
    if np.isnan(value):
        return NOTHING
    return f"{value:,.0f}" if np.isfinite(value) else "never"


def p_value(p: float) -> str:
    """Short."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
