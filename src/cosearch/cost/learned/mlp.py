"""NAHAS's learned cost model (arXiv 2102.08619): an MLP on one-hot genomes of network and chip.

Trained on samples of a simulator; two heads, of latency and of area. It learns logarithms, of which
errors are relative, and the two heads count alike once each has unit spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.learned.features import one_hot
from cosearch.errors import CosearchError

HIDDEN: Final = (256, 256, 256)
_DECAY: Final = 0.1  # of the weights; in place of their dropout, which scikit-learn has not
_FEWEST: Final = 100  # of which a tenth tells when to stop


@dataclass(frozen=True)
class LearnedCost:
    """Fitted by `train`; predicts latency and area of joint genomes."""

    cardinalities: tuple[int, ...]
    network: Any  # a fitted regressor, one-hot genomes to standardised logarithms
    mean: Float[ndarray, " 2"]
    spread: Float[ndarray, " 2"]

    def __call__(
        self, genomes: Int[ndarray, "n d"]
    ) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
        """(latency_s, area_mm2)."""
        logs = self.network.predict(one_hot(genomes, self.cardinalities))
        latency_s, area_mm2 = np.exp(logs * self.spread + self.mean).T
        return latency_s, area_mm2


def train(
    genomes: Int[ndarray, "n d"],
    cardinalities: tuple[int, ...],
    latency_s: Float[ndarray, " n"],
    area_mm2: Float[ndarray, " n"],
    *,
    seed: int = 0,
    most_epochs: int = 40,
    hidden: tuple[int, ...] = HIDDEN,
) -> LearnedCost:
    """Fit to simulated samples; those with infinite cost say nothing and are left out."""
    try:
        from sklearn.neural_network import MLPRegressor
    except ImportError as error:
        raise CosearchError("the MLP needs scikit-learn: pip install 'cosearch[search]'") from error

    both = np.stack([latency_s, area_mm2], axis=1)
    fits = (np.isfinite(both) & (both > 0)).all(1)
    if fits.sum() < _FEWEST:
        raise CosearchError(f"{fits.sum()} feasible samples: at least {_FEWEST} are needed")
    logs = np.log(both[fits])
    mean, spread = logs.mean(0), np.maximum(logs.std(0), 1e-12)
    network = MLPRegressor(
        hidden_layer_sizes=hidden,
        alpha=_DECAY,
        batch_size=min(64, int(fits.sum()) // 4),
        early_stopping=True,
        max_iter=most_epochs,
        n_iter_no_change=most_epochs,
        random_state=seed,
    )
    _quietly(network, one_hot(genomes[fits], cardinalities), (logs - mean) / spread)
    return LearnedCost(tuple(cardinalities), network, mean, spread)


def _quietly(network: Any, inputs: ndarray, outputs: ndarray) -> None:
    """Fit; that all epochs were used is no cause for a warning."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(inputs, outputs)
