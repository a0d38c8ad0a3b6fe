"""The learned cost model on joint genomes."""

import numpy as np
import pytest

from cosearch.cost.learned.mlp import train
from cosearch.errors import CosearchError

CARDINALITIES = (3, 4, 2, 5)


def samples(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Work over speed, and an area of two of the knobs."""
    genomes = np.random.default_rng(seed).integers(0, CARDINALITIES, (count, 4))
    work, lanes, wide, memory = genomes.T
    return genomes, (1 + work) / (1 + lanes) * 1e-3, 2.0 + wide + 0.3 * memory


def test_both_heads_learn() -> None:
    genomes, latency_s, area_mm2 = samples(600)
    model = train(genomes, CARDINALITIES, latency_s, area_mm2, hidden=(32, 32), epochs=60)
    asked, latency_s, area_mm2 = samples(100, seed=1)
    ours = model(asked)
    assert np.abs(ours[0] / latency_s - 1).mean() < 0.1
    assert np.abs(ours[1] / area_mm2 - 1).mean() < 0.1


def test_same_seed_same_model_and_infeasible_says_nothing() -> None:
    genomes, latency_s, area_mm2 = samples(300)
    plain = train(genomes, CARDINALITIES, latency_s, area_mm2, hidden=(8,), epochs=3)
    strangers = samples(40, seed=2)
    endless = train(
        np.concatenate([genomes, strangers[0]]),
        CARDINALITIES,
        np.concatenate([latency_s, np.full(40, np.inf)]),
        np.concatenate([area_mm2, strangers[2]]),
        hidden=(8,),
        epochs=3,
    )
    assert np.array_equal(plain(genomes), endless(genomes))


def test_too_few_samples_are_refused() -> None:
    genomes, latency_s, area_mm2 = samples(99)
    with pytest.raises(CosearchError, match="99 feasible samples"):
        train(genomes, CARDINALITIES, latency_s, area_mm2)
