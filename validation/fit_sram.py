"""Fit the SRAM constants we ship to a CACTI 7 sweep: half of the rows is fitted, half is kept back.

`python -m validation.fit_sram --data SWEEP.csv --write` rewrites the shipped tables/sram.json.
Every quantity is max(floor, growth): the floor is what the fewest rows of that width cost, growth
is a power law whose powers may drift with size (energy, leakage) or not (area: never shrinks).
"""

from __future__ import annotations

import argparse
import csv
import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy import ndarray
from scipy.optimize import least_squares

from cosearch.hardware.technology.sram import MacroFit, features
from cosearch.units import KIB
from validation.common import data_folder

# The fits are used this far beyond the sweep; TPUv4i's 128 MB memory is the check.
BEYOND: Final = 8
ALL: Final = (0, 1, 2, 3, 4, 5)


class Quantity(NamedTuple):
    """What is fitted: a column of the sweep, and which of the features may be used."""

    column: str
    scale: float  # to SI
    unit: str
    terms: tuple[int, ...]
    floor: bool
    spread: tuple[float, float]
    why: str  # where the spread is from


QUANTITIES: Final = {
    "read_j": Quantity(
        *("rd_pJ", 1e-12, "J per access", ALL, True, (3.5, 2.0)),
        "128 KB at 65 nm is 18 pJ in Timeloop's Eyeriss, 59 in CACTI; 64 bits of 8 KB "
        "at 45 nm are 10 pJ in Horowitz (ISSCC 2014), 6 in CACTI",
    ),
    "write_j": Quantity(*("wr_pJ", 1e-12, "J per access", ALL, True, (4.0, 2.0)), "as reads"),
    "area_mm2": Quantity(
        *("area_mm2", 1.0, "mm2", (0, 1, 2), True, (4.0, 6.0)),
        "128 KB at 65 nm is 0.22 mm2 in Timeloop's Eyeriss, 0.90 in CACTI; 64 KB of HWComponents' "
        "Simba 5.6x ours, TPUv4i's 128 MB 3.1x",
    ),
    "leakage_w": Quantity(
        *("leak_mW", 1e-3, "W", (0, 1, 2, 3), False, (5.0, 5.0)),
        "our guess; the other type of cell leaks 500 to 20,000 times as much or as little",
    ),
}


def read(path: Path) -> list[dict[str, str]]:
    """Rows of the sweep with one bank and one port."""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if row["banks"] == "1" and row["ports"] == "1"]


def column(rows: list[dict[str, str]], name: str) -> ndarray:
    """One column as numbers."""
    return np.array([float(row[name]) for row in rows])


def kept_back(size: ndarray, width: ndarray) -> ndarray:
    """Every second cell of the grid of sizes and widths, like a chessboard."""
    return np.round(np.log2(size) + np.log2(width)).astype(int) % 2 == 1


def fit(size: ndarray, width: ndarray, truth: ndarray, terms: Any, floor: bool) -> MacroFit:
    """Robust least squares of log ratios; started from a plain power law and the smallest rows."""
    basis, terms = features(size, width), list(terms)
    growth = np.linalg.lstsq(basis[:, terms], np.log(truth), rcond=None)[0]
    widths = np.unique(width)[1:]
    least = np.log([truth[width == one].min() for one in widths])
    slope, offset = np.polyfit(np.log(widths), least, 1)

    def made(parameters: ndarray) -> MacroFit:
        powers = np.zeros(6)
        powers[terms] = parameters[2:]
        least = (float(np.exp(parameters[0])), float(parameters[1])) if floor else (0.0, 1.0)
        return MacroFit(tuple(powers), *least)

    def residuals(parameters: ndarray) -> ndarray:
        return np.log(made(parameters)(size, width) / truth)

    start = np.concatenate([[offset, slope], growth])
    return made(least_squares(residuals, start, loss="soft_l1", f_scale=0.05).x)


def main() -> None:
    """Print the errors of both halves; with --write, rewrite the constants."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = data_folder() / "technology" / "cacti7_sram_sweep.csv"
    parser.add_argument("--data", type=Path, default=default)
    parser.add_argument("--write", action="store_true", help="rewrite the shipped constants")
    arguments = parser.parse_args()
    sweep = read(arguments.data)
    rows = [limits_row(name, value, unit) for name, value, unit in limits(sweep)]
    for cell in ("itrs-lstp", "itrs-hp"):
        for tech in sorted({row["tech"] for row in sweep}, key=float):
            chosen = [row for row in sweep if row["cell"] == cell and row["tech"] == tech]
            rows += [fitted_row(chosen, cell, tech, name) for name in QUANTITIES]
    if arguments.write:
        lines = ",\n  ".join(json.dumps(row) for row in rows)
        text = f'{{"constants": [\n  {lines}\n]}}\n'
        tables = Path(str(files("cosearch.hardware.technology"))) / "tables"
        (tables / "sram.json").write_text(text)


def fitted_row(rows: list[dict[str, str]], cell: str, tech: str, quantity: str) -> dict[str, Any]:
    """One constant: the fit of a quantity, with its errors in the source."""
    what = QUANTITIES[quantity]
    size, width = column(rows, "size"), column(rows, "blk")
    truth, back = column(rows, what.column) * what.scale, kept_back(size, width)
    made = fit(size[~back], width[~back], truth[~back], what.terms, what.floor)
    error = np.abs(made(size, width) / truth - 1)
    node = round(float(tech) * 1000)
    said = f"mean error {error[~back].mean():.1%} fitted, {error[back].mean():.1%} kept back"
    print(f"{cell:9} {node} nm {quantity:9} {said}, worst {error.max():.0%}")
    return {
        "name": f"sram_{quantity} {cell}",
        "value": [float(f"{v:.5g}") for v in (*made.powers, made.floor, made.floor_power)],
        "unit": f"{what.unit}: 6 powers, floor and its power (cosearch.hardware.technology.sram)",
        "node_nm": node,
        "spread": what.spread,
        "source": f"our fit to a CACTI 7 sweep, {cell} cells, 300 K, half of its rows: {said}. "
        f"Spread: {what.why}",
    }


def limits(sweep: list[dict[str, str]]) -> list[tuple[str, float, str]]:
    """How far the sweep reaches."""
    size, width = column(sweep, "size"), column(sweep, "blk")
    return [
        ("sram_smallest_bytes", size.min(), f"B ({size.min() / KIB:.0f} KiB)"),
        ("sram_largest_bytes", BEYOND * size.max(), f"B, {BEYOND} times the largest of the sweep"),
        ("sram_max_port_bytes", width.max(), "B; wider accesses count as several"),
        ("sram_least_rows", (size / width).min(), "accesses a macro holds at least"),
    ]


def limits_row(name: str, value: float, unit: str) -> dict[str, Any]:
    """A limit as a constant of no node."""
    source = "reach of the CACTI 7 sweep the fits come from"
    return {
        **{"name": name, "value": value, "unit": unit, "node_nm": 0, "spread": [1, 1]},
        "source": source,
    }


if __name__ == "__main__":
    main()
