"""Device files: what is wrong is named in one line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cosearch.errors import CosearchError
from cosearch.hardware import KINDS, Rooflines, devices, find_device_file
from cosearch.hardware.kinds import parse_device

EDGE: dict[str, Any] = {
    "pes_x": 2,
    "pes_y": 2,
    "cores": 2,
    "lanes": 16,
    "core_memory_kib": 8,
    "pe_memory_kib": 512,
    "dram_gb_per_s": 5,
}
EXAMPLES = ("edge", "roofline", "systolic", "row-stationary", "dpu")
ROOFLINE: dict[str, Any] = {
    "kind": "roofline",
    "name": "mine",
    "precision": "int8",
    "matrix_tops": {"int8": 4},
    "matrix_tile": [16, 16, 16],
    "vector_tops": 0.1,
    "near_memory_mib": 2,
    "dram_gb_per_s": 10,
}
DPU: dict[str, Any] = {
    "kind": "dpu",
    "name": "mine",
    "conv_lanes": [8, 16, 16],
    "conv_clock_mhz": 300,
    "alu_lanes": [4, 16],
    "clock_mhz": 300,
    "bank_kib": 256,
    "dram_gb_per_s": 19.2,
}


def refusal(data: object, folder: Path) -> str:
    path = folder / "device.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    with pytest.raises(CosearchError) as caught:
        find_device_file(str(path))
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message.replace(str(path), "FILE")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "gpu"}, "unknown kind of device FILE 'gpu': allowed are dpu, edge, "),
        ({"kind": "roofine"}, "did you mean 'roofline'?"),
        ({"kind": ["edge"]}, "unknown kind of device FILE"),
        ({"kind": None}, "unknown kind of device FILE 'None'"),
        ({"colour": "red"}, "unknown key 'colour': allowed are kind, name, "),
        ({"cores": -1}, "cores = -1: input should be greater than or equal to 1"),
        ({"cores": 1e9}, "cores = 1000000000.0: input should be less than or equal to 1024"),
        ({"cores": 2.5}, "cores = 2.5: "),
        ({"cores": True}, "cores = True: should be a number"),
        ({"cores": "4"}, "cores = '4': should be a number"),
        ({"cores": None}, "cores = None: "),
        ({"pe_memory_kib": 0}, "pe_memory_kib = 0: input should be greater than 0"),
        ({"clock_ghz": float("nan")}, "clock_ghz = nan: input should be a finite number"),
        ({"clock_ghz": float("inf")}, "clock_ghz = inf: input should be"),
        ({"clock_ghz": 800}, "clock_ghz = 800: input should be less than or equal to 20"),
        ({"precision": "fp64"}, "precision = 'fp64': input should be 'int8' or 'bf16'"),
        ({"name": 5}, "name = 5: input should be a valid string"),
        ({"matrix_tops": {"int8": 4}}, "unknown key 'matrix_tops'"),
    ],
)
def test_an_edge_file(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    assert message in refusal(EDGE | change, tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pes_x": 4}, "unknown key 'pes_x': allowed are kind, name, source, precision"),
        ({"dram_gb_per_s": -1}, "dram_gb_per_s = -1: input should be greater than 0"),
        ({"vector_tops": float("nan")}, "vector_tops = nan: input should be"),
        ({"vector_tops": 1e9}, "vector_tops = 1000000000.0: input should be less than"),
        ({"batch": 0}, "batch = 0: input should be greater than or equal to 1"),
        ({"matrix_efficiency": 1.2}, "matrix_efficiency = 1.2: input should be less than"),
        ({"matrix_tops": {}}, "precision = 'int8': matrix_tops knows none"),
        ({"matrix_tops": {"int4": 8}}, "matrix_tops.int4.[key] = 'int4': input should be"),
        ({"matrix_tops": {"int8": -2}}, "matrix_tops.int8 = -2: input should be greater than 0"),
        ({"matrix_tops": {"bf16": 2}}, "precision = 'int8': matrix_tops knows bf16"),
        ({"matrix_tops": 4}, "matrix_tops = 4: input should be a valid dictionary"),
        ({"matrix_tile": [16, 16]}, "matrix_tile.2 is missing"),
        ({"matrix_tile": [16, 0, 16]}, "matrix_tile.1 = 0: input should be greater than"),
        ({"near_gb_per_s": 5}, "near_gb_per_s = 5: memory on chip may not be slower than"),
        ({"far_memory_mib": 5}, "far_memory_mib and far_gb_per_s: give both or neither"),
        ({"matrix_macs_per_cycle": {"int8": 2000}}, "matrix_macs_per_cycle needs clock_ghz"),
    ],
)
def test_a_roofline_file(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    assert message in refusal(ROOFLINE | change, tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"conv_lanes": [8, 16]}, "conv_lanes.2 is missing"),
        ({"alu_lanes": [4, 0]}, "alu_lanes.1 = 0: input should be greater than"),
        ({"dram_efficiency": 1.5}, "dram_efficiency = 1.5: input should be less than or equal"),
        ({"large_pool_cycles": 0.5}, "large_pool_cycles = 0.5: input should be greater than"),
        ({"port_gb_per_s": 0}, "port_gb_per_s = 0: input should be greater than 0"),
        ({"cores": 2.5}, "cores = 2.5: "),
        ({"clock_ghz": 0.3}, "unknown key 'clock_ghz'"),
    ],
)
def test_a_dpu_file(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    assert message in refusal(DPU | change, tmp_path)


def test_a_peak_that_contradicts_the_clock(tmp_path: Path) -> None:
    """2 x 2,000 MACs x 1 GHz are the 4 TOPS stated; at 0.5 GHz they are 2."""
    path = tmp_path / "mine.json"
    consistent = ROOFLINE | {"matrix_macs_per_cycle": {"int8": 2000}, "clock_ghz": 1}
    path.write_text(json.dumps(consistent))
    assert find_device_file(str(path)).peak_ops_per_s == 4e12
    message = refusal(consistent | {"clock_ghz": 0.5}, tmp_path)
    assert "matrix_tops['int8'] = 4.0: but 2000 MACs a cycle at clock_ghz = 0.5 give 2 TOPS" in (
        message
    )
    message = refusal(consistent | {"matrix_macs_per_cycle": {"bf16": 2000}}, tmp_path)
    assert "matrix_tops['bf16'] = None" in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read as JSON"),
        ("{", "cannot be read as JSON"),
        ("[1]", "expected an object, found list"),
        ("null", "expected an object, found NoneType"),
        ("[" * 100_000, "cannot be read as JSON"),
        (json.dumps(EDGE | {"clock_ghz": 10**400}), "clock_ghz = "),
    ],
)
def test_files_that_are_no_device(text: str, message: str, tmp_path: Path) -> None:
    found = refusal(text, tmp_path)
    assert message in found
    assert len(found) < 400


def test_files_that_are_none(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.json", tmp_path):
        with pytest.raises(CosearchError, match="cannot be read as JSON"):
            find_device_file(f"{path}/" if path == tmp_path else str(path))


def test_the_examples_of_the_guide() -> None:
    """One of each kind, under the name of its section."""
    page = Path(__file__).parents[2] / "docs" / "how-to" / "own-device.md"
    blocks = re.findall(r"^```json\n(.*?)^```", page.read_text(), re.S | re.M)
    examples = [json.loads(block) for block in blocks]
    assert [row["kind"] for row in examples] == list(EXAMPLES)
    for row in examples:
        if row["kind"] in KINDS:
            assert parse_device(row, "example").name == row["name"]


def test_missing_fields_are_named(tmp_path: Path) -> None:
    for kind in (EDGE, ROOFLINE, DPU):
        for name in kind:
            rest = {key: value for key, value in kind.items() if key != name}
            if name not in ("kind", "name"):
                assert f"{name} is missing" in refusal(rest, tmp_path)


def test_shipped_rooflines_state_what_they_publish() -> None:
    """Every one has a source, a peak the clock agrees with, and power and area or 0 for unknown."""
    for file in devices().values():
        columns = file.columns()
        if not isinstance(columns, Rooflines):
            continue
        assert "assumption" in file.source
        assert columns.peak_ops_per_s >= file.peak_ops_per_s
        assert columns.watts >= 0
        assert file.model_dump()["matrix_macs_per_cycle"]
