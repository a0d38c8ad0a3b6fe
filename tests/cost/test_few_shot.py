"""A new device from few samples: against devices made up, and against the textbook's formulas."""

from __future__ import annotations

import numpy as np
import pytest
from numpy import ndarray

from cosearch.cost.learned.features import one_hot, work
from cosearch.cost.learned.few_shot import NOISE, fit_few
from cosearch.cost.learned.prior import Group, Prior, choose, features_of, learn_prior
from cosearch.errors import CosearchError
from cosearch.families import FAMILIES

CHOICES = (4, 3, 5, 2, 3, 4)


def networks(n: int = 400) -> tuple[ndarray, tuple[Group, ...]]:
    rng = np.random.default_rng(1)
    genomes = rng.integers(0, CHOICES, (n, len(CHOICES)))
    hot = one_hot(genomes, CHOICES)
    sizes = hot @ rng.uniform(0, 1, (hot.shape[1], 3))
    return hot, (Group(hot, 0.01), Group(sizes, 0.3))


def devices(hot: ndarray, count: int, noise: float = 0.0) -> dict[str, ndarray]:
    """Additive latencies; what operators cost differs by two directions from device to device."""
    rng = np.random.default_rng(2)
    common, ways = rng.uniform(1, 3, hot.shape[1]), rng.normal(0, 0.5, (2, hot.shape[1]))
    made = {}
    for i in range(count):
        costs = np.maximum(common + rng.normal(0, 1, 2) @ ways, 0.1) * rng.uniform(0.001, 10)
        made[f"d{i}"] = (hot @ costs) * np.exp(rng.normal(0, noise, len(hot)))
    return made


def rank_correlation(a: ndarray, b: ndarray) -> float:
    return float(np.corrcoef(a.argsort().argsort(), b.argsort().argsort())[0, 1])


def test_ten_samples_tell_a_new_device() -> None:
    hot, groups = networks()
    tables = devices(hot, 6)
    new = tables.pop("d5")
    prior, features = learn_prior(groups, tables), features_of(groups)
    measured = choose(prior, features, 10)
    mean, spread = fit_few(prior, features[measured], new[measured])(features)
    assert rank_correlation(mean, new) > 0.99
    assert np.abs(mean / new - 1).mean() < 0.02
    assert rank_correlation(prior.relative(features), new) < 0.97  # it was not known before
    assert (np.abs(mean - new) < 3 * spread).mean() > 0.95


def test_the_unit_does_not_matter() -> None:
    hot, groups = networks()
    tables = devices(hot, 4)
    new = tables.pop("d3")
    features = features_of(groups)
    measured = np.arange(10)
    one = fit_few(learn_prior(groups, tables), features[measured], new[measured])(features)
    tables = {name: table * 1e3 for name, table in tables.items()}
    other = fit_few(learn_prior(groups, tables), features[measured], 1e-3 * new[measured])(features)
    np.testing.assert_allclose(np.array(one) * 1e-3, other, rtol=1e-9)


def test_noise_is_noticed() -> None:
    """A device measured badly gets wide spreads, a clean one narrow ones; both hold."""
    hot, groups = networks()
    prior, features = learn_prior(groups, devices(hot, 5)), features_of(groups)
    measured = choose(prior, features, 20)
    spreads = []
    for noise in (0.0, 0.1):
        new = devices(hot, 5, noise)["d4"]
        mean, spread = fit_few(prior, features[measured], new[measured])(features)
        assert (np.abs(mean - new) < 2 * spread).mean() > 0.85
        spreads.append((spread / mean).mean())
    assert spreads[1] > 3 * spreads[0]


def test_the_fit_is_the_textbook_gaussian_process() -> None:
    """Kernel, mean and spread as they stand in Rasmussen and Williams (2006), noise by noise."""
    hot, groups = networks(60)
    tables = devices(hot, 5, 0.05)
    new = tables.pop("d4")
    prior, features = learn_prior(groups, tables), features_of(groups)
    i = np.arange(0, 60, 7)
    basis = prior.basis(features)
    kernel, cross, own = basis[i] @ basis[i].T, basis @ basis[i].T, basis @ basis.T
    relative = prior.relative(features)
    scale = new[i].sum() / relative[i].sum()
    residual = new[i] / scale - relative[i]
    means, variances, evidence = [], [], []
    for noise in NOISE * prior.variance:
        whole = kernel + noise * np.eye(len(i))
        means.append(relative + cross @ np.linalg.solve(whole, residual))
        left = own - cross @ np.linalg.solve(whole, cross.T)
        variances.append(np.diag(left) + noise)
        evidence.append(
            -residual @ np.linalg.solve(whole, residual) / 2 - np.linalg.slogdet(whole)[1] / 2
        )
    p = np.exp(np.array(evidence) - max(evidence))
    p /= p.sum()
    mean = p @ means
    variance = p @ (np.array(variances) + np.square(means)) - mean**2
    found = fit_few(prior, features[i], new[i])(features)
    np.testing.assert_allclose(found[0], scale * mean, rtol=1e-6)
    np.testing.assert_allclose(found[1], scale * np.sqrt(variance), rtol=1e-6)


