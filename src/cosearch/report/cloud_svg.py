"""A `Cloud` drawn: both axes logarithmic, random members as dots, references named."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from cosearch.report.cloud_data import Cloud
from cosearch.report.formats import tag, text

_WIDTH: Final = 640
_HEIGHT: Final = 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 150, 12, 40
_DOT: Final = "#4f6bed"
_NAMED: Final = "#d6336c"
_APART: Final = 11  # pixels between two names
_MOST_TICKS: Final = 8
_STEPS: Final = (
    (1.0,),
    (1.0, 2.0, 5.0),
    tuple(range(1, 10)),
    tuple(i / 10 for i in range(10, 100)),
    tuple(i / 100 for i in range(100, 1000)),
)


def cloud_svg(cloud: Cloud) -> str:
    """Inline SVG."""
    x, y = (
        _Axis(_all(cloud, 0), _LEFT, _WIDTH - _RIGHT),
        _Axis(_all(cloud, 1), _HEIGHT - _BOTTOM, _TOP),
    )
    parts = [_grid(x, y)]
    for a, b in cloud.members:
        parts.append(tag("circle", cx=x(a), cy=y(b), r=1.6, fill=_DOT, fill_opacity=0.45))
    parts += _names(cloud, x, y)
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(text(cloud.x_label, middle, _HEIGHT - 6, text_anchor="middle", font_size=12))
    turn = f"rotate(-90 14 {_HEIGHT / 2:g})"
    parts.append(
        text(cloud.y_label, 14, _HEIGHT / 2, text_anchor="middle", font_size=12, transform=turn)
    )
    return tag(
        "svg",
        "".join(parts),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        fill="currentColor",
        role="img",
        aria_label=f"{cloud.y_label} against {cloud.x_label}",
    )


class _Axis:
    """Logarithmic, from `start` to `end` pixels."""

    def __init__(self, values: np.ndarray, start: float, end: float) -> None:
        low, high = math.log10(values.min()), math.log10(values.max())
        spare = 0.05 * max(high - low, 0.1)
        self.low, self.high = low - spare, high + spare
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round numbers on the axis: powers of ten, or finer until there are three."""
        for steps in _STEPS:
            powers = range(math.floor(self.low), math.ceil(self.high) + 1)
            marks = [step * 10.0**power for power in powers for step in steps]
            marks = [mark for mark in marks if self.low <= math.log10(mark) <= self.high]
            if len(marks) >= 3:
                break
        return marks[:: math.ceil(len(marks) / _MOST_TICKS)]


def _all(cloud: Cloud, column: int) -> np.ndarray:
    return np.array([*cloud.members[:, column], *(p[column] for p in cloud.references.values())])


def _grid(x: _Axis, y: _Axis) -> str:
    line: dict[str, Any] = {"stroke": "currentColor", "stroke_opacity": 0.15}
    parts = []
    for mark in x.ticks():
        parts.append(tag("line", x1=x(mark), x2=x(mark), y1=y.start, y2=y.end, **line))
        parts.append(text(f"{mark:g}", x(mark), y.start + 14, text_anchor="middle", font_size=10))
    for mark in y.ticks():
        parts.append(tag("line", x1=x.start, x2=x.end, y1=y(mark), y2=y(mark), **line))
        parts.append(text(f"{mark:g}", x.start - 5, y(mark) + 3, text_anchor="end", font_size=10))
    return "".join(parts)


def _names(cloud: Cloud, x: _Axis, y: _Axis) -> list[str]:
    """References with their names in a column at the right, from the top down, never touching."""
    parts, last = [], -math.inf
    for name, (a, b) in sorted(cloud.references.items(), key=lambda item: -item[1][1]):
        height = max(y(b), last + _APART)
        last = height
        edge = _WIDTH - _RIGHT + 8
        parts.append(
            tag("line", x1=x(a), y1=y(b), x2=edge, y2=height, stroke=_NAMED, stroke_opacity=0.35)
        )
        parts.append(tag("circle", cx=x(a), cy=y(b), r=3.5, fill=_NAMED))
        parts.append(text(name, edge + 3, height + 3, font_size=10))
    return parts
