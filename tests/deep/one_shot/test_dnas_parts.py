"""The parts of the differentiable search, each against something worked out otherwise."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from cosearch.deep.one_shot.dnas_latency import ExpectedLatency
from cosearch.deep.one_shot.dnas_losses import (
    FINE_UNIT_S,
    LOSSES,
    PAPER_UNIT_S,
    Weighing,
    check_unit,
    suitable_unit_s,
)
from cosearch.deep.one_shot.dnas_settings import DnasSettings
from cosearch.deep.one_shot.dnas_theta import Theta, gumbel, keep
from cosearch.errors import CosearchError

CE, LAT, REF = 1.5, 20_000.0, 15_000.0  # 20 and 15 ms in microseconds


@pytest.mark.parametrize(
    ("name", "by_hand"),
    [
        # log 20000 = 9.9035, ^0.6 = 3.9583
        ("multiplied", 1.5 * 0.2 * 3.9583),
        ("multiplied-as-coded", 1.5 * 0.2 * 0.6 * 9.9035),
        # 9.9035 / 9.6158 = 1.02992, ^0.3 = 1.00888
        ("proxyless", 0.2 * 1.5 * 1.00888),
        ("added", 1.5 + 0.1 * 5_000 / 15_000),
    ],
)
def test_losses_are_as_worked_out_by_hand(name: str, by_hand: float) -> None:
    loss = LOSSES[name]
    found = loss.value(torch.tensor(CE), torch.tensor(LAT), Weighing(loss.alpha, loss.beta, REF))
    assert found.item() == pytest.approx(by_hand, rel=1e-4)


def test_what_is_popular_is_another_loss() -> None:
    """Its latency weighs more the faster the network; its exponent does not bend anything."""
    ours, popular = LOSSES["multiplied"], LOSSES["multiplied-as-coded"]
    ratios = []
    for loss in (ours, popular):
        by = Weighing(loss.alpha, loss.beta, REF)
        slow, fast = (loss.value(torch.tensor(1.0), torch.tensor(x), by) for x in (2e4, 2e2))
        ratios.append((slow / fast).item())
    assert ratios[0] == pytest.approx((math.log(2e4) / math.log(2e2)) ** 0.6, rel=1e-5)
    assert ratios[1] == pytest.approx(math.log(2e4) / math.log(2e2), rel=1e-5)


def test_unit_follows_the_networks_and_bad_ones_are_refused() -> None:
    assert suitable_unit_s(20e-3) == PAPER_UNIT_S
    assert suitable_unit_s(2e-6) == FINE_UNIT_S
    check_unit(LOSSES["added"], 1e-9, PAPER_UNIT_S)
    with pytest.raises(CosearchError, match="unit of the latency 1e-06 s"):
        check_unit(LOSSES["multiplied"], 0.5e-6, PAPER_UNIT_S)


def test_expected_latency_equals_the_enumeration() -> None:
    rng = np.random.default_rng(0)
    tables = [rng.uniform(1e-6, 1e-4, n) for n in (3, 2, 4)]
    theta = Theta([3, 2, 4])
    for logits in theta.logits:
        torch.nn.init.normal_(logits, generator=torch.Generator().manual_seed(1))
    latency = ExpectedLatency(tables, fixed_s=5e-6)
    weights = theta.probabilities()
    total = 0.0
    for path in itertools.product(range(3), range(2), range(4)):
        chance = math.prod(w[i].item() for w, i in zip(weights, path, strict=True))
        total += chance * (5e-6 + sum(t[i] for t, i in zip(tables, path, strict=True)))
    assert latency(weights).item() == pytest.approx(total, rel=1e-6)
    assert latency.fastest_s == pytest.approx(5e-6 + sum(t.min() for t in tables))


def test_latency_that_is_not_finite_is_refused() -> None:
    with pytest.raises(CosearchError, match="cannot run every network"):
        ExpectedLatency([np.array([1.0, np.inf])])


def test_mixtures_follow_the_logits_and_get_sharp_as_it_cools() -> None:
    theta = Theta([3])
    theta.logits[0].data = torch.tensor([2.0, 0.0, -2.0])
    generator = torch.Generator().manual_seed(0)
    draws = torch.stack([theta.mixtures(0.05, generator)[0][0].detach() for _ in range(2000)])
    wanted = torch.tensor([2.0, 0.0, -2.0]).softmax(0)
    shares = draws.argmax(1).bincount(minlength=3) / 2000
    assert torch.allclose(shares, wanted, atol=0.03)
    assert draws.max(1).values.median() > 0.99
    warm = torch.stack([theta.mixtures(5.0, generator)[0][0].detach() for _ in range(200)])
    assert warm.max(1).values.mean() < 0.6


def test_noise_is_gumbels() -> None:
    """Its mean is Euler's constant, its variance pi^2 / 6."""
    noise = gumbel(torch.zeros(100_000), torch.Generator().manual_seed(0))
    assert noise.mean().item() == pytest.approx(0.5772, abs=0.02)
    assert noise.var().item() == pytest.approx(math.pi**2 / 6, abs=0.05)


def test_temperature_falls_as_published() -> None:
    settings = DnasSettings()
    assert settings.temperature_at(0) == 5.0
    assert settings.temperature_at(1) / settings.temperature_at(0) == pytest.approx(0.956, abs=1e-3)


def test_paths_are_kept_by_score_and_add_up_to_one() -> None:
    weights = torch.tensor([0.5, 0.2, 0.3], requires_grad=True)
    scores = torch.tensor([0.0, 3.0, 1.0])
    two = keep(weights, scores, 2)
    assert two.tolist() == pytest.approx([0.0, 0.4, 0.6])
    one = keep(weights, scores, 1)
    assert one.tolist() == [0.0, 1.0, 0.0]
    (gradient,) = torch.autograd.grad(one[1], weights)
    assert gradient.tolist() == [0.0, 1.0, 0.0]
    assert keep(weights, scores, 5) is weights


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"loss": "plus"}, "loss"),
        ({"theta_lr": 0.0}, "theta_lr = 0.0"),
        ({"theta_share": 1.0}, "theta_share = 1.0"),
        ({"paths": 0}, "paths = 0"),
        ({"warm_epochs": -1}, "warm_epochs = -1"),
    ],
)
def test_settings_out_of_range_are_refused(change: dict, said: str) -> None:
    with pytest.raises(CosearchError, match=said):
        DnasSettings(**change)
