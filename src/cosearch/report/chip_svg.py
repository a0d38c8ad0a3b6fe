"""The chip drawn: DRAM, the array of processing elements, and one of them enlarged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cosearch.report.element_svg import PE, element
from cosearch.report.formats import area, plain, tag, text

_DIE: Final = (190.0, 46.0, 270.0)  # x, y, side of the square the array is fitted into
_MOST_PES: Final = 16  # drawn along one side


def chip_svg(chip: Mapping[str, Any], areas: Mapping[str, float], area_mm2: float | None) -> str:
    """Inline SVG of one accelerator; `areas` (mm² by part) set the proportions inside a PE."""
    parts = [_dram(chip), _array(chip, area_mm2), element(chip, areas)]
    return tag(
        "svg",
        "".join(parts),
        viewBox="0 0 1000 372",
        class_="chip",
        role="img",
        aria_label="the accelerator: array of processing elements, one enlarged",
    )


def _dram(chip: Mapping[str, Any]) -> str:
    width = _DIE[2] * min(1.0, min(chip["pes_x"], _MOST_PES) / min(chip["pes_y"], _MOST_PES))
    middle, left, right = _DIE[1] + _DIE[2] / 2, 94.0, _DIE[0] + (_DIE[2] - width) / 2 - 12
    heads = (
        f"M{left + 10} {middle - 7} L{left} {middle} L{left + 10} {middle + 7}Z"
        f" M{right - 10} {middle - 7} L{right} {middle} L{right - 10} {middle + 7}Z"
    )
    return (
        tag("rect", x=8, y=middle - 60, width=84, height=120, rx=6, class_="dram")
        + text("DRAM", 50, middle + 5, class_="centre strong")
        + tag("path", d=f"M{left + 6} {middle} H{right - 6}", class_="wire")
        + tag("path", d=heads, class_="wire-head")
        + text(f"{plain(chip['dram_gb_per_s'])} GB/s", 136, middle - 14, class_="centre strong")
    )


def _array(chip: Mapping[str, Any], area_mm2: float | None) -> str:
    """The array, fitted into a square; PEs beyond `_MOST_PES` a side are not drawn."""
    columns, rows = chip["pes_x"], chip["pes_y"]
    drawn = (min(columns, _MOST_PES), min(rows, _MOST_PES))
    x, y, side = _DIE
    cell = side / max(drawn)
    left, top = x + (side - cell * drawn[0]) / 2, y + (side - cell * drawn[1]) / 2
    gap = min(6.0, cell * 0.12)
    pes = "".join(
        tag(
            "rect", x=left + i * cell + gap / 2, y=top + j * cell + gap / 2, rx=3,
            width=cell - gap, height=cell - gap,
            class_="pe chosen" if (i, j) == (drawn[0] - 1, 0) else "pe",
        )
        for i in range(drawn[0])
        for j in range(drawn[1])
    )  # fmt: skip
    die = tag(
        "rect", x=left - 9, y=top - 9, rx=8, class_="die",
        width=cell * drawn[0] + 18, height=cell * drawn[1] + 18,
    )  # fmt: skip
    right = left + drawn[0] * cell - gap / 2
    zoom = tag(
        "path",
        d=f"M{right:.1f} {top + gap / 2:.1f} L{PE[0]} {PE[1]}"
        f" M{right:.1f} {top + cell - gap / 2:.1f} L{PE[0]} {PE[1] + PE[3]}",
        class_="zoom",
    )
    some = "" if (columns, rows) == drawn else f" ({drawn[0]} × {drawn[1]} drawn)"
    heading = f"{columns} × {rows} processing elements{some}"
    facts = [area(area_mm2)] if area_mm2 is not None else []
    facts += [f"{plain(chip['clock_ghz'])} GHz"] if "clock_ghz" in chip else []
    facts += [f"{chip['peak_tops']:.3g} TOPS peak"] if "peak_tops" in chip else []
    facts += [f"{plain(chip['node_nm'])} nm"] if "node_nm" in chip else []
    middle = x + side / 2
    return (
        die + pes + zoom
        + text(heading, middle, top - 26, class_="centre strong")
        + text(" · ".join(facts), middle, top + cell * drawn[1] + 38, class_="centre")
    )  # fmt: skip
