"""Our edge model beside ZigZag, layer by layer: its architectures as our devices, nothing fitted.

Run: python -m validation.zigzag [--data layers.csv] [--out FILE.json]

Two predictions for each layer: with the mapping our mapper finds, and with our DRAM traffic but
the compute cycles of ZigZag's own spatial mapping. The second says how much of the difference is
the mapping; every layer off by 2x is printed with its reason.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy import ndarray

from cosearch.cost.cost import Bound, Cost
from cosearch.cost.models import Device, find_device
from validation.common import Figures, main, spearman
from validation.zigzag_layers import Row, layers_of, read

DEVICES = Path(__file__).with_name("zigzag_devices")
PRICES = Path(__file__).with_name("zigzag_prices.json")
CLOSE, FAR = 1.25, 2.0


@dataclass(frozen=True)
class Predicted:
    """What we say of the rows of one architecture, shape (n,); cycles and pJ."""

    rows: list[Row]
    cycles: ndarray
    compute: ndarray
    dram: ndarray
    bound: list[str]
    energy_pj: ndarray
    priced_pj: ndarray  # our access counts at ZigZag's unit energies
    known: int  # rows whose stride is known
    unmapped: int  # rows that fit no memory of ours, left out

    @property
    def theirs(self) -> ndarray:
        """ZigZag's cycles."""
        return np.array([row.cycles for row in self.rows])

    @property
    def fixed(self) -> ndarray:
        """Our DRAM traffic under the compute cycles of ZigZag's spatial mapping, overlapped."""
        return np.maximum(self.dram, [row.fixed_cycles for row in self.rows])


def predict(rows: list[Row], architecture: str) -> Predicted:
    """Cycles and energy of the rows of one architecture."""
    device, (layers, known) = devices()[architecture], layers_of(rows)
    cost = device(layers)
    runs = np.isfinite(cost.latency_s[:, 0])
    cost = cost[runs]
    hz = device.file.columns().clock_hz  # type: ignore[attr-defined]
    return Predicted(
        rows=[row for row, ran in zip(rows, runs, strict=True) if ran],
        cycles=cost.latency_s[:, 0] * hz,
        compute=cost.compute_s[:, 0] * hz,
        dram=cost.dram_s[:, 0] * hz,
        bound=[Bound(int(bound)).label for bound in cost.bound[:, 0]],
        energy_pj=cost.energy_j[:, 0] * 1e12,
        priced_pj=priced(cost, architecture),
        known=known,
        unmapped=int((~runs).sum()),
    )


def priced(cost: Cost, architecture: str) -> ndarray:
    """Energy of our access counts at ZigZag's prices, pJ; its register files left out."""
    price = json.loads(PRICES.read_text())[architecture]
    spent = price["mac"] * cost.macs + price["dram"] * cost.dram_bytes
    return np.asarray(spent + price["memory"] * cost.on_chip_bytes)[:, 0]


@cache
def devices() -> dict[str, Device]:
    """ZigZag's architectures that our edge template can express, by name."""
    return {path.stem: find_device(str(path)) for path in sorted(DEVICES.glob("*.json"))}


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
    """Figures of every architecture the file has rows of."""
    rows, passed = read(path, list(devices()))
    figures: dict[str, float | int | str] = {"rows": len(rows)}
    reasons = Counter[str]()
    known = 0
    for name in dict.fromkeys(row.architecture for row in rows):
        said = predict([row for row in rows if row.architecture == name], name)
        passed[f"{name}: fits no memory of our device"] += said.unmapped
        known += said.known
        if not said.rows:
            continue
        figures |= compared(name, said)
        for line, why in explained(said):
            print(line)
            reasons[f"off by 2x: {why}"] += 1
    for why, count in (+passed).items():
        print(f"passed over {count} rows: {why}")
    return figures | {
        "passed over": passed.total(),
        "strides known": known,
        **dict(sorted(reasons.items())),
    }


def compared(name: str, said: Predicted) -> dict[str, float | int | str]:
    """The figures of one architecture."""
    energy = np.array([row.energy_pj for row in said.rows])
    return {
        **agreement(f"{name} cycles", said.cycles, said.theirs),
        **agreement(f"{name} cycles, their mapping", said.fixed, said.theirs),
        **agreement(f"{name} energy", said.energy_pj, energy),
        **agreement(f"{name} energy, their prices", said.priced_pj, energy),
    }


if __name__ == "__main__":
    main(__doc__.splitlines()[0], "simulators/zigzag/layers.csv", validate)
