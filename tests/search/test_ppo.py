"""The recurrent controller: a distribution over designs, PPO's objective, what it learns."""

import sys
from typing import Any

import numpy as np
import pytest
import torch
from tests.search.contests import best_after, nested_space

from cosearch.errors import CosearchError
from cosearch.search import RandomSearch
from cosearch.search.policy_gradient import controller
from cosearch.search.policy_gradient.controller import PPO
from cosearch.search.policy_gradient.recurrent_policy import RecurrentPolicy, surrogate
from cosearch.space import Knob, Space
from cosearch.testing.check_optimizer import toy_space


def policy(space: Space, seed: int = 0) -> RecurrentPolicy:
    """Far from uniform, so that mistakes show."""
    made = RecurrentPolicy(space, np.random.default_rng(seed), hidden=6)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(12.0)
    return made


def every_design(space: Space) -> np.ndarray:
    grid = np.stack(np.meshgrid(*map(np.arange, space.cardinalities), indexing="ij"), axis=-1)
    return np.unique(space.canonical(grid.reshape(-1, len(space))), axis=0)


def test_the_probabilities_of_all_designs_add_up_to_one() -> None:
    """Conditions on conditions and knobs of unlike sizes included."""
    space = nested_space()
    designs = every_design(space)
    assert len(designs) == space.size
    logs, _ = policy(space)(designs)
    assert abs(logs.sum(1).exp().sum().item() - 1) < 1e-12


def test_draws_follow_the_probabilities() -> None:
    space = nested_space()
    made, designs = policy(space), every_design(nested_space())
    drawn = made.sample(np.random.default_rng(1), 40000)
    assert np.array_equal(space.canonical(drawn), drawn)
    found, counts = np.unique(drawn, axis=0, return_counts=True)
    share = dict(zip(map(bytes, found), counts / 40000, strict=True))
    shares = np.array([share.get(bytes(design), 0.0) for design in designs])
    wanted = made(designs)[0].sum(1).exp().detach().numpy()
    assert wanted.max() > 3 * wanted.mean()
    assert np.abs(shares - wanted).max() < 5 * np.sqrt(wanted.max() / 40000)


def test_choices_depend_on_those_before() -> None:
    space = Space([Knob("a", (0, 1)), Knob("b", (0, 1)), Knob("c", (0, 1))])
    logs, _ = policy(space)(np.array([[0, 0, 0], [1, 0, 0]]))
    assert logs[0, 0] != logs[1, 0]
    assert (logs[0, 1:] - logs[1, 1:]).abs().min() > 1e-3


def test_a_knob_that_is_off_is_not_scored_and_the_entropy_is_that_of_the_softmaxes() -> None:
    space = Space([Knob("gate", (0, 1)), Knob("gated", (0, 1, 2), {"gate": (1,)})])
    made = policy(space)
    logs, entropy = made(np.array([[0, 0], [1, 0], [1, 1], [1, 2]]))
    assert logs[0, 1] == entropy[0, 1] == 0
    assert torch.allclose(entropy[1, 1], -(logs[1:, 1].exp() * logs[1:, 1]).sum())


def test_the_surrogate_is_clipped_against_gain_only() -> None:
    """Twice as likely as before, and half as likely, with a good and a bad result."""
    now = torch.log(torch.tensor([[2.0], [2.0], [0.5], [0.5]], dtype=torch.float64))
    parts = [
        float(surrogate(row[None], torch.zeros(1, 1), np.array([gain]), clip=0.2))
        for row, gain in zip(now, (1.0, -1.0, 1.0, -1.0), strict=True)
    ]
    assert np.allclose(parts, [1.2, -2.0, 0.5, -0.8])


def test_an_improvement_makes_good_designs_likelier_and_the_clip_holds_it_back() -> None:
    space = nested_space()

    def gains(clip: float) -> np.ndarray:
        rng = np.random.default_rng(0)
        options = {"batch": 8, "epochs": 12, "entropy": 0.0, "hidden": 8, "learning_rate": 0.005}
        optimizer = PPO(space, rng, clip=clip, **options)
        good, bad = np.array([[1, 3, 1, 0, 2]]), np.array([[0, 0, 0, 2, 4]])
        genomes = np.repeat([*good, *bad], 4, axis=0)
        before = optimizer._policy(genomes)[0].sum(1).detach()
        optimizer.tell(genomes, np.repeat([[0.0], [1.0]], 4, axis=0), np.zeros(8))
        gain = optimizer._policy(genomes)[0].sum(1).detach() - before
        return gain[[0, 4]].numpy()

    free, held = gains(1e9), gains(0.01)
    assert held[0] > 0.1 > -0.1 > held[1]
    assert (np.abs(held) < np.abs(free) / 2).all()


def test_designs_wait_for_a_full_batch_however_they_are_told() -> None:
    space = nested_space()
    rows = space.sample(np.random.default_rng(1), 50)
    losses = rows.sum(axis=1, keepdims=True).astype(float)

    def taught(cuts: list[int]) -> PPO:
        optimizer = PPO(space, np.random.default_rng(0), batch=20, hidden=5)
        for part, told in zip(np.split(rows, cuts), np.split(losses, cuts), strict=True):
            optimizer.tell(part, told, np.zeros(len(part)))
        return optimizer

    whole, pieces = taught([]), taught([1, 19, 22, 45])
    assert np.array_equal(whole.ask(100), pieces.ask(100))
    assert len(whole._waiting) == 10
    untaught = PPO(space, np.random.default_rng(0), batch=20, hidden=5)
    assert not np.array_equal(whole.ask(100), untaught.ask(100))


def test_equal_designs_teach_nothing_without_an_entropy_bonus() -> None:
    space = nested_space()
    optimizer = PPO(space, np.random.default_rng(0), entropy=0.0, hidden=5)
    before = [parameter.clone() for parameter in optimizer._policy.parameters()]
    for _ in range(5):
        optimizer.tell(optimizer.ask(16), np.full((16, 1), np.inf), np.full(16, np.inf))
    after = optimizer._policy.parameters()
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_the_entropy_bonus_keeps_the_policy_open() -> None:
    def choices(entropy: float) -> int:
        space = Space([Knob("a", tuple(range(8)))])
        optimizer = PPO(space, np.random.default_rng(0), entropy=entropy, learning_rate=0.03)
        for _ in range(15):
            genomes = optimizer.ask(16)
            optimizer.tell(genomes, genomes.astype(float), np.zeros(16))
        return len(np.unique(optimizer.ask(200)))

    assert choices(0.0) <= 2
    assert choices(1.0) == 8


def test_beats_random() -> None:
    """One-sided sign test over 7 seeds: 7 wins have p = 1 / 128 under the null, alpha = 0.01."""
    space = toy_space()

    def best(make: Any, seed: int, **options: Any) -> float:
        return best_after(make(space, np.random.default_rng(seed), **options), trials=480)

    options = {"hidden": 16, "epochs": 3, "learning_rate": 0.01}
    assert all(best(PPO, seed, **options) < best(RandomSearch, seed) for seed in range(7))


def test_it_leaves_torch_as_it_was() -> None:
    """Neither the global generator nor the number of threads nor the caller's no_grad change."""
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(2)
    try:
        with torch.no_grad():
            optimizer = PPO(nested_space(), np.random.default_rng(0))
            genomes = optimizer.ask(20)
            optimizer.tell(genomes, genomes[:, :1].astype(float), np.zeros(20))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(torch.get_rng_state(), state)


def test_without_torch_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(CosearchError, match=r"ppo needs torch: pip install 'cosearch\[deep\]'"):
        controller.PPO(nested_space(), np.random.default_rng(0))
