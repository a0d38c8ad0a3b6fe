"""Medians, intervals, noise: against the bootstrap done the long way, and known cases."""

from __future__ import annotations

import numpy as np
import pytest

from cosearch.measure.statistics import Statistics, interval, summarise


def rounds(*medians: float, spread: float = 0.0, n: int = 21) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [median * (1 + spread * rng.normal(size=n)) for median in medians]


def test_the_interval_is_the_bootstraps() -> None:
    """Drawing order statistics equals drawing samples, up to the resampling's own noise."""
    samples = np.random.default_rng(1).lognormal(size=(5, 41))
    rng = np.random.default_rng(2)
    medians = []
    for _ in range(4_000):
        chosen = samples[rng.integers(5, size=5)]
        drawn = rng.permuted(np.take_along_axis(chosen, rng.integers(41, size=(5, 41)), 1), axis=1)
        medians.append(np.median(np.median(drawn, axis=1)))
    wanted = np.percentile(medians, [2.5, 97.5])
    np.testing.assert_allclose(interval(list(samples)), wanted, rtol=0.06)


def test_the_interval_covers_the_median_as_often_as_it_says() -> None:
    """Rounds that differ as the machine drifts: drawing from all alike would cover far less."""
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(300):
        drifted = [rng.normal(loc=rng.normal(10, 1), scale=0.1, size=30) for _ in range(9)]
        low, high = interval(drifted)
        hits += low <= 10 <= high
    assert 0.85 <= hits / 300 <= 0.99


def test_equal_samples_have_no_noise() -> None:
    found = summarise(rounds(0.002, 0.002, 0.002), rounds(0.001, 0.001, 0.001), None)
    assert found == Statistics(0.002, 0.002, 0.002, 0.001, 0.0, 0.0, 0, 63)


def test_one_bad_round_of_five_moves_no_median() -> None:
    found = summarise(rounds(1e-3, 1e-3, 1e-3, 1e-3, 9e-3), rounds(*[1e-3] * 5), None)
    assert found.median_s == pytest.approx(1e-3)
    assert found.noise > 1  # but it is not kept quiet


def test_drift_is_the_references() -> None:
    found = summarise(rounds(2e-3, 2e-3, 2e-3), rounds(1e-3, 1.1e-3, 1.5e-3), None)
    assert found.drift == pytest.approx(0.5)
    assert found.noise > 0.1  # a shaky reference is a shaky machine
    assert found.reference_s == pytest.approx(1.1e-3)


def test_scaling_undoes_what_slows_both() -> None:
    """The machine runs at half speed in a round, and the reference knows."""
    found = summarise(rounds(2e-3, 4e-3, 2e-3), rounds(1e-3, 2e-3, 1e-3), reference_s=3e-3)
    assert found.median_s == pytest.approx(6e-3)
    assert (found.low_s, found.high_s) == pytest.approx((6e-3, 6e-3))
    assert found.noise == pytest.approx(0)


def test_leaps_are_counted_where_they_are() -> None:
    quiet = rounds(1e-3, 1e-3, 1e-3)
    leapt = [samples.copy() for samples in quiet]
    leapt[1][4] = 3600.0
    assert summarise(leapt, quiet, None).leaps == 1
    assert summarise(quiet, leapt, None).leaps == 1
    slow = rounds(30.0, 30.0, 30.0)  # a slow network is no leap
    assert summarise(slow, quiet, None).leaps == 0
    leapt[1][4] = 0.3  # nor is a core taken away for a while
    assert summarise(leapt, quiet, None).leaps == 0
