"""Our systolic array held against SCALE-Sim 3.0.0, layer by layer; nothing is fitted.

Both memories are held to it: "replay", which follows SCALE-Sim refill by refill, and "stream",
the closed forms made for searching. Rows simulated with unlimited bandwidth (CALC) have no stalls.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from numpy import ndarray

from cosearch.cost.systolic.folds import Run, sides, sram_words
from cosearch.cost.systolic.model import SystolicModel
from cosearch.hardware.systolic import DATAFLOWS, PORTS, SystolicArrays
from cosearch.networks import Kind, Layers
from cosearch.units import KIB
from validation.common import Figures, main

PURPOSE: Final = "the systolic array against SCALE-Sim"
DEFAULT: Final = "simulators/scalesim/layers.csv"
CLOCK_HZ: Final = 1e9  # any: the data have cycles, and bandwidths in words a cycle
# What SCALE-Sim reports, by our name for it.
COLUMNS: Final = {
    "total cycles": "total_cycles",
    "span cycles": "total_cycles_incl_prefetch",
    "DRAM input reads": "dram_if_reads",
    "DRAM filter reads": "dram_f_reads",
    "DRAM output writes": "dram_of_writes",
}
SIZES: Final = ("ifmap_h", "ifmap_w", "fh", "fw", "cin", "cout", "stride")
Table = dict[str, ndarray]


def read(path: Path) -> Table:
    """Columns of a file of SCALE-Sim layers, numbers as floats."""
    file = path if path.is_file() else path / "layers.csv"
    with file.open() as rows:
        records = list(csv.DictReader(rows))
    return {name: _column([record[name] for record in records]) for name in records[0]}


def _column(values: list[str]) -> ndarray:
    try:
        return np.array([float(value) for value in values])
    except ValueError:
        return np.array(values)


def layers_of(table: Table) -> Layers:
    """The rows as layers (n, 1). A depthwise layer stands there as one of its channels."""
    whole = {name: table[name].astype(int) for name in SIZES}
    high, wide, stride = whole["ifmap_h"], whole["ifmap_w"], whole["stride"]
    one = np.ones_like(high)
    columns = {
        "kind": one * int(Kind.MAC),
        "groups": one,
        "out_channels": whole["cout"],
        "in_channels": whole["cin"],
        "out_y": -(-(high - whole["fh"]) // stride) + 1,
        "out_x": -(-(wide - whole["fw"]) // stride) + 1,
        "in_y": high,
        "in_x": wide,
        "kernel_y": whole["fh"],
        "kernel_x": whole["fw"],
        "stride": stride,
        "dilation": one,
        "operands": one,
        "repeat": one,
    }
    return Layers(**columns)[:, None]


def arrays_of(table: Table) -> SystolicArrays:
    """The rows' arrays (n, 1). SCALE-Sim gives each of the three ports the stated bandwidth."""
    names = [row.name for row in DATAFLOWS]
    memory = table["sram_kB_each"] * KIB
    return SystolicArrays(
        rows=table["array_h"].astype(int),
        cols=table["array_w"].astype(int),
        dataflow=np.array([names.index(name) for name in table["dataflow"]]),
        ifmap_bytes=memory,
        filter_bytes=memory,
        ofmap_bytes=memory,
        dram_bytes_per_s=PORTS * CLOCK_HZ * table["dram_bw_words_per_cycle"],
        clock_hz=np.full(len(memory), CLOCK_HZ),
        operand_bytes=np.ones(len(memory), dtype=int),
    )[:, None]


