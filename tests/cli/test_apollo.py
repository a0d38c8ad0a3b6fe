"""`run apollo` as people use it: killed, resumed, started from another run."""

import json
import shutil
import signal
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.cli.test_cli import cosearch, refused
from tests.cli.test_signals import command, wait_for

from cosearch.cost.models import find_device
from cosearch.report.run_data import Trials
from cosearch.report.search_page import search_data
from cosearch.zoo import find_network

NETWORK = "mobilenet-v2-0.35@64"
SMALL = ["run", "apollo", "--workload", NETWORK, "--optimizer", "genetic", "--trials", "96"]
RECORDS = "search/records.jsonl"


def result(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / "result.json").read_text())
    return {key: value for key, value in found.items() if key != "timings"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "whole"
    done = cosearch(*SMALL, "--out", folder)
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    assert "above the optimum of all 452,760,000 designs; trials to 5%: " in words
    assert "certified optimum" in words
    return folder


def test_the_result_is_held_against_the_optimum(whole: Path) -> None:
    found = result(whole)
    certified = found["certified"]
    assert certified["designs"] == 452_760_000
    assert 0 < certified["within_limits"] < certified["designs"]
    assert certified["model_difference"] < 1e-9
    assert certified["area_mm2"] <= 6.8
    assert certified["latency_ms"] <= found["latency_ms"]
    regret = found["latency_ms"] / certified["latency_ms"] - 1
    assert certified["regret"] == pytest.approx(regret)
    assert found["search"]["feasible"] == found["search"]["trials"] == 96  # the area is known
    rows = [json.loads(line) for line in (whole / RECORDS).read_text().splitlines()]
    best = min(row["metrics"]["latency_s"] for row in rows)
    assert found["latency_ms"] == pytest.approx(best * 1e3)
    assert rows[found["search"]["best"]]["metrics"]["latency_s"] == best


def test_the_accelerator_is_a_device_file(whole: Path) -> None:
    device = find_device(str(whole / "accelerator.json"))
    cost = device(find_network(NETWORK).layers).sum(-1)
    assert cost.latency_s * 1e3 == pytest.approx(result(whole)["latency_ms"])


def test_killed_and_resumed_it_ends_the_same(whole: Path, tmp_path: Path) -> None:
    """With SIGKILL: in the search, and once more in the sweep."""
    out = tmp_path / "killed"
    arguments = command(*SMALL, "--out", out)
    for moment in (RECORDS, "steps/search.json"):
        with subprocess.Popen(arguments, stdout=-1, stderr=-1, text=True) as process:
            wait_for(out / moment, process)
            process.send_signal(signal.SIGKILL)
        assert not (out / "result.json").exists()
        arguments = command("resume", out)
    done = cosearch("resume", out, "--json")
    assert done.returncode == 0, done.stderr
    assert {k: v for k, v in json.loads(done.stdout).items() if k != "timings"} == result(whole)
    for name in (RECORDS, "certified/records.jsonl", "accelerator.json"):
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name


class Assets(HTMLParser):
    loaded: tuple[str, ...] = ()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.loaded += tuple(
            value for key, value in attrs if key in ("src", "href") and value != "data:,"
        )


def test_the_page_loads_nothing_and_can_be_drawn_again(whole: Path) -> None:
    page = whole / "report.html"
    before = page.read_text()
    page.unlink()
    assert cosearch("report", whole).returncode == 0
    assert page.read_text() == before
    assert NETWORK in before
    assert "certified optimum" in before
    reader = Assets()
    reader.feed(before)
    assert reader.loaded == ()


def test_the_curve_falls_to_what_was_found(whole: Path) -> None:
    found, trials = result(whole), Trials.read(whole / RECORDS)
    data = search_data(found, trials)
    assert (np.diff(data["best"]) <= 0).all()
    assert data["best"][-1] == pytest.approx(found["latency_ms"] * 1e-3)
    assert data["best"][-1] >= data["optimum"]
    assert data["trial"].tolist() == list(range(1, 97))


def test_started_from_another_run_which_may_vanish(whole: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "warm"
    shutil.copytree(whole, source)
    arguments = [*SMALL, "--area", "4.8 mm2", "--no-certify", "--warm-start", source.name]
    done = cosearch(*arguments, "--out", out, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["search"]["taken_over"] == 96
    assert found["certified"] is None
    assert found["area_mm2"] <= 4.8
    shutil.rmtree(source)
    for name in ("result.json", "report.html"):
        (out / name).unlink()
    lines = (out / RECORDS).read_bytes().splitlines(keepends=True)
    (out / RECORDS).write_bytes(b"".join(lines[:40]))
    (out / "steps" / "search.json").unlink()
    again = cosearch("resume", out)
    assert again.returncode == 0, again.stderr
    assert (out / RECORDS).read_bytes() == b"".join(lines)
    assert "certified" not in again.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--workload", "mobilenet-v9"], "no file mobilenet-v9, and unknown network"),
        (["--workload", NETWORK, "--workload", NETWORK], f"workload {NETWORK}: given twice"),
        (["--workload", NETWORK, "--area", "big"], "area 'big'"),
        ([], "--workload"),
    ],
)
def test_bad_input_is_one_line(arguments: list[object], message: str, tmp_path: Path) -> None:
    assert message in refused("run", "apollo", *arguments, cwd=tmp_path)
    assert not list(tmp_path.iterdir())


def test_no_warm_start_where_there_is_no_run(tmp_path: Path) -> None:
    assert "holds no study" in refused(*SMALL, "--warm-start", tmp_path / "x", cwd=tmp_path)


def test_an_area_that_is_too_small(tmp_path: Path) -> None:
    line = refused(*SMALL[:-1], 32, "--area", "0.01", "--no-certify", cwd=tmp_path)
    assert "none of 32 trials is within 0.01 mm2; the nearest has " in line
