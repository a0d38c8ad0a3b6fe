"""Other libraries' optimizers behind our protocol. No goldens: their versions change."""

import logging
import warnings
from functools import partial
from typing import Any

import numpy as np
import optuna
import pytest
from tests.search.contests import ask_more_than_is_told, nested_space, trace

from cosearch.errors import CosearchError
from cosearch.search import OPTIMIZERS, make_optimizer, ranks
from cosearch.search.adapters import library as adapters_library
from cosearch.search.adapters.ladder import Ladder
from cosearch.search.adapters.library import library
from cosearch.search.adapters.optuna_sampler import OptunaSampler
from cosearch.search.adapters.pending import Pending
from cosearch.search.registry import OUTSIDE
from cosearch.space import Knob, Space
from cosearch.testing import check_optimizer
from cosearch.testing.check_optimizer import toy_losses, toy_space

MIXED = Space(
    [
        Knob("numbers", (1, 2, 4, 8)),
        Knob("words", ("a", "b", "c")),
        Knob("fractions", (0.5, 1.5)),
    ]
)
SAMPLERS = ("RandomSampler", "QMCSampler", "NSGAIIISampler")
BUDGET = {"nevergrad": {"budget": 192, "workers": 8}}
FAST = ("nevergrad", "optuna-cma-es", "optuna-nsga2", "optuna-tpe")


def make(name: str, space: Space, seed: int = 0, **options: Any) -> Any:
    return make_optimizer(name, space, np.random.default_rng(seed), **options)


def test_conformance() -> None:
    check_optimizer(OUTSIDE["optuna-nsga2"])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nevergrad", "optuna", "optuna-cma-es", "optuna-tpe"])
def test_conformance_of_the_dear(name: str) -> None:
    check_optimizer(OUTSIDE[name])


@pytest.mark.slow
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_conformance_of_any_sampler(sampler: str) -> None:
    check_optimizer(partial(OPTIMIZERS["optuna"], sampler=sampler))


@pytest.mark.parametrize("name", FAST)
def test_deterministic_and_replayed(name: str) -> None:
    """Rebuilt from what was told, in the same batches, it goes on as the one interrupted."""
    whole, rebuilt = (make(name, toy_space()) for _ in range(2))
    before, after = trace(whole, 3, 8), trace(whole, 1, 8)
    assert np.array_equal(trace(rebuilt, 3, 8), before)
    assert np.array_equal(trace(rebuilt, 1, 8), after)
    assert not np.array_equal(trace(make(name, toy_space(), 1), 1, 8), before[:8])


def test_the_gaussian_process() -> None:
    space = Space([Knob(f"k{i}", tuple(range(8))) for i in range(3)])

    def asked() -> np.ndarray:
        optimizer = make("optuna-gp", space, n_startup_trials=4)
        return trace_of(optimizer, rounds=3, batch=3)

    first = asked()
    assert np.array_equal(first, asked())
    assert np.array_equal(space.canonical(space.validate(first)), first)


def trace_of(optimizer: Any, rounds: int, batch: int) -> np.ndarray:
    """Losses that may be infinite, limits that most designs miss."""
    rows = []
    for _ in range(rounds):
        genomes = optimizer.ask(batch)
        losses = np.where(genomes[:, :1] == 3, np.inf, toy_losses(genomes))
        optimizer.tell(genomes, losses, np.maximum(3.0 - genomes[:, 1], 0.0))
        rows.append(genomes)
    return np.concatenate(rows)


@pytest.mark.parametrize("name", FAST)
def test_words_and_numbers(name: str) -> None:
    """Every choice of every knob is proposed, the ends of ranges included."""
    optimizer = make(name, MIXED)
    genomes = np.concatenate([optimizer.ask(20) for _ in range(6)])
    for column, knob in zip(genomes.T, MIXED.knobs, strict=True):
        assert set(column) == set(range(len(knob.choices)))


@pytest.mark.parametrize("name", FAST)
def test_conditions_and_more_asked_than_told(name: str) -> None:
    ask_more_than_is_told(make(name, nested_space()), nested_space(), rounds=4, batch=5)


@pytest.mark.parametrize("name", FAST)
def test_learns_to_meet_a_limit(name: str) -> None:
    """Violations alone guide: the sum of five knobs is at most 6 in one random design of 71.

    Random has a chance below 0.0005 to propose at least 8 such designs among 96.
    """
    space = Space([Knob(f"k{i}", tuple(range(8))) for i in range(5)])
    optimizer = make(name, space, seed=3, **BUDGET.get(name, {}))
    met = 0
    for turn in range(24):
        genomes = optimizer.ask(8)
        violations = np.maximum(genomes.sum(axis=1) - 6.0, 0.0)
        met += int((violations == 0).sum()) if turn >= 12 else 0
        optimizer.tell(genomes, np.full((8, 1), 1.0), violations)
    assert met >= 8


