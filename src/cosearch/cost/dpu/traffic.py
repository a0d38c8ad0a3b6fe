"""What a DPU moves from and to DRAM.

A map passes from one operator to the next on chip if a group of banks holds it; a convolution hands
its result to the depthwise one after it piece by piece, whatever its size. A shortcut waits in
DRAM; the map that squeeze-and-excitation scales waits where it is. A pool over a whole map that is
not on chip loads it in slices of as many channels as fit, with a request for every pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from cosearch.cost.dpu.engines import channel_groups, is_depthwise
from cosearch.cost.passing import activations, neighbours, take
from cosearch.hardware.dpu import Dpus
from cosearch.networks import Kind, Layers


@dataclass(frozen=True)
class Traffic:
    """Of one pass, shape (..., L); all images of the batch send their requests at once."""

    map_bytes: ndarray
    weight_bytes: ndarray
    requests: ndarray  # of slices
    blocks: ndarray  # whether a slice leaves no room to load the next one meanwhile

    @property
    def dram_bytes(self) -> ndarray:
        """From and to DRAM."""
        return self.map_bytes + self.weight_bytes

    def port_s(self, chips: Dpus) -> ndarray:
        """Of a core that has the DRAM to itself."""
        dram = _reached(chips)
        return self._seconds(
            np.minimum(chips.port_bytes_per_s, dram),
            np.minimum(chips.weight_bytes_per_s, dram),
            chips.requests_per_s,
        )

    def dram_s(self, chips: Dpus) -> ndarray:
        """Of the DRAM, when others ask for it too; never more than `port_s`."""
        dram = _reached(chips)
        return self._seconds(dram, dram, chips.requests_per_s)

    def _seconds(self, map_rate: ndarray, weight_rate: ndarray, request_rate: ndarray) -> ndarray:
        maps = np.maximum(self.map_bytes / map_rate, self.requests / request_rate)
        return maps + self.weight_bytes / weight_rate


def traffic(layers: Layers, chips: Dpus) -> Traffic:
    """Layers (..., L) x chips (..., 1); padding moves nothing."""
    first, others, results = activations(layers)
    before, after = neighbours(layers)
    streams = _streams(layers, first, before)
    large, makes_large = first > chips.bank_bytes, results > chips.bank_bytes
    loads = ((before < 0) | large) & ~streams
    saves = ((after < 0) | makes_large) & ~((after >= 0) & take(streams, after))
    once = layers.repeat > 0
    again = np.maximum(layers.repeat - 1, 0)  # what passes between repeats of one layer
    maps = (
        (first * loads + results * saves) * once
        + (first * large + results * makes_large) * again
        + others * np.where(large, 1, 2) * layers.repeat  # a large one has been saved before
    )
    slices, blocks = _slices(layers, chips, large)
    moved = maps.astype(float) * chips.batch
    return Traffic(moved, layers.weights.astype(float), slices, blocks)


def _reached(chips: Dpus) -> ndarray:
    return chips.dram_efficiency * chips.dram_bytes_per_s


def _streams(layers: Layers, first: ndarray, before: ndarray) -> ndarray:
    """Depthwise rows fed piece by piece by the dense convolution before them."""
    dense = (layers.kind == Kind.MAC) & (layers.groups == 1)
    feeds = (before >= 0) & take(dense, before) & (take(layers.outputs, before) == first)
    return is_depthwise(layers) & feeds


def _slices(layers: Layers, chips: Dpus, large: ndarray) -> tuple[ndarray, ndarray]:
    """Requests of pools over whole maps larger than the banks; whether one slice fills these."""
    sliced = (layers.kind == Kind.POOL) & (layers.out_y * layers.out_x == 1) & large
    pixels = layers.in_y * layers.in_x
    slice_bytes = np.maximum(pixels * chips.alu_channels, 1)
    at_once = np.maximum(chips.bank_bytes // slice_bytes, 1)
    requests = pixels * np.ceil(channel_groups(layers, chips) / at_once) * layers.repeat
    return np.where(sliced, requests, 0.0), sliced & (at_once < 2)
