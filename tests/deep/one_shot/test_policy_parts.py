"""The parts of the policy search, each against something worked out otherwise."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from cosearch.deep.one_shot.policy_history import PolicyHistory
from cosearch.deep.one_shot.policy_logits import Policy
from cosearch.deep.one_shot.policy_reward import WORST, Judge
from cosearch.deep.one_shot.policy_settings import PolicySettings
from cosearch.deep.one_shot.policy_warmup import warm, widest
from cosearch.errors import CosearchError
from cosearch.problem import Limit
from cosearch.space import Knob, Space

GATED = Space([Knob("on", (0, 1)), Knob("size", (1, 2, 3), {"on": (1,)}), Knob("other", (0, 1))])
WIDE = Space([Knob("stage0.width", (8, 16, 32)), Knob("a.kernel", (3, 5)), Knob("head", (1, 2))])


def test_log_probabilities_add_up_to_one_over_the_designs() -> None:
    policy = Policy(GATED)
    for logits in policy.logits:
        torch.nn.init.normal_(logits, generator=torch.Generator().manual_seed(2))
    every = np.array(list(itertools.product(range(2), range(3), range(2))))
    distinct = np.unique(GATED.canonical(every), axis=0)
    assert policy.log_prob(distinct).exp().sum().item() == pytest.approx(1.0)
    drawn = policy.sample(np.random.default_rng(0), 20_000)
    for genome in distinct:
        share = (drawn == genome).all(1).mean()
        assert share == pytest.approx(policy.log_prob(genome[None]).exp().item(), abs=0.015)


def test_knobs_that_do_not_count_learn_nothing() -> None:
    policy = Policy(GATED)
    policy.log_prob(np.array([[0, 0, 1]])).sum().backward()
    assert policy.logits[1].grad.abs().sum() == 0
    assert policy.logits[2].grad.tolist() == pytest.approx([-0.5, 0.5])


def test_entropies_start_at_the_logarithm_of_the_choices() -> None:
    assert Policy(GATED).entropies() == pytest.approx(np.log([2, 3, 2]))


def test_warm_up_is_as_often_as_it_says() -> None:
    settings = PolicySettings()
    assert [settings.warmth(done) for done in (0.0, 0.125, 0.25, 0.9)] == [1.0, 0.5, 0.0, 0.0]
    assert settings.warming(0.2)
    assert not settings.warming(0.25)
    rng = np.random.default_rng(0)
    genome = np.array([0, 1, 0])
    drawn = [warm(WIDE, genome, 0.3, rng) for _ in range(5000)]
    operators = np.array([one.all_operators for one in drawn])
    filters = np.array([one.genome[0] == 2 for one in drawn])
    assert operators.mean() == pytest.approx(0.3, abs=0.02)
    assert filters.mean() == pytest.approx(0.3, abs=0.02)
    assert (operators & filters).mean() == pytest.approx(0.09, abs=0.02)  # each by its own draw


def test_widest_touches_widths_alone() -> None:
    assert widest(WIDE, np.array([0, 1, 0])).tolist() == [2, 1, 1]


def test_rate_rises_tenfold_and_is_tunas_at_tunas_steps() -> None:
    settings = PolicySettings()
    assert settings.rate(0.0, 28_125) == pytest.approx(4.8e-3)
    assert settings.rate(1.0, 28_125) == pytest.approx(4.8e-2)
    assert settings.rate(0.0, 28_125 // 100) == pytest.approx(4.8e-2, rel=1e-2)
    assert PolicySettings(lr=0.1).rate(0.0, 3) == 0.1


def costs(genomes):
    latency = np.array([1e-3, 2e-3, np.inf])[genomes[:, 0]]
    return {"latency_s": latency, "area_mm2": np.array([30.0, 2000.0, 10.0])[genomes[:, 0]]}


LIMITS = (Limit("latency_s", 2e-3), Limit("area_mm2", 20.0))


@pytest.mark.parametrize(
    ("choice", "by_hand"),
    [
        (0, 0.9 - 0.1 * (abs(0.5 - 1) + abs(1.5 - 1))),
        (1, 0.9 - 0.1 * (0 + WORST - 1)),  # a hundred times the area: told as ten
        (2, 0.0 - 0.1 * 2 * (WORST - 1)),  # cannot run
    ],
)
def test_absolute_reward_is_as_worked_out_by_hand(choice: int, by_hand: float) -> None:
    judge = Judge(costs, LIMITS, "absolute")
    assert judge(0.9, np.array([choice])) == pytest.approx(by_hand)


def test_what_a_design_costs_is_asked_once() -> None:
    asked = []
    judge = Judge(lambda g: asked.append(1) or costs(g), LIMITS, "hard", exponent=-2.0)
    assert [judge(0.8, np.array([0])) for _ in range(3)] == [pytest.approx(0.8 * 1.5**-2)] * 3
    assert len(asked) == 1


def test_history_by_epoch() -> None:
    history = PolicyHistory()
    history.close_epoch([1.0])
    for reward in (1.0, 3.0):
        history.add(reward, 0.5, [1.0])
    history.close_epoch([0.5])
    again = PolicyHistory()
    again.load_state_dict(history.state_dict())
    assert again.by_epoch("rewards") == [None, 2.0]
    assert again.entropies == [[1.0], [0.5]]


@pytest.mark.parametrize(
    "change", [{"reward": "most"}, {"lr": -1.0}, {"warm_share": 1.0}, {"batch": 0}]
)
def test_settings_out_of_range_are_refused(change: dict) -> None:
    with pytest.raises(CosearchError):
        PolicySettings(**change)
