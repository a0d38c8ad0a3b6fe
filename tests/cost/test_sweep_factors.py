"""Design indices of the chip families that factorise."""

import numpy as np
import pytest

from cosearch.cost.sweep.factors import FactoredFamily, designs, genomes, off_chip, on_chip, sizes
from cosearch.families import ApolloChipFamily, NahasChipFamily
from cosearch.hardware import devices

ON_CHIP = (
    "pes_x",
    "pes_y",
    "cores",
    "lanes",
    "simd_width",
    "core_memory_bytes",
    "pe_memory_bytes",
    "clock_hz",
    "operand_bytes",
)


@pytest.mark.parametrize(
    ("family", "expected"),
    [(ApolloChipFamily(), (539_000, 840)), (NahasChipFamily(), (10_000, 5))],
)
def test_sides(family: FactoredFamily, expected: tuple[int, int]) -> None:
    n_on, n_off = sizes(family)
    assert (n_on, n_off) == expected
    assert n_on * n_off == family.space.size
    picked = np.random.default_rng(0).integers(0, n_on * n_off, 300)
    picked[:2] = 0, n_on * n_off - 1
    chips = family.decode(genomes(family, picked))
    assert np.array_equal(designs(family, genomes(family, picked)), picked)
    on, off = on_chip(family)[picked // n_off], off_chip(family)[picked % n_off]
    for name, column in chips.items():
        side = on if name in ON_CHIP else off
        assert np.array_equal(column, getattr(side, name)), name


def test_apollo_is_as_large_as_published() -> None:
    assert ApolloChipFamily().space.size == 452_760_000


@pytest.mark.parametrize(
    ("name", "tops"), [("edge-tpu-v1", 26.2), ("edge-tpu-v2", 8.73), ("edge-tpu-v3", 8.73)]
)
def test_edge_tpus_have_their_published_peaks(name: str, tops: float) -> None:
    assert devices()[name].peak_ops_per_s / 1e12 == pytest.approx(tops, rel=2e-3)


def test_references_have_the_peak_of_the_first_edge_tpu() -> None:
    family = ApolloChipFamily()
    for values in family.references.values():
        chip = family.decode(family.space.encode(values)[None])
        assert chip.peak_ops_per_s[0] / 1e12 == pytest.approx(26.2, rel=2e-3)
