"""The experiment on fused inverted bottlenecks runs, and says what its page says."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.etree import ElementTree

import pytest

from experiments import fused_ibn


@pytest.fixture(scope="module")
def results() -> list[fused_ibn.Result]:
    shapes = ((112, 32, 8, 3), (56, 32, 6, 3), (14, 24, 6, 3), (56, 32, 6, 5))
    return [fused_ibn.compare(*shape) for shape in shapes]


def test_the_fused_block_wins_early_and_late_but_not_between(
    results: list[fused_ibn.Result],
) -> None:
    early, middle, late, _ = results
    assert all(result.fused_macs > result.ibn_macs for result in results)
    assert early.speed_up > 1.5
    assert early.ibn_link_bytes > early.fused_link_bytes  # the depthwise layer does not fit
    assert late.speed_up > 1
    assert middle.speed_up < 1


def test_utilisation_alone_never_decides(results: list[fused_ibn.Result]) -> None:
    assert all(result.fused_arithmetic_s > result.ibn_arithmetic_s for result in results)


def test_efficientnet_edgetpu_is_about_ten_times_as_fast_as_resnet_50() -> None:
    ratios = fused_ibn.networks()
    for host in ("usb", "dev-board"):
        assert ratios[f"{host}, model"] == pytest.approx(ratios[f"{host}, measured"], rel=0.5)


def test_files(results: list[fused_ibn.Result], tmp_path: Path) -> None:
    path = tmp_path / "shapes.csv"
    fused_ibn.write_csv(results, path)
    rows = list(csv.DictReader(path.open()))
    assert len(rows) == len(results)
    assert float(rows[0]["speed_up"]) == pytest.approx(results[0].speed_up, rel=1e-4)
    picture = ElementTree.fromstring(fused_ibn.picture(results))
    assert f"{results[0].speed_up:.0f}" in [element.text for element in picture.iter()]
