"""What is believed of a device before anything is measured on it.

A device is a vector of weights on features of networks. Other devices' tables tell about which
vector the weights of a new one lie, and in which directions it may differ; beyond that, each group
of features may add a share of its own. Latencies of operators add up, so all of it is linear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.errors import CosearchError

RIDGE: Final = 1e-5  # of the features' variance: enough for columns that depend on each other
CHOOSING_NOISE: Final = 1e-2  # of the prior's variance, where the noise is yet unknown


@dataclass(frozen=True)
class Group:
    """Features of the same kind, and how far a device may differ from the others by them."""

    columns: Float[ndarray, "n f"]
    share: float  # of the variance over networks


@dataclass(frozen=True)
class Prior:
    """Latency relative to a device's mean: 1 + x mean + x spread z + z0, each z ~ N(0, 1).

    x are the features of a network from which `centre` is subtracted.
    """

    centre: Float[ndarray, " f"]
    mean: Float[ndarray, " f"]
    spread: Float[ndarray, "f p"]
    variance: float  # over networks, of the mean device

    def relative(self, features: Float[ndarray, "n f"]) -> Float[ndarray, " n"]:
        """Of the mean device."""
        return 1 + (features - self.centre) @ self.mean

    def basis(self, features: Float[ndarray, "n f"]) -> Float[ndarray, "n q"]:
        """How a device may differ from the mean device, in columns of prior weight N(0, 1)."""
        centred = features - self.centre
        return np.column_stack([centred @ self.spread, centred @ self.mean, np.ones(len(features))])


def features_of(groups: Sequence[Group]) -> Float[ndarray, "n f"]:
    """The columns of all groups."""
    return np.concatenate([group.columns for group in groups], axis=1)


def learn_prior(groups: Sequence[Group], tables: Mapping[str, Float[ndarray, " n"]]) -> Prior:
    """From features of n networks and their latencies on other devices, in any unit.

    Analytic predictions can stand for devices where nothing was measured. Raises `CosearchError`
    without a table, or for latencies that are not positive.
    """
    features, relative = features_of(groups), _relative(tables, len(groups[0].columns))
    centre = features.mean(0)
    weights = _weights(features - centre, relative)
    fitted = (features - centre) @ weights
    size = fitted.std(0)
    # Devices differ in how much of their time depends on the network: a scale, which is fitted.
    weights = weights * (np.median(size) / np.where(size > 0, size, 1.0))
    mean = weights.mean(1)
    variance = float(((features - centre) @ mean).var())
    devices = (weights - mean[:, None]) / np.sqrt(weights.shape[1])
    return Prior(centre, mean, np.column_stack([devices, _own(groups, variance)]), variance)


def choose(
    prior: Prior, features: Float[ndarray, "n f"], count: int, among: ndarray | None = None
) -> ndarray:
    """Indices of the networks whose measurement leaves least doubt about all n.

    Greedy: each next one lessens the mean variance of the predictions most. Only `among` these.
    """
    basis = prior.basis(features)
    left = np.arange(len(basis)) if among is None else np.asarray(among)
    if not 1 <= count <= len(left):
        raise CosearchError(f"{count} networks to choose: 1 to {len(left)} are allowed")
    noise = CHOOSING_NOISE * prior.variance
    moments, basis = basis.T @ basis / len(basis), basis[left]
    # Basis times what is not known of the weights yet, a covariance; the same times the moments.
    reach, pushed = basis.copy(), basis @ moments
    offered = np.ones(len(left), dtype=bool)
    chosen: list[int] = []
    for _ in range(count):
        doubt = (reach * basis).sum(1) + noise
        best = int(np.argmax(np.where(offered, (pushed * reach).sum(1) / doubt, -1.0)))
        chosen.append(int(left[best]))
        offered[best] = False
        shared = (reach @ basis[best])[:, None] / doubt[best]
        reach, pushed = reach - shared * reach[best], pushed - shared * pushed[best]
    return np.array(chosen)


def _relative(tables: Mapping[str, Float[ndarray, " n"]], n: int) -> Float[ndarray, "n k"]:
    if not tables:
        raise CosearchError("no table of another device: one at least is needed, analytic ones do")
    for name, table in tables.items():
        if table.shape != (n,) or not (np.isfinite(table) & (table > 0)).all():
            raise CosearchError(f"table {name}: {n} positive latencies are needed")
    return np.stack([table / table.mean() for table in tables.values()], axis=1)


def _weights(centred: Float[ndarray, "n f"], relative: Float[ndarray, "n k"]) -> ndarray:
    """Least squares, which also takes the noise of single measurements out of the tables."""
    moments = centred.T @ centred
    ridge = RIDGE * np.diag(moments) + 1e-12 * np.trace(moments)
    return np.linalg.solve(moments + np.diag(ridge), centred.T @ (relative - 1))


def _own(groups: Sequence[Group], variance: float) -> ndarray:
    """Independent weights of all features, as large as their group's share of the variance."""
    sizes = [
        np.full(group.columns.shape[1], group.share * variance / max(total, 1e-300))
        for group in groups
        for total in [group.columns.var(0).sum()]
    ]
    return np.diag(np.sqrt(np.concatenate(sizes)))
