"""The roofline model again: one layer and one device at a time, in plain Python."""

from __future__ import annotations

from math import ceil
from types import SimpleNamespace
from typing import Any

from cosearch.hardware import Rooflines
from cosearch.networks import Kind, Layers

Times = dict[str, float]


def walk(layers: Layers, chips: Rooflines) -> list[Times]:
    """Times and traffic of each layer of one network (L,) on one device ()."""
    chip = SimpleNamespace(**{name: column.item() for name, column in chips.items()})
    rows = [
        SimpleNamespace(**{name: column[i].item() for name, column in layers.items()})
        for i in range(layers.shape[-1])
    ]
    running = [row for row in rows if row.repeat > 0]
    all_weights = sum(weight_bytes(row, chip) for row in running)
    found = []
    for row in rows:
        if row.repeat == 0:
            found.append(dict.fromkeys(("compute", "vector", "near", "far", "dram", "dram_s"), 0.0))
            continue
        place = next(i for i, other in enumerate(running) if other is row)
        found.append(one(running, place, chip, all_weights))
    return found


def one(running: list[Any], i: int, chip: Any, all_weights: float) -> Times:
    """The layer at place i of those that run."""
    row = running[i]
    before = running[i - 1] if i > 0 else None
    after = running[i + 1] if i + 1 < len(running) else None
    moved = {"registers": 0.0, "near": 0.0, "far": 0.0, "dram": 0.0}

    # what the layer before it left
    here = home(working_set(row, chip), chip)
    if before is None:
        comes_from = "dram"
    elif fuses(before, row, chip):
        comes_from = "registers"
    else:
        comes_from = further(here, home(working_set(before, chip), chip))
    moved[comes_from] += main_input(row, chip)

    # what it leaves to the next
    if after is None:
        goes_to = "dram"
    elif fuses(row, after, chip):
        goes_to = "registers"
    else:
        goes_to = further(here, home(working_set(after, chip), chip))
    moved[goes_to] += result(row, chip)

    for _ in range(row.repeat - 1):
        moved[here] += main_input(row, chip) + result(row, chip)
    moved[here] += row.repeat * other_inputs(row, chip)
    moved[home(all_weights, chip)] += weight_bytes(row, chip)

    merged = before is not None and fuses(before, row, chip)
    compute, vector = busy(row, chip, merged)
    start = row.repeat * chip.dram_half_bytes if moved["dram"] else 0.0
    return {
        "compute": compute,
        "vector": vector,
        "near": moved["near"] + moved["far"] + moved["dram"],
        "far": moved["far"],
        "dram": moved["dram"],
        "dram_s": (moved["dram"] + start) / (chip.dram_efficiency * chip.dram_bytes_per_s),
    }


def busy(row: Any, chip: Any, merged: bool) -> tuple[float, float]:
    """Seconds of the matrix and the vector unit."""
    taps = row.in_channels * row.kernel_y * row.kernel_x
    outputs = row.groups * row.out_channels * row.out_y * row.out_x
    speed = chip.vector_efficiency * chip.vector_macs_per_s
    if row.kind in (Kind.POOL, Kind.ELEMENTWISE):
        each = row.operands if row.kind == Kind.ELEMENTWISE else taps
        work = outputs * each * chip.batch + (0 if merged else chip.vector_half_macs)
        return 0.0, row.repeat * work / speed
    on_vector = row.repeat * (outputs * taps * chip.batch + chip.vector_half_macs) / speed

    products, lines = row.groups, row.out_y * row.out_x
    if row.kind == Kind.MATMUL:
        products *= chip.batch
    else:
        lines *= chip.batch
    tiles = ceil(lines / chip.tile_m) * ceil(row.out_channels / chip.tile_n)
    tiles *= ceil(taps / chip.tile_k)
    work = products * tiles * chip.tile_m * chip.tile_n * chip.tile_k + chip.matrix_half_macs
    on_matrix = row.repeat * work / (chip.matrix_efficiency * chip.matrix_macs_per_s)
    if row.kind == Kind.MAC and row.groups > 1 and on_vector < on_matrix:
        return 0.0, on_vector
    return on_matrix, 0.0


# ---- bytes


def main_input(row: Any, chip: Any) -> float:
    """The first activation input of one repeat."""
    return row.groups * row.in_channels * row.in_y * row.in_x * chip.batch * chip.operand_bytes


def other_inputs(row: Any, chip: Any) -> float:
    """Further operands of the same size, or the right side of a product of activations."""
    size = (row.operands - 1) * main_input(row, chip)
    if row.kind == Kind.MATMUL:
        right = row.groups * row.in_channels * row.out_channels
        size += right * chip.batch * chip.operand_bytes
    return size


def result(row: Any, chip: Any) -> float:
    """What one repeat writes."""
    size = row.groups * row.out_channels * row.out_y * row.out_x
    return size * chip.batch * chip.operand_bytes


def working_set(row: Any, chip: Any) -> float:
    """All activations of one repeat."""
    return main_input(row, chip) + other_inputs(row, chip) + result(row, chip)


def weight_bytes(row: Any, chip: Any) -> float:
    """Weights of all repeats, however many images there are."""
    if row.kind != Kind.MAC:
        return 0.0
    each = row.groups * row.out_channels * row.in_channels * row.kernel_y * row.kernel_x
    return row.repeat * each * chip.operand_bytes


def home(size: float, chip: Any) -> str:
    """The nearest memory whose half holds it."""
    if 2 * size <= chip.near_memory_bytes:
        return "near"
    return "far" if 2 * size <= chip.far_memory_bytes else "dram"


def further(a: str, b: str) -> str:
    """The one of two homes that is further away."""
    return max(a, b, key=("near", "far", "dram").index)


def fuses(first: Any, second: Any, chip: Any) -> bool:
    """Whether `second` works element by element on the result of `first`, in one go."""
    sizes = [row.groups * row.out_channels * row.out_y * row.out_x for row in (first, second)]
    return bool(chip.fuses) and second.kind == Kind.ELEMENTWISE and sizes[0] == sizes[1]
