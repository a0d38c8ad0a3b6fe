"""What is left to learn once related problems have said what they know: residuals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.search.model_based.ensemble import Ensemble

_TRUST: Final = 4.0  # in trials: how long a base is believed against the evidence


class Stacked:
    """An ensemble on top of bases: models of the same figure in related problems.

    The prediction is a mixture of the bases plus the ensemble fitted to its residuals (after
    Golovin et al., KDD 2017, section 3.3). The shares of the bases are least squares, drawn with
    the weight of four trials to an equal share: a base that does not help is soon ignored.
    """

    def __init__(self, make: Callable[[], Ensemble]) -> None:
        self._make = make
        self._bases: list[Ensemble] = []
        self._shares: Float[ndarray, " k"] = np.empty(0)
        self.ensemble = make()

    def learn_base(self, x: Float[ndarray, "n f"], y: Float[ndarray, " n"]) -> None:
        """One more related problem."""
        base = self._make()
        if len(y) > 1:
            base.select(x, y)
        base.fit(x, y)
        self._bases.append(base)
        self._shares = self._equal_shares()

    def select(self, x: Float[ndarray, "n f"], y: Float[ndarray, " n"]) -> None:
        """Choose the regressors of the residuals."""
        self.ensemble.select(x, self._residuals(x, y))

    def fit(self, x: Float[ndarray, "n f"], y: Float[ndarray, " n"]) -> None:
        """Weigh the bases, fit the residuals."""
        self.ensemble.fit(x, self._residuals(x, y))

    def predict(
        self, x: Float[ndarray, "n f"]
    ) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
        """Mean and spread."""
        mean, spread = self.ensemble.predict(x)
        return (mean + self._said(x) @ self._shares, spread) if self._bases else (mean, spread)

    def _residuals(self, x: Float[ndarray, "n f"], y: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        if not self._bases:
            return y
        said, equal = self._said(x), self._equal_shares()
        centred = said - said.mean(axis=0)
        gram = centred.T @ centred + _TRUST * np.eye(len(equal))
        self._shares = equal + np.linalg.solve(gram, centred.T @ (y - said @ equal))
        return y - said @ self._shares

    def _said(self, x: Float[ndarray, "n f"]) -> Float[ndarray, "n k"]:
        return np.stack([base.predict(x)[0] for base in self._bases], axis=1)

    def _equal_shares(self) -> Float[ndarray, " k"]:
        return np.full(len(self._bases), 1 / max(len(self._bases), 1))
