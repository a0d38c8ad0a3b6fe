"""`cosearch sweep`: what people type, what they get."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper
from typer.testing import CliRunner

from cosearch.cli import app
from cosearch.errors import CosearchError
from cosearch.hardware.kinds import parse_device

NAHAS = ("nahas", "--workload", "mobilenet_v2", "--workers", "1")


def ran(*arguments: object) -> str:
    words = ["sweep", *map(str, arguments)]
    done = CliRunner().invoke(app, words, catch_exceptions=False, env={"COLUMNS": "200"})
    assert done.exit_code == 0
    return done.stdout


def swept(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ran(*arguments, "--json"))
    return found


def test_a_budget(tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = swept(*NAHAS, "--area", "20", "--area", "9 mm2", "--top", 3, "--out", out)
    assert found["evaluated"] == 50_000
    assert [budget["limits"] for budget in found["budgets"]] == [{"area_mm2": 20}, {"area_mm2": 9}]
    assert found["workloads"][0]["name"] == "mobilenet-v2-1.0"
    assert found["model_difference"] < 1e-9
    for budget in found["budgets"]:
        times = [design["latency_ms"]["mobilenet-v2-1.0"] for design in budget["top"]]
        assert len(times) == 3
        assert times == sorted(times)
        assert all(d["area_mm2"] <= budget["limits"]["area_mm2"] for d in budget["top"])
        assert budget["nearest"] is None
        chip = parse_device(budget["top"][0]["accelerator"], "found")
        assert chip.peak_ops_per_s / 1e12 == pytest.approx(budget["top"][0]["peak_tops"])
    assert json.loads((out / "result.json").read_text()) == found
    rows = list(csv.DictReader((out / "front.csv").open()))
    assert len(rows) == len(found["front"]["designs"]) > 20
    areas = [float(row["area_mm2"]) for row in rows]
    times = [float(row["latency_ms mobilenet-v2-1.0"]) for row in rows]
    assert areas == sorted(areas)
    assert times == sorted(times, reverse=True)
    page = (out / "front.html").read_text()
    assert "Plotly.newPlot" in page
    assert "default-src 'none'" in page  # nothing is loaded


def test_several_workloads(tmp_path: Path) -> None:
    both = (*NAHAS, "--workload", "resnet-50")
    found = swept(
        *both, "--energy-front", "--reference", "nahas-baseline", "--top", 1, "--out", tmp_path
    )
    assert "latency against nahas-baseline" in (tmp_path / "front.html").read_text()
    assert found["front"]["objectives"] == ["latency", "area", "energy"]
    best = found["budgets"][0]["top"][0]
    gains = [
        found["reference"]["latency_ms"][name] / best["latency_ms"][name]
        for name in ("mobilenet-v2-1.0", "resnet-50")
    ]
    assert best["speed_up"] == pytest.approx((gains[0] * gains[1]) ** 0.5)
    worst = swept(*both, "--aggregate", "worst", "--no-front")
    assert worst["front"] is None
    assert worst["budgets"][0]["top"][0]["speed_up"] <= best["speed_up"]
    for text in ("geomean of 2 workloads", "50,000 designs evaluated", "exact front of latency"):
        assert text in ran(*both)


def test_a_budget_nobody_meets() -> None:
    limits = ("--area", "0.2", "--latency", "0.1us")
    budget = swept(*NAHAS, *limits)["budgets"][0]
    assert (budget["met_by"], budget["top"]) == (0, [])
    nearest = budget["nearest"]
    area = nearest["area_mm2"] / 0.2 - 1
    time = nearest["latency_ms"]["mobilenet-v2-1.0"] / 1e-4 - 1
    assert budget["violation"] == pytest.approx(area + time)
    assert "NO DESIGN meets this. The least violation is" in ran(*NAHAS, *limits)


def test_least_area_for_a_latency() -> None:
    found = swept(*NAHAS, "--objective", "area", "--latency", "1 ms", "--top", 1)
    best = found["budgets"][0]["top"][0]
    smaller = [
        design for design in found["front"]["designs"] if design["area_mm2"] < best["area_mm2"]
    ]
    assert best["latency_ms"]["mobilenet-v2-1.0"] <= 1
    assert smaller
    assert all(design["latency_ms"]["mobilenet-v2-1.0"] > 1 for design in smaller)


def test_a_reference_that_cannot_run(tmp_path: Path) -> None:
    """No speed-up, then; but the sweep goes on."""
    tiny = {"pes_x": 1, "pes_y": 1, "cores": 1, "lanes": 1, "core_memory_kib": 0.01}
    tiny |= {"pe_memory_kib": 0.1, "dram_gb_per_s": 1}
    (tmp_path / "tiny.json").write_text(json.dumps(tiny))
    words = (*NAHAS, "--reference", tmp_path / "tiny.json")
    found = swept(*words, "--out", tmp_path / "out")
    assert found["reference"]["latency_ms"] == {"mobilenet-v2-1.0": None}
    assert found["budgets"][0]["top"][0]["speed_up"] is None
    with pytest.raises(CosearchError, match="of a workload is unknown"):
        swept(*words, "--workload", "resnet-50")


def test_a_file(tmp_path: Path) -> None:
    nodes = [helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[2, 2])]
    shape = [1, 3, "h", 8]
    ends = [[helper.make_tensor_value_info(n, TensorProto.FLOAT, shape)] for n in "xy"]
    model = helper.make_model(helper.make_graph(nodes, "g", *ends))
    onnx.save(model, tmp_path / "mine.onnx")
    words = ("nahas", "--workload", tmp_path / "mine.onnx", "--shape", "x=1x3x8x8")
    found = swept(*words, "--no-front")
    assert found["workloads"][0]["macs"] == 0
    assert found["can_run"] > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mars", "--workload", "resnet-50"), "unknown space to sweep 'mars': allowed are apollo"),
        (("mobile", "--workload", "resnet-50"), "unknown space to sweep 'mobile'"),
        (("nahas", "--workload", "resnet-51"), "no file resnet-51"),
        ((*NAHAS, "--workload", "mobilenet-v2-1.0"), "mobilenet-v2-1.0: given twice"),
        ((*NAHAS, "--area", "-3"), "area '-3'"),
        ((*NAHAS, "--latency", "soon"), "time 'soon'"),
        ((*NAHAS, "--objective", "speed"), "unknown objective 'speed'"),
        ((*NAHAS, "--aggregate", "sum"), "unknown aggregate 'sum'"),
        ((*NAHAS, "--reference", "abacus"), "unknown device 'abacus'"),
        ((*NAHAS, "--top", "0"), "top = 0"),
        ((*NAHAS, "--workers", "0"), "workers = 0"),
        ((*NAHAS, "--device", "tpu"), "unknown device to sweep on 'tpu': allowed are cpu, cuda"),
    ],
)
def test_bad_input(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CosearchError, match=re.escape(message)):
        ran(*arguments)


def test_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(CosearchError, match="is not empty"):
        ran(*NAHAS, "--out", tmp_path)


def test_no_gpu() -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(CosearchError, match="device cuda: torch finds no CUDA GPU here"):
        ran(*NAHAS, "--device", "cuda")


def test_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cosearch.recipes.sweep.sweep", interrupted)
    done = CliRunner().invoke(app, ["sweep", *NAHAS])
    assert done.exit_code == 130
    assert "interrupted; nothing was written" in done.stderr
    assert done.stdout == ""
