"""The differentiable search as a task: its gradient, what it finds, and that it goes on exactly."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.deep.one_shot.planted import Planted
from tests.kills import KilledError, kill_after

from cosearch.deep.datasets.images import ImageData, Split
from cosearch.deep.one_shot.dnas import Dnas
from cosearch.deep.one_shot.dnas_latency import ExpectedLatency
from cosearch.deep.one_shot.dnas_losses import LOSSES
from cosearch.deep.one_shot.dnas_settings import DnasSettings
from cosearch.deep.one_shot.stepping import Draws
from cosearch.deep.training import Moment, TrainSettings, train

OPTIONS, BEST = (3, 2), (1, 0)
EVEN_S = [np.full(n, 1e-3) for n in OPTIONS]


def search(
    split: Split, best: tuple[int, ...] = BEST, tables: list | None = None, **settings
) -> Dnas:
    chosen = DnasSettings(**{"warm_epochs": 1, "theta_lr": 0.1, "cooling": 0.3, **settings})
    latency = ExpectedLatency(tables or EVEN_S)
    return Dnas(Planted(OPTIONS, best), latency, split, chosen, ref_s=2e-3, batch=32)


def run(task: Dnas, split: Split, epochs: int = 6, **more) -> None:
    settings = TrainSettings(epochs, batch=32, lr=0.5, label_smoothing=0.0, shift=0, threads=1)
    train(task, split, settings, seed=0, **more)


@pytest.fixture(scope="module")
def parts(digits: ImageData) -> tuple[Split, Split]:
    return digits.train.take(torch.arange(0, 600)), digits.train.take(torch.arange(600, 900))


@pytest.mark.parametrize("paths", [None, 2, 1])
def test_finds_the_planted_operators(parts: tuple[Split, Split], paths: int | None) -> None:
    task = search(parts[1], paths=paths)
    run(task, parts[0])
    found = [int(p.argmax()) for p in task.theta.probabilities()]
    assert found == list(BEST)
    sure = 0.6 if paths != 1 else 0.4  # a single path says least of the others
    assert all(p.max() > sure for p in task.theta.probabilities())


def test_finds_the_fast_one_of_equals(parts: tuple[Split, Split]) -> None:
    """No option lets the image through: latency alone decides, and a strong penalty shows it."""
    tables = [np.array([3e-3, 1e-3, 2e-3]), np.array([2e-3, 1e-3])]
    task = search(parts[1], best=(-1, -1), tables=tables, loss="added", alpha=10.0)
    run(task, parts[0], epochs=5)
    assert [int(p.argmax()) for p in task.theta.probabilities()] == [1, 1]


def test_theta_rests_while_the_weights_warm_up(parts: tuple[Split, Split]) -> None:
    task = search(parts[1], warm_epochs=3)
    run(task, parts[0], epochs=2)
    assert all((logits == 0).all() for logits in task.theta.logits)
    assert np.allclose(task.history.entropies, [[np.log(3), np.log(2)]] * 2)


def moment() -> Moment:
    rng = np.random.default_rng(0)
    return Moment(0, 1, 0, 1, 0.0, rng, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_of_theta_equals_finite_differences(parts: tuple[Split, Split], name: str) -> None:
    tables = [np.array([3e-3, 1e-3, 2e-3]), np.array([2e-3, 1e-3])]
    task = search(parts[1], tables=tables, loss=name, temperature=1.0)
    task.model.double()
    for logits in task.theta.logits:
        logits.data = torch.linspace(-0.5, 0.7, len(logits), dtype=torch.float64)
    images, labels = parts[1].pixels[:16].double(), parts[1].labels[:16]

    def loss() -> torch.Tensor:
        return task.loss(images, labels, Draws.of(moment()), 0)

    gradients = torch.autograd.grad(loss(), list(task.theta.parameters()))
    step = 1e-6
    for logits, gradient in zip(task.theta.logits, gradients, strict=True):
        for i in range(len(logits)):
            ends = []
            for sign in (1, -1):
                logits.data[i] += sign * step
                ends.append(loss().item())
                logits.data[i] -= sign * step
            assert gradient[i].item() == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-4)


def test_steps_of_theta_leave_the_weights_gradients_alone(parts: tuple[Split, Split]) -> None:
    task = search(parts[1], warm_epochs=0)
    images, labels = parts[0].pixels[:32], parts[0].labels[:32]
    task.backward(images, labels, moment())
    mine = task.model.classify.weight.grad.clone()
    rested = search(parts[1], warm_epochs=1)
    rested.backward(images, labels, moment())
    assert torch.equal(mine, rested.model.classify.weight.grad)
    assert not torch.equal(task.theta.logits[0], rested.theta.logits[0])


def test_parts_of_a_step_are_one_step(parts: tuple[Split, Split]) -> None:
    whole, halves = search(parts[1], warm_epochs=0), search(parts[1], warm_epochs=0)
    for task, micro in ((whole, None), (halves, 16)):
        settings = TrainSettings(2, batch=32, shift=0, threads=1, micro_batch=micro, clip=0)
        train(task, parts[0], settings, seed=0)
    steps = [task.state_dict()["optimizer"]["state"][0]["step"] for task in (whole, halves)]
    assert steps[0] == steps[1] > 0
    assert torch.allclose(whole.theta.logits[0], halves.theta.logits[0], atol=0.2)
    assert len(whole.history) == len(halves.history) == 2


def test_a_killed_search_goes_on_exactly(parts: tuple[Split, Split], tmp_path) -> None:
    whole, stopped, resumed = (search(parts[1]) for _ in range(3))
    run(whole, parts[0], epochs=4)
    with pytest.raises(KilledError):
        run(stopped, parts[0], epochs=4, checkpoint=tmp_path / "c.pt", progress=kill_after(2))
    run(resumed, parts[0], epochs=4, checkpoint=tmp_path / "c.pt")
    for mine, theirs in zip(whole.theta.logits, resumed.theta.logits, strict=True):
        assert torch.equal(mine, theirs)
    assert torch.equal(whole.model.classify.weight, resumed.model.classify.weight)
    assert np.array_equal(whole.history.entropies, resumed.history.entropies)
    assert whole.history.expected_s.tolist() == resumed.history.expected_s.tolist()
