"""What MACs say of times: the statistics, our own rows, the page."""

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from experiments.flops.measured import LAYERS, operators
from experiments.flops.misranking import misranking
from experiments.flops.operators_svg import Point, draw
from experiments.flops.own import Own
from experiments.flops.page import write_page
from experiments.flops.published import columns

MACS = np.linspace(1e8, 2e8, 500)


def test_where_time_is_macs_nothing_is_misranked() -> None:
    found = misranking(MACS, MACS * 3e-12)
    assert (found.spearman, found.kendall) == pytest.approx((1, 1))
    assert found.spread == pytest.approx(1)
    assert found.error == pytest.approx(0, abs=1e-12)


def test_spread_error_and_like_macs_are_what_was_put_in() -> None:
    """Every second network takes four times as long a MAC."""
    slow = np.arange(500) % 2 == 1
    found = misranking(MACS, MACS * np.where(slow, 4e-12, 1e-12))
    assert found.spread == pytest.approx(4)
    assert found.error == pytest.approx(1.5)  # the median is between the two
    assert found.like_macs == pytest.approx(4, rel=0.02) or np.isnan(found.like_macs)
    close = misranking(MACS / 1e3 + 1e8, np.where(slow, 4.0, 1.0))
    assert close.like_macs == pytest.approx(4)
    assert abs(close.spearman) < 0.1


def test_rows_without_a_time_are_left_out() -> None:
    time_s = MACS * 1e-12
    time_s[:10] = [np.nan, 0, *[np.inf] * 8]
    assert misranking(MACS, time_s).networks == 490
    assert misranking(MACS, time_s).spearman == pytest.approx(1)


def test_rows_mistaken_by_thousands_are_left_out() -> None:
    time_s = MACS * 1e-12
    time_s[:3] *= 1000
    assert misranking(MACS, time_s).networks == 497


def test_few_networks_alike_tell_no_spread() -> None:
    assert np.isnan(misranking(np.geomspace(1e6, 1e9, 50), np.ones(50)).like_macs)


def test_fbnet_s_macs_are_its_family_s(reference_data: Path, monkeypatch) -> None:
    monkeypatch.setenv("COSEARCH_DATA", str(reference_data))
    found = columns("FBNet")
    macs, time_s = next(iter(found.values()))
    assert len(macs) == len(time_s) == 5000
    assert 5e6 < macs.min() < macs.max() < 1e9
    rank = misranking(*found["pixel3"]).spearman
    assert rank == pytest.approx(0.9485, abs=1e-3)


def test_operators_are_those_of_two_layers() -> None:
    found = operators()
    assert len(found) == 64
    assert {name.partition(":")[0] for name in found} == set(LAYERS)
    assert all(network.macs > 0 for network in found.values())


def rows() -> Own:
    lines = []
    for precision, scale in (("fp32", 1.0), ("int8", 0.5)):
        for group in ("stage1", "networks"):
            for name, macs, time_us in (("mb1", 100, 10), ("sep1_se", 102, 40), ("choice", 200, 9)):
                times = {k: str(time_us * scale) for k in ("latency_us", "low_us", "high_us")}
                key = {"group": group, "name": name, "precision": precision, "noise": "0.02"}
                lines.append({**key, "macs": str(macs), **times})
    return Own(lines)


def test_the_most_unlike_of_like_macs() -> None:
    assert rows().like_macs("stage1", "fp32") == ("sep1_se", "mb1", 4.0)
    assert rows().layers == ["stage1"]


def test_what_was_too_noisy_is_left_out(tmp_path: Path) -> None:
    lines = ["group,name,macs,precision,latency_us,low_us,high_us,noise"]
    lines += ["a,x,1,fp32,1,1,1,0.1", "a,x,1,int8,1,1,1,0.3", "a,y,1,fp32,1,1,1,0.2"]
    path = tmp_path / "measured.csv"
    path.write_text("\n".join(lines) + "\n")
    assert [row["name"] for row in Own.read(path).rows] == ["y"]


def test_the_picture_is_drawn_to_scale() -> None:
    picture = draw({"a": [Point("mb1_k3", 1e6, 10), Point("sep_k3_se", 1e8, 1000)]})
    root = ET.fromstring(picture)
    circles = [c for c in root.iter("{http://www.w3.org/2000/svg}circle") if len(c)]
    low, high = circles
    assert float(low.get("cx", 0)) < float(high.get("cx", 0))
    assert float(low.get("cy", 0)) > float(high.get("cy", 0))  # slower is higher
    assert high.get("fill") == "none"


def test_the_page_says_where_macs_are_far_off(tmp_path: Path) -> None:
    row = {"networks": 9, "spearman": 0.5, "kendall": 0.4, "spread": 2.0, "like_macs": None}
    devices = {"near": {**row, "error": 0.5}, "far": {**row, "error": 4.5, "spearman": 0.1}}
    write_page({"Set": devices}, rows(), tmp_path / "page.md")
    text = (tmp_path / "page.md").read_text()
    assert "On 1 of 2 device settings" in text
    assert "the worst is far (Set), 450 %" in text
    assert "MACs rank worst on far (Set), Spearman 0.10" in text
    assert "| near | 9 | 0.500 | 0.400 | 2.00x | 50 % | – |" in text
    assert "`sep1_se`, `mb1`: 4.0x" in text
    assert "| stage1 | 3 |" not in text  # three tell no ranks
