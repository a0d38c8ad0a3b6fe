"""Candidate regressors with random hyper-parameters, as in P3BO and Apollo.

All but the Gaussian process are scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from cosearch.errors import CosearchError, unknown
from cosearch.quiet import quiet
from cosearch.search.model_based.gaussian_process import GaussianProcess

_WIDE: Final = 40  # features; products of all pairs would be too many beyond

Make = Callable[[np.random.Generator, int], Any]


def _power(rng: np.random.Generator, low: float, high: float) -> float:
    return float(10 ** rng.uniform(low, high))


def _of_products(model: Any, degree: int) -> Any:
    """Products of features first: a response surface."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    return make_pipeline(PolynomialFeatures(degree, include_bias=False), model)


def _ridge(rng: np.random.Generator, width: int) -> Any:
    from sklearn.linear_model import Ridge

    degree = int(rng.integers(1, 3)) if width <= _WIDE else 1
    return _of_products(Ridge(alpha=_power(rng, -3.0, 1.0)), degree)


def _bayesian_ridge(rng: np.random.Generator, width: int) -> Any:
    from sklearn.linear_model import BayesianRidge

    prior = _power(rng, -8.0, -2.0)
    return BayesianRidge(alpha_1=prior, alpha_2=prior, lambda_1=prior, lambda_2=prior, max_iter=50)


def _lasso(rng: np.random.Generator, width: int) -> Any:
    from sklearn.linear_model import Lasso

    model = Lasso(alpha=_power(rng, -3.5, -1.0), max_iter=200, tol=1e-3)
    return _of_products(model, 2 if width <= _WIDE else 1)


def _forest(rng: np.random.Generator, width: int) -> Any:
    from sklearn.ensemble import ExtraTreesRegressor

    return ExtraTreesRegressor(
        n_estimators=24,
        min_samples_leaf=int(rng.integers(1, 5)),
        max_features=rng.uniform(0.4, 1.0),
        random_state=int(rng.integers(2**31)),
    )


def _boosting(rng: np.random.Generator, width: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        learning_rate=_power(rng, -1.2, -0.5),
        max_iter=40,
        max_leaf_nodes=int(rng.choice([4, 8, 16])),
        min_samples_leaf=int(rng.integers(2, 11)),
        max_bins=32,
        random_state=int(rng.integers(2**31)),
    )


def _neighbours(rng: np.random.Generator, width: int) -> Any:
    from sklearn.neighbors import KNeighborsRegressor

    return KNeighborsRegressor(int(rng.integers(2, 7)), weights="distance", algorithm="brute")


def _gaussian_process(rng: np.random.Generator, width: int) -> Any:
    return GaussianProcess()


def _network(rng: np.random.Generator, width: int) -> Any:
    from sklearn.neural_network import MLPRegressor

    return MLPRegressor(
        hidden_layer_sizes=(int(rng.choice([16, 32])),) * int(rng.integers(1, 3)),
        activation=str(rng.choice(["relu", "tanh"])),
        solver="lbfgs",
        alpha=_power(rng, -3.0, 1.0),
        max_iter=60,
        random_state=int(rng.integers(2**31)),
    )


REGRESSORS: Final[Mapping[str, Make]] = {
    "ridge": _ridge,
    "bayesian-ridge": _bayesian_ridge,
    "lasso": _lasso,
    "forest": _forest,
    "boosting": _boosting,
    "neighbours": _neighbours,
    "gaussian-process": _gaussian_process,
    "network": _network,
}


def make_regressor(name: str, rng: np.random.Generator, width: int) -> Any:
    """An untrained regressor of `width` features, its hyper-parameters drawn."""
    return REGRESSORS[name](rng, width)


def check_regressors(names: Sequence[str]) -> None:
    """Refuse unknown names, and models without scikit-learn."""
    for name in names:
        if name not in REGRESSORS:
            raise unknown("regressor", name, REGRESSORS)
    if find_spec("sklearn") is None:
        raise CosearchError(
            "optimizers with models need scikit-learn: pip install cosearch[search]"
        )


@contextmanager
def one_thread() -> Iterator[None]:
    """Small fits on one thread, silent: faster than on many, and the same figures everywhere."""
    import sklearn.ensemble  # noqa: F401
    from threadpoolctl import threadpool_limits

    with quiet(), threadpool_limits(1):
        yield
