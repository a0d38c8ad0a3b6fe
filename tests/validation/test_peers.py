"""The peers' inputs and outputs, as text; none of them is run here."""

import json
from pathlib import Path
from typing import Any

import pytest
from bench.peers import maestro, ours, scalesim, timeloop, zigzag
from bench.peers.__main__ import measured, row
from bench.peers.layers import SAMPLE, distinct_convolutions
from bench.peers.page import page
from bench.peers.peer import PeerMissingError, Result, Setting, last_line

NOWHERE = Setting(build=Path("nowhere"), python=Path("nowhere"))
PAGE = Path(__file__).parents[2] / "docs" / "results" / "peers.md"


@pytest.fixture(scope="module")
def layers() -> dict[str, dict[str, Any]]:
    return {layer["name"]: layer for layer in distinct_convolutions()[0]}


def test_layers_are_distinct_and_hold_the_sample(layers: dict[str, dict[str, Any]]) -> None:
    assert len(layers) == 43
    assert set(SAMPLE) <= set(layers)
    assert layers["resnet-18 stem"]["padding_x"] == (2, 3)
    assert layers["resnet-18 stage3.block0.shortcut"]["padding_x"] == (0, 0)


def test_our_own_side_is_timed() -> None:
    layers, columns = distinct_convolutions()
    result = ours.measure(layers[:2], columns[:2])
    assert list(result.seconds) == [layer["name"] for layer in layers[:2]]
    assert all(seconds > 0 for seconds in result.seconds.values())
    told = row(Result("Other", "", seconds={"b": 3.0}), [1], columns)
    assert (told["layers"], told["layers_per_s"]) == (1, 1 / 3)
    assert told["factor"] == pytest.approx(3 * told["ours_per_s"])


@pytest.mark.parametrize("tool", [zigzag, scalesim, maestro, timeloop])
def test_what_is_not_there_is_skipped_with_a_reason(tool: Any) -> None:
    layers = distinct_convolutions()[0][:1]
    with pytest.raises(PeerMissingError):
        tool.measure(layers, NOWHERE)
    told = row(measured("Tool", tool, layers, NOWHERE), [], distinct_convolutions()[1])
    assert told["skipped"]
    assert "layers_per_s" not in told


def test_scalesim_gets_padded_inputs(layers: dict[str, dict[str, Any]]) -> None:
    text = scalesim.topology(layers["resnet-18 stem"])
    assert text.splitlines()[1] == "layer,229,229,7,7,3,64,2,"
    report = (
        "LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall Cycles,"
        " Overall Util %,\n0, 130, 120, 20, 5,\n"
    )
    assert scalesim.compute_cycles(report) == 100


def test_maestro_reads_mappings_and_writes_cycles(layers: dict[str, dict[str, Any]]) -> None:
    dense = maestro.mapping(layers["resnet-18 stem"], 2)
    assert dense.count("Layer L") == 2
    assert "Dimensions { K: 64, C: 3, R: 7, S: 7, Y: 229, X: 229 }" in dense
    depthwise = maestro.mapping(layers[SAMPLE[3]], 1)
    assert "DSCONV" in depthwise
    assert "K: 1, C: 384" in depthwise
    assert maestro.runtime_cycles("Layer Number, Runtime (Cycles)\nL0, 42\n") == 42


def test_timeloop_problems_name_their_dimensions(layers: dict[str, dict[str, Any]]) -> None:
    dense, depthwise = (timeloop.problem(layers[name]) for name in (SAMPLE[0], SAMPLE[3]))
    assert "    C: 3\n" in dense
    assert "[[C]]" not in depthwise
    assert timeloop.stats_cycles("Utilization: 0.5\nCycles: 700\nEnergy: 1 uJ\n") == 700
    with pytest.raises(PeerMissingError):
        timeloop.stats_cycles("nothing")


def test_zigzags_answer_is_read() -> None:
    told = {"version": "3", "results": [{"name": "a", "seconds": 2.0, "cycles": 5.0}]}
    result = zigzag.parse(told)
    assert (result.seconds, result.cycles) == ({"a": 2.0}, {"a": 5.0})
    assert last_line("warning\n{}\n\n") == "{}"


def test_the_page_is_that_of_the_figures() -> None:
    record = json.loads(PAGE.with_suffix(".json").read_text())
    assert PAGE.read_text() == page(record)
