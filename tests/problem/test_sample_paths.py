"""Draws within a range of costs: all of them within, each network as often as the others."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.problem.small_spaces import SPACES, everything, random_table

from cosearch.errors import CosearchError
from cosearch.families import fbnet_family
from cosearch.problem.paths import PathTable, Sampler, sample_paths

DRAWS = 40


def numbers(name: str, genomes: np.ndarray) -> np.ndarray:
    """Which of `everything` each genome is."""
    every = {genome.tobytes(): i for i, genome in enumerate(everything(name))}
    return np.array([every[genome.tobytes()] for genome in genomes])


def expect_uniform(name: str, drawn: np.ndarray, among: np.ndarray) -> None:
    seen = np.bincount(numbers(name, drawn), minlength=len(everything(name)))
    assert seen[among].sum() == len(drawn), "drawn from elsewhere"
    if len(among) > 1:  # one alone is drawn every time
        assert stats.chisquare(seen[among]).pvalue > 1e-4


@pytest.mark.parametrize("name", SPACES)
def test_without_a_range_all_networks_are_drawn_alike(name: str) -> None:
    table = random_table(name, np.random.default_rng(0), 1, "smooth")
    every = np.arange(len(everything(name)))
    drawn = sample_paths(table, np.random.default_rng(1), DRAWS * len(every))
    expect_uniform(name, drawn, every)


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("kind", ["smooth", "ties", "infinite"])
@pytest.mark.parametrize("span", [(0.0, 0.3), (0.3, 0.7), (0.6, 1.0)])
def test_uniform_within_the_range(name: str, kind: str, span: tuple[float, float]) -> None:
    table = random_table(name, np.random.default_rng(11), 1, kind)
    costs = table.costs(everything(name))[:, 0]
    low, high = np.quantile(costs[np.isfinite(costs)], span)
    sampler = Sampler.of(table, "m0", low, high)
    drawn = sampler.sample(np.random.default_rng(2), int(DRAWS * sampler.networks))
    spent = table.costs(drawn)[:, 0]
    assert (low <= spent).all()
    assert (spent <= high).all()
    among = np.unique(numbers(name, drawn))
    assert len(among) == sampler.networks
    expect_uniform(name, drawn, among)
    lost = sampler.rounded.lost
    inner = np.flatnonzero((costs >= low + lost) & (costs <= high - lost))
    assert np.isin(inner, among).all(), "more is left out than is said"
    assert lost <= 0.05 * (high - low) or kind == "ties"


def test_whole_numbers_lose_nothing() -> None:
    table = random_table("stages", np.random.default_rng(4), 1, "ties")
    costs = table.costs(everything("stages"))[:, 0]
    low, high = costs.min(), np.median(costs)
    sampler = Sampler.of(table, "m0", low - 0.5, high + 0.5)
    assert sampler.networks == (costs <= high).sum()


def test_fbnet_within_a_hundredth_of_its_range() -> None:
    table = PathTable.of(fbnet_family())
    drawn = sample_paths(
        table, np.random.default_rng(0), 500, at_least={"macs": 300e6}, at_most={"macs": 304e6}
    )
    macs = table.costs(drawn)[:, table.column("macs")]
    assert (macs >= 300e6).all()
    assert (macs <= 304e6).all()
    assert len(np.unique(drawn, axis=0)) == 500
    again = sample_paths(
        table, np.random.default_rng(0), 500, at_least={"macs": 300e6}, at_most={"macs": 304e6}
    )
    assert np.array_equal(drawn, again)


def test_an_empty_range_names_what_there_is() -> None:
    table = random_table("layers", np.random.default_rng(0), 2, "smooth")
    rng = np.random.default_rng(0)
    with pytest.raises(CosearchError, match=r"m0 from -inf to 0.01: no network there; .* have 0\."):
        sample_paths(table, rng, 1, at_most={"m0": 0.01})
    costs = np.sort(table.costs(everything("layers"))[:, 0])
    gap = int(np.argmax(np.diff(costs)))
    between = (costs[gap] * 0.6 + costs[gap + 1] * 0.4, costs[gap] * 0.4 + costs[gap + 1] * 0.6)
    with pytest.raises(CosearchError, match="no network that is within"):
        sample_paths(table, rng, 1, at_least={"m0": between[0]}, at_most={"m0": between[1]})
    with pytest.raises(CosearchError, match="one metric at a time"):
        sample_paths(table, rng, 1, at_least={"m0": 0.0}, at_most={"m1": 1.0})
    assert sample_paths(table, rng, 0).shape == (0, 5)
