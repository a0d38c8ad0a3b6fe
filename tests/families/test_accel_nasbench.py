"""Accel-NASBench's space against the benchmark's own counts."""

from pathlib import Path

import numpy as np
import pytest

from cosearch.benchmarks import accel_nasbench
from cosearch.errors import CosearchError
from cosearch.families.accel_nasbench import accel_nasbench_family, genomes_of
from cosearch.networks import Kind, Layers
from cosearch.testing import check_family


def test_size_and_conformance() -> None:
    family = accel_nasbench_family()
    assert family.space.size == 36**6 * 48
    check_family(family, samples=8)


def test_eager_networks_decode_as_they_are_built() -> None:
    family = accel_nasbench_family((3, 64, 64), eager=True)
    genome = family.space.sample(np.random.default_rng(0), 1)
    decoded = family.decode(genome)[0]
    built = family.network(genome[0]).layers
    assert np.array_equal(decoded.table(np.int64)[decoded.repeat > 0], built.table(np.int64))


def test_params_and_macs_are_the_benchmarks(reference_data: Path) -> None:
    """Its MACs are those of `thop`: 4 per normed value, and sums and quotients of pools."""
    file = reference_data / "accel_nasbench" / "accel_nasbench.csv"
    if not file.exists():
        pytest.skip(f"no {file}")
    bench = accel_nasbench(file)
    family = accel_nasbench_family()
    picked = np.random.default_rng(0).choice(len(bench), 300, replace=False)
    genomes = genomes_of(family.space, bench.choices[picked])
    layers = family.decode(genomes)
    assert thop_macs(layers) == pytest.approx(bench.macs[picked], rel=0, abs=1000)
    params = [family.network(genome).params for genome in genomes[:10]]
    assert params == pytest.approx(bench.params[picked[:10]], rel=3e-6)


def thop_macs(layers: Layers) -> np.ndarray:
    """As the tool counts them."""
    normed = (layers.kind == Kind.MAC) & (layers.out_y > 1)
    pooled = layers.kind == Kind.POOL
    extra = 4 * layers.outputs * normed + (layers.inputs + layers.outputs) * pooled
    return (layers.macs + extra * layers.repeat).sum(1)


def test_choices_outside_the_space_are_refused() -> None:
    family = accel_nasbench_family()
    choices = np.tile([6, 5, 3, 1], 7)[None]
    genomes_of(family.space, choices)
    for place, value in ((0, 5), (1, 7), (2, 4), (3, 2)):
        wrong = choices.copy()
        wrong[0, place] = value
        with pytest.raises(CosearchError, match="is needed"):
            genomes_of(family.space, wrong)
