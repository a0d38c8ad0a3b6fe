"""The row-stationary model against Eyeriss: silicon (JSSC 2017), and the authors' analysis.

    python -m validation.eyeriss --data FILE.csv --out FILE.json

docs/validation/eyeriss.md says what the columns are. Nothing is fitted.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from cosearch.cost.models import find_device
from cosearch.cost.row_stationary.model import (
    MAPPING,
    OBJECTIVES,
    Accesses,
    Objective,
    RowStationaryModel,
)
from cosearch.errors import CosearchError
from cosearch.hardware import find_device_file
from cosearch.hardware.row_stationary import RowStationaryArrays, RowStationaryFile
from cosearch.networks import Layers
from cosearch.networks.builder import Builder
from cosearch.zoo import find_network
from validation.common import Figures, main

HERE: Final = Path(__file__).with_name("eyeriss_data")
SHAPE: Final = ("in_channels", "in_size", "out_channels", "kernel", "stride", "pad", "groups")
COMPARED: Final = (
    *("processing_ms", "buffer_mb", "dram_mb", "dense_dram_mb", "power_mw", "active_pes"),
    *("alu", "dram", "pads"),
)
# A coded word carries its value (16 bits) and a run of zeros (5): the same artifact's format.
CODED_WORD: Final = (16 + 5) / 16

# Eyeriss v2's abstract: 1470.6 images/s, 12.6 times as many as v1; which MobileNet is from memory.
V2_NAME: Final = "MobileNet 0.5 at 128 px on v1, images/s (implied by v2's abstract: 116.7)"

Row = Mapping[str, str]


def read_rows(path: Path) -> list[Row]:
    """Rows of a csv file, or of all in a folder; lines that start with # are comments."""
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    rows = [row for file in files for row in _read_file(file)]
    if not rows:
        raise CosearchError(f"{path}: no rows")
    return rows


def _read_file(path: Path) -> list[Row]:
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    table = csv.DictReader(lines)
    missing = {"network", "layer", "batch", *SHAPE} - set(table.fieldnames or ())
    if missing:
        raise CosearchError(f"{path}: columns {', '.join(sorted(missing))} are missing")
    return list(table)


def layer_of(row: Row) -> Layers:
    """One convolution as cost rows, shape (1,)."""
    channels, size, out, kernel, stride, pad, groups = (int(row[name]) for name in SHAPE)
    net = Builder(row["layer"], (channels, size, size))
    net.conv("input", out, "conv", kernel=kernel, stride=stride, groups=groups, pad=(pad, pad))
    return net.build().layers


def chip_for(device: str, row: Row) -> RowStationaryArrays:
    """A shipped array, shape (1,), working on the row's batch."""
    file = find_device_file(device)
    assert isinstance(file, RowStationaryFile)
    return replace(file.columns(), batch=np.array(int(row["batch"])))[None]


def given_mapping(row: Row) -> np.ndarray | None:
    """e, n, m, p, q, r, t of the row, if it names them all."""
    values = [row.get(name) or "" for name in MAPPING]
    return np.array([int(value) for value in values]) if all(values) else None


def modelled(row: Row, how: Objective | np.ndarray) -> dict[str, float]:
    """What the chip reports of a layer, modelled, with the best mapping by an objective or one."""
    chip, layers = chip_for("eyeriss", row), layer_of(row)
    if isinstance(how, str):
        found = RowStationaryModel(how).map(layers, chip)
    else:
        found = RowStationaryModel().price(layers, chip, how[None])
    seconds = np.maximum(found.compute_cycles, found.stream_cycles) / chip.clock_hz
    on_chip_j = found.energy_j - found.dram_words * chip.dram_j + chip.static_w * seconds
    megabytes = chip.word_bytes / 1e6
    answer = {
        "processing_ms": seconds * 1e3,
        "buffer_mb": found.buffer_words * megabytes,
        "dram_mb": coded_words(row, layers, found) * megabytes,
        "dense_dram_mb": found.dram_words * megabytes,
        "power_mw": on_chip_j / seconds * 1e3,
        "active_pes": found.active_pes,
        **{name: getattr(found, name) for name in MAPPING},
    }
    return {name: value.item() for name, value in answer.items()}


