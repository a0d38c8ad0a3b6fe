"""SI inside, people's units at the edges: parse and print at the boundary, nowhere else."""

from __future__ import annotations

import math
import re
from typing import Final

from cosearch.errors import CosearchError

KIB: Final = 1024
MIB: Final = 1024**2

_SCALES: Final[dict[str, dict[str, float]]] = {
    "time": {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9},
    "energy": {"J": 1.0, "mJ": 1e-3, "uJ": 1e-6, "µJ": 1e-6, "nJ": 1e-9},
    "area": {"mm2": 1.0, "mm²": 1.0},
    "memory": {"B": 1.0, "KiB": KIB, "MiB": MIB},
    "frequency": {"Hz": 1.0, "MHz": 1e6, "GHz": 1e9},
    "bandwidth": {"B/s": 1.0, "MB/s": 1e6, "GB/s": 1e9},
}
_QUANTITY: Final = re.compile(r"\s*([-+0-9.eE]+)\s*([A-Za-zµ²/0-9]*)\s*")


def parse(text: str, quantity: str, default_unit: str) -> float:
    """Read a positive quantity such as ``"0.35 ms"`` into SI units (mm2 for area).

    A bare number is in `default_unit`. Raises `CosearchError` for anything else.
    """
    scales = _SCALES[quantity]
    match = _QUANTITY.fullmatch(text)
    unit = (match[2] or default_unit) if match else ""
    number = _number(match[1]) if match else math.nan
    if unit not in scales or not (math.isfinite(number) and number > 0):
        raise CosearchError(
            f"{quantity} {text!r}: expected a positive number with one of {', '.join(scales)}"
        )
    return number * scales[unit]


def show(value: float, quantity: str, digits: int = 3) -> str:
    """Print an SI value in the largest unit that keeps it at least 1: 0.00035 s is 350 µs.

    At least 1 as printed: 999.6 nJ in three digits are 1 µJ.
    """
    if not math.isfinite(value):
        return "cannot run"
    units = {u: s for u, s in _SCALES[quantity].items() if not u.startswith("u") and u != "mm2"}
    fitting = [u for u, size in units.items() if abs(float(f"{value / size:.{digits}g}")) >= 1]
    unit = max(fitting, key=units.__getitem__) if fitting else min(units, key=units.__getitem__)
    number = f"{value / units[unit]:.{digits}g}"
    if "e+" in number:  # beyond the largest unit, or a little below a MiB
        number = f"{value / units[unit]:,.0f}"
    return f"{number} {unit}"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
