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
# Learning rates and their shares of the epochs: large steps to the end leave noise.
_PHASES: Final = ((1e-3, 0.65), (2e-4, 0.2), (5e-5, 0.15))
_STEPS: Final = 4500  # enough for any number of samples, as batches grow with it
_DECAY: Final = 5.0  # of the weights, shared by the samples; scikit-learn has no dropout
_FEWEST: Final = 100


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
        inputs = one_hot(genomes, self.cardinalities).astype(np.float32)
        logs = self.network.predict(inputs).astype(float)
        latency_s, area_mm2 = np.exp(logs * self.spread + self.mean).T
        return latency_s, area_mm2


def train(
    genomes: Int[ndarray, "n d"],
    cardinalities: tuple[int, ...],
    latency_s: Float[ndarray, " n"],
    area_mm2: Float[ndarray, " n"],
    *,
    seed: int = 0,
    epochs: int | None = None,
    hidden: tuple[int, ...] = HIDDEN,
) -> LearnedCost:
    """Fit to n >= 100 simulated samples; those with infinite cost say nothing and are left out.

    Batches of sqrt(n) samples; as many `epochs` as make 4,500 steps, if not said.
    """
    try:
        from sklearn.neural_network import MLPRegressor
    except ImportError as error:
        raise CosearchError("the MLP needs scikit-learn: pip install 'cosearch[search]'") from error

    both = np.stack([latency_s, area_mm2], axis=1)
    fits = (np.isfinite(both) & (both > 0)).all(1)
    count = int(fits.sum())
    if count < _FEWEST:
        raise CosearchError(f"{count} feasible samples: at least {_FEWEST} are needed")
    logs = np.log(both[fits])
    mean, spread = logs.mean(0), np.maximum(logs.std(0), 1e-12)
    batch = round(count**0.5)
    network = MLPRegressor(
        hidden_layer_sizes=hidden,
        alpha=_DECAY * batch / count,  # which scikit-learn divides by the batch
        batch_size=batch,
        random_state=seed,
        warm_start=True,
    )
    inputs = one_hot(genomes[fits], cardinalities).astype(np.float32)
    outputs = ((logs - mean) / spread).astype(np.float32)
    _fit(network, inputs, outputs, epochs or max(1, _STEPS * batch // count))
    return LearnedCost(tuple(cardinalities), network, mean, spread)


def _fit(network: Any, inputs: ndarray, outputs: ndarray, epochs: int) -> None:
    """Phase after phase; that one used all of its epochs is no cause for a warning."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for rate, share in _PHASES:
            most = max(1, round(share * epochs))
            network.set_params(learning_rate_init=rate, max_iter=most, n_iter_no_change=most)
            network.fit(inputs, outputs)
