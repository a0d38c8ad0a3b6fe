"""The surrogate on rows it was not fitted to, and how it is fitted."""

import csv
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from validation.accuracy_surrogate import validate
from validation.fit_surrogate import DEFAULT, ceiling_of, repeat_noise, reported
from validation.surrogate_gp import PairwiseGP, fit

from cosearch.accuracy.surrogate import unpacked
from cosearch.benchmarks import accel_nasbench
from cosearch.calibrate.agreement import kendall
from cosearch.errors import CosearchError

BLOCKS = ((2, 3), (3,), (2, 2))


def test_rows_kept_back_rank_as_the_manifest_says(reference_data: Path) -> None:
    figures = validate(reference_data / DEFAULT)
    assert figures["kept back: Kendall"] == pytest.approx(0.9255, abs=1e-3)
    assert figures["kept back: rows"] + figures["fitted to, left out"] == 4089
    assert "unseen: rows" not in figures


def test_rows_never_seen_are_told_from_those_fitted_to(
    reference_data: Path, tmp_path: Path
) -> None:
    with (reference_data / DEFAULT).open() as file:
        rows = list(csv.DictReader(file))
    kept = reported(accel_nasbench(reference_data / DEFAULT).choices)
    fitted = [row for row, is_kept in zip(rows, kept, strict=True) if not is_kept][:30]
    path = tmp_path / "rows.csv"
    _write(path, fitted)
    with pytest.raises(CosearchError, match="fitted to every row"):
        validate(path)
    others = [{**row, "block0_se": "True", "block6_se": "True"} for row in fitted]
    others = [row for row in others if row not in rows]
    _write(path, [*fitted, *others])
    figures = validate(path)
    assert figures["unseen: rows"] == len({tuple(row.items()) for row in others})
    assert figures["fitted to, left out"] == 30


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _small() -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(0)
    sizes = [int(np.prod(block)) for block in BLOCKS]
    code = np.stack([rng.integers(size, size=40) for size in sizes], axis=1)
    y = np.sin(code @ [1.0, 0.7, 0.3]) + code[:, 0] * code[:, 1] / 10
    return torch.tensor(code), torch.tensor(y)


def test_the_kernel_is_sums_and_products_of_the_blocks() -> None:
    gp, (code, _) = PairwiseGP(BLOCKS), _small()
    tables = [table.detach().numpy() for table in gp.tables()]
    first, second = np.exp(gp.log_order.detach().numpy())
    a, b = code[0], code[7]
    each = [table[a[i], b[i]] for i, table in enumerate(tables)]
    expected = first * sum(each) + second * sum(p * q for p, q in combinations(each, 2))
    assert gp.kernel(code)[0, 7].item() == pytest.approx(expected)


def test_the_posterior_is_the_process_s_mean_as_tables() -> None:
    """The tables' sum equals K(x, X) (K + noise)^-1 (y - mean) + mean, for networks not in X."""
    gp, (code, y) = fit(BLOCKS, *_small(), seed=0, steps=20), _small()
    with torch.no_grad():
        joint = gp.kernel(torch.cat([code, code[:5].flip(0) * 0 + 1]))
        noise = torch.exp(gp.log_noise) * torch.eye(40).double()
        weights = torch.linalg.solve(joint[:40, :40] + noise, y - gp.mean)
        expected = joint[40:, :40] @ weights + gp.mean
    tables = unpacked(gp.posterior(code, y), BLOCKS)
    assert sum(table[1, 1] for table in tables) == pytest.approx(expected[0].item(), rel=1e-9)


def test_noise_is_of_networks_trained_twice() -> None:
    genomes = np.array([[0], [1], [0], [2], [1]])
    noise, pairs = repeat_noise(genomes, np.array([0.5, 0.6, 0.52, 0.9, 0.6]))
    assert pairs == 2
    assert noise == pytest.approx(np.sqrt(0.02**2 / 2) / np.sqrt(2))


def test_a_perfect_model_is_as_good_as_its_truth_is_sharp() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=1500)
    seen = truth + rng.normal(size=1500) / 4
    assert ceiling_of(seen, 0.25) == pytest.approx(kendall(truth, seen), abs=0.02)


def test_repeated_networks_are_on_one_side() -> None:
    choices = np.random.default_rng(0).integers(1, 7, (500, 28))
    assert np.array_equal(reported(choices[::-1]), reported(choices)[::-1])
    assert 60 < reported(choices).sum() < 140
