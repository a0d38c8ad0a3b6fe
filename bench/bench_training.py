"""Training on the CPU beside the same network written out by hand, as timm would have it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cosearch.deep.datasets.images import Split
from cosearch.deep.module import to_module
from cosearch.deep.training import TrainSettings, fit
from cosearch.zoo import find_network

BATCH, STEPS, PIXELS, CLASSES = 32, 3, 64, 1000
LAYOUT = torch.channels_last  # the faster one here
# Expansion, width, depth, stride of each stage: Table 2 of MobileNetV2, arXiv 1801.04381.
STAGES = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
    (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
)  # fmt: skip


def conv(c: int, k: int, size: int, stride: int = 1, groups: int = 1, act: bool = True) -> Any:
    layers = [nn.Conv2d(c, k, size, stride, size // 2, groups=groups, bias=False)]
    layers += [nn.BatchNorm2d(k, eps=1e-3), nn.ReLU6() if act else nn.Identity()]
    return nn.Sequential(*layers)


class InvertedResidual(nn.Module):
    def __init__(self, c: int, k: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = c * expansion
        first = [conv(c, wide, 1)] if expansion > 1 else []
        rest = [conv(wide, wide, 3, stride, wide), conv(wide, k, 1, act=False)]
        self.path, self.adds = nn.Sequential(*first, *rest), stride == 1 and c == k

    def forward(self, x: Tensor) -> Tensor:
        return x + self.path(x) if self.adds else self.path(x)


def by_hand() -> nn.Sequential:
    """MobileNetV2 1.0."""
    layers, c = [conv(3, 32, 3, 2)], 32
    for expansion, k, depth, stride in STAGES:
        for i in range(depth):
            layers.append(InvertedResidual(c, k, stride if i == 0 else 1, expansion))
            c = k
    head = [conv(c, 1280, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, CLASSES)]
    return nn.Sequential(*layers, *head)


def data() -> Split:
    generator = torch.Generator().manual_seed(0)
    shape = (BATCH * STEPS, 3, PIXELS, PIXELS)
    images = torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
    return Split(images, torch.randint(CLASSES, (len(images),), generator=generator))


def plain_epoch(module: nn.Module, split: Split) -> None:
    """The loop anyone would write."""
    optimizer = torch.optim.SGD(module.parameters(), 0.01, 0.9, nesterov=True, weight_decay=1e-4)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.1)
    module.train().to(memory_format=LAYOUT)
    order = torch.randperm(len(split)).split(BATCH)
    for index in order:
        pixels = (split.images[index].float() / 255).contiguous(memory_format=LAYOUT)
        loss = loss_of(module(pixels), split.labels[index])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), 5.0)
        optimizer.step()
        loss.item()


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@pytest.mark.parametrize("what", ["module", "module and loop"])
def bench_training_beside_plain_torch(benchmark: Any, what: str) -> None:
    """Median over pairs of how many times the images a second we reach; 1 is even.

    Both run in turn, so that what slows the machine slows both. "module": their loop around our
    network; "module and loop": `fit`, with its checks and shifts, beside their loop.
    """
    ours = to_module(find_network(f"mobilenet-v2-1.0@{PIXELS}"))
    theirs, split = by_hand(), data()
    assert [sum(p.numel() for p in m.parameters()) for m in (ours, theirs)] == [3_504_872] * 2
    settings = TrainSettings(1, BATCH, 0.01, threads=1)

    def with_ours() -> None:
        if what == "module":
            plain_epoch(ours, split)
        else:
            fit(ours, split, settings, seed=0)

    torch.set_num_threads(1)
    for work in (with_ours, lambda: plain_epoch(theirs, split)):
        work()  # picks its kernels
    pairs: list[float] = []

    def pair() -> None:
        took = [seconds(with_ours), seconds(lambda: plain_epoch(theirs, split))]
        pairs.append(took[1] / took[0])

    benchmark.pedantic(pair, rounds=7)
    benchmark.extra_info["times_the_images_per_s"] = round(float(np.median(pairs)), 3)
