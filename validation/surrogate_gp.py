"""A Gaussian process whose posterior mean is a sum of tables over pairs of blocks.

Each choice of each knob has a place on a line, each block's state a point, and a block's kernel
falls with the squared distance of points. The process's kernel sums the blocks' and their products
two by two (an ANOVA kernel of order 2), with all hyperparameters by marginal likelihood.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import Final

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor

_SUBSET: Final = 900  # rows of one step: the cost grows with their cube


class PairwiseGP(torch.nn.Module):
    """Over codes (n, blocks); `blocks` are the numbers of choices of each block's knobs."""

    def __init__(self, blocks: tuple[tuple[int, ...], ...]) -> None:
        super().__init__()
        self.blocks = blocks
        lines = [torch.linspace(-0.1, 0.1, size) for block in blocks for size in block]
        self.places = torch.nn.ParameterList([line.double() for line in lines])
        self.log_amplitude = torch.nn.Parameter(torch.full((len(blocks),), -1.0).double())
        self.log_order = torch.nn.Parameter(torch.tensor([-0.8, -0.8]).double())
        self.log_noise = torch.nn.Parameter(torch.tensor(-4.0).double())
        self.mean = torch.nn.Parameter(torch.tensor(0.0).double())

    def tables(self) -> list[Tensor]:
        """Kernel of each block over its states (s, s)."""
        places = iter(self.places)
        found = []
        for block, log_amplitude in zip(self.blocks, self.log_amplitude, strict=True):
            lines = [next(places) for _ in block]
            points = torch.stack([torch.stack(state) for state in product(*lines)])
            apart = (points[:, None] - points[None]).square().sum(-1)
            found.append(torch.exp(log_amplitude - apart))
        return found

    def kernel(self, code: Tensor) -> Tensor:
        """Covariance (n, n) of the networks with these codes."""
        each = [table[c][:, c] for table, c in zip(self.tables(), code.T, strict=True)]
        single, squares = sum(each), sum(one.square() for one in each)
        first, second = torch.exp(self.log_order)
        return first * single + second * (single.square() - squares) / 2

    def _solved(self, code: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(residual, weights, factor) of the data."""
        noise = torch.exp(self.log_noise) * torch.eye(len(code), dtype=torch.float64)
        factor = torch.linalg.cholesky(self.kernel(code) + noise)
        residual = (y - self.mean)[:, None]
        return residual, torch.cholesky_solve(residual, factor), factor

    def loss(self, code: Tensor, y: Tensor) -> Tensor:
        """Negative log marginal likelihood a row, but for a constant."""
        residual, weights, factor = self._solved(code, y)
        return (0.5 * (residual * weights).sum() + factor.diagonal().log().sum()) / len(y)

    def posterior(self, code: Tensor, y: Tensor) -> ndarray:
        """The mean as tables of all pairs, one after another; singles are shared out evenly."""
        with torch.no_grad():
            weights = self._solved(code, y)[1][:, 0]
            return np.concatenate([table.numpy().ravel() for table in self._pairs(code, weights)])

    def _pairs(self, code: Tensor, weights: Tensor) -> Iterator[Tensor]:
        kernels, blocks = self.tables(), len(self.blocks)
        first, second = torch.exp(self.log_order)
        pairs = blocks * (blocks - 1) / 2
        singles = [
            first * kernel @ torch.zeros(len(kernel)).double().index_add(0, c, weights)
            for kernel, c in zip(kernels, code.T, strict=True)
        ]
        for i, j in combinations(range(blocks), 2):
            counts = torch.zeros(len(kernels[i]), len(kernels[j])).double()
            counts.index_put_((code[:, i], code[:, j]), weights, accumulate=True)
            shared = (singles[i][:, None] + singles[j][None]) / (blocks - 1)
            yield second * kernels[i] @ counts @ kernels[j] + shared + self.mean / pairs


def fit(
    blocks: tuple[tuple[int, ...], ...], code: Tensor, y: Tensor, seed: int, steps: int = 250
) -> PairwiseGP:
    """Hyperparameters from random subsets of the rows, a step of Adam each."""
    rng = np.random.default_rng(seed)
    gp = PairwiseGP(blocks)
    optimizer = torch.optim.Adam(
        [
            {"params": gp.places.parameters(), "lr": 0.015},
            {"params": [gp.log_amplitude, gp.log_order, gp.log_noise, gp.mean], "lr": 0.06},
        ]
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        chosen = rng.permutation(len(y))[:_SUBSET]
        optimizer.zero_grad()
        gp.loss(code[chosen], y[chosen]).backward()
        optimizer.step()
        schedule.step()
    return gp
