"""How alike the errors of a cost model are for two networks: the kernel of `correction.py`.

The relative error of a network is the sum over its operators of the operator's error times its
share of the time. An operator's error is one of all operators, one of its class, one that operators
of like sizes have in common, and its own. Two terms are of whole networks: one smooth in the time,
one of networks that are as long and of the same make.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.cost.learned.operator_times import OperatorTimes

# Standard deviations expected of log(measured / modelled): of all operators, of a class, of
# operators of like sizes, of one operator, smooth in the time, of like networks.
EXPECTED: Final = (0.3, 0.3, 0.5, 0.1, 0.2, 0.02)
NOISE: Final = 0.03
_NEAR: Final = np.array([2.0, 2.0, 2.0, 2.0, 1.0, 1.0])  # octaves of each size that count as alike
_SMOOTH, _LIKE, _SAME_MAKE = 0.7, 0.3, 4.0
_SHARP: Final = 8.0  # of the bend between the device's time and the floor


@dataclass(frozen=True)
class Baseline:
    """Seconds of a network before correction: the model's, scaled, and never below a floor.

    The floor is what else a measurement waits for, the host's images say; 0 for none.
    """

    scale: float
    floor_s: float

    def seconds(self, networks: OperatorTimes) -> Float[ndarray, " n"]:
        """A smooth maximum."""
        device = self.scale * networks.total_s
        return (device**_SHARP + self.floor_s**_SHARP) ** (1 / _SHARP)

    def shares(self, networks: OperatorTimes) -> Float[ndarray, "n d"]:
        """How much a network's time follows each operator's; all together 1 far above the floor."""
        device = self.scale * networks.total_s
        felt = (device / self.seconds(networks)) ** _SHARP
        return networks.seconds * (felt / networks.total_s)[:, None]


@dataclass(frozen=True)
class Kernel:
    """Similar errors of networks that share operators; `variances` of the terms, in order."""

    baseline: Baseline
    variances: Float[ndarray, " 6"]

    def __call__(self, a: OperatorTimes, b: OperatorTimes) -> Float[ndarray, "n m"]:
        """Covariance of the errors of networks a with those of b."""
        total = np.zeros((len(a), len(b)))
        for variance, term in zip(self.variances, terms(self.baseline, a, b), strict=True):
            total += variance * term
        return total

    def variance(self, networks: OperatorTimes) -> Float[ndarray, " n"]:
        """The diagonal of `self(networks, networks)`."""
        blocks = (networks[i : i + 64] for i in range(0, len(networks), 64))
        return np.concatenate([np.diag(self(block, block)) for block in blocks])


def terms(
    baseline: Baseline, a: OperatorTimes, b: OperatorTimes
) -> tuple[Float[ndarray, "n m"], ...]:
    """The terms of the kernel, in the order of `EXPECTED`."""
    ours, theirs = baseline.shares(a), baseline.shares(b)
    octaves = (a.sizes[:, None] - b.sizes[None]) / _NEAR
    same = (a.classes[:, None] == b.classes[None]).astype(float)
    alike = same * np.exp(-0.5 * np.square(octaves).sum(-1))
    apart = np.log(baseline.seconds(a))[:, None] - np.log(baseline.seconds(b))[None]
    make = _directions(ours) @ _directions(theirs).T
    return (
        np.outer(ours.sum(1), theirs.sum(1)),
        ours @ same @ theirs.T,
        ours @ alike @ theirs.T,
        ours @ theirs.T,
        np.exp(-0.5 * (apart / _SMOOTH) ** 2),
        np.exp(-0.5 * (apart / _LIKE) ** 2 - _SAME_MAKE * (1 - make)),
    )


def _directions(rows: Float[ndarray, "n d"]) -> Float[ndarray, "n d"]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