def coded_words(row: Row, layers: Layers, found: Accesses) -> np.ndarray:
    """DRAM words with the non-zeros of activations coded where the row says how many there are.

    Padding is zero, so it is not coded; filters are never coded.
    """
    padded = (int(row["in_size"]) + 2 * int(row["pad"])) ** 2
    inside = layers.in_y * layers.in_x / padded
    inputs, outputs = (row.get(name) or "" for name in ("density_in", "density_out"))
    share_in = min(1.0, float(inputs) * CODED_WORD) * inside if inputs else np.ones(1)
    share_out = min(1.0, float(outputs) * CODED_WORD) if outputs else 1.0
    coded = found.dram_ifmap_words * share_in + found.dram_ofmap_words * share_out
    return np.asarray(coded + found.dram_filter_words)


def normalised(row: Row) -> dict[str, float]:
    """Energies of the least-energy mapping on the 256 PEs of the analysis, in 1e9 MACs."""
    chip, layers = chip_for("eyeriss-256", row), layer_of(row)
    macs = layers.macs * chip.batch
    parts = {
        "alu": macs * chip.mac_j,
        "dram": RowStationaryModel("energy").map(layers, chip).dram_words * chip.dram_j,
        "pads": 4 * macs * chip.pad_j,
    }
    return {name: (part / chip.mac_j / 1e9).item() for name, part in parts.items()}


def published(row: Row, name: str) -> float | None:
    """What the row reports; dense traffic is held against the coded traffic it reports."""
    value = row.get("dram_mb" if name == "dense_dram_mb" else name)
    return float(value) if value else None


def show(title: str, row: Row, ours: Mapping[str, float]) -> None:
    """One line: every figure beside the published one."""
    mapping = " ".join(f"{name}{ours[name]:.0f}" for name in MAPPING if name in ours)
    told = {name: published(row, name) for name in COMPARED if name in ours}
    cells = [f"{name} {ours[name]:.4g}/{value:g}" for name, value in told.items() if value]
    print(f"{row['network']:8}{row['layer']:9}{title:20}{mapping:28}{'  '.join(cells)}")


def validate(path: Path) -> Figures:
    """Compare every row of the file or folder; figures by network, mapping and column."""
    pairs: dict[str, list[tuple[str, float, float]]] = {}
    for row in read_rows(path):
        for title, ours in _answers(row):
            show(title, row, ours)
            for name in COMPARED:
                told = published(row, name)
                if name in ours and told:
                    key = f"{row['network']}, {title}: {name}"
                    pairs.setdefault(key, []).append((row["layer"], ours[name], told))
    figures = {name: value for key, rows in pairs.items() for name, value in _figures(key, rows)}
    return {**figures, V2_NAME: round(float(1 / mobilenet_s()), 1)}


def mobilenet_s() -> float:
    """Seconds the model gives Eyeriss v1 for one image, mapped for least latency."""
    network = find_network("mobilenet-v1-0.5@128")
    return float(find_device("eyeriss")(network.layers).latency_s.sum())


def _figures(key: str, rows: list[tuple[str, float, float]]) -> list[tuple[str, float | str]]:
    errors = np.array([ours / told - 1 for _, ours, told in rows])
    limit = 0.15 if key.endswith("processing_ms") else 0.20
    layers = ", ".join(f"{layer} {ours:.4g}/{told:g}" for layer, ours, told in rows)
    return [
        (f"{key}, ours/theirs", layers),
        (f"{key}, mean abs error", round(float(np.abs(errors).mean()), 4)),
        (f"{key}, max abs error", round(float(np.abs(errors).max()), 4)),
        (f"{key}, within {limit:.0%}", f"{(np.abs(errors) <= limit).sum()} of {len(rows)}"),
    ]


def _answers(row: Row) -> list[tuple[str, dict[str, float]]]:
    if row.get("alu"):
        return [("least energy", normalised(row))]
    answers = [(f"least {name}", modelled(row, name)) for name in OBJECTIVES]
    mapping = given_mapping(row)
    return answers if mapping is None else [*answers, ("given mapping", modelled(row, mapping))]


if __name__ == "__main__":
    main(__doc__ or "", str(HERE), validate)
