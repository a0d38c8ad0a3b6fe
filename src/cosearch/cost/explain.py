"""Cost rows as plain data for people: what each layer costs and what bounds it."""

from __future__ import annotations

from typing import Any

import numpy as np

from cosearch.cost.cost import Bound, Cost
from cosearch.networks import Network

Row = dict[str, Any]


def explain(cost: Cost, network: Network) -> tuple[list[Row], Row]:
    """One row per layer and the total of a network's cost, shape (L,).

    Times in µs, energy in µJ; None where it cannot run. `macs` are of the whole pass; `bytes`
    counts weights and activations of one image touched once, int8.
    """
    layers = network.layers
    touched = layers.weights + (layers.inputs + layers.outputs) * layers.repeat
    columns = {
        "macs": cost.macs,
        "bytes": touched,
        "time_us": cost.latency_s * 1e6,
        "compute_us": cost.compute_s * 1e6,
        "on_chip_us": cost.on_chip_s * 1e6,
        "dram_us": cost.dram_s * 1e6,
        "vector_us": cost.vector_s * 1e6,
        "instruction_us": cost.instruction_s * 1e6,
        "dram_bytes": cost.dram_bytes,
        "energy_uj": cost.energy_j * 1e6,
        "utilisation": cost.utilisation,
    }
    rows = []
    for i, (node, _) in enumerate(network.rows):
        row: Row = {"name": node.name, "op": node.op, "shape": list(node.shape)}
        row |= {name: _plain(column[i]) for name, column in columns.items()}
        row["bound_by"] = Bound(int(cost.bound[i])).label
        rows.append(row)
    whole = cost.sum(-1)
    total: Row = {name: _plain(column.sum()) for name, column in columns.items()}
    total["utilisation"] = _plain(whole.utilisation)
    slowest = [float(cost.latency_s[cost.bound == bound].sum()) for bound in Bound]
    total["bound_by"] = f"mostly {Bound(int(np.argmax(slowest))).label}"
    total["area_mm2"] = _plain(whole.area_mm2)
    return rows, total


def _plain(value: Any) -> float | int | None:
    """Numbers JSON can hold: whole ones as int, others rounded to 9 significant digits."""
    number = float(value)
    if not np.isfinite(number):
        return None
    return int(number) if number.is_integer() else float(f"{number:.9g}")
