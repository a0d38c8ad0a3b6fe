"""What MBO is built of: the Gaussian process, the stack, expected improvement, batches, moves."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.stats import norm

from cosearch.search.model_based.acquisition import ei
from cosearch.search.model_based.batches import diverse
from cosearch.search.model_based.ensemble import Ensemble
from cosearch.search.model_based.gaussian_process import GaussianProcess, _minus_log_posterior
from cosearch.search.model_based.moves import moved
from cosearch.search.model_based.stacking import Stacked
from cosearch.space import Knob, Space
from cosearch.testing.check_optimizer import toy_space


def data(n: int, seed: int = 0) -> tuple[Any, Any]:
    """The second of three features says nothing."""
    x = np.random.default_rng(seed).random((n, 3))
    return x, np.sin(4 * x[:, 0]) + x[:, 2] ** 2


def test_gradient_of_the_posterior() -> None:
    x, y = data(30)
    usual = np.array([0.5, 0.5, 0.5, -9.0])
    theta = np.array([0.1, 0.9, -0.4, -3.0])
    parts = [lambda t, i=i: _minus_log_posterior(t, x, y, usual)[i] for i in (0, 1)]
    assert check_grad(*parts, theta) < 1e-3


def test_the_process_learns_what_matters_and_knows_where_it_was() -> None:
    process = GaussianProcess().fit(*data(60))
    x, y = data(200, seed=1)
    mean, variance = process.moments(x)
    assert np.sqrt(np.mean((mean - y) ** 2)) < 0.02
    assert process._theta is not None
    assert process._theta[1] > max(process._theta[0], process._theta[2]) + 1
    at_data = process.moments(data(60)[0])[1]
    assert at_data.max() < variance.mean()
    assert np.diag(process.covariance(x)) == pytest.approx(variance, abs=1e-6)


def test_the_mixture_leans_on_who_errs_least() -> None:
    x, y = data(80)
    ensemble = Ensemble(
        ("neighbours", "boosting", "gaussian-process"), np.random.default_rng(0), 0.2
    )
    ensemble.select(x, y)
    ensemble.fit(x, y)
    assert sum(member.weight for member in ensemble.members) == pytest.approx(1)
    z, truth = data(300, seed=1)
    error = np.mean((ensemble.predict(z)[0] - truth) ** 2)
    assert error < 1e-3
    assert max(ensemble.members, key=lambda member: member.weight).name == "gaussian-process"


def test_a_base_is_believed_as_far_as_it_helps() -> None:
    x, y = data(60)
    shares = []
    for base in (2 * y, np.sin(9 * x[:, 1])):
        stack = Stacked(lambda: Ensemble(("gaussian-process",), np.random.default_rng(0), -9.0))
        stack.learn_base(x, base)
        stack.fit(x, y)
        shares.append(float(stack._shares[0]))
    assert shares[0] == pytest.approx(0.5, abs=0.05)
    assert abs(shares[1]) < 0.25


def test_expected_improvement_has_a_slope_everywhere() -> None:
    z = np.array([-3.0, -1.001, -0.999, 0.0, 2.0])
    plain = np.log(z * norm.cdf(z) + norm.pdf(z))
    assert ei(-z, np.ones(5), 0.0, 1.0) == pytest.approx(plain, rel=1e-9)
    far = ei(np.array([20.0, 49.9, 50.1, 1e4]), np.ones(4), 0.0, 1.0)
    assert np.isfinite(far).all()
    assert (np.diff(far) < 0).all()
    assert far[1] - far[2] == pytest.approx(0.2 * 50, rel=0.01)  # no jump between branches


def test_a_batch_does_not_ask_twice() -> None:
    """Two twins and one that is a little less promising, but otherwise unknown."""
    mean = np.array([0.0, 0.001, 0.2])
    twins = np.array([[1, 0.999, 0], [0.999, 1, 0], [0, 0, 1.0]])
    chosen = diverse(np.ones(3), twins, lambda spread: spread - mean, 3)
    assert chosen.tolist() == [0, 2, 1]
    alone = diverse(np.ones(3), np.eye(3), lambda spread: spread - mean, 2)
    assert alone.tolist() == [0, 1]


def test_moves_of_one_knob_of_two_and_trades() -> None:
    space = toy_space()
    parents = np.repeat(space.canonical(np.full((1, 12), 2)), 3000, axis=0)
    children = moved(space, parents, np.random.default_rng(0))
    assert np.array_equal(space.canonical(space.validate(children)), children)
    step = (children - parents)[:, 1:11]  # neither the gate nor what it gates
    changed = (step != 0).sum(axis=1)
    assert changed.max() == 2
    assert (changed == 1).mean() > 0.25
    assert ((step.max(axis=1) > 0) & (step.min(axis=1) < 0)).mean() > 0.35
    only = Space([Knob("only", (1,))])
    assert (moved(only, np.zeros((9, 1), dtype=np.int64), np.random.default_rng(0)) == 0).all()
