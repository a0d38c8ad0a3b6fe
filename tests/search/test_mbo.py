"""MBO: better than random, no design twice, limits learned, bounded effort, golden row."""

from typing import Any

import numpy as np
import pytest
from tests.search.runs import beats_random, chip, toy

from cosearch.errors import CosearchError
from cosearch.search import MBO, Prior
from cosearch.search.model_based.surrogate import Surrogate
from cosearch.space import Knob, Space
from cosearch.testing import check_optimizer
from cosearch.testing.check_optimizer import toy_losses, toy_space

CHEAP = ("ridge", "neighbours")


def cheap(space: Space, rng: np.random.Generator, **options: Any) -> MBO:
    return MBO(space, rng, regressors=CHEAP, **options)


@pytest.mark.parametrize(("problem", "trials"), [(toy, 64), (chip, 96)])
def test_beats_random(problem: Any, trials: int) -> None:
    assert beats_random("mbo", problem, trials)


@pytest.mark.parametrize("acquisition", ["mean", "ucb"])
def test_conforms_with_every_acquisition(acquisition: str) -> None:
    check_optimizer(lambda space, rng: cheap(space, rng, acquisition=acquisition))


def test_no_design_is_proposed_twice() -> None:
    space, optimizer = toy_space(), cheap(toy_space(), np.random.default_rng(0))
    strangers = space.sample(np.random.default_rng(1), 50)
    optimizer.tell(strangers, toy_losses(strangers), np.zeros(50))
    seen = [strangers]
    for step in range(12):
        genomes = optimizer.ask(8)
        seen.append(genomes)
        if step % 2:  # as where workers are slow
            optimizer.tell(genomes, toy_losses(genomes), np.zeros(8))
    every = np.concatenate(seen[1:])
    assert len(np.unique(every, axis=0)) == len(every)
    known = {genome.tobytes() for genome in strangers}
    assert not known & {genome.tobytes() for genome in every}


def test_a_space_that_is_used_up() -> None:
    space = Space([Knob("a", (1, 2, 4)), Knob("b", ("x", "y", "z"))])
    optimizer = cheap(space, np.random.default_rng(0), start=4)
    asked = []
    for _ in range(6):
        asked.append(optimizer.ask(4))
        optimizer.tell(asked[-1], asked[-1].sum(axis=1, keepdims=True) * 1.0, np.zeros(4))
    assert len(np.unique(np.concatenate(asked), axis=0)) == 9


def test_out_of_an_all_infeasible_start() -> None:
    """One design in 36 is feasible; the violation leads there."""
    space = toy_space()
    optimizer = cheap(space, np.random.default_rng(0))
    strangers = space.sample(np.random.default_rng(1), 400)
    excess = np.maximum(strangers[:, :6].sum(axis=1) - 4.0, 0.0)
    infeasible = excess > 0
    assert infeasible.sum() > 390
    optimizer.tell(strangers[infeasible], toy_losses(strangers[infeasible]), excess[infeasible] / 4)
    found = 0
    for _ in range(3):
        genomes = optimizer.ask(16)
        excess = np.maximum(genomes[:, :6].sum(axis=1) - 4.0, 0.0)
        optimizer.tell(genomes, toy_losses(genomes), excess / 4)
        found += int((excess == 0).sum())
    assert found > 16


def test_designs_that_cannot_run_are_avoided() -> None:
    """Violations of inf say nothing of how far, only that."""
    space = toy_space()
    optimizer = MBO(space, np.random.default_rng(0), regressors=("forest", "neighbours"))
    share = []
    for _ in range(10):
        genomes = optimizer.ask(16)
        runs = genomes[:, 1] + genomes[:, 2] >= 7
        losses = np.where(runs[:, None], toy_losses(genomes), np.inf)
        optimizer.tell(genomes, losses, np.where(runs, 0.0, np.inf))
        share.append(runs.mean())
    assert np.mean(share[:2]) < 0.4
    assert np.mean(share[5:]) > 0.6


def test_goals_are_compared_in_their_order() -> None:
    space = toy_space()
    optimizer = cheap(space, np.random.default_rng(0))
    share = []
    for _ in range(8):
        genomes = optimizer.ask(16)
        first = genomes[:, 1].astype(float)
        share.append((first == 0).mean())
        optimizer.tell(genomes, np.stack([first, -toy_losses(genomes)[:, 0]], 1), np.zeros(16))
    assert np.mean(share[2:]) > 0.6


