"""Our side: seconds a layer, mapping searched, on the chip ZigZag's side gets too."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
from bench.peers.peer import Layer, Result

from cosearch.cost.models import find_device
from cosearch.hardware import Accelerators
from cosearch.networks import Layers

CHIP = Path(__file__).parents[2] / "validation" / "zigzag_devices" / "edge_tpu_like.json"
REPEATS = 20
DESIGNS = 512


def measure(layers: list[Layer], columns: Layers) -> Result:
    """All layers in one call, each with an equal share of its time."""
    share = call_seconds(columns) / len(layers)
    return Result(
        peer="Cosearch",
        does="searches unrolling, tiling and loop order; latency, energy, traffic",
        version=version("cosearch"),
        seconds={layer["name"]: share for layer in layers},
    )


def call_seconds(columns: Layers) -> float:
    """One call with these layers (n,) on one chip: median of `REPEATS`, after one that compiles."""
    device = find_device(str(CHIP))
    return timed(lambda: device(columns))


def batched_rate(columns: Layers) -> float:
    """(layer, design) pairs a second, many designs in one call, mapping searched for each."""
    device = find_device(str(CHIP))
    chips = varied(device.file.columns(), DESIGNS)
    seconds = timed(lambda: device.model(columns[None], chips[:, None]), repeats=3)
    return columns.shape[0] * DESIGNS / seconds


def varied(chip: Accelerators, count: int) -> Accelerators:
    """`count` designs round one chip: memories and array from half to twice, at random."""
    rng = np.random.default_rng(0)
    moved = ("pes_x", "pes_y", "cores", "lanes", "core_memory_bytes", "pe_memory_bytes")
    columns = {name: np.broadcast_to(value, count).copy() for name, value in chip.items()}
    for name in moved:
        factors = rng.choice([0.5, 1, 2], size=count)
        columns[name] = np.maximum(1, columns[name] * factors).astype(columns[name].dtype)
    return Accelerators(**columns)


def timed(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median seconds of a call, after one that does not count."""
    call()
    spent = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        spent.append(time.perf_counter() - start)
    return float(np.median(spent))
