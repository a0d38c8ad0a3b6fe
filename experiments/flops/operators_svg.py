"""The operators of a layer: time against multiply-accumulates, a panel per precision."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_WIDTH: Final = 430
_HEIGHT: Final = 330
_LEFT: Final = 58
_FOOT: Final = 44
_HEAD: Final = 46
_COLOURS: Final = {"sep": "#12a594", "mb": "#4f6bed", "choice": "#d97706"}
_NAMES: Final = {"sep": "separable", "mb": "inverted bottleneck", "choice": "ShuffleNetV2 unit"}


@dataclass(frozen=True)
class Point:
    """One operator."""

    name: str
    macs: float
    time_us: float

    @property
    def kind(self) -> str:
        """Key of the colours."""
        return next(kind for kind in _COLOURS if self.name.startswith(kind))


def draw(panels: dict[str, Sequence[Point]]) -> str:
    """Both axes logarithmic and the same in all panels; squeeze-and-excite hollow."""
    points = [point for panel in panels.values() for point in panel]
    x = _Axis.of([p.macs / 1e6 for p in points], _LEFT, _WIDTH - 12)
    y = _Axis.of([p.time_us for p in points], _HEIGHT - _FOOT, _HEAD)
    body = "".join(
        f'<g transform="translate({i * _WIDTH},0)">{"".join(_panel(name, panel, x, y))}</g>'
        for i, (name, panel) in enumerate(panels.items())
    )
    size = f'viewBox="0 0 {_WIDTH * len(panels)} {_HEIGHT + 24}"'
    style = 'font-family="system-ui, sans-serif" font-size="12"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{body}{_legend()}</svg>\n'


@dataclass(frozen=True)
class _Axis:
    low: float
    high: float
    start: float
    end: float

    @classmethod
    def of(cls, values: Sequence[float], start: float, end: float) -> _Axis:
        return cls(math.log10(min(values) * 0.85), math.log10(max(values) * 1.15), start, end)

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        steps = [m * 10.0**e for e in range(-3, 6) for m in (1, 2, 5)]
        return [step for step in steps if self.low <= math.log10(step) <= self.high]


def _panel(name: str, points: Sequence[Point], x: _Axis, y: _Axis) -> Iterator[str]:
    grey = 'fill="#8b93a1"'
    yield f'<text x="{_LEFT}" y="22" font-weight="600" {grey}>{escape(name)}</text>'
    for tick in x.ticks():
        where = f'x="{x.at(tick)}" y="{_HEIGHT - 26}" text-anchor="middle"'
        yield f"<text {where} {grey}>{tick:g}</text>"
    for tick in y.ticks():
        yield f'<text x="{_LEFT - 8}" y="{y.at(tick) + 4}" text-anchor="end" {grey}>{tick:g}</text>'
        yield (
            f'<line x1="{_LEFT}" x2="{_WIDTH - 12}" y1="{y.at(tick)}" y2="{y.at(tick)}" '
            'stroke="#8b93a1" stroke-opacity="0.25"/>'
        )
    yield f'<text x="{_LEFT}" y="{_HEIGHT - 8}" {grey}>million MACs; time in µs</text>'
    for point in points:
        colour = _COLOURS[point.kind]
        fill = "none" if point.name.endswith("_se") else colour
        yield (
            f'<circle cx="{x.at(point.macs / 1e6)}" cy="{y.at(point.time_us)}" r="5" fill="{fill}" '
            f'stroke="{colour}" stroke-width="1.5"><title>{escape(point.name)}: '
            f"{point.macs / 1e6:.3g} M, {point.time_us:.4g} µs</title></circle>"
        )


def _legend() -> str:
    parts = []
    for i, (kind, name) in enumerate(_NAMES.items()):
        place = _LEFT + 170 * i
        parts.append(f'<circle cx="{place}" cy="{_HEIGHT + 10}" r="5" fill="{_COLOURS[kind]}"/>')
        parts.append(f'<text x="{place + 10}" y="{_HEIGHT + 14}" fill="#8b93a1">{name}</text>')
    hollow = _LEFT + 510
    parts.append(
        f'<text x="{hollow}" y="{_HEIGHT + 14}" fill="#8b93a1">hollow: squeeze-and-excite</text>'
    )
    return "".join(parts)
