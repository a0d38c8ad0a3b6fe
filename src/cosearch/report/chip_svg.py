"""The chip drawn: DRAM, the array of processing elements, and one of them enlarged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from cosearch.report.formats import area, memory, plain, tag, text

_DIE: Final = (190.0, 46.0, 270.0)  # x, y, side of the square the array is fitted into
_PE: Final = (560.0, 46.0, 430.0, 270.0)  # x, y, width, height of the enlarged element
_MOST_PES: Final = 16  # drawn along one side
_MOST_LANES: Final = 8
_MOST_UNITS: Final = 256  # drawn per lane


def chip_svg(chip: Mapping[str, Any], areas: Mapping[str, float], area_mm2: float | None) -> str:
    """Inline SVG of one accelerator; `areas` (mm² by part) set the proportions inside a PE."""
    parts = [_dram(chip), _array(chip, area_mm2), _element(chip, areas)]
    return tag(
        "svg",
        "".join(parts),
        viewBox="0 0 1000 372",
        class_="chip",
        role="img",
        aria_label="the accelerator: array of processing elements, one enlarged",
    )


def _dram(chip: Mapping[str, Any]) -> str:
    middle = _DIE[1] + _DIE[2] / 2
    return (
        tag("rect", x=8, y=middle - 60, width=84, height=120, rx=6, class_="dram")
        + text("DRAM", 50, middle + 5, class_="centre strong")
        + tag("path", d=f"M98 {middle} H{_DIE[0] - 20}", class_="wire")
        + tag("path", d=f"M104 {middle - 7} L94 {middle} L104 {middle + 7}Z", class_="wire-head")
        + tag(
            "path",
            d=f"M{_DIE[0] - 22} {middle - 7} L{_DIE[0] - 12} {middle} L{_DIE[0] - 22} {middle + 7}Z",
            class_="wire-head",
        )
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
            width=cell - gap, height=cell - gap, class_="pe chosen" if _chosen(i, j, drawn) else "pe",
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
        d=f"M{right:.1f} {top + gap / 2:.1f} L{_PE[0]} {_PE[1]}"
        f" M{right:.1f} {top + cell - gap / 2:.1f} L{_PE[0]} {_PE[1] + _PE[3]}",
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
        + text(heading, middle, 20, class_="centre strong")
        + text(" · ".join(facts), middle, y + side + 36, class_="centre")
    )  # fmt: skip


def _chosen(column: int, row: int, drawn: tuple[int, int]) -> bool:
    return (column, row) == (drawn[0] - 1, 0)


def _element(chip: Mapping[str, Any], areas: Mapping[str, float]) -> str:
    """One processing element: its memory, then per lane a register file and the SIMD units."""
    x, y, width, height = _PE
    inner = width - 48.0
    store, registers, units = (inner * share for share in _shares(areas))
    xs = (x + 12, x + 24 + store, x + 36 + store + registers)
    lanes = min(chip["lanes"], _MOST_LANES)
    pitch = (height - 24 + 8) / lanes
    strips = "".join(
        tag(
            "rect", x=xs[1], y=y + 12 + i * pitch, width=registers, height=pitch - 8, rx=3,
            class_="registers",
        )
        + _units(chip["simd_units"], xs[2], y + 12 + i * pitch, units, pitch - 8)
        for i in range(lanes)
    )  # fmt: skip
    frame = tag("rect", x=x, y=y, width=width, height=height, rx=8, class_="element")
    store_box = tag(
        "rect", x=xs[0], y=y + 12, width=store, height=height - 24, rx=4, class_="store"
    )
    return (
        frame + store_box + strips
        + text("one processing element, enlarged", x + width / 2, 20, class_="centre strong")
        + _note(xs[0] + store / 2, "PE memory", memory(chip["pe_memory_kib"]))
        + _note(
            xs[1] + registers / 2, "register files",
            f"{chip['lanes']} × {memory(chip['register_file_kib'])}",
        )
        + _note(
            xs[2] + units / 2, f"{chip['lanes']} lanes × {chip['simd_units']} SIMD units",
            f"each a {chip.get('dot_width', 1)}-wide dot product",
        )
    )  # fmt: skip


def _note(middle: float, what: str, size: str) -> str:
    bottom = _PE[1] + _PE[3]
    return text(what, middle, bottom + 22, class_="centre") + text(
        size, middle, bottom + 41, class_="centre strong"
    )


def _shares(areas: Mapping[str, float]) -> tuple[float, float, float]:
    """Widths of memory, register files and units: their areas, none too thin for its label."""
    sizes = [areas.get(key, 0.0) for key in ("PE memory", "register files", "MAC array")]
    if sum(sizes) <= 0:
        return (0.3, 0.25, 0.45)
    low = (0.24, 0.24, 0.44)
    spare = 1 - sum(low)
    excess = [max(0.0, s / sum(sizes) - minimum) for s, minimum in zip(sizes, low, strict=True)]
    total = sum(excess) or 1.0
    memory_, registers, units = (m + spare * e / total for m, e in zip(low, excess, strict=True))
    return (memory_, registers, units)


def _units(number: int, x: float, y: float, width: float, height: float) -> str:
    """A lane's SIMD units as cells filling a rectangle, as one path."""
    number = min(number, _MOST_UNITS)
    rows = _rows(number, width, height)
    columns = math.ceil(number / rows)
    w, h = width / columns, height / rows
    gap = min(2.0, 0.25 * min(w, h))
    cells = "".join(
        f"M{x + (i % columns) * w:.1f} {y + (i // columns) * h:.1f}h{w - gap:.1f}v{h - gap:.1f}h-{w - gap:.1f}Z"
        for i in range(number)
    )
    return tag("path", d=cells, class_="units")


def _rows(number: int, width: float, height: float) -> int:
    """The divisor of `number` that makes cells most nearly square."""
    divisors = [d for d in range(1, number + 1) if number % d == 0]
    return min(divisors, key=lambda rows: abs(math.log(height / rows / (width * rows / number))))
