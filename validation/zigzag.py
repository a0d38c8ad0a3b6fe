"""Our edge model beside ZigZag, layer by layer: its architectures as our devices, nothing fitted.

Run: python -m validation.zigzag [--data layers.csv] [--out FILE.json]

Two predictions for each layer: with the mapping our mapper finds, and with our DRAM traffic but
the compute cycles of ZigZag's own spatial mapping. The second says how much of the difference is
the mapping; every layer off by 2x is printed with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy import ndarray

from validation.common import Figures, main, spearman
from validation.zigzag_layers import read
from validation.zigzag_predict import Predicted, devices, predict

CLOSE, FAR = 1.25, 2.0


def agreement(prefix: str, ours: ndarray, theirs: ndarray) -> dict[str, float | int | str]:
    """Rank correlation, median ratio (ours / theirs), geometric mean factor, shares within."""
    apart = np.abs(np.log(ours / theirs))
    ranked = len(np.unique(ours)) > 1 and len(np.unique(theirs)) > 1
    return {
        f"{prefix} Spearman": spearman(ours, theirs) if ranked else "too few rows",
        f"{prefix} median ratio": float(np.median(ours / theirs)),
        f"{prefix} geometric mean factor": float(np.exp(apart.mean())),
        f"{prefix} within {CLOSE}x": float((apart <= np.log(CLOSE)).mean()),
        f"{prefix} within {FAR:g}x": float((apart <= np.log(FAR)).mean()),
    }


def reason(said: Predicted, i: int) -> str:
    """Why layer `i` is off by 2x: what of ZigZag's, taken over, brings it back within 2x."""
    row, alike = said.rows[i], " ".join(f"{d}{n}" for d, n in said.rows[i].unrolled.items())
    compute, dram = said.compute[i], said.dram[i]
    tries = (
        (said.fixed[i], f"spatial mapping: {alike} takes {row.fixed_cycles}, ours {compute:.0f}"),
        (compute + dram, "transfers: it does not overlap loading and unloading with computing"),
        (row.fixed_cycles + dram, f"spatial mapping ({alike}) and transfers not overlapped"),
        (
            row.computation + dram,
            f"stalls on chip: it computes {row.computation:.0f} where {alike} needs "
            f"{row.fixed_cycles}; our ports are a byte per lane",
        ),
    )
    return next((why for cycles, why in tries if _within(cycles, row.cycles)), "unexplained")


def energy_reason(said: Predicted, i: int) -> str:
    """The same for energy."""
    if _within(said.priced_pj[i], said.rows[i].energy_pj):
        return "unit energies: within 2x at ZigZag's"
    return "traffic on chip: our PEs each read their memory, its small buffers serve all of them"


def explained(said: Predicted) -> Iterator[tuple[str, str]]:
    """(line to print, reason in short) of every layer off by 2x in cycles or energy."""
    for i, row in enumerate(said.rows):
        place = f"{row.architecture} {row.layer}"
        if not _within(said.cycles[i], row.cycles):
            why = reason(said, i)
            yield (
                f"{place}: cycles {said.cycles[i]:.0f} ({said.bound[i]}) against {row.cycles:.0f} "
                f"= {row.computation:.0f} computing + {row.onloading:.0f} loading + "
                f"{row.offloading:.0f} unloading; {why}",
                f"cycles, {why.split(':')[0]}",
            )
        if not _within(said.energy_pj[i], row.energy_pj):
            why = energy_reason(said, i)
            ours, theirs = said.energy_pj[i] / 1e6, row.energy_pj / 1e6
            yield (
                f"{place}: energy {ours:.1f} uJ against {theirs:.1f} uJ; {why}",
                f"energy, {why.split(':')[0]}",
            )


def _within(ours: float, theirs: float) -> bool:
    return bool(abs(np.log(ours / theirs)) <= np.log(FAR))


def validate(path: Path) -> Figures:
    """Figures of every architecture the file has rows of, and of all together."""
    rows, passed = read(path, list(devices()))
    names = dict.fromkeys(row.architecture for row in rows)
    said = {
        name: predict([row for row in rows if row.architecture == name], name) for name in names
    }
    passed.update({f"{name}: fits no memory of our device": s.unmapped for name, s in said.items()})
    reasons = Counter({"off by 2x: cycles, unexplained": 0})
    for line, why in (pair for each in said.values() for pair in explained(each)):
        print(line)
        reasons[f"off by 2x: {why}"] += 1
    for why, count in (+passed).items():
        print(f"passed over {count} rows: {why}")
    figures: dict[str, float | int | str] = {
        "rows": len(rows),
        "passed over": passed.total(),
        "strides known": sum(each.known for each in said.values()),
        **dict(sorted(reasons.items())),
    }
    for name, each in said.items():
        figures |= compared(name, [each])
    return figures | compared("all", list(said.values()))


def compared(name: str, said: list[Predicted]) -> dict[str, float | int | str]:
    """The figures of one architecture, or of several."""
    cycles = np.array([row.cycles for each in said for row in each.rows])
    energy = np.array([row.energy_pj for each in said for row in each.rows])
    if not len(cycles):
        return {}

    def joined(column: str) -> ndarray:
        return np.concatenate([getattr(each, column) for each in said])

    return {
        **agreement(f"{name} cycles", joined("cycles"), cycles),
        **agreement(f"{name} cycles, their mapping", joined("fixed"), cycles),
        **agreement(f"{name} energy", joined("energy_pj"), energy),
        **agreement(f"{name} energy, their prices", joined("priced_pj"), energy),
    }


if __name__ == "__main__":
    main(__doc__.splitlines()[0], "simulators/zigzag/layers.csv", validate)
