"""What supernets learn in a step: from whom, and which networks take part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from cosearch.deep.accuracy import calibrate, evaluate
from cosearch.deep.supernet import Sandwich, Shrinking, Supernet, fit_supernet, sandwich
from cosearch.deep.supernet.shrinking import PHASES, draw
from cosearch.deep.training import Moment, TrainSettings, train

SETTINGS = TrainSettings(2, 50, 0.1, shift=0, threads=1, label_smoothing=0.0)


def moment(done: float = 0.0, seed: int = 3) -> Moment:
    return Moment(0, 1, 0, 1, done, np.random.default_rng(seed), torch.Generator().manual_seed(0))


def batch(n: int = 8):
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(n, 1, 8, 8, generator=generator)
    return images, torch.randint(0, 10, (n,), generator=generator)


def gradients(net: Supernet) -> dict[str, torch.Tensor]:
    return {k: p.grad for k, p in net.named_parameters() if p.grad is not None}


def test_a_sandwich_is_the_mean_of_its_networks(tiny):
    net, (images, labels) = Supernet(tiny).train(), batch()
    loss = Sandwich(net, replace(SETTINGS, random_networks=2)).backward(images, labels, moment())
    found = {k: g.clone() for k, g in gradients(net).items()}
    net.zero_grad()
    _, *genomes = sandwich(tiny, np.random.default_rng(3), 2)
    losses = [cross_entropy(net(images, genome), labels) for genome in genomes]
    torch.stack(losses).mean().backward()
    assert loss == pytest.approx(torch.stack(losses).mean().item(), rel=1e-5)
    assert found.keys() == gradients(net).keys()
    for key, gradient in gradients(net).items():
        torch.testing.assert_close(found[key], gradient, rtol=1e-3, atol=1e-6)


def test_the_largest_teaches_in_place(tiny):
    net, (images, labels) = Supernet(tiny).train(), batch()
    settings = replace(SETTINGS, random_networks=1, distil=True)
    Sandwich(net, settings).backward(images, labels, moment())
    found = {k: g.clone() for k, g in gradients(net).items()}
    net.zero_grad()
    largest, *others = sandwich(tiny, np.random.default_rng(3), 1)
    logits = net(images, largest)
    (cross_entropy(logits, labels) / 3).backward()
    taught = logits.detach().softmax(1)
    for genome in others:
        (cross_entropy(net(images, genome), taught) / 3).backward()
    assert found.keys() == gradients(net).keys()
    for key, gradient in gradients(net).items():
        torch.testing.assert_close(found[key], gradient, rtol=1e-3, atol=1e-6)


def test_random_networks_come_from_the_sampler(tiny, middle, some):
    asked = []

    def sampler(rng: np.random.Generator, n: int) -> np.ndarray:
        asked.append(n)
        return np.stack([middle] * n)

    net = Supernet(tiny)
    settings = replace(SETTINGS, epochs=1, random_networks=3)
    fit_supernet(net, some, settings, seed=0, sampler=sampler)
    assert asked == [3] * (len(some) // 50)


def test_phases_open_kernels_then_depth_then_width(tiny):
    space, rng = tiny.space, np.random.default_rng(0)
    seen = []
    for phase in PHASES:
        values = [space.values(g) for _ in range(40) for g in draw(space, rng, phase)]
        seen.append(
            tuple(
                {v for each in values for k, v in each.items() if k.endswith(kind)}
                for kind in ("kernel", "stage0.depth", "stage1.width", "expansion")
            )
        )
    assert seen[0] == ({5}, {2}, {12}, {3})
    assert seen[1] == ({3, 5}, {2}, {12}, {3})
    assert seen[3] == ({3, 5}, {1, 2}, {12}, {3})
    assert seen[5] == ({3, 5}, {1, 2}, {6, 12}, {2, 3})


def test_each_phase_has_its_share_of_the_run(tiny):
    task = Shrinking(Supernet(tiny), SETTINGS)
    total = sum(phase.length for phase in PHASES)
    for done, i in ((0, 0), (119 / total, 0), (121 / total, 1), (250 / total, 2), (0.9999, 5)):
        assert task.phase(done) is PHASES[i]


def test_shrinking_learns_and_ends_with_all_networks(tiny, digits):
    net = Supernet(tiny)
    history = train(
        Shrinking(net, SETTINGS), digits.train, replace(SETTINGS, epochs=6, lr=0.2), seed=0
    )
    assert len(history) == 6
    largest = tiny.space.encode(tiny.references["largest"])
    alone = net.subnet(largest)
    calibrate(alone, digits.train.pixels[:256])
    assert evaluate(alone, digits.validation) > 0.3  # chance is 0.1