def excess(genomes: Any) -> Any:
    """One design of the toy space in 10,000 is admissible."""
    return np.maximum(genomes[:, :6].sum(axis=1) - 3.0, 0.0)


def test_known_limits_are_kept_from_the_first_design_on() -> None:
    optimizer = cheap(toy_space(), np.random.default_rng(0), excess=excess)
    for _ in range(6):
        genomes = optimizer.ask(12)
        assert not excess(genomes).any()
        assert len(np.unique(genomes, axis=0)) == 12
        optimizer.tell(genomes, toy_losses(genomes), np.zeros(12))


def test_a_change_of_unit_changes_nothing() -> None:
    """Seconds or milliseconds: the same designs, to the last one."""
    space = toy_space()
    asked = []
    for unit in (1.0, 1e3 / 7):
        optimizer = MBO(space, np.random.default_rng(0), regressors=("gaussian-process",))
        for _ in range(6):
            genomes = optimizer.ask(8)
            optimizer.tell(genomes, (toy_losses(genomes) + 1) * unit, np.zeros(8))
        asked.append(optimizer.ask(8))
    assert np.array_equal(*asked)


def regret(optimizer: MBO, batches: int) -> float:
    best = np.inf
    for _ in range(batches):
        genomes = optimizer.ask(8)
        losses = toy_losses(genomes) + 1
        optimizer.tell(genomes, losses, np.zeros(8))
        best = min(best, losses.min())
    return best - 1


def test_a_related_problem_helps_and_a_misleading_one_is_forgotten() -> None:
    space = toy_space()
    genomes = space.sample(np.random.default_rng(3), 120)
    truth = toy_losses(genomes) + 1

    def after(losses: Any, batches: int) -> float:
        optimizer = cheap(space, np.random.default_rng(0))
        optimizer.learn_from(Prior(genomes, losses, np.zeros(120)))
        return regret(optimizer, batches)

    assert after(50 * truth**1.2, 1) < 16
    assert regret(cheap(space, np.random.default_rng(0)), 2) > 30
    assert after(1 / truth, 6) < 20


def test_fits_are_few() -> None:
    """4,096 trials one by one: fitted anew at 2 % more designs, chosen anew at 50 % more."""
    space = toy_space()
    counts = {"fit": 0, "select": 0}

    class Counted(Surrogate):
        def _learn(self, ensemble: Any, genomes: Any, target: Any, choose: bool) -> None:
            counts["fit"] += 1
            counts["select"] += choose
            super()._learn(ensemble, genomes, target, False)

    shared = Counted(space, np.random.default_rng(0), CHEAP, 0.2)
    designs = space.sample(np.random.default_rng(1), 4096)
    optimizer = cheap(space, np.random.default_rng(2), surrogate=shared)
    for design in designs:
        optimizer.tell(design[None], toy_losses(design[None]), np.zeros(1))
        shared.fit(optimizer._history)
    assert counts["fit"] < 300
    assert counts["select"] < 24


def test_refused() -> None:
    space, rng = toy_space(), np.random.default_rng(0)
    with pytest.raises(CosearchError, match=r"unknown acquisition 'eii'.*did you mean 'ei'"):
        MBO(space, rng, acquisition="eii")
    with pytest.raises(CosearchError, match=r"unknown regressor 'rigde'.*did you mean 'ridge'"):
        MBO(space, rng, regressors=("rigde",))
    optimizer = cheap(space, rng)
    designs = space.sample(rng, 4)
    optimizer.tell(designs, np.zeros((4, 1)), np.zeros(4))
    with pytest.raises(CosearchError, match="losses of 2 columns: 1 were told before"):
        optimizer.tell(designs, np.zeros((4, 2)), np.zeros(4))


def test_golden_row() -> None:
    """A change of behaviour shows here, in review."""
    space = toy_space()
    optimizer = MBO(space, np.random.default_rng(7), regressors=("ridge",), start=8)
    for _ in range(8):
        genomes = optimizer.ask(4)
        optimizer.tell(genomes, toy_losses(genomes), np.zeros(4))
    assert optimizer.ask(1).tolist() == GOLDEN


GOLDEN = [[0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0]]
