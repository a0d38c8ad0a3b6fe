"""A roofline in the terminal: operational intensity across, operations a second up, both log."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

WIDTH: Final = 64
HEIGHT: Final = 14
MARKS: Final = {
    "compute": "c",
    "on-chip": "o",
    "DRAM": "d",
    "vector unit": "v",
    "instruction": "i",
    "capacity": "x",
}


def roofline_text(data: Mapping[str, Any], bounds: Sequence[str]) -> str:
    """The roof as dots, each layer as a letter for what bounds it; empty if no layer multiplies.

    Layers that move nothing from or to DRAM stand at the right edge.
    """
    found = zip(data["intensity"], data["achieved_ops_per_s"], bounds, strict=True)
    points = [point for point in found if point[1] > 0]
    if not points:
        return ""
    peak, bandwidth = data["peak_ops_per_s"], data["dram_bytes_per_s"] or math.inf
    known = [intensity for intensity, _, _ in points if intensity is not None]
    ridge = peak / bandwidth or 1.0
    across = _Axis(min([*known, ridge]) / 2, max([*known, ridge]) * 4, WIDTH)
    up = _Axis(min(ops for _, ops, _ in points) / 2, peak, HEIGHT)

    canvas = [[" "] * WIDTH for _ in range(HEIGHT)]
    for column in range(WIDTH):
        canvas[up.cell(min(peak, across.value(column) * bandwidth))][column] = "·"
    for intensity, ops, bound in points:
        column = WIDTH - 1 if intensity is None else across.cell(intensity)
        canvas[up.cell(ops)][column] = MARKS.get(bound, "?")
    lines = ["".join(row).rstrip() for row in reversed(canvas)]
    legend = ", ".join(f"{mark} {name}" for name, mark in MARKS.items() if name in bounds)
    return "\n".join(
        [
            f"{peak / 1e12:.3g} TOPS",
            *(f" |{line}" for line in lines),
            f" +{'-' * WIDTH}",
            f"  {across.low:.2g} to {across.high:.2g} operations per byte of DRAM; {legend}",
        ]
    )


class _Axis:
    """A logarithmic axis of so many cells."""

    def __init__(self, low: float, high: float, cells: int) -> None:
        self.low, self.high, self.cells = low, high, cells
        self._span = math.log(high / low)

    def cell(self, value: float) -> int:
        """The cell of a value, at the rim if it lies outside."""
        place = math.log(value / self.low) / self._span * (self.cells - 1)
        return min(max(round(place), 0), self.cells - 1)

    def value(self, cell: int) -> float:
        """The value in the middle of a cell."""
        return self.low * math.exp(self._span * cell / (self.cells - 1))
