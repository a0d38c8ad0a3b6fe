"""`cosearch bottleneck` and `cosearch list devices` as people use them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cosearch.cli import app
from cosearch.cli.roofline_text import MARKS, roofline_text
from cosearch.errors import CosearchError
from cosearch.hardware import devices, find_device_file
from cosearch.report.roofline_figure import draw_roofline, roofline_data


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in arguments], catch_exceptions=False)


def analysed(*arguments: object) -> dict[str, Any]:
    done = run("bottleneck", *arguments, "--json")
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_json_holds_everything() -> None:
    found = analysed("mobilenet-v2-1.0", "--on", "tpu-v3")
    assert list(found) == ["network", "device", "layers", "total", "shares", "roofline", "what_if"]
    assert found["total"]["macs"] == 300_774_272
    assert found["total"]["batch"] == 1
    assert found["device"]["name"] == "tpu-v3"
    assert {"name", "op", "time_us", "bound_by"} <= set(found["layers"][0])
    assert {row["resource"] for row in found["what_if"]} >= {"matrix peak", "DRAM bandwidth"}


@pytest.mark.parametrize("device", ["nahas-baseline", "v100"])
def test_tables_for_people(device: str) -> None:
    text = run("bottleneck", "mobilenet-v2-0.35", "--on", device).stdout
    assert "time by bound: " in text
    assert "what if there were twice as much" in text
    assert "operations per byte of DRAM" in text
    assert re.search(r"DRAM bandwidth .*x", text)


def test_settings_change_the_device() -> None:
    one = analysed("resnet-50", "--on", "v100")
    many = analysed("resnet-50", "--on", "v100", "--set", "batch=64", "--set", "dram_gb_per_s=2000")
    assert many["device"]["name"] == "v100 with batch=64, dram_gb_per_s=2000"
    assert many["total"]["batch"] == 64
    assert many["total"]["macs"] == 64 * one["total"]["macs"]
    assert many["total"]["images_per_s"] > 2 * one["total"]["images_per_s"]
    assert analysed("resnet-50", "--on", "a100", "--set", "precision=int8")["device"][
        "precision"
    ] == ("int8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "batch"], "--set batch: needs the form KEY=VALUE"),
        (["--set", "name=x"], "--set name=x: needs the form KEY=VALUE"),
        (["--set", "batch=0"], "device v100: batch = 0: input should be greater than"),
        (["--set", "batsch=2"], "device v100: unknown key 'batsch'"),
        (["--set", "precision=int8"], "precision = 'int8': matrix_tops knows fp16"),
        (["--plot", "roof.png"], "--plot roof.png: needs a name that ends in .html"),
        (["--shape", "x=1"], "--shape is for ONNX files"),
    ],
)
def test_bad_options(words: list[str], message: str) -> None:
    with pytest.raises(CosearchError, match=re.escape(message)):
        run("bottleneck", "resnet-50", "--on", "v100", *words)


def test_names_that_are_nothing() -> None:
    with pytest.raises(CosearchError, match=r"unknown device 'v10': .*did you mean 'v100'"):
        run("bottleneck", "resnet-50", "--on", "v10")
    with pytest.raises(CosearchError, match="no file resnet-51"):
        run("bottleneck", "resnet-51", "--on", "v100")


def test_the_plot_is_one_file_that_loads_nothing(tmp_path: Path) -> None:
    page = tmp_path / "new" / "roof.html"
    out = run("bottleneck", "mobilenet-v2-0.35", "--on", "t4", "--plot", page).stdout
    assert str(page) in out.replace("\n", "")
    text = page.read_text()
    assert "mobilenet-v2-0.35 on t4" in text
    assert "bound by capacity" in text
    assert "default-src 'none'" in text  # the page forbids itself to load anything


def test_the_plot_shows_each_layer_that_multiplies_once() -> None:
    found = analysed("mobilenet-v2-0.35", "--on", "t4")
    data = roofline_data(found)
    shown = [row["name"] for rows in data["groups"].values() for row in rows]
    assert sorted(shown) == sorted(row["name"] for row in found["layers"] if row["macs"])
    roof = found["roofline"]
    for corners in data["roofs"].values():
        assert all(y <= x * roof["dram_bytes_per_s"] * (1 + 1e-9) for x, y in corners)
    assert data["roofs"]["peak"][-1] == (data["right_end"], roof["peak_ops_per_s"])
    assert len(draw_roofline(data).data) == len(data["roofs"]) + len(data["groups"])


def test_the_text_roofline() -> None:
    data: dict[str, Any] = {
        "peak_ops_per_s": 1e12,
        "dram_bytes_per_s": 1e10,
        "intensity": [10.0, 1000.0, None, 5.0],
        "achieved_ops_per_s": [1e11, 5e11, 1e12, 0.0],
    }
    lines = roofline_text(data, ["DRAM", "compute", "on-chip", "vector unit"]).splitlines()
    canvas = lines[1:-2]
    assert lines[0] == "1 TOPS"
    roof = next(line for line in canvas if "····" in line)
    assert roof.endswith("o")  # at the peak, on the right edge
    assert sum(line.count("d") + line.count("c") for line in canvas) == 2
    assert not any(MARKS["vector unit"] in line for line in canvas)
    flat = roofline_text({**data, "dram_bytes_per_s": None}, ["DRAM"] * 4).splitlines()
    assert flat[1].count("·") > 60  # bandwidth without limit: a flat roof
    assert roofline_text({**data, "achieved_ops_per_s": [0.0] * 4}, ["DRAM"] * 4) == ""


def test_devices_are_listed_with_kind_peak_and_source() -> None:
    rows = json.loads(run("list", "devices", "--json").stdout)
    assert [row["name"] for row in rows] == list(devices())
    for row in rows:
        assert row["kind"] == row["file"]["kind"]
        assert row["peak_tops"] > 0
        assert len(row["source"]) > 20
        assert row["source"] in row["summary"]
    by_name = {row["name"]: row for row in rows}
    assert by_name["tpu-v2"]["peak_tops"] == 46
    assert len(run("list", "devices").stdout.splitlines()) == len(rows)


def test_a_listed_device_is_a_file_of_ones_own(tmp_path: Path) -> None:
    rows = json.loads(run("list", "devices", "--json").stdout)
    path = tmp_path / "mine.json"
    for row in rows:
        path.write_text(json.dumps(row["file"]))
        assert find_device_file(str(path)) == devices()[row["name"]]


def test_bad_input_is_one_line_and_status_2(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text('{"kind": "roofline", "precision": "int8", "speed": 3}')
    command = [sys.executable, "-m", "cosearch", "bottleneck", "resnet-50", "--on"]
    for device, message in ((str(file), "mine.json: "), ("v10", "did you mean 'v100'?")):
        done = subprocess.run([*command, device], capture_output=True, text=True)
        assert done.returncode == 2
        assert done.stderr.startswith("error: ")
        assert len(done.stderr.splitlines()) == 1
        assert message in done.stderr
