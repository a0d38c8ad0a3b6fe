"""ZigZag's per-layer results as rows, and its loop bounds as our `Layers`."""

from __future__ import annotations

import csv
import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from cosearch.errors import CosearchError
from cosearch.networks import Kind, Layers
from cosearch.zoo import ZOO, find_network

# Loop bounds a row may have: batch, groups, channels, pixels, taps; D counts a Gemm's rows.
BOUNDS = ("B", "G", "K", "C", "OY", "OX", "FY", "FX", "D")
TYPES = ("Conv", "Gemm", "MatMul")
COLUMNS = ("run", "layer", "type", "loop_dimensions", "spatial_mapping_user")
NUMBERS = ("energy_pJ", "latency_total", "computation", "onloading", "offloading")


@dataclass(frozen=True)
class Row:
    """One layer of one run, as ZigZag has it."""

    run: str
    architecture: str
    layer: str
    bounds: dict[str, int]
    unrolled: dict[str, int]  # loop bound: ways it is spread over the array
    energy_pj: float
    cycles: float
    computation: float
    onloading: float
    offloading: float

    @property
    def fixed_cycles(self) -> int:
        """Cycles its own spatial mapping takes if nothing ever waits."""
        return math.prod(-(-n // self.unrolled.get(d, 1)) for d, n in self.bounds.items())


def read(path: Path, architectures: list[str]) -> tuple[list[Row], Counter[str]]:
    """Rows we can predict, and how many were passed over for which reason."""
    with path.open(newline="") as file:
        table = list(csv.DictReader(file))
    missing = [name for name in (*COLUMNS, *NUMBERS) if table and name not in table[0]]
    if not table or missing:
        raise CosearchError(f"{path}: no rows" if not table else f"{path}: lacks {missing}")
    rows, passed = [], Counter[str]()
    for record in table:
        reason = unpredictable(record, architectures)
        if reason:
            passed[reason] += 1
        else:
            rows.append(_row(record, architectures))
    return rows, passed


def unpredictable(record: dict[str, str], architectures: list[str]) -> str:
    """Why a row has no prediction; '' if it has."""
    if not architecture_of(record["run"], architectures):
        return f"run {record['run']}: no device file for its architecture"
    if record["type"] not in TYPES:
        return f"type {record['type']}: predicted are {', '.join(TYPES)}"
    unknown = [d for d in json.loads(record["loop_dimensions"]) if d not in BOUNDS]
    if unknown:
        return f"loop dimension {', '.join(unknown)}: known are {', '.join(BOUNDS)}"
    try:
        positive = all(float(record[name]) >= 0 for name in NUMBERS)
    except ValueError:
        positive = False
    if not positive or float(record["latency_total"]) <= 0 or float(record["energy_pJ"]) <= 0:
        return "negative or missing cycles or energy (a known defect of its onloading)"
    return ""


def architecture_of(run: str, architectures: list[str]) -> str:
    """The longest name that stands in the run's name; '' if none."""
    return max((name for name in architectures if name in run), key=len, default="")


def layers_of(rows: list[Row]) -> tuple[Layers, int]:
    """Columns (n, 1): each row a network of one layer; and how many rows' strides we know.

    Both operands come from DRAM, as ZigZag has it: `Kind.MATMUL`, whose second operand cannot stay
    on chip from one inference to the next. The input is what the layer reads, without padding.
    """
    known = 0
    table = []
    for row in rows:
        n = {d: row.bounds.get(d, 1) for d in BOUNDS}
        stride = strides(row.run).get(_key(n))
        known += stride is not None
        out_y, out_x = n["OY"] * n["B"] * n["D"], n["OX"]
        in_y, in_x, step = _input(n, stride or 1)
        table.append(
            (Kind.MATMUL, n["G"], n["K"], n["C"], out_y, out_x, in_y * n["B"] * n["D"], in_x,
             n["FY"], n["FX"], step, 1, 1, 1)
        )  # fmt: skip
    return Layers(*np.array(table, dtype=np.int64).T[:, :, None]), known


def _input(n: dict[str, int], stride: int) -> tuple[int, int, int]:
    """(rows, columns, stride) of the input as ZigZag counts it: without pixels no tap reads."""
    step = min(stride, n["FY"], n["FX"])
    if step < stride:
        return n["OY"] * n["FY"], n["OX"] * n["FX"], step
    return n["OY"] * stride, n["OX"] * stride, step  # what "same" padding starts from


@cache
def strides(run: str) -> dict[tuple[int, ...], int]:
    """Strides by loop bounds, from our network of the run's name: the file does not have them."""
    wanted = _plain(run.split("_")[0])
    names = [name for name in ZOO if wanted and _plain(name).startswith(wanted)]
    found: dict[tuple[int, ...], int] = {}
    for name in names:
        c = find_network(name).layers
        table = np.stack(
            [c.groups, c.out_channels, c.in_channels, c.out_y, c.out_x, c.kernel_y, c.kernel_x], -1
        )
        for key, stride, kind in zip(table.tolist(), c.stride.tolist(), c.kind, strict=True):
            if kind == Kind.MAC:
                found.setdefault(tuple(key), stride)
    return found


def _key(n: dict[str, int]) -> tuple[int, ...]:
    return tuple(n[d] for d in ("G", "K", "C", "OY", "OX", "FY", "FX"))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _row(record: dict[str, str], architectures: list[str]) -> Row:
    unrolled: dict[str, int] = {}
    for axis in json.loads(record["spatial_mapping_user"] or "{}").values():
        for dimension, ways in axis.items():
            unrolled[dimension] = unrolled.get(dimension, 1) * int(ways)
    return Row(
        run=record["run"],
        architecture=architecture_of(record["run"], architectures),
        layer=record["layer"],
        bounds={d: int(n) for d, n in json.loads(record["loop_dimensions"]).items()},
        unrolled=unrolled,
        energy_pj=float(record["energy_pJ"]),
        cycles=float(record["latency_total"]),
        computation=float(record["computation"]),
        onloading=float(record["onloading"]),
        offloading=float(record["offloading"]),
    )
