"""NetAdapt's recipe: limits kept, weights carried over, runs gone on with."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.recipes import runs
from tests.recipes.runs import steady

from cosearch.cost.models import find_device
from cosearch.deep.module import to_module
from cosearch.errors import CosearchError, LimitError
from cosearch.files import write_json
from cosearch.networks import Builder, Network
from cosearch.networks.blocks.mobile import inverted_bottleneck
from cosearch.recipes.netadapt.settings import NetadaptSettings

DEVICE = "small-edge"
run = partial(runs.run, "netadapt")


def network() -> Network:
    net = Builder("small", (1, 8, 8), norm_eps=1e-5)
    x = net.conv("input", 16, "stem", kernel=3, activation="relu")
    for i, (channels, stride) in enumerate(((16, 1), (32, 2), (32, 1))):
        block = {"kernel": 3, "stride": stride, "activation": "relu6", "expansion": 3}
        x = inverted_bottleneck(net, x, channels, f"block{i}", **block)
    net.linear(net.global_pool(x, "pool"), 10, "classifier")
    return net.build()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What another run left: a network, and weights that know the digits well."""
    from cosearch.deep.data import load
    from cosearch.deep.training import TrainSettings, fit

    path = tmp_path_factory.mktemp("before")
    module = to_module(network())
    fit(module, load("digits").train, TrainSettings(8, threads=1), seed=0)
    write_json(path / "network.json", network().to_dict())
    torch.save(module.state_dict(), path / "network.pt")
    return path


@pytest.fixture(scope="module")
def settings(trained: Path) -> NetadaptSettings:
    return NetadaptSettings(
        network=str(trained),
        on=DEVICE,
        share=0.5,
        step=0.1,
        tune_steps=4,
        epochs=2,
        int8_epochs=1,
        seed=1,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, settings: NetadaptSettings) -> Any:
    path = tmp_path_factory.mktemp("runs") / "whole"
    return path, run(path, settings)


def test_the_limit_is_kept_by_the_network_delivered(whole: Any) -> None:
    path, result = whole
    left = Network.from_dict(json.loads((path / "network.json").read_text()))
    latency_ms = 1e3 * float(find_device(DEVICE)(left.layers).latency_s.sum())
    assert latency_ms == pytest.approx(result["latency_ms"])
    assert latency_ms <= result["limits"]["latency_ms"]
    assert latency_ms < 1e3 * result["first"]["own"]


def test_every_step_is_told(whole: Any) -> None:
    _, result = whole
    history = result["history"]
    costs = [row["cost"] for row in history]
    assert len(history) - 1 == result["search"]["steps"] >= 2
    assert costs == sorted(costs, reverse=True)
    for row in history[1:]:
        assert row["to"] < row["from"]
        assert {key: row[key] for key in ("group", "cost", "accuracy")} in [
            {key: each[key] for key in ("group", "cost", "accuracy")} for each in row["proposals"]
        ]
    assert {plot["kind"] for plot in result["plots"]} == {"lines", "table"}
    assert (whole[0] / "report.html").exists()


def test_what_was_learned_goes_along(whole: Any) -> None:
    """Two epochs from weights drawn anew would not get far."""
    assert whole[1]["history"][0]["accuracy"] > 0.8
    assert whole[1]["test_accuracy_fp32"] > 0.8


def test_int8_is_tuned_where_that_is_asked_for(whole: Any) -> None:
    path, result = whole
    assert (path / "network.int8-tuned.onnx").exists()
    assert result["int8_tuned"]["test_accuracy"] > result["test_accuracy_int8"] - 0.05


@pytest.mark.slow
def test_a_killed_run_ends_as_a_whole_one(
    whole: Any, settings: NetadaptSettings, tmp_path: Path
) -> None:
    def killed(phase: str, done: int, total: int, note: str = "") -> None:
        if phase == "proposals" and (tmp_path / "run/steps/cut-001.json").exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", settings, killed)
    assert steady(run(tmp_path / "run", settings)) == steady(whole[1])


def test_a_limit_out_of_reach_says_what_is_in_reach(
    settings: NetadaptSettings, tmp_path: Path
) -> None:
    with pytest.raises(LimitError, match=r"narrowest \(multiples of 8\) it takes"):
        run(tmp_path / "run", replace(settings, latency_s=1e-9))
    assert not (tmp_path / "run" / "cuts").exists()


def test_a_network_of_other_images_is_refused(settings: NetadaptSettings, tmp_path: Path) -> None:
    with pytest.raises(CosearchError, match=r"takes images \(1, 8, 8\)"):
        run(tmp_path / "run", replace(settings, size=16))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"share": 1.0}, "share"),
        ({"tune_steps": 0}, "tune_steps"),
        ({"tune_lr": 0.0}, "tune_lr"),
        ({"latency_s": 1.0, "energy_j": 1.0}, "one limit"),
    ],
)
def test_settings_out_of_range(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(CosearchError, match=said):
        NetadaptSettings(**wrong)


def test_names_are_checked_before_anything_is_written() -> None:
    for wrong in ({"network": "mobilenet-v9"}, {"on": "toaster"}, {"rule": "best"}):
        with pytest.raises(CosearchError, match=next(iter(wrong.values()))):
            NetadaptSettings(**wrong).validate()


def test_networks_of_the_zoo_take_the_images_and_classes(digits_like: Any) -> None:
    from cosearch.recipes.netadapt.start import first_network, fitted
    from cosearch.zoo import find_network

    settings = NetadaptSettings(network="mobilenet-v2-0.35")
    found, module = first_network(settings, digits_like)
    assert (found.input_shape, found.nodes[-1].shape) == ((1, 8, 8), (10,))
    assert sum(p.numel() for p in module.parameters()) == found.params
    with pytest.raises(CosearchError, match="classifier"):
        fitted(find_network("unet-mobilenet-v2@32"), digits_like)


@pytest.fixture
def digits_like() -> Any:
    from cosearch.deep.data import load

    return load("digits")
