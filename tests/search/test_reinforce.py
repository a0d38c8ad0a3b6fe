"""REINFORCE: its gradient against finite differences, its reward, what it learns."""

import numpy as np
from tests.search.contests import nested_space

from cosearch.search import Reinforce
from cosearch.search.policy_gradient.reward import ShareBeaten
from cosearch.space import Knob, Space


def log_probability(optimizer: Reinforce, genome: np.ndarray, logits: np.ndarray) -> float:
    optimizer._logits = logits
    on = optimizer.space.active(genome[None])[0]
    return float(np.log(optimizer.policy[np.arange(len(genome)), genome])[on].sum())


def test_the_score_is_the_gradient_of_the_log_probability() -> None:
    space = nested_space()
    optimizer = Reinforce(space, np.random.default_rng(0))
    exists = np.isfinite(optimizer._logits)
    logits = np.where(exists, np.random.default_rng(1).normal(size=exists.shape), -np.inf)
    for genome in space.sample(np.random.default_rng(2), 6):
        optimizer._logits = logits
        score = optimizer._score(genome[None], np.ones(1))
        for knob, choice in np.argwhere(exists):
            step = np.zeros_like(logits)
            step[knob, choice] = 1e-5
            up = log_probability(optimizer, genome, logits + step)
            down = log_probability(optimizer, genome, logits - step)
            assert abs((up - down) / 2e-5 - score[knob, choice]) < 1e-6


def test_the_entropy_gradient_is_that_of_the_entropy() -> None:
    optimizer = Reinforce(Space([Knob("a", (0, 1, 2))]), np.random.default_rng(0))

    def entropy(logits: np.ndarray) -> float:
        optimizer._logits = logits
        return float(-(optimizer.policy * np.log(optimizer.policy)).sum())

    logits = np.array([[0.3, -0.5, 1.0]])
    steps = 1e-5 * np.eye(3)[:, None]
    numeric = [(entropy(logits + step) - entropy(logits - step)) / 2e-5 for step in steps]
    optimizer._logits = logits
    assert np.allclose(optimizer._entropy_gradient()[0], numeric, atol=1e-8)


def test_the_reward_is_the_share_beaten_violations_first() -> None:
    reward = ShareBeaten(256)
    losses = np.array([[1.0], [np.inf], [0.0], [0.0], [0.0]])
    violations = np.array([0.0, 0.0, 0.5, 0.5, np.inf])
    assert np.allclose(reward(losses, violations), [0.9, 0.7, 0.4, 0.4, 0.1])
    again = reward(losses[:1], violations[:1])
    assert np.allclose(again, [5 / 6])  # equal to one of six, beats four


def test_the_reward_forgets() -> None:
    reward = ShareBeaten(2)
    for loss, share in ((3.0, 0.5), (2.0, 0.75), (2.5, 0.25), (2.2, 0.75)):
        assert reward(np.array([[loss]]), np.zeros(1)) == share


def test_draws_follow_the_policy() -> None:
    space = Space([Knob("a", (0, 1, 2)), Knob("b", (0, 1))])
    optimizer = Reinforce(space, np.random.default_rng(0))
    optimizer._logits = np.log(np.array([[0.2, 0.5, 0.3], [0.9, 0.1, 1e-300]]))
    optimizer._logits[1, 2] = -np.inf
    drawn = optimizer.ask(20000)
    assert np.allclose(np.bincount(drawn[:, 0]) / 20000, [0.2, 0.5, 0.3], atol=0.015)
    assert np.allclose(np.bincount(drawn[:, 1]) / 20000, [0.9, 0.1], atol=0.015)


def test_equal_designs_teach_nothing() -> None:
    space = nested_space()
    optimizer = Reinforce(space, np.random.default_rng(0))
    for _ in range(20):
        optimizer.tell(optimizer.ask(16), np.full((16, 1), np.inf), np.full(16, np.inf))
    before = Reinforce(space, np.random.default_rng(0)).policy
    assert np.allclose(optimizer.policy, before)


def test_knobs_that_do_not_count_learn_nothing() -> None:
    space = Space([Knob("gate", (0, 1)), Knob("gated", (0, 1, 2), {"gate": (1,)})])
    optimizer = Reinforce(space, np.random.default_rng(0))
    optimizer.tell(np.array([[0, 0], [0, 0]]), np.array([[0.0], [1.0]]), np.zeros(2))
    assert np.allclose(optimizer.policy[1], 1 / 3)


def test_entropy_keeps_the_policy_open() -> None:
    def peak(entropy: float) -> float:
        space = Space([Knob("a", tuple(range(8)))])
        optimizer = Reinforce(space, np.random.default_rng(0), entropy=entropy)
        for _ in range(60):
            genomes = optimizer.ask(32)
            optimizer.tell(genomes, genomes.astype(float), np.zeros(32))
        return float(optimizer.policy.max())

    assert peak(0.0) > 0.9
    assert peak(1.0) < peak(0.0)
