"""Table files, their hash, and what they answer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cosearch.cost.lookup import (
    Correction,
    LookupModel,
    LookupRow,
    LookupTable,
    fit_correction,
    read_table,
    write_table,
)
from cosearch.errors import CosearchError


def row(latency_s: float) -> LookupRow:
    return LookupRow("some block", latency_s, latency_s, latency_s, 0.01, 0.02, 30)


TABLE = LookupTable(
    "toy", "0123", {"runtime": "none", "cores": (0, 1)}, {"a": row(1e-3), "b": row(2e-3)}
)
GENOMES = np.array([[0, 1, 1], [1, -1, -1], [-1, -1, -1]])


def test_files_come_back_equal(tmp_path: Path) -> None:
    table = replace(TABLE, correction=Correction(1e-5, 0.9, -2e-6, 20))
    write_table(tmp_path / "t.json", table)
    back = read_table(tmp_path / "t.json")
    assert back.to_dict() == table.to_dict()
    assert back.rows == table.rows
    assert back.correction == table.correction
    assert back.sha256 == table.sha256 != TABLE.sha256


@pytest.mark.parametrize(
    "where", [("rows", "a", "latency_s"), ("manifest", "runtime"), ("fingerprint",), ("sha256",)]
)
def test_a_changed_table_is_refused(tmp_path: Path, where: tuple[str, ...]) -> None:
    data = TABLE.to_dict()
    inner = data
    for name in where[:-1]:
        inner = inner[name]
    inner[where[-1]] = 5
    (tmp_path / "t.json").write_text(json.dumps(data))
    with pytest.raises(CosearchError, match=r"t\.json: sha256 is .* changed after it was made"):
        read_table(tmp_path / "t.json")


@pytest.mark.parametrize("data", [[], {}, {"format": "cosearch-lookup-0"}])
def test_another_format_is_refused(tmp_path: Path, data: object) -> None:
    (tmp_path / "t.json").write_text(json.dumps(data))
    with pytest.raises(CosearchError, match=r"format .* needed is 'cosearch-lookup-1'"):
        read_table(tmp_path / "t.json")


def test_another_space_is_refused_with_both_fingerprints() -> None:
    TABLE.check_space("toy", "0123")
    with pytest.raises(CosearchError, match=r"of toy, fingerprint 0123; .* other, fingerprint 456"):
        TABLE.check_space("other", "456")


def test_sums() -> None:
    model = LookupModel(TABLE, ["b", "a"], ["", ""])
    np.testing.assert_allclose(model.sum_s(GENOMES), [4e-3, 1e-3, 0])
    np.testing.assert_allclose(model.block_s(GENOMES)[1], [1e-3, 0, 0])
    np.testing.assert_array_equal(model.latency_s(GENOMES), model.sum_s(GENOMES))


def test_a_correction_counts_the_blocks_that_do_something() -> None:
    table = replace(TABLE, correction=Correction(1e-4, 0.5, 1e-5, 20))
    latency_s = LookupModel(table, ["b", "a"], ["", ""]).latency_s(GENOMES)
    np.testing.assert_allclose(latency_s, [1e-4 + 2e-3 + 3e-5, 1e-4 + 5e-4 + 1e-5, 1e-4])


def test_a_missing_key_is_named() -> None:
    with pytest.raises(CosearchError, match=r"of toy has no row 'c' \(a third\): 2 rows"):
        LookupModel(TABLE, ["a", "c"], ["", "a third"])


# ---- the correction


def test_a_correction_is_found_again() -> None:
    rng = np.random.default_rng(0)
    sums, blocks = rng.uniform(1e-3, 5e-3, 30), rng.integers(5, 20, 30)
    truth = Correction(-2e-5, 0.87, 3e-6, 30)
    found = fit_correction(sums, blocks, truth(sums, blocks))
    for name in ("constant_s", "factor", "per_block_s"):
        assert getattr(found, name) == pytest.approx(getattr(truth, name), rel=1e-6)
    assert found.networks == 30


def test_errors_count_relative_to_the_network() -> None:
    """Two lines through small and large networks: the small ones' is followed as closely."""
    sums = np.array([1.0, 2, 3, 100, 200, 300])
    measured = np.array([1.0, 2, 3, 110, 220, 330])
    found = fit_correction(sums, np.full(6, 4), measured)
    assert np.abs(found(sums, np.full(6, 4)) / measured - 1).max() < 0.11


def test_as_many_blocks_in_all_networks_give_no_term() -> None:
    sums = np.array([1.0, 2, 3, 4])
    found = fit_correction(sums, np.full(4, 7), 2 * sums + 1)
    assert found.per_block_s == 0
    assert (found.factor, found.constant_s) == pytest.approx((2, 1))


def test_too_few_networks_are_refused() -> None:
    with pytest.raises(CosearchError, match="3 networks: at least 4"):
        fit_correction(np.ones(3), np.ones(3, dtype=int), np.ones(3))