@pytest.mark.parametrize("name", FAST)
def test_two_losses(name: str) -> None:
    """How many losses there are is learned when first told; more than one is fine for all."""
    optimizer = make(name, MIXED)
    for _ in range(5):
        genomes = MIXED.validate(optimizer.ask(6))
        losses = np.column_stack([genomes.sum(axis=1), -genomes[:, 0]]).astype(float)
        optimizer.tell(genomes, losses, np.zeros(6))


def test_optuna_keeps_the_fronts_of_two_losses() -> None:
    optimizer = make("optuna-nsga2", MIXED)
    strangers = MIXED.sample(np.random.default_rng(0), 10)
    losses = np.column_stack([strangers[:, 0], -strangers[:, 0]]).astype(float)
    optimizer.tell(strangers, losses, np.linspace(-1, 1, 10).clip(0))
    study = optimizer._study
    assert [t.values for t in study.trials] == losses.tolist()
    assert [t.constraints["limits"] for t in study.trials][-1] == 1.0
    assert all(t.number < 5 for t in study.best_trials)


def test_optuna_gets_its_own_trials_back_and_loses_those_refused() -> None:
    optimizer = make("optuna-tpe", toy_space())
    for _ in range(3):
        genomes = optimizer.ask(6)
        optimizer.tell(genomes[:4], toy_losses(genomes[:4]), np.zeros(4))
    states = [trial.state.name for trial in optimizer._study.trials]
    assert len(states) == 18
    assert [states.count(s) for s in ("COMPLETE", "FAIL", "RUNNING")] == [12, 4, 2]


def test_pending_is_first_in_first_out_and_forgets_after_two_turns() -> None:
    pending, genome, other = Pending(), np.array([1, 2]), np.array([2, 1])
    for proposal in ("first", "second"):
        pending.put(genome, proposal)
    assert pending.take(other) is None
    assert pending.take(genome) == "first"
    assert pending.turn() == []
    pending.put(other, "young")
    assert pending.turn() == ["second"]
    assert pending.take(genome) is None
    assert pending.take(other) == "young"


def test_rungs_are_in_the_order_of_ranks() -> None:
    rng, ladder = np.random.default_rng(0), Ladder()
    losses = rng.integers(0, 4, size=(200, 2)).astype(float)
    losses[rng.random(200) < 0.1] = np.inf
    violations = np.maximum(rng.integers(-3, 3, size=200), 0).astype(float)
    violations[:5] = np.inf
    parts = np.split(np.arange(200), 20)
    rungs = np.concatenate([ladder.place(losses[p], violations[p]) for p in parts])
    assert np.isfinite(rungs).all()
    order = ranks(losses, violations)
    assert np.array_equal(np.unique(rungs, return_inverse=True)[1], order)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(adapters_library, "import_module", absent)
    with pytest.raises(CosearchError, match=r"^X needs optuna: pip install 'cosearch\[optuna\]'$"):
        library("optuna", wants="X", extra="optuna")


def test_unknown_names() -> None:
    with pytest.raises(CosearchError, match="unknown Optuna sampler 'TPE'"):
        make("optuna", MIXED, sampler="TPE")
    with pytest.raises(CosearchError, match="Optuna's TPESampler with"):
        make("optuna-tpe", MIXED, wings=2)
    with pytest.raises(CosearchError, match="unknown Nevergrad optimizer 'NGOpt999'"):
        make("nevergrad", MIXED, optimizer="NGOpt999")


def test_others_logs_and_warnings_are_as_before(capfd: pytest.CaptureFixture[str]) -> None:
    level, filters = optuna.logging.get_verbosity(), list(warnings.filters)
    disabled = logging.root.manager.disable
    optimizer = make("optuna-tpe", MIXED, group=True)
    genomes = optimizer.ask(3)
    optimizer.tell(genomes, np.ones((3, 1)), np.zeros(3))
    assert capfd.readouterr() == ("", "")
    assert (optuna.logging.get_verbosity(), warnings.filters) == (level, filters)
    assert logging.root.manager.disable == disabled


def test_options_reach_the_sampler() -> None:
    made = OptunaSampler(
        MIXED, np.random.default_rng(0), sampler="CmaEsSampler", sampler_options={"popsize": 8}
    )
    assert made._study.sampler._popsize == 8
