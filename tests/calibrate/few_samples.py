"""A device for tests of calibrating: depthwise work is slow, and every operator costs a call."""

from __future__ import annotations

import numpy as np

from cosearch.errors import CosearchError
from cosearch.measure import Measurement, Settings
from cosearch.measure.reference import reference_network
from cosearch.measure.statistics import Statistics
from cosearch.networks import Layers, Network

REFERENCE_S = 1e-4


def seconds_of(layers: Layers, call_s: float = 1e-5) -> float:
    """10 G dense and 0.5 G depthwise MACs a second; elementwise operators cost a call only."""
    depthwise = layers.groups > 1
    work = np.where(depthwise, layers.macs / 5e8, layers.macs / 1e10)
    return float((work + call_s * layers.repeat).sum())


class Phone:
    """Measures by `seconds_of`, with a noise of 1 % that is each network's own."""

    def __init__(self, *, lives: int = 10**6, version: str = "1", call_s: float = 1e-5) -> None:
        self.lives, self.version, self.call_s = lives, version, call_s
        self.asked: list[Network] = []

    def __call__(
        self, network: Network, on: str, settings: Settings, *, accept_noise: bool = False
    ) -> Measurement:
        if network.name != reference_network().name:
            self.asked.append(network)
            if len(self.asked) > self.lives:
                raise CosearchError("the device does not answer")
        own = np.random.default_rng(network.macs)
        seconds = seconds_of(network.layers, self.call_s) * float(np.exp(own.normal(0, 0.01)))
        return Measurement(
            network.name,
            "0" * 64,
            on,
            {"fake": self.version},
            {"cpu": "abacus", "clock_hz": 1e9},
            {"version": "0", "commit": None},
            f"2026-01-01T00:00:{len(self.asked) % 60:02}+00:00",
            settings,
            Statistics(seconds, seconds, seconds, REFERENCE_S, 0.0, 0.01, 0, 10),
            ((seconds,) * 10,),
            ((REFERENCE_S,),),
        )
