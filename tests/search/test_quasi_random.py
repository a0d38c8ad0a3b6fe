"""Quasi-random search: evenness that chance does not have; the same points however cut."""

import numpy as np

from cosearch.search import QuasiRandom
from cosearch.search.sampling.quasi_random import _permutations, _primes, _radical_inverse
from cosearch.space import Knob, Space


def test_the_first_points_fall_one_into_each_interval() -> None:
    """Halton's property, kept by permuting digits: b^k points, one in each of b^k intervals."""
    for base, power in ((2, 6), (3, 4), (5, 2), (7, 2)):
        points = base**power
        permutations = _permutations(base, np.random.default_rng(base))
        unit = _radical_inverse(np.arange(points), permutations)
        assert sorted(np.floor(unit * points).astype(int)) == list(range(points))
        assert (unit < 1).all()


def test_unscrambled_it_is_van_der_corputs_sequence() -> None:
    identity = np.tile(np.arange(3), (20, 1))
    unit = _radical_inverse(np.arange(5), identity)
    assert np.allclose(unit, [0, 1 / 3, 2 / 3, 1 / 9, 4 / 9])


def test_primes() -> None:
    assert _primes(8) == [2, 3, 5, 7, 11, 13, 17, 19]


def test_covers_pairs_of_knobs_more_evenly_than_chance() -> None:
    """Pearson's statistic over the 36 cells of two knobs, 180 points: chance has mean 35."""
    space = Space([Knob("a", tuple(range(6))), Knob("b", tuple(range(6)))])
    for seed in range(10):
        rows = QuasiRandom(space, np.random.default_rng(seed)).ask(180)
        counts = np.bincount(rows @ [6, 1], minlength=36)
        assert ((counts - 5.0) ** 2 / 5).sum() < 14  # chance: below 14 with p = 0.0004


def test_the_same_points_however_they_are_cut() -> None:
    space = Space([Knob(f"k{i}", tuple(range(4))) for i in range(30)])
    whole = QuasiRandom(space, np.random.default_rng(0)).ask(100)
    cut = QuasiRandom(space, np.random.default_rng(0))
    assert np.array_equal(whole, np.concatenate([cut.ask(1), cut.ask(0), cut.ask(59), cut.ask(40)]))
    other = QuasiRandom(space, np.random.default_rng(1)).ask(100)
    assert not np.array_equal(whole, other)


def test_long_genomes_reach_every_choice() -> None:
    space = Space([Knob(f"k{i}", tuple(range(4))) for i in range(60)])
    rows = QuasiRandom(space, np.random.default_rng(0)).ask(1000)
    counts = np.stack([np.bincount(column, minlength=4) for column in rows.T])
    assert np.abs(counts - 250).max() < 60
