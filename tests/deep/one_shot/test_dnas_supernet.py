"""The differentiable search on a real supernet, in which one operator of each layer can see."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cosearch.deep.datasets.images import ImageData, divide
from cosearch.deep.one_shot.dnas import Dnas
from cosearch.deep.one_shot.dnas_latency import ExpectedLatency
from cosearch.deep.one_shot.dnas_settings import DnasSettings
from cosearch.deep.supernet import Supernet
from cosearch.deep.training import TrainSettings, train
from cosearch.families.chain import Chain, ChainFamily, Live, Slot
from cosearch.networks import Builder
from cosearch.problem.paths import PathTable
from cosearch.recipes.trained.target import find_target
from cosearch.space import Knob, Space

OPERATORS = ("blur", "conv", "blur_more")


def stem(net: Builder, live: Live, name: str) -> Live:
    return (net.conv(live[0], 8, name, kernel=3, activation="relu"),)


def layer(net: Builder, live: Live, name: str, operator: str) -> Live:
    """A convolution, or nothing but the mean over a window as large as the image."""
    if operator == "conv":
        return (net.conv(live[0], 8, name, kernel=3, activation="relu"),)
    return (net.pool("avg", live[0], name, kernel=13 if operator == "blur" else 15),)


def head(net: Builder, live: Live, name: str) -> Live:
    flat = net.reshape(live[0], (8 * 64,), "flat")
    return (net.linear(flat, 10, "classifier"),)


@pytest.fixture(scope="module")
def family() -> ChainFamily:
    knobs = tuple(Knob(f"layer{i}.operator", OPERATORS) for i in range(2))
    layers = tuple(Slot(f"layer{i}", (f"layer{i}.operator",), layer) for i in range(2))
    slots = (Slot("stem", (), stem), *layers, Slot("", (), head))
    return ChainFamily(Chain("planted", Space(knobs), slots, ((1, 8, 8),)), {}, "test")


def learnt(
    family: ChainFamily, digits: ImageData, options_s: list[np.ndarray] | None = None, **settings
) -> list[int]:
    table = PathTable.in_context(family, find_target("tpu-v3").device)
    latency_s = table.column("latency_s")
    latency = ExpectedLatency(options_s or [costs[:, latency_s] for costs in table.of_places()])
    weights, theta, _ = divide(digits.train, test=0, validation=0.3)
    chosen = DnasSettings(theta_lr=0.15, cooling=0.4, warm_epochs=1, **settings)
    supernet = Supernet(family, separate=True)
    task = Dnas(supernet, latency, theta, chosen, latency.fastest_s, batch=32)
    train(task, weights, TrainSettings(6, batch=32, shift=0, threads=1), seed=0)
    return [int(p.argmax()) for p in task.theta.probabilities()]


@pytest.mark.parametrize("paths", [pytest.param(None, marks=pytest.mark.slow), 2])
def test_the_operator_that_sees_is_found(
    family: ChainFamily, digits: ImageData, paths: int | None
) -> None:
    assert learnt(family, digits, paths=paths) == [1, 1]


def test_a_strong_penalty_finds_the_fastest_instead(family: ChainFamily, digits: ImageData) -> None:
    slow_to_see = [np.array([2e-6, 9e-6, 1e-6]), np.array([1e-6, 9e-6, 2e-6])]
    assert learnt(family, digits, slow_to_see, loss="added", alpha=10.0) == [2, 0]


def test_one_operator_alone_is_that_network(family: ChainFamily) -> None:
    """A mixture of weight 1 is the network of its genome, to the last bit."""
    supernet = Supernet(family, separate=True).eval()
    images = torch.rand(3, 1, 8, 8)
    mixed = supernet.mixture(images, [torch.eye(3)[1], torch.eye(3)[0]])
    assert torch.equal(mixed, supernet(images, np.array([1, 0])))
