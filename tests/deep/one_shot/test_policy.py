"""The policy search as a task: what it finds, its warm-up, and that it goes on exactly."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.deep.one_shot.planted import Planted
from tests.kills import KilledError, kill_after
from torch import nn

from cosearch.deep.datasets.images import ImageData, Split
from cosearch.deep.one_shot.policy import PolicySearch
from cosearch.deep.one_shot.policy_reward import Judge
from cosearch.deep.one_shot.policy_settings import PolicySettings
from cosearch.deep.training import TrainSettings, train
from cosearch.problem import Limit
from cosearch.space import Knob, Space

NETWORKS = Space([Knob("a.operator", ("x", "y", "z")), Knob("b.operator", ("x", "y"))])
CHIPS = Space([Knob("lanes", (1, 2, 4, 8)), Knob("cores", (1, 2, 4, 8))])
JOINT = NETWORKS * CHIPS
BEST = (1, 0)


def costs(genomes):
    """Twice as fast with twice the lanes or cores, and as large."""
    parts = 2.0 ** genomes[:, 2:].sum(axis=1)
    return {"latency_s": 8e-3 / parts, "area_mm2": parts}


def judge() -> Judge:
    """Limits that four of sixteen chips hit exactly: those of three doublings."""
    return Judge(costs, (Limit("latency_s", 1e-3), Limit("area_mm2", 8.0)), "absolute")


def search(split: Split, **settings) -> PolicySearch:
    chosen = PolicySettings(**{"batch": 128, **settings})
    model = Planted((3, 2), BEST)
    return PolicySearch(model, NETWORKS, JOINT, judge(), split, chosen, options=(3, 2))


def run(task: PolicySearch, split: Split, epochs: int = 12, **more) -> None:
    settings = TrainSettings(epochs, batch=32, lr=0.5, label_smoothing=0.0, shift=0, threads=1)
    train(task, split, settings, seed=0, **more)


@pytest.fixture(scope="module")
def parts(digits: ImageData) -> tuple[Split, Split]:
    return digits.train.take(torch.arange(0, 600)), digits.train.take(torch.arange(600, 1000))


def test_finds_the_planted_network_on_a_chip_at_its_limits(parts: tuple[Split, Split]) -> None:
    task = search(parts[1])
    run(task, parts[0])
    best = np.array([int(p.argmax()) for p in task.policy.probabilities()])
    assert tuple(best[:2]) == BEST
    assert best[2:].sum() == 3
    rewards = [r for r in task.history.by_epoch("rewards") if r is not None]
    assert rewards[-1] > rewards[0] + 0.1


class Table(nn.Module):
    """Its answers are right as often as a table says, whatever is trained."""

    def __init__(self, accuracy: np.ndarray) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(10))
        self.accuracy = accuracy

    def forward(self, images: torch.Tensor, genome: np.ndarray) -> torch.Tensor:
        """Labels are in the first pixel."""
        labels = (images[:, 0, 0, 0] * 255).round().long()
        right = torch.arange(len(images)) < self.accuracy[tuple(genome)] * len(images)
        return (
            nn.functional.one_hot(torch.where(right, labels, (labels + 1) % 10), 10) + self.weight
        )


def test_finds_the_optimum_of_a_table() -> None:
    rng = np.random.default_rng(0)
    accuracy = rng.uniform(0.3, 0.8, (4, 4, 4))
    accuracy[2, 1, 3] = 0.95
    space = Space([Knob(name, (0, 1, 2, 3)) for name in "abc"])
    labels = torch.arange(320) % 10
    images = labels.to(torch.uint8)[:, None, None, None].expand(-1, 1, 8, 8).contiguous()
    split = Split(images, labels)
    free = Judge(lambda g: {"latency_s": np.full(len(g), 1.0)}, (), "zero")
    task = PolicySearch(Table(accuracy), space, space, free, split, PolicySettings(batch=100))
    run(task, split, epochs=50)
    assert [int(p.argmax()) for p in task.policy.probabilities()] == [2, 1, 3]


def test_policy_rests_and_mixes_while_it_warms_up(parts: tuple[Split, Split]) -> None:
    task = search(parts[1])
    mixed = []
    mixture = task.model.mixture
    task.model.mixture = lambda images, weights: (
        mixed.append(max(float(w.max()) for w in weights) < 1) or mixture(images, weights)
    )
    run(task, parts[0], epochs=4)
    steps = 600 // 32
    assert task.history.steps == [0, steps, 2 * steps, 3 * steps]  # a quarter is warm-up
    trained = mixed[:steps]
    assert 0.2 < np.mean(trained) < 0.8
    assert np.mean(trained[: steps // 2]) > np.mean(trained[steps // 2 :])
    assert not any(mixed[steps:])


def test_parts_of_a_step_train_one_design(parts: tuple[Split, Split]) -> None:
    whole, halves = search(parts[1], warm_share=0.0), search(parts[1], warm_share=0.0)
    for task, micro in ((whole, None), (halves, 16)):
        settings = TrainSettings(2, batch=32, shift=0, threads=1, micro_batch=micro)
        train(task, parts[0], settings, seed=0)
    assert len(whole.history.rewards) == len(halves.history.rewards) == 2 * (600 // 32)
    assert whole.history.ratios[0] == halves.history.ratios[0]
    baseline = whole.history.rewards[0]
    for reward in whole.history.rewards:
        baseline = 0.95 * baseline + 0.05 * reward
    assert whole.baseline == pytest.approx(baseline)


def test_a_killed_search_goes_on_exactly(parts: tuple[Split, Split], tmp_path) -> None:
    whole, stopped, resumed = (search(parts[1]) for _ in range(3))
    run(whole, parts[0], epochs=4)
    with pytest.raises(KilledError):
        run(stopped, parts[0], epochs=4, checkpoint=tmp_path / "c", progress=kill_after(2))
    run(resumed, parts[0], epochs=4, checkpoint=tmp_path / "c")
    for mine, theirs in zip(whole.policy.logits, resumed.policy.logits, strict=True):
        assert torch.equal(mine, theirs)
    assert whole.history == resumed.history
    assert whole.baseline == resumed.baseline
