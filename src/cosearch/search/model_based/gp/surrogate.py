"""What was told, as two processes: of the loss, and of how far limits are exceeded."""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cosearch.search.history import History
from cosearch.search.known import Excess
from cosearch.search.model_based.gp.beliefs import Beliefs
from cosearch.search.model_based.gp.columns import Columns
from cosearch.search.model_based.gp.limits import learn_limits
from cosearch.search.model_based.gp.multitask import MultiTaskProcess
from cosearch.search.model_based.warping import warp_losses
from cosearch.search.optimizer import ranks
from cosearch.search.prior import Prior
from cosearch.space import Space

_RETUNE: Final = 1.15  # hyperparameters anew when there are so many times more designs
_MOST: Final = 500  # designs conditioned on


class Surrogate:
    """Losses are learned from every design that runs, whether it meets the limits or not.

    Of many designs it takes the best half of 500 and a random half of the others. Limits known
    beforehand (`excess`) are not learned, nor others from designs that exceed those.
    """

    def __init__(
        self, space: Space, rng: np.random.Generator, excess: Excess | None = None
    ) -> None:
        self._columns = Columns(space)
        self._space = space
        self._rng = rng
        self._known_excess = excess
        columns = (self._columns.groups, self._columns.mixed)
        self._loss = MultiTaskProcess(*columns, levels=True)
        self._excess = MultiTaskProcess(*columns, levels=False)
        self._known = self._tuned = 0
        self._best, self._unit = np.inf, 1.0

    def learn_from(self, prior: Prior) -> None:
        """Learn the trials of a related problem, as such."""
        history = History(self._space)
        history.add(prior.genomes, prior.losses, prior.violations)
        self.learn(history)
        for process in (self._loss, self._excess):
            process.close()
        self._known = self._tuned = 0

    def learn(self, history: History) -> None:
        """Condition on what was told since; now and then fit the hyperparameters first."""
        if len(history) == self._known:
            return
        self._known = len(history)
        tune = self._known >= self._tuned * _RETUNE
        self._tuned = self._known if tune else self._tuned
        rows = self._chosen(history)
        x, violations = self._columns(history.genomes[rows]), history.violations[rows]
        tells = self._tells(history.genomes[rows])
        if (violations[tells] > 0).any():
            learn_limits(self._excess, x[tells], violations[tells], tune)
        runs = np.isfinite(history.losses[rows]).all(axis=1)
        if runs.any():
            y = _targets(history.losses[rows][runs])
            self._loss.learn(x[runs], y, tune)
            self._best = float(y[violations[runs] <= 0].min(initial=np.inf))
            self._unit = float(y.std()) or 1.0

    def beliefs(self, genomes: Int[ndarray, "k d"]) -> Beliefs:
        """What is believed of these designs; something must have been learned."""
        x = self._columns(genomes)
        loss = self._loss.belief(x) if len(self._loss) else None
        excess = self._excess.belief(x) if len(self._excess) else None
        return Beliefs(loss, excess, self._best, self._unit)

    def _tells(self, genomes: Int[ndarray, "k d"]) -> Bool[ndarray, " k"]:
        """Which designs' violations are of limits that must be learned."""
        if self._known_excess is None:
            return np.ones(len(genomes), dtype=bool)
        return self._known_excess(genomes) <= 0

    def _chosen(self, history: History) -> Int[ndarray, " k"]:
        """All rows, or the best half of `_MOST` and a random half of the rest."""
        if len(history) <= _MOST:
            return np.arange(len(history))
        order = np.argsort(ranks(history.losses, history.violations), kind="stable")
        rest = self._rng.permutation(order[_MOST // 2 :])
        return np.sort(np.concatenate([order[: _MOST // 2], rest[: _MOST - _MOST // 2]]))


def _targets(losses: Float[ndarray, "n m"]) -> Float[ndarray, " n"]:
    """Logarithms of one goal above 0, so that a prior's are of the same unit; else warped."""
    if losses.shape[1] == 1 and (losses > 0).all():
        return np.log(losses[:, 0])
    return warp_losses(losses)
