"""What was told, as two models: of the loss, and of how far the limits are exceeded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.history import History
from cosearch.search.model_based.acquisition import ACQUISITIONS, log_feasible
from cosearch.search.model_based.ensemble import Ensemble
from cosearch.search.model_based.features import Features
from cosearch.search.model_based.regressors import check_regressors
from cosearch.search.model_based.warping import warp_losses, warp_violations
from cosearch.search.optimizer import ranks
from cosearch.space import Space

_REFIT: Final = 1.05  # fit anew when there are so many times more designs: 60 fits, 200 to 4,096
_SELECT: Final = 2.0  # choose the regressors anew by cross-validation: at every doubling
_MOST_FITTED: Final = 1000
_MOST_SELECTED: Final = 400


class Surrogate:
    """Fitted lazily, when enough has been added to the history; may be shared by optimizers.

    Losses are learned from every design that runs, feasible or not; limits are unknown, and learned
    from violations. Beyond 1,000 designs the fit takes the best 500 and as many of the others.
    """

    def __init__(
        self, space: Space, rng: np.random.Generator, regressors: Sequence[str], threshold: float
    ) -> None:
        check_regressors(regressors)
        self.features = Features(space)
        self._rng = rng
        self._loss = Ensemble(regressors, rng, threshold)
        self._violation = Ensemble(regressors, rng, threshold)
        self.fitted = 0
        self._selected = 0
        self._limited = False  # by violations seen so far
        self._met = False  # by at least one design
        self._best = 0.0

    @property
    def patience(self) -> int:
        """How many more designs it takes until the next fit."""
        return int(np.ceil(self.fitted * (_REFIT - 1)))

    def stale(self, history: History) -> bool:
        """Whether there is enough new to fit anew."""
        return len(history) >= self.fitted + max(self.patience, 1)

    def fit(self, history: History) -> None:
        """Fit to the history; now and then choose the regressors first. Nothing if not stale."""
        if not self.stale(history):
            return
        choose = len(history) >= self._selected * _SELECT
        self.fitted = len(history)
        self._selected = self.fitted if choose else self._selected
        self._met, self._limited = bool(history.feasible.any()), not history.feasible.all()
        rows = self._spread(history, np.arange(len(history)), _MOST_FITTED)
        if self._limited:
            target = warp_violations(history.violations[rows])
            self._learn(self._violation, history.genomes[rows], target, choose)
        rows = rows[np.isfinite(history.losses[rows]).all(axis=1)]
        if len(rows):
            target = warp_losses(history.losses[rows])
            self._best = float(target[history.feasible[rows]].min()) if self._met else 0.0
            self._learn(self._loss, history.genomes[rows], target, choose)

    def score(
        self, genomes: Int[ndarray, "n d"], acquisition: str, kappa: float
    ) -> Float[ndarray, " n"]:
        """How promising these are; until a design meets the limits, only how likely it is to."""
        x = self.features(genomes)
        limits = log_feasible(*self._violation.predict(x)) if self._limited else np.zeros(len(x))
        if self._limited and not self._met:
            return limits
        mean, spread = self._loss.predict(x)
        return ACQUISITIONS[acquisition](mean, spread, self._best, kappa) + limits

    def _learn(
        self,
        ensemble: Ensemble,
        genomes: Int[ndarray, "n d"],
        target: Float[ndarray, " n"],
        choose: bool,
    ) -> None:
        x = self.features(genomes)
        if choose and len(target) > 1:
            some = self._rng.permutation(len(target))[:_MOST_SELECTED]
            ensemble.select(x[some], target[some])
        ensemble.fit(x, target)

    def _spread(self, history: History, rows: ndarray, most: int) -> Int[ndarray, " k"]:
        """All rows, or the best half of `most` and a random half of the rest."""
        if len(rows) <= most:
            return rows
        order = np.argsort(ranks(history.losses, history.violations), kind="stable")
        rest = self._rng.permutation(order[most // 2 :])
        return np.sort(np.concatenate([order[: most // 2], rest[: most - most // 2]]))
