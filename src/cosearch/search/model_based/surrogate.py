"""What was told, as two models: of the loss, and of how far the limits are exceeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.history import History
from cosearch.search.model_based.acquisition import ACQUISITIONS, log_feasible
from cosearch.search.model_based.batches import diverse
from cosearch.search.model_based.ensemble import Ensemble
from cosearch.search.model_based.features import Features
from cosearch.search.model_based.regressors import check_regressors
from cosearch.search.model_based.stacking import Stacked
from cosearch.search.model_based.warping import warp_losses, warp_violations
from cosearch.search.optimizer import ranks
from cosearch.search.prior import Prior
from cosearch.space import Space

_REFIT: Final = 1.02  # fit anew when there are so many times more designs
_SELECT: Final = 1.5  # choose the regressors anew by cross-validation: at half as many more
_MOST_FITTED: Final = 500
_MOST_SELECTED: Final = 200
_FEW: Final = 10
_EDGE: Final = -1e-3  # the least slack of a design that meets its limits


@dataclass(frozen=True)
class Wish:
    """Which acquisition is maximised; `kappa` is how many spreads of optimism `ucb` has."""

    acquisition: str = "ei"
    kappa: float = 1.0


class Surrogate:
    """Fitted lazily, when enough has been added to the history; may be shared by optimizers.

    Losses are learned from every design that runs, feasible or not; limits are unknown, and learned
    from violations. Beyond 500 designs the fit takes the best half and as many of the others.
    """

    def __init__(
        self, space: Space, rng: np.random.Generator, regressors: Sequence[str], threshold: float
    ) -> None:
        check_regressors(regressors)
        self.features = Features(space)
        self.priors: list[Prior] = []
        self._rng = rng
        self._loss = Stacked(lambda: Ensemble(regressors, rng, threshold))
        self._violation = Stacked(lambda: Ensemble(regressors, rng, threshold))
        self.fitted = 0
        self._selected = 0
        self._sloped = False  # violations tell of slack
        self._limited = False  # by violations seen so far
        self._met = False  # by at least one design
        self._best = 0.0

    def learn_from(self, prior: Prior) -> None:
        """Take a related problem as a base; nothing if it was before. Its violations count too."""
        if any(prior is known for known in self.priors):
            return
        self.priors.append(prior)
        runs = np.isfinite(prior.losses).all(axis=1)
        rows = self._some(np.where(runs, prior.violations, np.inf), prior.losses)
        self._violation.learn_base(
            self.features(prior.genomes[rows]), warp_violations(prior.violations[rows])
        )
        rows = rows[runs[rows]]
        if len(rows):
            self._loss.learn_base(
                self.features(prior.genomes[rows]), warp_losses(prior.losses[rows])
            )

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
        rows = self._some(history.violations, history.losses)
        if self._limited:
            target = warp_violations(history.violations[rows])
            self._learn_limits(history.genomes[rows], target, choose)
        rows = rows[np.isfinite(history.losses[rows]).all(axis=1)]
        if len(rows):
            target = warp_losses(history.losses[rows])
            self._best = float(target[history.feasible[rows]].min()) if self._met else 0.0
            self._learn(self._loss, history.genomes[rows], target, choose)

    def score(self, genomes: Int[ndarray, "n d"], wish: Wish) -> Float[ndarray, " n"]:
        """How promising these are; until a design meets the limits, only how likely it is to."""
        x = self.features(genomes)
        limits = self._limits(x)
        if self._limited and not self._met:
            return limits
        mean, spread = self._loss.predict(x)
        return ACQUISITIONS[wish.acquisition](mean, spread, self._best, wish.kappa) + limits

    def pick(self, genomes: Int[ndarray, "n d"], k: int, wish: Wish) -> Int[ndarray, "k d"]:
        """At most `k` of these, promising together, the most promising first."""
        if not len(genomes):
            return genomes
        x = self.features(genomes)
        limits = self._limits(x)
        if self._limited and not self._met:
            return genomes[np.argsort(-limits, kind="stable")[:k]]
        mean, spread = self._loss.predict(x)
        score = ACQUISITIONS[wish.acquisition]
        correlation = self._loss.ensemble.correlation(x)
        chosen = diverse(
            spread, correlation, lambda s: score(mean, s, self._best, wish.kappa) + limits, k
        )
        return genomes[chosen]

    def _limits(self, x: Float[ndarray, "n f"]) -> Float[ndarray, " n"]:
        return log_feasible(*self._violation.predict(x)) if self._limited else np.zeros(len(x))

    def _learn(
        self,
        model: Stacked,
        genomes: Int[ndarray, "n d"],
        target: Float[ndarray, " n"],
        choose: bool,
    ) -> None:
        x = self.features(genomes)
        if choose and len(target) > 1:
            some = self._rng.permutation(len(target))[:_MOST_SELECTED]
            model.select(x[some], target[some])
        model.fit(x, target)

    def _learn_limits(
        self, genomes: Int[ndarray, "n d"], target: Float[ndarray, " n"], choose: bool
    ) -> None:
        """How far inside its limits a feasible design is, is not told: the infeasible say it first.

        Otherwise every model would see a cliff where there is a slope. Unless there is none, as
        where designs only run or do not.
        """
        broken = target > 0
        if choose:
            self._sloped = not broken.all() and int(broken.sum()) >= _FEW
        if self._sloped:
            self._learn(self._violation, genomes[broken], target[broken], choose)
            self._sloped = bool(self._violation.ensemble.members)
        if self._sloped:
            said = self._violation.predict(self.features(genomes[~broken]))[0]
            target[~broken] = np.minimum(said, _EDGE)
            choose = False
        self._learn(self._violation, genomes, target, choose)

    def _some(
        self, violations: Float[ndarray, " n"], losses: Float[ndarray, "n m"]
    ) -> Int[ndarray, " k"]:
        """All rows, or the best and as many of the others: what a fit can afford."""
        n, half = len(losses), _MOST_FITTED // 2
        if n <= _MOST_FITTED:
            return np.arange(n)
        order = np.argsort(ranks(losses, violations), kind="stable")
        return np.sort(np.concatenate([order[:half], self._rng.permutation(order[half:])[:half]]))
