"""Several processes learn what one learns."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from torch import nn

from cosearch.deep.training import TrainSettings, fit
from cosearch.deep.training.world import World

SETTINGS = TrainSettings(
    epochs=2, batch=50, lr=0.05, threads=1, mirror=True, shift=1, randaugment=1, average=0.9
)

SCRIPT = """
import sys, os, json
from pathlib import Path
import torch
from cosearch.deep.data import load
from cosearch.deep.training import fit
from tests.deep.training.test_world import SETTINGS, net
rank, folder = os.environ["RANK"], Path(sys.argv[1])
digits, module, said = load("digits"), net(norm="norm" in sys.argv), []
history = fit(module, digits.train.take(torch.arange(201)), SETTINGS, seed=3,
    validation=digits.validation, checkpoint=folder / "run.pt",
    progress=lambda *words: said.append(words[3]))
state = {"weights": module.state_dict(), "said": said,
    "losses": [row.loss for row in history.epochs],
    "accuracies": [row.accuracy for row in history.epochs]}
torch.save(state, folder / f"rank{rank}.pt")
"""


def net(norm: bool = False) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = [nn.Conv2d(1, 6, 3, 2), nn.BatchNorm2d(6) if norm else nn.Identity()]
        return nn.Sequential(*layers, nn.ReLU(), nn.Flatten(), nn.Linear(54, 10))


def together(folder, size, *words):
    """What each of `size` processes says, started as torchrun would."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    common = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
        "WORLD_SIZE": str(size),
        "OMP_NUM_THREADS": "1",
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(folder), *words],
            env={**os.environ, **common, "RANK": str(rank), "LOCAL_RANK": str(rank)},
        )
        for rank in range(size)
    ]
    assert [process.wait(timeout=200) for process in started] == [0] * size
    return [torch.load(folder / f"rank{rank}.pt") for rank in range(size)]


@pytest.mark.slow
def test_two_processes_equal_one_with_the_whole_batch(digits, tmp_path):
    first, second = together(tmp_path, 2)
    alone = net()
    some = digits.train.take(torch.arange(201))
    history = fit(alone, some, SETTINGS, seed=3, validation=digits.validation)
    for name, tensor in alone.state_dict().items():
        assert torch.equal(first["weights"][name], second["weights"][name])
        torch.testing.assert_close(first["weights"][name], tensor, atol=1e-5, rtol=1e-4)
    assert first["losses"] == pytest.approx([row.loss for row in history.epochs], rel=1e-5)
    assert first["accuracies"] == second["accuracies"]
    assert first["accuracies"] == pytest.approx([r.accuracy for r in history.epochs], abs=0.01)
    assert len([note for note in first["said"] if note.startswith("loss")]) == 2
    assert not second["said"]  # one process reports


@pytest.mark.slow
def test_statistics_are_shared(tmp_path):
    """Batch norm sees other images in each process; the models still end as one."""
    first, second = together(tmp_path, 2, "norm")
    for name in first["weights"]:
        assert torch.equal(first["weights"][name], second["weights"][name])


def test_slices_share_a_batch_out():
    for size in (1, 2, 3, 8):
        for n in (1, 7, 8, 50):
            parts = [range(n)[World(r, size, torch.device("cpu")).slice(n)] for r in range(size)]
            assert [i for part in parts for i in part] == list(range(n))
            assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_half_precision_does_not_change_what_is_learnt_much(digits):
    some, settings = digits.train, replace(SETTINGS, average=0.0)
    exact, half = net(), net()
    fit(exact, some, settings, seed=0)
    fit(half, some, replace(settings, precision="bf16"), seed=0)
    a, b = (module[4].weight.detach().flatten() for module in (exact, half))
    assert not torch.equal(a, b)
    assert float(torch.corrcoef(torch.stack([a, b]))[0, 1]) > 0.99
    assert half[4].weight.dtype == torch.float32
