"""By what a search ranked its networks: an accuracy, or a score, which is a share of nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cosearch.report.formats import MISSING, percent


@dataclass(frozen=True)
class Merit:
    """`score` is the name of one; empty: accuracies, which are shown as percentages."""

    score: str = ""

    @property
    def name(self) -> str:
        """As headings and axes have it."""
        return self.score or "accuracy"

    @property
    def in_search(self) -> str:
        """What it is of a design, in words."""
        return f"{self.score} in the search" if self.score else "validation accuracy in the search"

    @property
    def tick_format(self) -> str:
        """Of an axis, as plotly wants it."""
        return "~g" if self.score else ".1%"

    @property
    def point_format(self) -> str:
        """Of a point, likewise."""
        return ".5g" if self.score else ".2%"

    def show(self, value: float | None, digits: int = 1) -> str:
        """For people."""
        if not self.score:
            return percent(value, digits)
        return MISSING if value is None else f"{value:.5g}"

    def of(self, end: Mapping[str, Any]) -> float | None:
        """What a search ended with, from its part of a result."""
        if self.score:
            return end.get("score", {}).get("value")
        return end.get("validation_accuracy")

    def change(self, value: float | None, other: float | None) -> str:
        """One relative to another: percentage points of an accuracy."""
        if value is None or other is None or not (self.score or other):
            return MISSING
        said = f"{value - other:+.4g}" if self.score else f"{100 * (value - other):+.2f} points"
        return said.replace("-", "−")


ACCURACY: Final = Merit()
