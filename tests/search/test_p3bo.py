"""P3BO and its adaptive form: better than random, fair rewards, shares that follow, golden rows."""

from typing import Any

import numpy as np
import pytest
from tests.search.contests import first_feasible
from tests.search.runs import beats_random, chip, toy

from cosearch.errors import CosearchError
from cosearch.search import P3BO, AdaptiveP3BO, Prior
from cosearch.search.ensembles.members import MEMBERS, Nursery
from cosearch.search.ensembles.p3bo import _improvement
from cosearch.search.evolutionary.walker import SingleMutantWalker
from cosearch.testing import check_optimizer
from cosearch.testing.check_optimizer import toy_losses, toy_space

CHEAP = (
    {"kind": "walker", "elite": 4},
    {"kind": "evolution", "population": 20, "tournament": 5},
    {"kind": "genetic", "population": 20, "tournament": 5, "crossover": 0.7, "mutation": 2.0},
)


@pytest.mark.parametrize("name", ["p3bo", "adaptive-p3bo"])
@pytest.mark.parametrize(("problem", "trials"), [(toy, 96), (chip, 96)])
def test_beats_random(name: str, problem: Any, trials: int) -> None:
    assert beats_random(name, problem, trials)


def test_members_conform() -> None:
    check_optimizer(SingleMutantWalker)
    check_optimizer(lambda space, rng: P3BO(space, rng, members=CHEAP))


def test_out_of_an_all_infeasible_start() -> None:
    """One design in 10,000 is feasible; random search would need as many trials."""
    optimizer = P3BO(toy_space(), np.random.default_rng(0), members=CHEAP)
    assert 0 < first_feasible(optimizer, 1500) < 1500


def test_every_member_of_the_space_can_be_made() -> None:
    space, rng = toy_space(), np.random.default_rng(0)
    nursery = Nursery(space, rng)
    designs = space.sample(rng, 4)
    for genome in MEMBERS.sample(rng, 60):
        member = nursery.make(MEMBERS.values(genome))
        member.tell(designs, toy_losses(designs), np.zeros(4))
        assert member.ask(3).shape == (3, len(space))


@pytest.mark.parametrize(
    ("new", "old", "reward"),
    [
        ((0.0, 9.0), (0.0, 10.0), 0.1),
        ((0.0, -0.75), (0.0, -0.5), 0.5),  # an accuracy
        ((0.0, 12.0), (0.0, 10.0), -0.2),
        ((0.0, 50.0), (0.0, 10.0), -1.0),
        ((0.0, 50.0), (0.2, 10.0), 1.0),  # the first that meets the limits
        ((0.1, 50.0), (0.2, 10.0), 0.5),
        ((0.1, 1.0), (0.0, 10.0), -1.0),
        ((np.inf, np.inf), (0.0, 10.0), -1.0),
        ((0.5, 1.0), (np.inf, np.inf), 1.0),
        ((np.inf, np.inf), (np.inf, np.inf), 0.0),
        ((0.0, 1.0, 3.0), (0.0, 1.0, 4.0), 0.25),  # the second goal decides
    ],
)
def test_reward(new: Any, old: Any, reward: float) -> None:
    assert _improvement(np.array(new), np.array(old)) == pytest.approx(reward)


def test_credit_goes_to_who_proposed() -> None:
    """The member whose proposals are praised gets the batch; strangers reward nobody."""
    space = toy_space()
    optimizer = P3BO(space, np.random.default_rng(0), members=CHEAP)
    strangers = space.sample(np.random.default_rng(1), 60)
    optimizer.tell(strangers, np.full((60, 1), 10.0), np.zeros(60))
    assert (optimizer.credit == 0).all()
    assert np.allclose(optimizer.share, 1 / 3)
    for step in range(1, 6):
        genomes = optimizer.ask(30)
        mine = np.array([optimizer._owner[genome.tobytes()] == 1 for genome in genomes])
        optimizer.tell(genomes, np.where(mine, 10.0 - step, 20.0)[:, None], np.zeros(30))
    assert optimizer.share[1] > 0.7
    assert optimizer.share.min() > 0.01


def test_idle_credit_decays() -> None:
    space = toy_space()
    optimizer = P3BO(space, np.random.default_rng(0), members=CHEAP, decay=0.5)
    optimizer.credit = np.array([1.0, 0.0, -1.0])
    strangers = space.sample(np.random.default_rng(1), 4)
    optimizer.tell(strangers, toy_losses(strangers), np.zeros(4))
    assert optimizer.credit.tolist() == [0.5, 0.0, -0.5]


