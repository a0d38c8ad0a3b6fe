"""A run that dies anywhere ends, when resumed, with the weights of one that did not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from tests.kills import KilledError
from torch import nn

from cosearch.deep.training import Classify, TrainSettings, fit, train

BASE = TrainSettings(epochs=2, batch=20, lr=0.05, threads=1)

# Everything that draws, remembers or counts, in a few combinations.
ALL = {
    "sgd, average, mixing": replace(
        BASE, average=0.9, mixup=0.2, cutmix=1.0, randaugment=2, mirror=True, shift=2
    ),
    "rmsprop, exponential": replace(BASE, optimizer="rmsprop", lr=0.01, schedule="exponential"),
    "adamw, bf16, parts": replace(
        BASE, optimizer="adamw", lr=0.01, precision="bf16", micro_batch=8, channels_last=False
    ),
    "patience, balance": replace(BASE, patience=1, balance="sampling", epochs=3),
}


class Dropping(nn.Module):
    """A net with dropout and batch norm: with every kind of state."""

    def __init__(self) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(3)
            self.net = nn.Sequential(
                nn.Conv2d(1, 6, 3, 2), nn.BatchNorm2d(6), nn.ReLU(),
                nn.Flatten(), nn.Dropout(0.3), nn.Linear(54, 10),
            )  # fmt: skip

    def forward(self, images):
        return self.net(images)


class Mortal(Classify):
    """Dies before its nth step; what it counts is in its own state."""

    dies_at = 10**9
    steps = 0

    def backward(self, images, labels, moment):
        if self.steps == self.dies_at:
            raise KilledError
        self.steps += 1
        return super().backward(images, labels, moment)

    def state_dict(self):
        return {"steps": self.steps}

    def load_state_dict(self, state):
        self.steps = state["steps"]


def same(first: nn.Module, second: nn.Module) -> bool:
    a, b = first.state_dict(), second.state_dict()
    return all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize("settings", ALL.values(), ids=ALL)
def test_killed_within_an_epoch(settings, digits, tmp_path):
    """Dies in step 7 of epoch 2; its last checkpoint is of step 6."""
    settings = replace(settings, checkpoint_steps=3)
    some, judged = digits.train.take(torch.arange(200)), digits.validation.take(torch.arange(100))
    run = {"seed": 5, "validation": judged}
    whole, killed, resumed = (Mortal(Dropping(), settings) for _ in range(3))
    history = train(whole, some, settings, **run)
    killed.dies_at = whole.steps // len(history) + 6 * whole.steps // len(history) // 10
    with pytest.raises(KilledError):
        train(killed, some, settings, **run, checkpoint=tmp_path / "run.pt")
    torch.manual_seed(99)  # nothing may come from the global generator
    again = train(resumed, some, settings, **run, checkpoint=tmp_path / "run.pt")
    assert same(whole.model, resumed.model)
    assert resumed.steps == whole.steps
    assert not same(whole.model, killed.model)
    for a, b in zip(history.epochs, again.epochs, strict=True):
        assert replace(a, images_per_s=0) == replace(b, images_per_s=0)
    assert history.weights == again.weights


SCRIPT = """
import sys
from pathlib import Path
import torch
from cosearch.deep.data import load
from cosearch.deep.training import fit
from tests.deep.training.test_exact import BASE, Dropping, replace
settings = replace(BASE, epochs=10, checkpoint_steps=2, average=0.9, mixup=0.2)
path = Path(sys.argv[1])
module = Dropping()
some = load("digits").train.take(torch.arange(200))
fit(module, some, settings, seed=1, checkpoint=path if len(sys.argv) == 3 else None)
torch.save(module.state_dict(), path.with_suffix(".weights"))
"""


@pytest.mark.slow
def test_killed_by_the_system(tmp_path):
    """SIGKILL, in the middle of whatever it was doing; then the same command again."""

    def start(*arguments):
        command = [sys.executable, "-c", SCRIPT, *map(str, arguments)]
        return subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        )

    path = tmp_path / "run.pt"
    victim = start(path, "checkpoint")
    while not path.exists():
        assert victim.poll() is None
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    assert torch.load(path, weights_only=True)["epoch"] < 10
    assert start(path, "checkpoint").wait() == 0
    assert start(tmp_path / "whole.pt").wait() == 0
    resumed, whole = (torch.load(tmp_path / f"{name}.weights") for name in ("run", "whole"))
    assert all(torch.equal(resumed[key], whole[key]) for key in whole)


def test_a_checkpoint_of_another_number_of_processes_is_refused(digits, tmp_path, monkeypatch):
    some, path = digits.train.take(torch.arange(40)), tmp_path / "run.pt"
    fit(Dropping(), some, BASE, seed=1, checkpoint=path)
    held = torch.load(path)
    torch.save({**held, "run": {**held["run"], "processes": 2}}, path)
    with pytest.raises(Exception, match=r"another run: processes is 2 there, 1 here"):
        fit(Dropping(), some, BASE, seed=1, checkpoint=path)
