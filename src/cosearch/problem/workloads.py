"""`Workloads`: given networks, by which chips are judged where no network is searched."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.networks import Network


@dataclass(frozen=True)
class Workloads:
    """One network or several, each with a name of its own.

    Latency and energy of several are geometric means, and limits hold for these: a chip's mean is
    smaller than another's exactly where the geometric mean of its speed-ups over any third chip is
    larger, so no reference need be chosen and no network counts more for being larger.
    """

    networks: tuple[Network, ...]

    def __post_init__(self) -> None:
        if not self.networks:
            raise CosearchError("no workload: at least one is needed")
        for name in self.names:
            if self.names.count(name) > 1:
                raise CosearchError(f"workload {name}: given twice")
        for network in self.networks:
            if not network.layers.repeat.any():
                raise CosearchError(f"workload {network.name}: has nothing to compute")

    @property
    def names(self) -> tuple[str, ...]:
        """In the order given."""
        return tuple(network.name for network in self.networks)

    def describe(self) -> dict[str, str]:
        """Name -> enough of its layers to know them again."""
        return {network.name: _digest(network) for network in self.networks}


def geometric_mean(figures: Sequence[Float[ndarray, " n"]]) -> Float[ndarray, " n"]:
    """Of positive columns, inf where one is; a single column as it is, to the last bit."""
    if len(figures) == 1:
        return figures[0]
    return np.exp(np.log(np.stack(figures)).mean(axis=0))


def _digest(network: Network) -> str:
    return hashlib.sha256(network.layers.table(np.int64).tobytes()).hexdigest()[:16]
