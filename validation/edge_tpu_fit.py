"""Four constants between the model and the Coral boards, fitted by trying every value of a grid.

The chip is the same on both hosts, so the share of its peak that it keeps busy and the time it
takes to start a layer are shared; each host has its own link.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from cosearch.cost.models import find_device
from cosearch.networks import Kind, Layers
from validation.edge_tpu_rows import network_of

EFFICIENCY: Final = np.geomspace(0.1, 1.0, 36)  # of the peak that the model's mapping reaches
LAYER_S: Final = np.concatenate([[0.0], np.geomspace(2e-6, 100e-6, 28)])
LINK_BYTES_PER_S: Final = np.geomspace(1e8, 1e9, 40)


@dataclass(frozen=True)
class Profile:
    """What the model says of a network on the chip, per layer."""

    work_s: Float[ndarray, "l"]  # arithmetic or on-chip traffic, at the peak
    link_bytes: Float[ndarray, "l"]  # streamed weights, images in, results out, spilt activations
    started: Bool[ndarray, "l"]  # layers with multiplications; the others ride along
    weight_bytes: float

    def latency_s(
        self, efficiency: ndarray, layer_s: ndarray, link_bytes_per_s: ndarray
    ) -> Float[ndarray, "*b"]:
        """Of the network, for constants of any one shape: streaming hides behind the work."""
        shape = np.broadcast_shapes(
            np.shape(efficiency), np.shape(layer_s), np.shape(link_bytes_per_s)
        )
        total = np.zeros(shape)
        layers = np.stack([self.work_s, self.link_bytes, self.started], axis=-1)
        alike, counts = np.unique(layers, axis=0, return_counts=True)
        for (work, moved, started), count in zip(alike, counts, strict=True):
            busy = work / efficiency + started * layer_s
            total += count * np.maximum(busy, moved / link_bytes_per_s)
        return total


@dataclass(frozen=True)
class Constants:
    """The four, in SI units."""

    efficiency: float
    layer_s: float
    link_bytes_per_s: Mapping[str, float]  # by host

    def latency_s(self, network: Profile, host: str) -> float:
        """Predicted latency."""
        link = np.array(self.link_bytes_per_s[host])
        return float(network.latency_s(np.array(self.efficiency), np.array(self.layer_s), link))


@cache
def profile(name: str, folder: Path = Path()) -> Profile:
    """A network by name or file on the device "coral-edge-tpu"."""
    return profile_of(network_of(name, folder).layers)


def profile_of(layers: Layers) -> Profile:
    """Layers (L,) on the device."""
    cost = find_device("coral-edge-tpu")(layers)
    work_s = np.maximum(cost.compute_s + cost.vector_s, cost.on_chip_s)
    started = np.isin(layers.kind, (Kind.MAC, Kind.MATMUL))
    return Profile(work_s, cost.dram_bytes, started, float(layers.weights.sum()))


@cache
def _grid(name: str) -> Float[ndarray, "e t b"]:
    """Latency of a shipped network for every combination of the grid."""
    return profile(name).latency_s(EFFICIENCY[:, None, None], LAYER_S[:, None], LINK_BYTES_PER_S)


def fit(measured: Mapping[tuple[str, str], float], without: Sequence[str] = ()) -> Constants:
    """Least mean |ln ratio| over (network, host) -> seconds, networks in `without` left out."""
    rows = {key: seconds for key, seconds in measured.items() if key[0] not in without}
    errors: dict[str, ndarray] = {}
    for (name, host), seconds in rows.items():
        errors[host] = errors.get(host, 0.0) + np.abs(np.log(_grid(name) / seconds))
    total = sum(error.min(axis=-1) for error in errors.values())
    e, t = np.unravel_index(np.argmin(total), np.shape(total))
    links = {host: float(LINK_BYTES_PER_S[error[e, t].argmin()]) for host, error in errors.items()}
    return Constants(float(EFFICIENCY[e]), float(LAYER_S[t]), links)
