"""NetAdapt where latency is measured: pieces in the loop, the whole at the end."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.calibrate.test_lut import Device
from tests.kills import KilledError, killing
from tests.recipes.fresh import answer
from tests.recipes.runs import run as begun
from tests.recipes.runs import steady

from cosearch.calibrate.journal import Journal
from cosearch.cli.run.trained_summary import print_summary
from cosearch.deep.module import to_module
from cosearch.errors import LimitError
from cosearch.files import write_json
from cosearch.measure import Settings as Measuring
from cosearch.networks import Builder, Network
from cosearch.networks.blocks.mobile import inverted_bottleneck
from cosearch.recipes.netadapt import costs
from cosearch.recipes.netadapt.settings import NetadaptSettings
from cosearch.recipes.trained import again


def network(width: int) -> Network:
    net = Builder("small", (1, 8, 8), norm_eps=1e-5)
    x = net.conv("input", width, "stem", kernel=3, activation="relu")
    for i, (channels, stride) in enumerate(((width, 1), (2 * width, 2), (2 * width, 1))):
        block = {"kernel": 3, "stride": stride, "activation": "relu6", "expansion": 3}
        x = inverted_bottleneck(net, x, channels, f"block{i}", **block)
    net.linear(net.global_pool(x, "pool"), 10, "classifier")
    return net.build()


def stored(path: Path, width: int) -> Path:
    """What another run left; nothing was learnt, and nothing here depends on it."""
    path.mkdir()
    write_json(path / "network.json", network(width).to_dict())
    torch.save(to_module(network(width)).state_dict(), path / "network.pt")
    return path


SMALL = NetadaptSettings(
    images=64, on="onnxruntime", share=0.5, step=0.2, tune_steps=1, epochs=1, seed=1
)


@pytest.fixture
def settings(tmp_path: Path) -> NetadaptSettings:
    return replace(SMALL, network=str(stored(tmp_path / "before", 16)))


run = partial(begun, "netadapt")


def seconds(left: Network) -> float:
    """As the fake device has it: 10 us a call and a nanosecond a MAC."""
    return 1e-5 + left.macs * 1e-9


class Again:
    """A fresh process that finds `off` times what the loop did, or as listed first."""

    def __init__(self, *first: float, off: float = 1.0) -> None:
        self.first, self.off, self.asked = list(first), off, 0

    def __call__(self, left: Network, on: str, settings: Measuring) -> Any:
        self.asked += 1
        high_s = seconds(left) * (self.first.pop(0) if self.first else self.off)
        return answer(high_s, settings)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    found = Device()
    monkeypatch.setattr(costs, "Journal", partial(Journal, take=found))
    return found


def test_pieces_lead_and_the_whole_decides(
    device: Device,
    settings: NetadaptSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(again, "measure_again", Again())
    path = tmp_path / "run"
    result = run(path, settings)
    left = Network.from_dict(result["network"])
    limit_s = result["limits"]["latency_ms"] * 1e-3
    assert result["latency_ms"] == pytest.approx(seconds(left) * 1e3)
    assert seconds(left) <= limit_s < seconds(network(16))
    for row in result["history"][1:]:  # what pieces promise is what the fake device keeps
        assert row["predicted"] == pytest.approx(row["cost"])
    assert result["first"]["own"] == pytest.approx(seconds(network(16)))
    assert result["latency"]["predicted"] == "from its pieces"
    assert result["latency"]["measured_ms"]["high"] <= result["limits"]["latency_ms"]
    assert len(device.asked) == len(set((path / "measured.jsonl").read_text().splitlines())) - 1
    page = (path / "report.html").read_text()
    assert "Predicted and measured" in page
    assert "latency is measured on onnxruntime, fp32, in a fresh process" in page
    print_summary(result, path)
    said = " ".join(capsys.readouterr().out.split())
    assert "latency, from its pieces" in said
    assert "latency, measured" in said
    assert "in a fresh process, on onnxruntime, fp32" in said
    assert "modelled" not in said


def test_a_network_that_takes_longer_as_a_whole_is_cut_on(
    device: Device, settings: NetadaptSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fresh process finds a fifth more: what is delivered keeps the limit all the same."""
    monkeypatch.setattr(again, "measure_again", Again(off=1.2))
    result = run(tmp_path / "run", settings)
    *missed, met = result["measured_again"]
    limit_s = result["limits"]["latency_ms"] * 1e-3
    assert missed
    assert all(row["high_s"] > limit_s for row in missed)
    left = Network.from_dict(result["network"])
    assert met["high_s"] == pytest.approx(1.2 * seconds(left))
    assert met["high_s"] <= limit_s
    assert len(result["latency"]["missed"]) == len(missed)


@pytest.mark.slow
def test_where_nothing_is_left_to_cut_it_says_by_how_much(
    device: Device, settings: NetadaptSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "measure_again", Again(off=30.0))
    with pytest.raises(LimitError, match=r"nothing of small is left to cut: .*% over"):
        run(tmp_path / "run", settings)


def test_a_limit_out_of_reach_is_said_before_anything_is_trained(
    device: Device, settings: NetadaptSettings, tmp_path: Path
) -> None:
    with pytest.raises(LimitError, match=r"narrowest \(multiples of 8\) it takes"):
        run(tmp_path / "run", replace(settings, latency_s=1e-7))
    assert len(device.asked) == 2  # as it is, and at its narrowest
    assert not (tmp_path / "run" / "cuts").exists()


@pytest.mark.slow
def test_a_killed_run_ends_as_a_whole_one_and_measures_nothing_twice(
    device: Device, settings: NetadaptSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "measure_again", Again(1.1))
    whole = run(tmp_path / "whole", settings)
    measured = len(device.asked)
    monkeypatch.setattr(again, "measure_again", Again(1.1))
    for phase in ("measure", "proposals", "netadapt"):
        with pytest.raises(KilledError):
            run(tmp_path / "killed", settings, killing(phase, begun=True))
    assert steady(run(tmp_path / "killed", settings)) == steady(whole)
    assert len(device.asked) == 2 * measured


def test_onnx_runtime_measures_in_the_loop_and_at_the_end(tmp_path: Path) -> None:
    """For real. The first network is much slower than what cuts can leave: noise may cut deeper."""
    known = str(stored(tmp_path / "before", 48))
    settings = replace(SMALL, network=known, max_noise=1.0, multiple=16)
    result = run(tmp_path / "run", settings)
    taken, limit = result["latency"]["measured_ms"], result["limits"]["latency_ms"]
    assert 0 < taken["low"] <= taken["median"] <= taken["high"] <= limit
    assert result["latency_ms"] == taken["median"]
    assert limit < result["first"]["own"] * 1e3
    assert Network.from_dict(result["network"]).macs < 0.8 * network(48).macs
    lines = (tmp_path / "run" / "measured.jsonl").read_text().splitlines()
    (tmp_path / "run" / "result.json").unlink()
    assert steady(run(tmp_path / "run", settings)) == steady(result)
    assert (tmp_path / "run" / "measured.jsonl").read_text().splitlines() == lines
