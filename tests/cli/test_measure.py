"""`cosearch measure` as people use it: real runtimes, and once a process of its own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.cli.test_cli import cosearch, refused

from cosearch.cli import app
from cosearch.cli.measure import _cores
from cosearch.errors import CosearchError
from cosearch.families import FAMILIES
from cosearch.measure.named import find_model
from cosearch.networks import Network

QUICK = ("--rounds", 1, "--repeats", 2, "--round-time", "1us", "--accept-noise")


def test_a_table_of_runtimes_and_precisions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "records.json"
    done = cosearch(
        *("measure", "mobilenet-v1-0.25@32", "--on", "onnxruntime", "--on", "litert"),
        *("--precision", "fp32", "--precision", "int8", *QUICK, "--out", out),
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split()[1:4:2] for line in done.stdout.splitlines() if line.startswith("│")]
    assert rows == [
        ["onnxruntime", "fp32"],
        ["onnxruntime", "int8"],
        ["litert", "fp32"],
        ["litert", "int8"],
    ]
    assert "ai-edge-litert" in done.stdout
    records = json.loads(out.read_text())
    assert [record["settings"]["precision"] for record in records] == ["fp32", "int8"] * 2

    app(["measure", "--verify", str(out)], standalone_mode=False)
    checked = capsys.readouterr().out
    assert all(record["sha256"] in checked for record in records)
    records[2]["statistics"]["median_s"] /= 2
    out.write_text(json.dumps(records))
    with pytest.raises(CosearchError, match="changed after it was made"):
        app(["measure", "--verify", str(out)], standalone_mode=False)


def test_json_is_the_record_of_what_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [
        "--batch",
        "2",
        "--threads",
        "2",
        "--warm-up",
        "3",
        "--cores",
        "0",
        "--reference",
        "0.2ms",
        "--json",
    ]
    command = ["measure", "mobilenet-v1-0.25@32", "--on", "onnxruntime", *map(str, QUICK), *asked]
    app(command, standalone_mode=False)
    record = json.loads(capsys.readouterr().out)
    wanted = {"batch": 2, "threads": 2, "warm_up": 3, "cores": [0], "reference_s": 2e-4}
    assert wanted.items() <= record["settings"].items()
    assert record["settings"]["max_rounds"] == 3
    assert record["model"] == "mobilenet-v1-0.25@32"
    assert len(record["rounds_s"][0]) >= 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nonet", "--on", "onnxruntime"), "no file nonet, and unknown network 'nonet'"),
        (("mobilenet-v1-0.25", "--on", "tflite"), "did you mean 'litert'?"),
        (("mobilenet-v1-0.25",), "--on a runtime"),
        (("a.onnx", "--on", "onnxruntime", "--on", "torch"), "a.onnx: no such file"),
        (("mobilenet-v1-0.25", "--on", "onnxruntime", "--batch", "0"), "batch 0"),
    ],
)
def test_bad_input_writes_nothing(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    with pytest.raises(CosearchError, match=re.escape(message)):
        app(["measure", *arguments, "--out", str(out)], standalone_mode=False)
    assert not out.exists()


def test_bad_input_is_one_line() -> None:
    assert "allowed are litert" in refused("measure", "mobilenet-v1-0.25", "--on", "tpu")


def test_models_by_name(tmp_path: Path) -> None:
    network = find_model("mnasnet:mnasnet-a1")
    assert isinstance(network, Network)
    family = FAMILIES["mnasnet"].make()
    wanted = family.space.encode(family.references["mnasnet-a1"])
    assert network.nodes == family.network(wanted).nodes  # type: ignore[attr-defined]
    assert network.name == "mnasnet:mnasnet-a1"
    assert find_model(str(tmp_path / "a.onnx")) == tmp_path / "a.onnx"
    for name, message in (
        ("mnasnet:nothing", "unknown reference of mnasnet 'nothing'"),
        ("mnasnot:a1", "unknown family 'mnasnot'"),
        ("apollo-chip:x", "holds accelerators"),
    ):
        with pytest.raises(CosearchError, match=message):
            find_model(name)


def test_cores() -> None:
    assert (_cores(""), _cores("3"), _cores("0, 2")) == ((), (3,), (0, 2))
    for text in ("a", "0,", "-1", "0-3"):
        with pytest.raises(CosearchError, match="needs the form"):
            _cores(text)
