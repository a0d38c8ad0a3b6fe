"""One processing element, enlarged: its memory, and its cores with their memories and lanes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from cosearch.report.formats import memory, tag, text

PE: Final = (530.0, 46.0, 460.0, 270.0)  # x, y, width, height in the chip's picture
_MOST_CORES: Final = 8
_MOST_LANES: Final = 256  # drawn per core


def element(chip: Mapping[str, Any], areas: Mapping[str, float]) -> str:
    """Drawing of one element; `areas` (mm² by part) set its proportions."""
    x, y, width, height = PE
    inner = width - 48.0
    store, registers, lanes = (inner * share for share in _shares(areas))
    xs = (x + 12, x + 24 + store, x + 36 + store + registers)
    cores = min(chip["cores"], _MOST_CORES)
    pitch = (height - 24 + 8) / cores
    some = "" if cores == chip["cores"] else f" ({cores} drawn)"
    word = "core" if chip["cores"] == 1 else "cores"
    strips = "".join(
        tag(
            "rect", x=xs[1], y=y + 12 + i * pitch, width=registers, height=pitch - 8, rx=3,
            class_="registers",
        )
        + _lanes(chip["lanes"], xs[2], y + 12 + i * pitch, lanes, pitch - 8)
        for i in range(cores)
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
            xs[1] + registers / 2, "core memories",
            f"{chip['cores']} × {memory(chip['core_memory_kib'])}",
        )
        + _note(
            xs[2] + lanes / 2, f"{chip['cores']} {word}{some} × {chip['lanes']} lanes",
            f"{chip.get('simd_width', 1)}-wide dot products",
        )
    )  # fmt: skip


def _note(middle: float, what: str, size: str) -> str:
    bottom = PE[1] + PE[3]
    return text(what, middle, bottom + 22, class_="centre") + text(
        size, middle, bottom + 41, class_="centre strong"
    )


def _shares(areas: Mapping[str, float]) -> tuple[float, float, float]:
    """Widths of PE memory, core memories and lanes: their areas, none too thin for its label."""
    sizes = [areas.get(key, 0.0) for key in ("PE memories", "core memories", "MAC array")]
    if sum(sizes) <= 0:
        return (0.3, 0.25, 0.45)
    low = (0.21, 0.21, 0.46)
    spare = 1 - sum(low)
    excess = [max(0.0, s / sum(sizes) - minimum) for s, minimum in zip(sizes, low, strict=True)]
    total = sum(excess) or 1.0
    memory_, registers, lanes = (m + spare * e / total for m, e in zip(low, excess, strict=True))
    return (memory_, registers, lanes)


def _lanes(number: int, x: float, y: float, width: float, height: float) -> str:
    """A core's lanes as cells filling a rectangle, as one path."""
    number = min(number, _MOST_LANES)
    rows = _rows(number, width, height)
    columns = math.ceil(number / rows)
    w, h = width / columns, height / rows
    gap = min(2.0, 0.25 * min(w, h))
    cell = f"h{w - gap:.1f}v{h - gap:.1f}h-{w - gap:.1f}Z"
    cells = "".join(
        f"M{x + (i % columns) * w:.1f} {y + (i // columns) * h:.1f}{cell}" for i in range(number)
    )
    return tag("path", d=cells, class_="units")


def _rows(number: int, width: float, height: float) -> int:
    """The divisor of `number` that makes cells most nearly square."""
    divisors = [d for d in range(1, number + 1) if number % d == 0]
    return min(divisors, key=lambda rows: abs(math.log(height / rows / (width * rows / number))))
