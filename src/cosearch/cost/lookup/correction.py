"""From the sum of blocks to the network: blocks alone pay a call each, and lose fusions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.errors import CosearchError

_LEAST = 4  # networks: one more than there are numbers to fit


@dataclass(frozen=True)
class Correction:
    """latency = constant_s + factor * sum + per_block_s * blocks, fitted on `networks` of them."""

    constant_s: float
    factor: float
    per_block_s: float
    networks: int

    def __call__(
        self, sums_s: Float[ndarray, " n"], blocks: Int[ndarray, " n"]
    ) -> Float[ndarray, " n"]:
        """Latencies in seconds of networks that are made of so many blocks."""
        return self.constant_s + self.factor * sums_s + self.per_block_s * blocks


def fit_correction(
    sums_s: Float[ndarray, " n"], blocks: Int[ndarray, " n"], measured_s: Float[ndarray, " n"]
) -> Correction:
    """Least squares of the relative error. Where all have as many blocks, these count for nothing.

    Raises `CosearchError` for fewer than four networks.
    """
    if len(measured_s) < _LEAST:
        raise CosearchError(f"{len(measured_s)} networks: at least {_LEAST} are needed to fit")
    columns = np.stack([np.ones(len(sums_s)), sums_s, blocks.astype(float)], axis=1)
    if len(np.unique(blocks)) == 1:  # the same as the constant
        columns[:, 2] = 0
    # columns of like size: seconds are small, and lstsq drops what is small beside the others
    scale = np.maximum(np.abs(columns).max(axis=0), np.finfo(float).tiny)
    rows = columns / scale / measured_s[:, None]
    found = np.linalg.lstsq(rows, np.ones(len(rows)), rcond=None)[0] / scale
    return Correction(float(found[0]), float(found[1]), float(found[2]), len(measured_s))