def validate(path: Path) -> Figures:
    """Figures by name; relative errors are of SCALE-Sim's figure, in per cent."""
    table = read(path)
    layers, chips = layers_of(table), arrays_of(table)
    stated = (table["M_ofmap_px"], table["K_window"], table["N_filters"])
    for ours, theirs in zip(sides(layers), stated, strict=True):
        assert np.array_equal(ours[:, 0], theirs), "the file's M, K, N are not its layers'"
    runs = {memory: _run(memory, layers, chips) for memory in ("replay", "stream")}
    figures: dict[str, float | int | str] = {"rows": len(table["stride"])}
    figures["rows with limited bandwidth"] = int((table["mode"] == "USER").sum())
    figures["rows with stalls"] = int((table["stall_cycles"] > 0).sum())
    compute = table["total_cycles"] - table["stall_cycles"]
    figures["compute cycles unequal"] = int((runs["stream"].compute_cycles != compute).sum())
    figures["SRAM words unequal"] = _sram_unequal(table, layers, chips)
    for memory, run in runs.items():
        figures.update({f"{memory}: {name}": value for name, value in _compare(run, table)})
    return figures


def _run(memory: str, layers: Layers, chips: SystolicArrays) -> Run:
    model = SystolicModel(memory=memory)  # type: ignore[arg-type]
    return model.run(layers, chips)[:, 0]


def _sram_unequal(table: Table, layers: Layers, chips: SystolicArrays) -> int:
    """Rows whose SRAM counts differ. SCALE-Sim adds rows + columns per fold to held outputs."""
    ours = [words[:, 0] for words in sram_words(sides(layers), chips)]
    rows, cols = table["array_h"], table["array_w"]
    folds = -(-table["M_ofmap_px"] // rows) * -(-table["N_filters"] // cols)
    ours[2] = ours[2] + np.where(table["dataflow"] == "os", folds * (rows + cols), 0)
    theirs = [table[name] for name in ("sram_if_reads", "sram_f_reads", "sram_of_writes")]
    return int(np.any(np.array(ours) != np.array(theirs), axis=0).sum())


def _compare(run: Run, table: Table) -> Iterator[tuple[str, float | int]]:
    """Figures of one memory: all rows; where it stalls; what differs, by mode and dataflow."""
    columns = (run.ifmap_words, run.filter_words, run.ofmap_words)
    ours = dict(zip(COLUMNS, (run.total_cycles, run.span_cycles, *columns), strict=True))
    yield "stall cycles unequal", int((np.rint(run.stall_cycles) != table["stall_cycles"]).sum())
    for name, column in COLUMNS.items():
        yield f"{name} unequal", int((np.rint(ours[name]) != table[column]).sum())
    waits = table["stall_cycles"] > 0
    idle = (table["mode"] == "USER") & ~waits
    yield "stalls where SCALE-Sim has none", int((run.stall_cycles[idle] >= 0.5).sum())
    for label, mine, theirs in _pairs(ours, run, table, waits):
        yield from _quantiles(f"{label} where SCALE-Sim stalls", mine, theirs)
    for mode, flow in product(np.unique(table["mode"]), np.unique(table["dataflow"])):
        rows = (table["mode"] == mode) & (table["dataflow"] == flow)
        for label, mine, theirs in _pairs(ours, run, table, rows):
            if not np.array_equal(np.rint(mine), theirs):
                yield from _quantiles(f"{label} {mode} {flow}", mine, theirs)


def _pairs(
    ours: Table, run: Run, table: Table, rows: ndarray
) -> Iterator[tuple[str, ndarray, ndarray]]:
    """Ours and theirs of some rows; of stalls, the rows where SCALE-Sim has any."""
    waits = rows & (table["stall_cycles"] > 0)
    yield "stall cycles", run.stall_cycles[waits], table["stall_cycles"][waits]
    for name, column in COLUMNS.items():
        yield name, ours[name][rows], table[column][rows]


def _quantiles(name: str, ours: ndarray, theirs: ndarray) -> Iterator[tuple[str, float | int]]:
    if len(ours) == 0:
        return
    error = np.abs(ours - theirs) / theirs * 100
    yield f"{name}, median %", float(np.median(error))
    yield f"{name}, 90th %", float(np.quantile(error, 0.9))


if __name__ == "__main__":
    main(PURPOSE, DEFAULT, validate)
