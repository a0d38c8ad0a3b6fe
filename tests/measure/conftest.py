"""A runtime whose runs take as long as a test says, by a clock that the test owns."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType

import pytest

from cosearch.measure import runtimes
from cosearch.measure.reference import reference_network
from cosearch.measure.runtime import Model, Runtime
from cosearch.measure.settings import Settings
from cosearch.networks import Builder, Network

Durations = Callable[[], float]
REFERENCE_S = 0.001


@dataclass
class Stage:
    """`durations` gives the next run's seconds, of the model or of the reference."""

    now: float = 1000.0
    model: Iterator[float] = field(default_factory=lambda: itertools.repeat(0.002))
    reference: Iterator[float] = field(default_factory=lambda: itertools.repeat(REFERENCE_S))
    order: list[str] = field(default_factory=list)
    prepared: list[tuple[str, Settings]] = field(default_factory=list)

    def clock(self) -> float:
        return self.now


@dataclass
class StagedSession:
    stage: Stage
    of: str

    def run(self) -> None:
        self.stage.order.append(self.of)
        self.stage.now += next(getattr(self.stage, self.of))


@pytest.fixture(autouse=True)
def cores_are_given_back() -> Iterator[None]:
    """Whatever a test measures, it may use the same cores afterwards."""
    if not hasattr(os, "sched_getaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    yield
    after = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before)
    assert after == before


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The runtime "staged", on this stage."""
    set_up = Stage()
    module = ModuleType("cosearch.measure.runtimes.staged")

    def prepare(model: Model, settings: Settings) -> StagedSession:
        of = "reference" if model == reference_network() else "model"
        set_up.prepared.append((of, settings))
        return StagedSession(set_up, of)

    module.versions = lambda: {"staged": "1"}  # type: ignore[attr-defined]
    module.prepare = prepare  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    row = Runtime("staged", "staged", f"staged-{id(set_up)}", "none", (), ("fp32", "int8"))
    monkeypatch.setattr(runtimes, "RUNTIMES", {**runtimes.RUNTIMES, "staged": row})
    return set_up


@pytest.fixture(scope="session")
def tiny() -> Network:
    """Something of everything that mobile networks have."""
    net = Builder("tiny", (3, 16, 16))
    x = net.conv("input", 8, "stem", kernel=3, stride=2, activation="hswish")
    y = net.conv(x, 16, "expand", activation="relu6")
    y = net.conv(y, 16, "depthwise", kernel=5, groups=16, activation="relu")
    gate = net.conv(net.global_pool(y, "squeeze"), 16, "gate", activation="hsigmoid", norm=False)
    y = net.conv(net.mul(y, gate, "scaled"), 8, "project")
    x = net.add(x, y, name="sum")
    net.linear(net.global_pool(x, "pool"), 10, "classes")
    return net.build()
