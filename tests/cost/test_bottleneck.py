"""What bounds a layer and what doubling a resource gives, on every kind of device."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cosearch.cost.bottleneck import (
    BOUNDS,
    CANNOT_RUN,
    CAPACITY,
    bottleneck,
    double,
    refined_bounds,
    time_shares,
    with_large_memories,
)
from cosearch.cost.models import Device, find_device
from cosearch.cost.resources import present, resources_of
from cosearch.cost.roofline.model import RooflineModel
from cosearch.errors import CosearchError
from cosearch.hardware import KINDS, ChipFile, devices
from cosearch.hardware.roofline_file import RooflineFile
from cosearch.networks import Builder, Network
from cosearch.zoo import find_network

ONE_OF_EACH_KIND = list({file.kind: name for name, file in devices().items()}.values())
NETWORK = find_network("mobilenet-v2-0.35")


def one_convolution(channels: int = 64, size: int = 16) -> Network:
    net = Builder("one", (channels, size, size))
    net.conv("input", channels, "a")
    return net.build()


def roofline_device(**changes: Any) -> Device:
    plain: dict[str, Any] = {
        "precision": "fp16",
        "matrix_tops": {"fp16": 2.0},
        "matrix_tile": (1, 1, 1),
        "vector_tops": 2.0,
        "near_memory_mib": 1,
        "dram_gb_per_s": 10,
    }
    return Device(RooflineFile(**plain | changes))


def test_one_device_of_each_kind() -> None:
    assert len(ONE_OF_EACH_KIND) == len(KINDS)


@pytest.mark.parametrize("name", ONE_OF_EACH_KIND)
def test_what_if_is_the_model_itself(name: str) -> None:
    """The batched answer equals the model asked about each changed device alone."""
    device = find_device(name)
    chip = device.file.columns()
    found = bottleneck(device, NETWORK)
    base = float(device(NETWORK.layers).latency_s.sum())
    assert found["total"]["time_us"] == pytest.approx(base * 1e6)
    assert {row["column"] for row in found["what_if"]} == {r.column for r in present(chip)}
    by_column = {row["column"]: row for row in found["what_if"]}
    for resource in present(chip):
        alone = device.model(NETWORK.layers, double(chip, resource)[None]).latency_s.sum()
        row = by_column[resource.column]
        assert row["latency_us"] == pytest.approx(float(alone) * 1e6)
        assert row["speedup"] == pytest.approx(base / float(alone))
        assert resource.may_hurt or row["speedup"] >= 1 - 1e-9
    gains = [row["speedup"] for row in found["what_if"]]
    assert gains == sorted(gains, reverse=True)


@pytest.mark.parametrize("name", ONE_OF_EACH_KIND)
def test_shares_and_bounds_add_up(name: str) -> None:
    found = bottleneck(find_device(name), NETWORK)
    assert sum(found["shares"].values()) == pytest.approx(1)
    total = found["total"]["time_us"]
    for bound, share in found["shares"].items():
        assert bound in BOUNDS
        rows = [row for row in found["layers"] if row["bound_by"] == bound]
        assert sum(row["time_us"] for row in rows) == pytest.approx(share * total)
    assert found["total"]["bound_by"] == f"mostly {next(iter(found['shares']))}"


@pytest.mark.parametrize("name", ONE_OF_EACH_KIND)
def test_no_layer_is_above_the_roof(name: str) -> None:
    roof = bottleneck(find_device(name), NETWORK)["roofline"]
    for intensity, reached in zip(roof["intensity"], roof["achieved_ops_per_s"], strict=True):
        top = roof["peak_ops_per_s"]
        if intensity is not None:
            top = min(top, intensity * roof["dram_bytes_per_s"])
        assert reached <= top * (1 + 1e-9)


def test_what_bounds_a_layer_by_hand() -> None:
    """2^20 MACs at 10^12 a second: 1.05 µs. 65,536 bytes of DRAM traffic at 10 GB/s: 6.55 µs."""
    network = one_convolution()
    found = bottleneck(roofline_device(), network)
    assert found["layers"][0]["bound_by"] == "DRAM"  # the ends of a network always go there
    speedups = {row["resource"]: row["speedup"] for row in found["what_if"]}
    assert speedups == {
        "DRAM bandwidth": pytest.approx(2),
        "matrix peak": 1,
        "vector peak": 1,
        "on-chip memory": 1,
    }
    found = bottleneck(roofline_device(dram_gb_per_s=1000), network)
    assert found["layers"][0]["bound_by"] == "compute"
    assert found["roofline"]["intensity"] == [2 * 2**20 / 65536]
    assert found["roofline"]["achieved_ops_per_s"] == [pytest.approx(2e12)]
    assert found["total"]["images_per_s"] == pytest.approx(1e12 / 2**20)


def test_capacity_is_dram_traffic_that_larger_memories_would_save() -> None:
    """Weights of 2 x 4,096 bytes fit a half of 1 MiB, not one of 4 KiB."""
    network = one_convolution(64, 1)
    few_activations = {"dram_gb_per_s": 1, "matrix_tops": {"fp16": 0.02}}
    found = bottleneck(roofline_device(near_memory_mib=4 / 1024, **few_activations), network)
    assert found["layers"][0]["bound_by"] == CAPACITY
    assert found["shares"] == {CAPACITY: 1.0}
    found = bottleneck(roofline_device(**few_activations), network)
    assert found["layers"][0]["bound_by"] == "compute"


def test_resources_that_are_absent_or_unlimited_are_left_out() -> None:
    columns = roofline_device().file.columns()
    left_out = {row.column for row in resources_of(columns)} - {r.column for r in present(columns)}
    assert left_out == {"near_bytes_per_s", "far_memory_bytes", "far_bytes_per_s", "launches_per_s"}


def test_a_layer_that_cannot_run_is_said_so() -> None:
    device, network = roofline_device(), one_convolution()
    cost = RooflineModel()(network.layers, device.file.columns()[None])
    stuck = replace(cost, latency_s=np.array([np.inf]))
    bounds = refined_bounds(stuck, cost)
    assert bounds == [CANNOT_RUN]
    assert time_shares(stuck, bounds) == {CANNOT_RUN: 1.0}


def test_a_resource_that_makes_it_run_comes_first() -> None:
    """A row of 64 channels on 16 pixels does not fit; with twice the memory it does."""
    small = {"pes_x": 1, "pes_y": 1, "cores": 1, "lanes": 4, "core_memory_kib": 1}
    network = one_convolution()
    for kib in 2.0 ** np.arange(8, -4, -1):
        file = ChipFile(**small, pe_memory_kib=kib, dram_gb_per_s=5)  # type: ignore[arg-type]
        found = bottleneck(Device(file), network)
        if found["total"]["time_us"] is None:
            break
    assert found["total"]["bound_by"] == CANNOT_RUN
    first, last = found["what_if"][0], found["what_if"][-1]
    assert first["latency_us"] > 0
    assert first["speedup"] is None
    assert "PE memory" in [row["resource"] for row in found["what_if"] if row["latency_us"]]
    assert last["latency_us"] is None


def test_large_memories_hold_everything() -> None:
    chip = with_large_memories(find_device("tpu-v1").file.columns())
    cost = RooflineModel()(NETWORK.layers, chip[None])  # type: ignore[arg-type]
    assert cost.dram_bytes.sum() == 3 * 224 * 224 + 1000


def test_columns_without_a_row_of_resources_are_named() -> None:
    with pytest.raises(CosearchError, match="unknown columns 'Layers'"):
        resources_of(NETWORK.layers)
