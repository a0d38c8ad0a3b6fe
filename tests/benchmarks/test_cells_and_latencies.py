"""NAS-Bench-201's cells, and tables of latencies and accuracies, local and as published."""

from __future__ import annotations

import itertools
import pickle
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cosearch.accuracy import nasbench201
from cosearch.benchmarks import (
    fbnet_latencies,
    latencies,
    nasbench201_accuracies,
    nasbench201_latencies,
    used_edges,
)
from cosearch.benchmarks.cells import ENDS, operators_of
from cosearch.benchmarks.pickles import read_plain
from cosearch.errors import CosearchError
from cosearch.families import FAMILIES
from cosearch.families.nasbench201 import edges_of
from cosearch.networks.blocks.nasbench201 import OPERATORS

FORM = "|{}~0|+|{}~0|{}~1|+|{}~0|{}~1|{}~2|"


def cell(genome: Any) -> str:
    return FORM.format(*(OPERATORS[i] for i in genome))


GENOMES = np.random.default_rng(3).permutation(list(itertools.product(range(5), repeat=6)))


def accuracy_csv(path: Path, genomes: Any = GENOMES) -> Path:
    """The accuracy of a network tells its genome."""
    places = zip(genomes, place(genomes), strict=True)
    rows = [f"{i},{cell(g)},{p},{p / 2}" for i, (g, p) in enumerate(places)]
    path.write_text("\n".join(["arch,cellstr,cifar10-test,cifar10-val", *rows]) + "\n")
    return path


def place(genomes: Any) -> Any:
    """Per cent that grow with the place in lexicographic order."""
    return genomes @ 5 ** np.arange(5, -1, -1) / 200


def saved(path: Path, content: Any) -> Path:
    """As torch.save writes plain data."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(content))
        archive.writestr("archive/version", "3")
    return path


def test_operators_stand_as_in_the_family() -> None:
    space = FAMILIES["nasbench201"].make().space
    for genome in GENOMES[:200]:
        assert space.encode(edges_of(cell(genome))).tolist() == operators_of(cell(genome))
        assert operators_of(cell(genome)) == genome.tolist()


def reaches(genome: Any, node: int) -> bool:
    """By walking forward."""
    if node == 3:
        return True
    return any(genome[e] != 0 and start == node and reaches(genome, end)
               for e, (start, end) in enumerate(ENDS))  # fmt: skip


def test_used_edges_lead_to_the_output() -> None:
    genomes = np.array(list(itertools.product((0, 1, 3), repeat=6)))
    wanted = [[g[e] != 0 and reaches(g, end) for e, (_, end) in enumerate(ENDS)] for g in genomes]
    assert used_edges(genomes).tolist() == wanted


def test_accuracies_by_genome_whatever_the_order_of_rows(tmp_path: Path) -> None:
    table = nasbench201(accuracy_csv(tmp_path / "any.csv"))
    space = FAMILIES["nasbench201"].make().space
    genomes = space.sample(np.random.default_rng(0), 100)
    np.testing.assert_allclose(table(genomes), place(genomes) / 100)
    other = nasbench201(tmp_path / "any.csv", "cifar10-val")
    np.testing.assert_allclose(other(genomes), table(genomes) / 2)
    with pytest.raises(CosearchError, match="unknown column of NAS-Bench-201 'x': allowed are cif"):
        nasbench201(tmp_path / "any.csv", "x")


def test_a_cell_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(CosearchError, match="3 of 15625 cells missing"):
        nasbench201(accuracy_csv(tmp_path / "any.csv", GENOMES[:-3]))


def test_a_cell_of_another_form_is_named(tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    path.write_text("arch,cellstr,cifar10-test\n0,|none~0|,1\n")
    with pytest.raises(CosearchError, match=r"any\.csv: cell '\|none~0\|': 1 edges, 6 are needed"):
        nasbench201_accuracies(path)
    path.write_text(f"arch,cellstr,cifar10-test\n0,{cell(GENOMES[0]).replace('none', 'no')},1\n")
    assert "none" in cell(GENOMES[0])
    with pytest.raises(CosearchError, match=r"any\.csv: .*no operator 'no', but none, skip"):
        nasbench201_accuracies(path)


def test_latencies_from_a_table(tmp_path: Path) -> None:
    path = tmp_path / "latency_ms.csv"
    rows = [f"{i},{cell(g)},{i + 1},2.5" for i, g in enumerate(GENOMES[:5])]
    path.write_text("\n".join(["arch_idx,arch_str,phone,gpu_32", *rows]) + "\n")
    data = nasbench201_latencies(path)
    assert data.choices.tolist() == GENOMES[:5].tolist()
    assert list(data.latency_s) == ["phone", "gpu_32"]
    np.testing.assert_allclose(data.latency_s["phone"], [0.001, 0.002, 0.003, 0.004, 0.005])
    assert list(nasbench201_latencies(path, ["gpu_32"]).latency_s) == ["gpu_32"]
    with pytest.raises(CosearchError, match=r"no column tpu; it has"):
        nasbench201_latencies(path, ["tpu"])


def test_fbnet_from_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "fbnet" / "latency_ms.csv"
    path.parent.mkdir()
    blocks = [[(i + j) % 9 for j in range(22)] for i in range(3)]
    rows = ["-".join(map(str, b)) + ",1,2" for b in blocks]
    path.write_text("\n".join(["arch,a,b", *rows]) + "\n")
    monkeypatch.setenv("COSEARCH_DATA", str(tmp_path))
    data = fbnet_latencies()
    assert data.choices.tolist() == blocks
    family = FAMILIES["fbnet-cifar"].make()
    assert len(family.space) == 22
    family.space.validate(data.choices)
    path.write_text("arch,a\n1-x,2\n")
    with pytest.raises(CosearchError, match=r"latency_ms\.csv, column arch: .*'x'"):
        fbnet_latencies()


def test_latencies_as_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file per device and one of the networks, which differ between spaces by more than name."""
    contents = {
        "nasbench201/str_arch2idx.pt": {cell(g): i for i, g in enumerate(GENOMES)},
        "nasbench201/latency/pixel3.pt": list(range(1, 15626)),
        "fbnet/arch.pt": [[1] * 22, [2] * 22],
        "fbnet/latency/pixel3.pt": [3.5, 4],
    }
    names = []

    def download(url: str, known_hash: str, name: str) -> Path:
        assert url.startswith("https://raw.githubusercontent.com/HayeonLee/HELP/")
        assert known_hash.startswith("sha256:")
        names.append(name)
        return saved(tmp_path / name, contents[url.split("/data/")[1]])

    monkeypatch.delenv("COSEARCH_DATA", raising=False)
    monkeypatch.setattr(latencies, "download", download)
    cells = nasbench201_latencies(devices=["pixel3"])
    assert cells.choices.tolist() == GENOMES.tolist()
    np.testing.assert_allclose(cells.latency_s["pixel3"], np.arange(1, 15626) / 1e3)
    blocks = fbnet_latencies(devices=["pixel3"])
    assert blocks.choices.tolist() == [[1] * 22, [2] * 22]
    np.testing.assert_allclose(blocks.latency_s["pixel3"], [0.0035, 0.004])
    assert len(set(names)) == 4
    with pytest.raises(CosearchError, match=r"unknown device of fbnet 'pixel33'.*'pixel3'"):
        fbnet_latencies(devices=["pixel33"])


