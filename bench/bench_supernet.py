"""A supernet's training step beside that of the same network alone, on one core.

Each round a network never seen before: a step of the supernet on it, and a step of the extracted
network in a plain loop; the two in turn, the order exchanged every round. Both have SGD with
momentum, weight decay and gradient clipping. Extracting is not counted; building blocks is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from cosearch.deep.supernet import Supernet
from cosearch.families import sized

ROUNDS = 10
BATCH = 64
CASES = [
    ("mobile", (3, 32, 32), 1.0),
    ("nas-bench-macro", (3, 32, 32), 0.5),
    ("fbnet-cifar", (3, 32, 32), 0.5),
    ("mnasnet", (3, 32, 32), 0.5),
    ("once-for-all", (3, 32, 32), 0.5),
    ("spos", (3, 32, 32), 0.5),
]


@pytest.mark.parametrize(("name", "image", "width"), CASES, ids=[case[0] for case in CASES])
def bench_step(benchmark: Any, name: str, image: tuple[int, int, int], width: float) -> None:
    """Median over rounds of the supernet's time over the network's own."""
    torch.set_num_threads(1)
    family = sized(name, image, 10, width)
    supernet = Supernet(family).train()
    genomes = family.space.sample(np.random.default_rng(0), ROUNDS + 2)
    shared = _optimizer(supernet)
    images = torch.rand(BATCH, *image).contiguous(memory_format=torch.channels_last)
    labels = torch.randint(0, 10, (BATCH,))
    ratios: list[float] = []

    def one_round(genome: np.ndarray) -> None:
        alone = supernet.subnet(genome)
        own = _optimizer(alone)
        steps: list[Callable[[], None]] = [
            lambda: _step(supernet, shared, labels, lambda: supernet(images, genome)),
            lambda: _step(alone, own, labels, lambda: alone(images)),
        ]
        steps[1]()  # its momentum stands: a network alone is trained for many steps
        times = [0.0, 0.0]
        for which in (0, 1) if len(ratios) % 2 else (1, 0):
            start = time.process_time()
            steps[which]()
            times[which] = time.process_time() - start
        ratios.append(times[0] / times[1])

    def rounds() -> None:
        for genome in genomes:
            one_round(genome)

    benchmark.pedantic(rounds, rounds=1)
    benchmark.extra_info["supernet_step_over_plain_step"] = round(median(ratios[2:]), 3)


def _optimizer(module: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(module.parameters(), 0.01, 0.9, weight_decay=1e-4, nesterov=True)


def _step(
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    labels: Tensor,
    forward: Callable[[], Tensor],
) -> None:
    optimizer.zero_grad()
    cross_entropy(forward(), labels).backward()
    nn.utils.clip_grad_norm_(module.parameters(), 5.0)
    optimizer.step()
