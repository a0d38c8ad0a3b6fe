"""Small multiples of regret curves on two logarithmic axes, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.report.formats import tag, text

_WIDE, _HIGH = 218, 150  # a panel with its labels
_LEFT, _TOP, _RIGHT, _BOTTOM = 40, 20, 14, 20
_TICKS: Final = ((1e-4, "0.01%"), (1e-2, "1%"), (1.0, "100%"))
_LEAST, _MOST = 1e-4, 10.0
_LEGEND = 130  # width of an entry


@dataclass(frozen=True)
class Curve:
    """Regret after so many trials: median and quartiles (3, t); inf is drawn at the top."""

    name: str
    trials: Float[ndarray, " t"]
    quartiles: Float[ndarray, "3 t"]


@dataclass(frozen=True)
class Style:
    """How a name is drawn."""

    colour: str
    dashes: str | None = None


def draw(
    panels: Sequence[Sequence[tuple[str, Sequence[Curve]]]],
    styles: Mapping[str, Style],
    most_trials: int,
    title: str,
) -> str:
    """SVG of rows of (panel title, curves)."""
    width = max(_WIDE * max(map(len, panels)), 3 * _WIDE)
    per_row = width // _LEGEND
    legend_rows = -(-len(styles) // per_row)
    height = _HIGH * len(panels) + 18 * legend_rows + 14
    parts = [tag("rect", width=width, height=height, fill="#ffffff")]
    for i, row in enumerate(panels):
        for j, (name, curves) in enumerate(row):
            inside = _panel(name, curves, styles, most_trials)
            parts.append(tag("g", inside, transform=f"translate({j * _WIDE} {i * _HIGH})"))
    for i, (name, style) in enumerate(styles.items()):
        x, y = 12 + _LEGEND * (i % per_row), _HIGH * len(panels) + 16 + 18 * (i // per_row)
        parts.append(_line([(x, y - 4), (x + 20, y - 4)], style))
        parts.append(text(name, x + 26, y, font_size=11))
    return tag(
        "svg",
        "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        font_family="system-ui, sans-serif",
        fill="#1f2430",
        role="img",
        aria_label=title,
    )


def _panel(
    title: str, curves: Sequence[Curve], styles: Mapping[str, Style], most_trials: int
) -> str:
    parts = [text(title, _LEFT, _TOP - 7, font_size=11, font_weight=600)]
    for value, label in _TICKS:
        y = float(_y(np.array(value)))
        parts.append(_rule(_LEFT, y, _WIDE - _RIGHT, y))
        parts.append(text(label, _LEFT - 4, y + 3, text_anchor="end", font_size=9))
    for trials in (16, 64, 256, 1024, 4096):
        if trials <= most_trials:
            x = float(_x(np.array(trials), most_trials))
            parts.append(_rule(x, _TOP, x, _HIGH - _BOTTOM))
            parts.append(text(trials, x, _HIGH - 8, text_anchor="middle", font_size=9))
    parts += [_band(curve, styles[curve.name], most_trials) for curve in curves]
    parts += [_median(curve, styles[curve.name], most_trials) for curve in curves]
    return "".join(parts)


def _band(curve: Curve, style: Style, most_trials: int) -> str:
    """Between the quartiles."""
    x = _x(curve.trials, most_trials)
    low, _, high = _y(curve.quartiles)
    points = [*zip(x, low, strict=True), *zip(x[::-1], high[::-1], strict=True)]
    return tag("polygon", points=_joined(points), fill=style.colour, fill_opacity=0.12)


def _median(curve: Curve, style: Style, most_trials: int) -> str:
    x, y = _x(curve.trials, most_trials), _y(curve.quartiles[1])
    return _line(list(zip(x, y, strict=True)), style)


def _line(points: Sequence[tuple[float, float]], style: Style) -> str:
    return tag(
        "polyline",
        points=_joined(points),
        fill="none",
        stroke=style.colour,
        stroke_width=1.6,
        stroke_dasharray=style.dashes,
    )


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke="#e3e6ec")


def _joined(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _x(trials: Float[ndarray, "..."], most: int) -> Float[ndarray, "..."]:
    share = np.log(trials / 16) / np.log(most / 16)
    return _LEFT + share * (_WIDE - _LEFT - _RIGHT)


def _y(regret: Float[ndarray, "..."]) -> Float[ndarray, "..."]:
    """What is off the scale stands at its end."""
    share = np.log(np.clip(regret, _LEAST, _MOST) / _LEAST) / np.log(_MOST / _LEAST)
    return _HIGH - _BOTTOM - share * (_HIGH - _TOP - _BOTTOM)
