"""Cycles of a given loop nest on Gemmini: load, execute, store of a tile, and how they overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from cosearch.columns import Columns
from cosearch.cost.gemmini.cache import misses
from cosearch.cost.gemmini.dma import reads, split, writes
from cosearch.cost.gemmini.loop_nest import C, K, LoopNests, N, P, Q, R, S
from cosearch.hardware.gemmini import Gemmini

Floats = Float[np.ndarray, "n"]


@dataclass(frozen=True)
class Work(Columns):
    """What a nest has Gemmini do, whatever each thing costs; shape (n,)."""

    tiles: Floats
    tiles_per_output: Floats  # tiles that add to the same outputs before they are stored
    requests: Floats
    beats: Floats  # cycles of the bus to read
    missing: Floats  # lines fetched from below the L2 cache
    dram_lines: Floats  # of these, fetched from below the last-level cache
    writes: Floats
    array_rows: Floats  # cycles of the array, at a row a cycle
    pairs: Floats  # of a preload and a compute


@dataclass(frozen=True)
class GemminiCycles(Columns):
    """Cycles of a layer, and of its average tile by engine; shape (n,)."""

    total: Floats
    load: Floats
    execute: Floats
    store: Floats


def work(nest: LoopNests, device: Gemmini) -> Work:
    """Count a nest's requests, misses and computes."""
    inputs, weights, read_bytes = reads(nest, device)
    missing = np.minimum(misses(nest, device.l2_bytes, device), (inputs, weights))
    dram_lines = np.minimum(misses(nest, device.llc_bytes, device), missing)
    rows, pairs = _computes(nest, device)
    return Work(
        tiles=nest.trips.prod(axis=1).astype(float),
        tiles_per_output=nest.trips[:, [C, R, S]].prod(axis=1).astype(float),
        requests=inputs + weights,
        beats=read_bytes / device.bus_bytes,
        missing=missing.sum(axis=0),
        dram_lines=dram_lines.sum(axis=0),
        writes=writes(nest, device),
        array_rows=rows,
        pairs=pairs,
    )


def cycles(done: Work, device: Gemmini) -> GemminiCycles:
    """Cycles of the work, two tiles in flight: one loads while the other computes and stores.

    A tile's place is free for the next but one when its outputs have left; until then a store
    holds up the loads, by as much as it is longer than the wait of the faster engine.
    """
    tiles = done.tiles
    load = device.request_cycles * done.requests + done.beats
    load = load + device.miss_cycles * done.missing + device.dram_cycles * done.dram_lines
    load = load / tiles
    execute = np.maximum(done.array_rows, device.pair_cycles * done.pairs) / tiles
    store = device.write_cycles * done.writes / tiles * done.tiles_per_output
    held_up = np.maximum(store - np.abs(load - execute), 0)
    # With a store after every tile both tiles in flight wait at once.
    held_up = held_up / np.maximum(done.tiles_per_output, 2)
    period = np.maximum(load, execute) + held_up
    return GemminiCycles(load + execute + store + (tiles - 1) * period, load, execute, store)


def _computes(nest: LoopNests, device: Gemmini) -> tuple[Floats, Floats]:
    """Rows fed to the array and computes, each of up to `dim` pixels along x."""
    counts, sizes = split(nest.bounds[:, P], nest.tile[:, P])
    pieces, lengths = split(sizes, device.dim)
    pieces = pieces * counts[..., None]
    image_rows = nest.bounds[:, Q] * nest.bounds[:, N]
    computes = pieces.sum(axis=(1, 2)) * image_rows
    rows = (pieces * np.maximum(lengths, device.least_rows)).sum(axis=(1, 2)) * image_rows
    blocks = _blocks(nest, K, device.dim) * _blocks(nest, C, device.dim)
    blocks = blocks * nest.bounds[:, [R, S]].prod(axis=1)
    # Weights enter at `dim` rows a block, while the block before computes.
    shifts = blocks * nest.trips[:, [P, Q, N]].prod(axis=1)
    filling = shifts * np.maximum(device.dim - rows / computes, 0)
    return blocks * rows + filling, (blocks * computes).astype(float)


def _blocks(nest: LoopNests, dim: int, size: int) -> np.ndarray:
    """Blocks of `size` along a dimension; every tile ends with a whole block."""
    counts, sizes = split(nest.bounds[:, dim], nest.tile[:, dim])
    return (counts * -(-sizes // size)).sum(axis=-1)