def test_the_prior_is_of_the_known_devices() -> None:
    """Their mean, their differences, and a share for each group."""
    hot, groups = networks()
    tables = devices(hot, 4)
    prior, features = learn_prior(groups, tables), features_of(groups)
    relative = np.stack([t / t.mean() for t in tables.values()], 1)
    size = relative.std(0)
    scaled = 1 + (relative - 1) / size * np.median(size)
    np.testing.assert_allclose(prior.relative(features), scaled.mean(1), atol=2e-3)
    assert prior.variance == pytest.approx(scaled.mean(1).var(), rel=0.01)
    basis = prior.basis(features)
    differences = (basis[:, :4] ** 2).sum(1)
    wanted = ((scaled - scaled.mean(1, keepdims=True)) ** 2).mean(1)
    np.testing.assert_allclose(differences, wanted, atol=1e-3)
    for columns, share in ((basis[:, 4:-5], 0.01), (basis[:, -5:-2], 0.3)):
        assert columns.var(0).sum() == pytest.approx(share * prior.variance)


def mean_doubt(prior: Prior, features: ndarray, measured: ndarray) -> float:
    basis = prior.basis(features)
    kernel = basis[measured] @ basis[measured].T + 0.01 * prior.variance * np.eye(len(measured))
    cross = basis @ basis[measured].T
    return float((basis**2).sum() - np.trace(cross @ np.linalg.solve(kernel, cross.T)))


def test_the_choice_leaves_little_doubt() -> None:
    hot, groups = networks()
    prior, features = learn_prior(groups, devices(hot, 4)), features_of(groups)
    chosen = choose(prior, features, 10)
    rng = np.random.default_rng(0)
    drawn = [rng.choice(len(hot), 10, replace=False) for _ in range(200)]
    assert mean_doubt(prior, features, chosen) < min(mean_doubt(prior, features, d) for d in drawn)
    each = [mean_doubt(prior, features, np.array([i])) for i in range(len(hot))]
    assert chosen[0] == np.argmin(each)
    second = [mean_doubt(prior, features, np.array([chosen[0], i])) for i in range(len(hot))]
    assert mean_doubt(prior, features, chosen[:2]) == pytest.approx(min(second))


def test_the_choice_keeps_to_what_is_offered() -> None:
    hot, groups = networks()
    prior, features = learn_prior(groups, devices(hot, 4)), features_of(groups)
    among = np.arange(50, 70)
    chosen = choose(prior, features, 20, among)
    assert sorted(chosen) == among.tolist()
    with pytest.raises(CosearchError, match="21 networks to choose: 1 to 20"):
        choose(prior, features, 21, among)


def test_an_idle_device_among_the_known_does_no_harm() -> None:
    """One whose latency is the same for all networks."""
    hot, groups = networks()
    tables = devices(hot, 4)
    new = tables.pop("d3")
    prior = learn_prior(groups, tables | {"idle": np.ones(len(hot))})
    features = features_of(groups)
    mean, _ = fit_few(prior, features[:30], new[:30])(features)
    assert np.isfinite(mean).all()
    assert rank_correlation(mean, new) > 0.9


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({}, "no table of another device"),
        ({"a": np.ones(399)}, "table a: 400 positive latencies"),
        ({"a": np.r_[np.ones(399), 0.0]}, "table a: 400 positive"),
        ({"a": np.r_[np.ones(399), np.nan]}, "table a: 400 positive"),
    ],
)
def test_bad_tables_are_named(tables: dict[str, ndarray], message: str) -> None:
    _, groups = networks()
    with pytest.raises(CosearchError, match=message):
        learn_prior(groups, tables)


@pytest.mark.parametrize("latency", [[], [1.0, 0.0], [1.0, np.inf]])
def test_bad_measurements_are_refused(latency: list[float]) -> None:
    hot, groups = networks()
    prior = learn_prior(groups, devices(hot, 2))
    with pytest.raises(CosearchError, match=f"{len(latency)} measurements"):
        fit_few(prior, features_of(groups)[: len(latency)], np.array(latency))


def test_one_hot() -> None:
    found = one_hot(np.array([[0, 2], [1, 0]]), (2, 3))
    assert found.tolist() == [[1, 0, 0, 0, 1], [0, 1, 1, 0, 0]]


def test_work_spans_macs_weights_and_operators() -> None:
    """Whatever is a sum over operators of a kind can be had from the columns."""
    family = FAMILIES["fbnet-cifar"].make()
    layers = family.decode(family.space.sample(np.random.default_rng(0), 200))
    columns = np.column_stack([np.ones(200), work(layers)])
    depthwise = (layers.groups > 1) & (layers.in_channels == 1)
    large = depthwise & (layers.kernel_y > 3)
    macs = (layers.macs, layers.macs * depthwise, layers.macs * large)
    for wanted in (*macs, layers.weights, layers.repeat):
        total = wanted.sum(1).astype(float)
        left = total - columns @ np.linalg.lstsq(columns, total, rcond=None)[0]
        assert np.abs(left).max() < 1e-6 * total.max()
    np.testing.assert_allclose(work(layers).std(0), 1)
