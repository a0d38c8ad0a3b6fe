"""Accel-NASBench's rows, from the csv and from the authors' archive."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cosearch.benchmarks import AccelNASBench, accel_nasbench
from cosearch.benchmarks.accel_nasbench import CHOICES, FILE, ORIGINAL
from cosearch.errors import CosearchError


def network(number: int) -> dict[str, Any]:
    """A network as its authors write it; figures tell the number."""
    values = {"e": 4, "k": 5, "l": 1 + number % 3, "se": number % 2 == 1}
    return {
        "architecture": {name: values[name.split("_")[1]] for name in reversed(CHOICES)},
        "metrics": {"val_top1": 50.0 + number, "val_top5": 75.5, "train_time": 1000.5},
        "model_info": {"macs": 300.25, "params": 4.5},
        "platform_perf": {
            "throughput_new": {"throughput_mean": 100.0 * number, "throughput_std": 1.0},
            "latency_fpga": {"latency_mean": 2.0 + number, "latency_std": None},
            "throughput_old": {"throughput_mean": None, "throughput_std": None},
        },
    }


def archive(path: Path, networks: dict[int, Any]) -> Path:
    with tarfile.open(path, "w:gz") as file:
        for number, row in networks.items():
            text = json.dumps(row).encode()
            member = tarfile.TarInfo(f"./anb_dataset_jsons/result_{number}.json")
            member.size = len(text)
            file.addfile(member, io.BytesIO(text))
    return path


def table(path: Path, numbers: list[int]) -> Path:
    """The same networks as a csv."""
    rows = []
    for number in numbers:
        one = network(number)
        row = {"id": number} | one["architecture"] | one["metrics"] | one["model_info"]
        for name, figures in one["platform_perf"].items():
            mean = figures[name.split("_")[0] + "_mean"]
            row[name] = "" if mean is None else mean
        rows.append(row)
    path.parent.mkdir(exist_ok=True)
    lines = [",".join(rows[0]), *(",".join(str(cell) for cell in row.values()) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def check(data: AccelNASBench, numbers: list[int]) -> None:
    assert data.number.tolist() == numbers
    assert len(data) == len(numbers)
    assert data.choices.tolist() == [[4, 5, 1 + i % 3, i % 2] * 7 for i in numbers]
    np.testing.assert_allclose(data.top1, [0.5 + i / 100 for i in numbers])
    np.testing.assert_allclose(data.top5, 0.755)
    np.testing.assert_allclose(data.train_s, 1000.5)
    np.testing.assert_allclose(data.macs, 300.25e6)
    np.testing.assert_allclose(data.params, 4.5e6)
    assert sorted(data.throughput_per_s) == ["new", "old"]
    np.testing.assert_allclose(data.throughput_per_s["new"], [100 * i for i in numbers])
    assert np.isnan(data.throughput_per_s["old"]).all()
    np.testing.assert_allclose(data.latency_s["fpga"], [0.002 + i / 1000 for i in numbers])


def test_archive_and_table_say_the_same(tmp_path: Path) -> None:
    """An archive is ordered by number, a table as it stands; any devices do."""
    numbers = [11, 2, 3]
    check(accel_nasbench(table(tmp_path / "any.csv", numbers)), numbers)
    packed = archive(tmp_path / "any.tar.gz", {i: network(i) for i in numbers})
    check(accel_nasbench(packed), sorted(numbers))


def test_a_local_copy_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COSEARCH_DATA", str(tmp_path))
    archive(tmp_path / ORIGINAL, {7: network(7)})
    check(accel_nasbench(), [7])
    table(tmp_path / "accel_nasbench" / FILE, [8])
    check(accel_nasbench(), [8])


def test_the_original_is_fetched_by_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def retrieve(url: str, known_hash: str, *rest: object) -> str:
        asked.append((url, known_hash))
        return str(archive(tmp_path / ORIGINAL, {1: network(1)}))

    monkeypatch.delenv("COSEARCH_DATA", raising=False)
    monkeypatch.setattr("pooch.retrieve", retrieve)
    check(accel_nasbench(), [1])
    (url, known_hash) = asked[0]
    assert url.endswith(ORIGINAL)
    assert known_hash.startswith("sha256:3520992d")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("block3_k", "block3_x"), "no column block3_k"),
        (lambda text: text.replace("300.25", "many"), "column macs: could not convert.*many"),
        (lambda text: text[: text.rindex(",")], "line 3: 3[0-9] cells, 3[0-9] columns"),
        (lambda text: text.replace(",5,", ",,"), "column block0_k: whole numbers"),
        (lambda text: "", "cannot read .*any.csv as csv"),
    ],
)
def test_a_damaged_table_is_named(tmp_path: Path, change: Any, message: str) -> None:
    path = table(tmp_path / "any.csv", [1, 2])
    path.write_text(change(path.read_text()))
    with pytest.raises(CosearchError, match=message):
        accel_nasbench(path)


@pytest.mark.parametrize("row", [{}, [], {"architecture": 1}, {**network(1), "metrics": None}])
def test_a_damaged_archive_is_named(tmp_path: Path, row: Any) -> None:
    with pytest.raises(CosearchError, match=r"any\.tar\.gz: not the archive of https"):
        accel_nasbench(archive(tmp_path / "any.tar.gz", {1: row}))


def test_a_file_that_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "any.tar.gz"
    path.write_text("hello")
    with pytest.raises(CosearchError, match="not the archive"):
        accel_nasbench(path)


def test_the_benchmark_itself(reference_data: Path) -> None:
    path = reference_data / "accel_nasbench" / FILE
    if not path.is_file():
        pytest.skip(f"no {path}")
    data = accel_nasbench(path)
    assert {"a100", "3090", "tpuv2", "tpuv3"} <= set(data.throughput_per_s)
    expansions, kernels, layers, squeezes = (set(data.choices[:, i::4].flat) for i in range(4))
    assert (expansions, kernels, squeezes) == ({1, 4, 6}, {3, 5}, {0, 1})
    assert layers == {1, 2, 3, 4}
    assert (data.macs > 5e7).all()
    assert (data.macs < 1e9).all()
    assert ((data.top1 > 0.2) & (data.top1 < data.top5)).all()
