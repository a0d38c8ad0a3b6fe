"""Panels of coloured numbers around 1, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cosearch.report.formats import tag, text

_CELL: Final = (38, 24)
_LEFT, _TOP = 54, 42  # of a panel, for its labels
_WINS: Final = ((1.0, "#eef1fd"), (1.2, "#c5cff9"), (1.6, "#93a5f3"), (4.0, "#5f78ee"))
_LOSES: Final = ((0.83, "#fdf3e6"), (0.6, "#fbdcae"), (0.4, "#f4b866"), (0.0, "#e69a36"))

Place = tuple[int, int, int, int]  # panel row and column, row and column in it


@dataclass(frozen=True)
class Panels:
    """Titles by panel row and column, and the labels that all panels share."""

    titles: Sequence[Sequence[str]]
    rows: Sequence[str]
    columns: Sequence[str]

    @property
    def size(self) -> tuple[int, int]:
        """Of one panel with its labels."""
        return (
            _CELL[0] * len(self.columns) + _LEFT,
            _CELL[1] * len(self.rows) + _TOP + 12,
        )


def draw(panels: Panels, values: Mapping[Place, float], legend: str) -> str:
    """SVG: blue above 1, amber below."""
    wide, high = panels.size
    width, height = wide * len(panels.titles[0]) + 16, high * len(panels.titles) + 30
    parts = [tag("rect", width=width, height=height, fill="#ffffff")]
    for i, titles in enumerate(panels.titles):
        parts += [_frame(panels, title, j * wide, i * high) for j, title in enumerate(titles)]
    parts += [_cell(panels, place, value) for place, value in values.items()]
    parts.append(text(legend, width / 2, height - 8, text_anchor="middle", font_size=12))
    return tag(
        "svg",
        "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        font_family="system-ui, sans-serif",
        fill="#1f2430",
        role="img",
        aria_label=legend,
    )


def _frame(panels: Panels, title: str, left: float, top: float) -> str:
    """Title and labels of a panel."""
    parts = [text(title, left + _LEFT, top + _TOP - 18, font_size=13, font_weight=600)]
    for i, label in enumerate(panels.columns):
        middle = left + _LEFT + (i + 0.5) * _CELL[0]
        parts.append(text(label, middle, top + _TOP - 4, text_anchor="middle", font_size=10))
    for i, label in enumerate(panels.rows):
        at = top + _TOP + (i + 0.68) * _CELL[1]
        parts.append(text(label, left + _LEFT - 5, at, text_anchor="end", font_size=10))
    return "".join(parts)


def _cell(panels: Panels, place: Place, value: float) -> str:
    wide, high = panels.size
    x = place[1] * wide + _LEFT + place[3] * _CELL[0]
    y = place[0] * high + _TOP + place[2] * _CELL[1]
    shown = f"{value:.2f}" if value < 9.95 else f"{value:.0f}"
    box = tag("rect", x=x, y=y, width=_CELL[0] - 1, height=_CELL[1] - 1, rx=2, fill=_colour(value))
    return box + text(shown, x + _CELL[0] / 2, y + 16, text_anchor="middle", font_size=11)


def _colour(value: float) -> str:
    if value >= 1:
        return [colour for limit, colour in _WINS if value >= limit][-1]
    return next(colour for limit, colour in _LOSES if value >= limit)
