"""The DPU model again: one network and one device at a time, in plain Python.

How cores wait for the DRAM is solved another way: from the probabilities of the queue's states.
"""

from __future__ import annotations

from math import ceil, perm
from types import SimpleNamespace
from typing import Any

from cosearch.hardware.dpu import Dpus
from cosearch.networks import Kind, Layers


def pass_s(layers: Layers, chips: Dpus) -> float:
    """Of one network (L,) on one device () while all its cores run."""
    chip = SimpleNamespace(**{name: column.item() for name, column in chips.items()})
    found = walk(layers, chip)
    alone_s, _, _, dram_s = (sum(column) for column in zip(*found, strict=True))
    return with_others(alone_s, dram_s, chip.cores)


def with_others(alone_s: float, dram_s: float, cores: int) -> float:
    """A machine repair model: cores think, or wait at the DRAM, the only server."""
    if dram_s == 0:
        return alone_s
    think_s = alone_s - dram_s
    weights = [perm(cores, at) * dram_s**at * think_s ** (cores - at) for at in range(cores + 1)]
    idle = weights[0] / sum(weights)
    return cores * dram_s / (1 - idle)


Row = tuple[float, float, float, float]


def walk(layers: Layers, chip: Any) -> list[Row]:
    """(seconds alone, of these at the ports, bytes, seconds of the DRAM) of each row that runs."""
    rows = [
        SimpleNamespace(**{name: column[i].item() for name, column in layers.items()})
        for i in range(layers.shape[-1])
    ]
    running = [row for row in rows if row.repeat > 0]
    return [one(running, i, chip) for i in range(len(running))]


def one(running: list[Any], i: int, chip: Any) -> Row:
    row = running[i]
    before = running[i - 1] if i > 0 else None
    after = running[i + 1] if i + 1 < len(running) else None
    conv, alu = busy(row, chip)
    moved = chip.batch * maps(before, row, after, chip)
    sliced, at_once = slices(row, chip)
    memory = chip.dram_efficiency * chip.dram_bytes_per_s
    asked = sliced / chip.requests_per_s
    port = max(moved / min(chip.port_bytes_per_s, memory), asked)
    port += weights(row) / min(chip.weight_bytes_per_s, memory)
    dram = max(moved / memory, asked) + weights(row) / memory
    groups = ceil(row.groups * row.out_channels / chip.alu_channels)
    busy_s = max(conv, alu) + row.repeat * (1 / chip.operators_per_s + groups / chip.groups_per_s)
    alone = busy_s + port if sliced and at_once == 1 else max(busy_s, port)
    return alone, port, moved + weights(row), dram


def busy(row: Any, chip: Any) -> tuple[float, float]:
    """Seconds of the convolution engine and of the ALU."""
    taps = row.repeat * row.kernel_y * row.kernel_x
    if row.kind in (Kind.POOL, Kind.ELEMENTWISE) or depthwise(row):
        if row.kind == Kind.POOL and row.kernel_y * row.kernel_x > 1024:
            taps *= chip.large_pool_cycles
        groups = ceil(row.groups * row.out_channels / chip.alu_channels)
        return 0.0, taps * groups * row.out_y * ceil(row.out_x / chip.alu_pixels) / chip.clock_hz
    tiles = ceil(row.in_channels / chip.conv_inputs) * ceil(row.out_channels / chip.conv_outputs)
    lines = row.out_y * ceil(row.out_x / chip.conv_pixels)
    return row.groups * tiles * taps * lines / chip.conv_clock_hz, 0.0


def maps(before: Any, row: Any, after: Any, chip: Any) -> float:
    """Activations of one image from and to DRAM."""
    total = 0.0
    if before is None:
        total += main_input(row)
    elif not streams(before, row):
        total += main_input(row) if main_input(row) > chip.bank_bytes else 0
    stays = after is not None and (streams(row, after) or result(row) <= chip.bank_bytes)
    total += 0 if stays else result(row)
    for _ in range(row.repeat - 1):
        total += sum(size for size in (main_input(row), result(row)) if size > chip.bank_bytes)
    passes = 1 if main_input(row) > chip.bank_bytes else 2  # a large one has been saved before
    return total + row.repeat * passes * other_inputs(row)


def slices(row: Any, chip: Any) -> tuple[float, int]:
    """(requests, groups of channels a slice holds)"""
    if row.kind != Kind.POOL or row.out_y * row.out_x > 1 or main_input(row) <= chip.bank_bytes:
        return 0.0, 0
    pixels = row.in_y * row.in_x
    at_once = max(1, int(chip.bank_bytes) // (pixels * chip.alu_channels))
    count = ceil(ceil(row.groups * row.out_channels / chip.alu_channels) / at_once)
    return row.repeat * pixels * count, at_once


def depthwise(row: Any) -> bool:
    return row.kind == Kind.MAC and row.groups > 1 and row.in_channels == 1


def streams(first: Any, second: Any) -> bool:
    dense = first.kind == Kind.MAC and first.groups == 1
    return dense and depthwise(second) and result(first) == main_input(second)


def main_input(row: Any) -> int:
    return row.groups * row.in_channels * row.in_y * row.in_x


def other_inputs(row: Any) -> int:
    right = row.groups * row.in_channels * row.out_channels if row.kind == Kind.MATMUL else 0
    return (row.operands - 1) * main_input(row) + right


def result(row: Any) -> int:
    return row.groups * row.out_channels * row.out_y * row.out_x


def weights(row: Any) -> int:
    if row.kind != Kind.MAC:
        return 0
    return (
        row.repeat * row.groups * row.out_channels * row.in_channels * row.kernel_y * row.kernel_x
    )
