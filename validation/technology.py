"""Our constants against CACTI 7 and HWComponents, row by row; printed anchors as ratios.

`--data` is a folder with any of the files, or one of them; a file is known by its columns, so any
rows of the same form do. Errors are |ours / theirs - 1|. Rows the SRAM fits were made from are left
out of the mean (they are in the maximum).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np

from cosearch.errors import CosearchError
from cosearch.hardware import technology
from cosearch.hardware.technology import dram_kinds
from cosearch.hardware.technology.constants import NODES_NM
from cosearch.hardware.technology.logic import integer_mac
from cosearch.hardware.technology.sram import SRAM_CELLS
from validation.common import Figures, main
from validation.fit_sram import kept_back
from validation.technology_anchors import ratios

Row = dict[str, str]
# what is compared: (group, ours, theirs, seen by a fit)
Comparison = tuple[str, float, float, bool]
TARGET: Final = 0.15


def sweep_row(row: Row) -> Iterator[Comparison]:
    """A macro of the CACTI 7 sweep."""
    if row["cell"] not in SRAM_CELLS or (row["banks"], row["ports"]) != ("1", "1"):
        return
    size, width, node = float(row["size"]), float(row["blk"]), 1000 * float(row["tech"])
    theirs = {
        "read": float(row["rd_pJ"]) * 1e-12,
        "write": float(row["wr_pJ"]) * 1e-12,
        "area": float(row["area_mm2"]),
        "leakage": float(row["leak_mW"]) * 1e-3,
    }
    yield from _macro("CACTI 7", row["cell"], (size, width, node), theirs)


def hwcomponents_row(row: Row) -> Iterator[Comparison]:
    """A macro through HWComponents: low-standby-power cells."""
    if row["banks"] != "1":
        return
    macro = (float(row["size_bytes"]), float(row["width_bits"]) / 8, float(row["tech_nm"]))
    theirs = {
        "read": float(row["read_pJ_per_access"]) * 1e-12,
        "write": float(row["write_pJ_per_access"]) * 1e-12,
        "area": float(row["area_mm2"]),
        "leakage": float(row["leak_mW"]) * 1e-3,
    }
    yield from _macro("HWComponents", "itrs-lstp", macro, theirs)


def _macro(
    tool: str, cell: str, macro: tuple[float, float, float], theirs: dict[str, float]
) -> Iterator[Comparison]:
    size, width, node = np.array(macro)
    if not _reached(node):
        return
    tech = technology(round(float(node), 6), cells=cell)
    fits = {
        "read": tech.sram_read_j,
        "write": tech.sram_write_j,
        "area": tech.sram_area_mm2,
        "leakage": tech.sram_leakage_w,
    }
    on_grid = all(float(np.log2(v)).is_integer() for v in (size, width))
    seen = on_grid and not bool(kept_back(size, width))
    for name, fit in fits.items():
        yield f"{tool} {cell} {node:g} nm {name}", float(fit(size, width)), theirs[name], seen


def logic_row(row: Row) -> Iterator[Comparison]:
    """A MAC or a register of HWComponents' Aladdin tables.

    Our area scale was read off its 8-bit MAC with a 32-bit sum, whose areas therefore say nothing.
    """
    node = float(row["tech_nm"])
    if not _reached(node):
        return
    theirs = {
        "energy": float(row["energy_pJ"]) * 1e-12,
        "area": float(row["area_um2"]) * 1e-6,
        "leakage": float(row["leak_uW"]) * 1e-6,
    }
    if row["component"] == "IntMAC":
        mac = integer_mac(node, float(row["mult_bits"]), float(row["acc_bits"]))
        ours = {"energy": mac.energy_j, "area": mac.area_mm2, "leakage": mac.leakage_w}
        seen = (row["mult_bits"], row["acc_bits"]) == ("8", "32")
    elif row["component"] == "Register8b_read":
        tech = technology(node)
        register = (tech.register_energy_j_per_byte, tech.register_area_mm2_per_byte)
        ours, seen = dict(zip(("energy", "area"), register, strict=True)), False
    else:
        return
    for name, value in ours.items():
        group = f"HWComponents {row['component']} {name}"
        yield group, value, theirs[name], seen and name == "area"


def dram_row(row: Row) -> Iterator[Comparison]:
    """Energy per bit of a kind of DRAM; ours are the same rows, so this finds slips of the pen."""
    if row["type"] in dram_kinds():
        ours = technology(dram=row["type"]).dram_energy_j_per_byte / 8
        yield "HWComponents DRAM energy", ours, float(row["pJ_per_bit"]) * 1e-12, False


# A file is known by a column that only it has.
FORMS: Final[dict[str, Callable[[Row], Iterator[Comparison]]]] = {
    "rd_pJ": sweep_row,
    "read_pJ_per_access": hwcomponents_row,
    "mult_bits": logic_row,
    "pJ_per_bit": dram_row,
}


def _reached(node_nm: float) -> bool:
    return NODES_NM[0] - 1e-9 <= node_nm <= NODES_NM[1] + 1e-9


def compare(path: Path) -> tuple[list[Comparison], int]:
    """All comparisons of one file, and how many rows we have no figure for."""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    columns = rows[0] if rows else {}
    form = next((read for column, read in FORMS.items() if column in columns), None)
    if form is None:
        raise CosearchError(f"{path.name}: no column of {', '.join(FORMS)}")
    found = [list(form(row)) for row in rows]
    return [one for some in found for one in some], sum(not some for some in found)


def validate(data: Path) -> Figures:
    """Mean and largest error per tool, cell, node and quantity."""
    paths = sorted(data.glob("*.csv")) if data.is_dir() else [data]
    groups: dict[str, list[Comparison]] = defaultdict(list)
    skipped = 0
    for path in paths:
        comparisons, left = compare(path)
        skipped += left
        for one in comparisons:
            groups[one[0]].append(one)
    figures: dict[str, float | int | str] = {}
    means = []
    for group, rows in groups.items():
        errors = [(abs(ours / theirs - 1), seen) for _, ours, theirs, seen in rows if theirs]
        unseen = [error for error, seen in errors if not seen]
        if not unseen:
            continue
        means.append(float(np.mean(unseen)))
        figures[f"{group}: mean error"] = means[-1]
        figures[f"{group}: largest"] = max(error for error, _ in errors)
    return {
        **figures,
        **ratios(),
        "rows without a figure of ours": skipped,
        "quantities compared": len(means),
        "largest mean error": max(means, default=float("nan")),
        f"quantities over {TARGET:.0%}": sum(mean > TARGET for mean in means),
    }


if __name__ == "__main__":
    main(__doc__ or "", "technology", validate)
