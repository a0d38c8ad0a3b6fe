"""The command line as people use it: real processes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from PIL import Image

from cosearch.recipes import RECIPES
from cosearch.recipes.run_folder import RunFolder

VERBS = ("", "demo", "run", "run nahas", "resume", "report", "profile", "map", "zoo", "list")
VERBS += ("measure", "bottleneck", "sweep")


def cosearch(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cosearch", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)  # type: ignore[call-overload, no-any-return]


def refused(*arguments: object, **options: object) -> str:
    """The one line an error prints; no traceback, status 2."""
    done = cosearch(*arguments, **options)
    assert done.returncode == 2, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


@pytest.mark.parametrize("verb", VERBS)
def test_help_is_quick_and_free_of_torch(verb: str) -> None:
    code = (
        "import sys; from cosearch.cli import app\n"
        f"try: app({[*verb.split(), '--help']!r}, standalone_mode=False)\n"
        "finally:\n"
        "    heavy = {'torch', 'numba', 'numpy', 'onnx', 'sklearn', 'plotly'} & set(sys.modules)\n"
        "    assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout or "usage" in done.stdout


def test_run_lists_its_recipes() -> None:
    listed = cosearch("run", "--help").stdout
    assert RECIPES
    assert all(name in listed for name in RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_settings_survive_a_manifest(name: str, tmp_path: Path) -> None:
    """A resumed run gets the settings class of its own recipe."""
    needed = {"workload": ("mobilenet-v2-1.0",)} if name == "apollo" else {}
    settings = RECIPES[name].settings(seed=7, workers=2, **needed)
    RunFolder.start(tmp_path / "out", name, settings).claim()
    assert RunFolder.open(tmp_path / "out").settings == settings


def test_importing_the_package_is_quick_and_free_of_torch() -> None:
    code = "import sys, cosearch; assert not {'torch', 'numpy', 'typer'} & set(sys.modules)"

    def seconds() -> float:
        """CPU time of one process: what other tests do on the machine does not count."""
        before = os.times()
        subprocess.run([sys.executable, "-c", code], check=True)
        after = os.times()
        user = after.children_user - before.children_user
        return user + after.children_system - before.children_system

    assert median(seconds() for _ in range(5)) < 0.5


LISTS = ("recipes", "networks", "spaces", "devices", "optimizers", "datasets")


@pytest.mark.parametrize("what", LISTS)
def test_list(what: str) -> None:
    rows = json.loads(cosearch("list", what, "--json").stdout)
    assert rows
    assert all(row["name"] and row["summary"] for row in rows)
    plain = cosearch("list", what).stdout
    assert all(row["name"] in plain for row in rows)


def test_zoo() -> None:
    rows = json.loads(cosearch("zoo", "--json").stdout)
    keys = ["name", "params", "macs", "family", "resolution", "source"]
    assert [list(row) for row in rows] == [keys] * len(rows)
    by_name = {row["name"]: row for row in rows}
    assert len(by_name) == len(rows) > 80
    assert by_name["mnasnet-a1"]["params"] == 3_887_038
    vits = json.loads(cosearch("zoo", "vit", "resnet-50", "--json").stdout)
    assert {row["family"] for row in vits} == {"vit", "resnet"}
    assert "3.887 M params" in cosearch("zoo", "mnasnet-a1").stdout


def test_an_unknown_network_names_the_nearest_only() -> None:
    line = refused("zoo", "mnasnet-a9")
    assert "mnasnet-a1" in line
    assert len(line) < 200


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lst"], "No such command 'lst'"),
        (["run"], "Missing command"),
        (["run", "nahs"], "; did you mean 'nahas'?"),
        (["run", "nahas", "--fast"], "No such option: --fast"),
        (["run", "nahas", "--trials", "many"], "--trials"),
        (["run", "nahas", "--trials", 0], "trials = 0: at least 1"),
        (["run", "nahas", "--latency", "-3ms"], "time '-3ms': expected a positive number"),
        (["run", "nahas", "--area", "big"], "area 'big'"),
        (["run", "nahas", "--chip", "npu"], "unknown device 'npu'"),
        (["run", "nahas", "--optimizer", "magic"], "unknown optimizer 'magic'"),
        (["run", "nahas", "--size", 3], "size = 3: 8 to 512"),
        (["list", "things"], "unknown list 'things'"),
        (["resume", "nowhere"], "nowhere: holds no run"),
        (["report", "nowhere"], "nowhere"),
        (["profile", "no.onnx", "--on", "nahas-baseline"], "no.onnx"),
    ],
)
def test_bad_input_is_one_line(arguments: list[object], message: str, tmp_path: Path) -> None:
    assert message in refused(*arguments, cwd=tmp_path)
    assert not list(tmp_path.iterdir())  # nothing half-written


def test_unknown_data_set_leaves_nothing_behind(tmp_path: Path) -> None:
    line = refused("run", "nahas", "--data", "digit", "--out", tmp_path / "out")
    assert "unknown data set 'digit'" in line
    assert not (tmp_path / "out").exists()


def images(folder: Path, classes: int, count: int = 6) -> Path:
    rng = np.random.default_rng(0)
    for c in range(classes):
        (folder / f"class{c}").mkdir(parents=True)
        for i in range(count):
            pixels = rng.integers(0, 256, (12, 12, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"class{c}" / f"{i}.png")
    return folder


def test_a_folder_with_one_class(tmp_path: Path) -> None:
    data = images(tmp_path / "data", 1)
    assert "class" in refused("run", "nahas", "--data", f"folder:{data}", "--out", tmp_path / "o")


def test_an_unreadable_image_is_named(tmp_path: Path) -> None:
    data = images(tmp_path / "data", 2)
    (data / "class1" / "3.png").write_bytes(b"not a picture")
    line = refused("run", "nahas", "--data", f"folder:{data}", "--out", tmp_path / "o")
    assert "class1/3.png" in line


def test_an_output_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    assert "is not empty" in refused("run", "nahas", "--out", tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    assert "cosearch resume" in refused("run", "nahas", "--out", tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize(
    "limit", [["--latency", "1ns"], ["--area", "0.01"], ["--energy", "1e-9 mJ"]]
)
def test_a_limit_nobody_can_meet(limit: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    line = refused("run", "nahas", *limit, "--out", out)
    assert "no design of 2048 tried meets the limits" in line
    assert "violation" in line
    assert len((out / "limits" / "records.jsonl").read_text().splitlines()) == 2048


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cores": -1}, "cores = -1"),
        ({"cores": None}, "cores = None"),
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"dram_gb_per_s": float("nan")}, "dram_gb_per_s"),
        ({"node_nm": 5}, "node_nm = 5"),
    ],
)
def test_a_malformed_accelerator_file(
    change: dict[str, object], message: str, tmp_path: Path
) -> None:
    chip = {
        "pes_x": 2,
        "pes_y": 2,
        "cores": 2,
        "lanes": 16,
        "core_memory_kib": 8,
        "pe_memory_kib": 512,
        "dram_gb_per_s": 5,
    } | change
    path = tmp_path / "chip.json"
    path.write_text(json.dumps(chip))
    (tmp_path / "x.onnx").write_bytes(b"")
    assert message in refused("profile", tmp_path / "x.onnx", "--on", path)


def test_a_file_that_is_no_onnx(tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(b"\x00\x01garbage" * 50)
    assert "x.onnx" in refused("profile", path, "--on", "nahas-baseline")