class Evil:
    def __reduce__(self) -> Any:
        return print, ("run",)


@pytest.mark.parametrize("content", [Evil(), [1, Evil()], np.zeros(3)])
def test_a_pickle_runs_nothing(
    tmp_path: Path, content: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CosearchError, match=r"f\.pt: not the plain data expected \(it asks for"):
        read_plain(saved(tmp_path / "f.pt", content))
    assert capsys.readouterr().out == ""


def test_a_broken_pickle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "f.pt"
    for content in (b"", b"no pickle", pickle.dumps([1, 2, 3])[:-3]):
        path.write_bytes(content)
        with pytest.raises(CosearchError, match=r"f\.pt: not the plain data"):
            read_plain(path)


def test_the_published_frame_without_pandas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As pandas 1.1 wrote it: a manager of blocks, each with the names of its rows."""
    path = tmp_path / "frame.pd"
    path.write_bytes(frame_pickle(monkeypatch))
    data = nasbench201_accuracies(path)
    assert data.choices.tolist() == GENOMES[:2].tolist()
    assert {name: column.tolist() for name, column in data.accuracy.items()} == {
        "cifar10-test": [0.5, 0.75],
        "cifar10-val": [0.25, 0.125],
    }
    path.write_bytes(pickle.dumps([1]))
    with pytest.raises(CosearchError, match=r"frame\.pd: not the frame of https"):
        nasbench201_accuracies(path)


def frame_pickle(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Through stand-ins for pandas's classes, named as its own in the stream."""
    internals = "pandas.core.internals"
    for module in (
        "pandas",
        "pandas.core",
        "pandas.core.frame",
        internals,
        f"{internals}.managers",
    ):
        monkeypatch.setitem(sys.modules, module, types.ModuleType(module))
    frame = stand_in("pandas.core.frame", "DataFrame")
    manager = stand_in(f"{internals}.managers", "BlockManager")
    cells = np.array([[cell(g) for g in GENOMES[:2]]], dtype=object)
    figures = np.array([[50.0, 75.0], [25.0, 12.5]])
    names = [np.array(["cellstr"], object), np.array(["cifar10-test", "cifar10-val"], object)]
    manager.state = ([], [cells, figures], names, {})
    frame.state = {"_data": manager, "_typ": "dataframe"}
    raw = pickle.dumps(frame, protocol=3)
    return raw.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


def stand_in(module: str, name: str) -> Any:
    methods = {"__module__": module, "__getstate__": lambda self: self.state}
    setattr(sys.modules[module], name, type(name, (), methods))
    return getattr(sys.modules[module], name)()


def test_the_benchmarks_themselves(reference_data: Path) -> None:
    """Accuracies and latencies have the same order; the best cell is a published one."""
    folder = reference_data / "nasbench201"
    if not (folder / "accuracy.csv").is_file():
        pytest.skip(f"no {folder}/accuracy.csv")
    accuracies = nasbench201_accuracies(folder / "accuracy.csv")
    assert len(np.unique(accuracies.choices, axis=0)) == 15625
    times = nasbench201_latencies(folder / "latency_ms.csv")
    assert (times.choices == accuracies.choices).all()
    assert all((column > 0).all() for column in times.latency_s.values())
    table = nasbench201(folder / "accuracy.csv")
    family = FAMILIES["nasbench201"].make()
    assert table.figures.max() == pytest.approx(0.892, abs=1e-3)
    disconnected = table(np.zeros((1, 6), dtype=np.int64))
    assert disconnected[0] < 0.15  # no edge at all: a guess
    assert table(family.space.encode(family.references["resnet"])[None])[0] > 0.85