def test_the_poorest_gives_way_to_a_child_of_the_rich() -> None:
    space = toy_space()
    optimizer = AdaptiveP3BO(space, np.random.default_rng(0), members=CHEAP, tournament=9)
    strangers = space.sample(np.random.default_rng(1), 30)
    optimizer.tell(strangers, toy_losses(strangers), np.zeros(30))
    optimizer.p3bo.rounds = 10
    optimizer.p3bo.credit = np.array([-0.5, 0.8, 0.1])
    before = [dict(values) for values in optimizer.p3bo.members]
    optimizer.tell(strangers, toy_losses(strangers), np.zeros(30))
    after = optimizer.p3bo.members
    assert after[1:] == before[1:]
    assert after[0] != before[0]
    assert after[0] != before[1]  # a copy, and mutated
    assert optimizer.p3bo.credit[0] == optimizer.p3bo.credit[1]
    assert optimizer.ask(16).shape == (16, len(space))


def test_known_limits_are_kept_by_every_member() -> None:
    """Members that breed and members with models; what replaces them, too."""
    space = toy_space()

    def excess(genomes: Any) -> Any:
        return np.maximum(genomes[:, :4].sum(axis=1) - 4.0, 0.0)

    model = {"kind": "mbo", "regressors": "smooth", "acquisition": "mean"}
    optimizer = AdaptiveP3BO(
        space, np.random.default_rng(0), excess=excess, members=(*CHEAP, model), tournament=9
    )
    for _ in range(8):
        genomes = optimizer.ask(12)
        assert not excess(genomes).any()
        optimizer.tell(genomes, toy_losses(genomes), np.zeros(12))


def test_members_learn_from_a_prior() -> None:
    """Those with models fit it, the others begin with its best, as do the members to come."""
    space = toy_space()
    genomes = space.sample(np.random.default_rng(5), 200)
    prior = Prior(genomes, toy_losses(genomes) * 3, np.zeros(200))
    walker, model = CHEAP[0], {"kind": "mbo", "regressors": "local", "acquisition": "mean"}
    optimizer = P3BO(space, np.random.default_rng(0), members=(walker, model))
    optimizer.learn_from(prior)
    optimizer.replace(0, CHEAP[1], 0.0)
    asked = optimizer.ask(24)
    assert np.median(toy_losses(asked)) < np.quantile(toy_losses(genomes), 0.1)
    best = {genome.tobytes() for genome in prior.best(24)}
    assert any(genome.tobytes() in best for genome in asked)


def test_gps_share_one_mind() -> None:
    """What one proposes is pending to the other; what one is told, once or twice, both know."""
    pytest.importorskip("botorch")
    space, rng = toy_space(), np.random.default_rng(0)
    nursery = Nursery(space, rng)
    greedy, curious = (
        nursery.make({"kind": "gp", "explore": explore, "generations": 5})
        for explore in (0.0, 0.25)
    )
    designs = space.sample(rng, 24)
    for member in (greedy, curious):
        member.tell(designs, toy_losses(designs), np.zeros(24))
    asked = np.concatenate([greedy.ask(8), curious.ask(8)])
    assert len(np.unique(np.concatenate([designs, asked]), axis=0)) == 40
    assert np.median(toy_losses(asked)) < np.quantile(toy_losses(designs), 0.25)


def test_unknown_members_are_refused() -> None:
    with pytest.raises(CosearchError, match="'kind' = 'annealing'"):
        P3BO(toy_space(), np.random.default_rng(0), members=({"kind": "annealing"},))


@pytest.mark.parametrize("make", [P3BO, AdaptiveP3BO])
def test_golden_row(make: Any) -> None:
    """A change of behaviour shows here, in review."""
    space = toy_space()
    optimizer = make(space, np.random.default_rng(7), members=CHEAP)
    for _ in range(10):
        genomes = optimizer.ask(6)
        optimizer.tell(genomes, toy_losses(genomes), np.zeros(6))
    assert optimizer.ask(1).tolist() == GOLDEN[make.__name__]


GOLDEN = {
    "P3BO": [[1, 1, 1, 0, 1, 2, 1, 0, 0, 0, 4, 0]],
    "AdaptiveP3BO": [[1, 2, 4, 0, 2, 0, 1, 0, 4, 0, 0, 0]],
}
