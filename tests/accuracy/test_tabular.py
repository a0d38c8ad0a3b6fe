"""Accuracies by table."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from cosearch.accuracy import TABLES, Accuracy, TabularAccuracy, nas_bench_macro
from cosearch.benchmarks.nas_bench_macro import FILE
from cosearch.errors import CosearchError
from cosearch.families import FAMILIES
from cosearch.families.nas_bench_macro import layers_of, nas_bench_macro_family

CODES = ["".join(digits) for digits in product("012", repeat=8)]


def write(path: Path, codes: list[str] = CODES) -> Path:
    """A table in the benchmark's form; network i has the accuracies i/100 - 1, i/100, i/100 + 1."""
    path.parent.mkdir(exist_ok=True)
    rows = {code: {"test_acc": [int(code, 3) / 100 + d for d in (-1, 0, 1)]} for code in codes}
    path.write_text(json.dumps(rows))
    return path


def test_a_table_is_read_by_genome(tmp_path: Path) -> None:
    """Codes are genomes: the family's knobs in their order, its operators in theirs."""
    accuracy = nas_bench_macro(write(tmp_path / "table.json"))
    space = nas_bench_macro_family().space
    genomes = space.sample(np.random.default_rng(0), 200)
    codes = ["".join(map(str, genome)) for genome in genomes]
    assert accuracy(genomes) == pytest.approx([int(code, 3) / 1e4 for code in codes])
    assert all(space.values(g) == layers_of(c) for g, c in zip(genomes, codes, strict=True))
    assert isinstance(accuracy, Accuracy)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_of_a_family_of_its_name(
    name: str, reference_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COSEARCH_DATA", str(reference_data))
    table = TABLES[name]()
    assert table.name == name
    assert tuple(FAMILIES[name].make().space.cardinalities) == table.cardinalities


def test_a_local_copy_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "nas_bench_macro" / FILE)
    monkeypatch.setenv("COSEARCH_DATA", str(tmp_path))
    assert nas_bench_macro()(np.array([[2] * 8])) == pytest.approx(0.656)


def test_a_missing_table_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("no route to host")

    monkeypatch.delenv("COSEARCH_DATA", raising=False)
    monkeypatch.setattr("pooch.retrieve", refuse)
    with pytest.raises(
        CosearchError, match=r"cannot download https.*json.*COSEARCH_DATA"
    ) as raised:
        nas_bench_macro()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ['{"00000000": {}}', "[]", "not json", '{"00000000": 3}'])
def test_a_damaged_table_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.json"
    path.write_text(text)
    with pytest.raises(CosearchError, match=r"table\.json"):
        nas_bench_macro(path)


def test_a_table_with_a_network_missing(tmp_path: Path) -> None:
    path = write(tmp_path / "table.json", CODES[:-1])
    with pytest.raises(CosearchError, match="no accuracy of network 22222222"):
        nas_bench_macro(path)


@pytest.mark.parametrize(("figures", "message"), [([0.5], "1 networks, 2 are"), ([1, 2], "0 to 1")])
def test_a_table_must_make_sense(figures: list[float], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        TabularAccuracy("t", "here", (2,), np.array(figures, dtype=float))


def test_the_benchmark_itself(reference_data: Path) -> None:
    """Its best network is the paper's; where the identity stands in a stage does not matter."""
    path = reference_data / "nas_bench_macro" / FILE
    if not path.is_file():
        pytest.skip(f"no {path}")
    accuracy = nas_bench_macro(path)
    best = np.flatnonzero(accuracy.figures == accuracy.figures.max())
    assert [CODES[i] for i in best] == ["22212202", "22212220"]
    assert accuracy.figures.max() == pytest.approx(0.9313, abs=5e-5)
    row = json.loads(path.read_text())["01201201"]
    genome = np.array([[0, 1, 2, 0, 1, 2, 0, 1]])
    assert accuracy(genome) == pytest.approx([row["mean_acc"] / 100])
