"""A study's records as Optuna sees them: plots, fronts, storage."""

from pathlib import Path

import numpy as np
import optuna
import pytest

from cosearch.cost import EdgeModel
from cosearch.errors import CosearchError
from cosearch.families import MobileFamily, NahasChipFamily
from cosearch.problem import Limit, Problem
from cosearch.study import Study, Trials
from cosearch.study.to_optuna import to_optuna

FINITE = optuna.trial.TrialState.COMPLETE
TRIALS = 80


class Sizes:
    """Stands in for a trained accuracy where only its arithmetic matters to the test."""

    price = "nothing"

    def __call__(self, genomes: np.ndarray) -> np.ndarray:
        return 1 - np.exp(-genomes.sum(axis=1) / 40)


def problem() -> Problem:
    limits = (Limit("latency_s", 4e-7), Limit("area_mm2", 42.3))
    networks = MobileFamily.for_images(1, 8, 10)
    return Problem(networks, NahasChipFamily(), EdgeModel(), Sizes(), limits=limits)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Random, so that some designs meet the limits, some do not and some cannot run."""
    made = Study(tmp_path_factory.mktemp("run"), problem(), "random", screen=1, known_limits=False)
    made.run(TRIALS)
    return made


@pytest.fixture(scope="module")
def seen(study: Study) -> optuna.Study:
    return study.to_optuna()


def test_every_trial_as_the_user_sees_it(study: Study, seen: optuna.Study) -> None:
    trials = study.trials()
    assert seen.study_name == study.folder.name
    assert [d.name for d in seen.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert seen.metric_names == ["accuracy", "latency_s"]
    assert len(seen.trials) == TRIALS
    for i, trial in enumerate(seen.trials):
        assert trial.state == FINITE
        assert trial.params == study.problem.space.values(trials.genomes[i])
        assert trial.values == [trials.metrics["accuracy"][i], trials.metrics["latency_s"][i]]
        assert trial.user_attrs["area_mm2"] == trials.metrics["area_mm2"][i]
        assert sum(max(c, 0) for c in trial.constraints.values()) == trials.violations[i]


def test_the_front_is_of_feasible_trials(study: Study, seen: optuna.Study) -> None:
    feasible = study.trials().feasible
    found = seen.best_trials
    assert found
    assert feasible.any()
    assert not feasible.all()
    assert all(feasible[trial.number] for trial in found)
    best = study.trials().metrics["accuracy"][feasible].max()
    assert max(trial.values[0] for trial in found) == best


def test_plots(seen: optuna.Study) -> None:
    plots = optuna.visualization
    assert len(plots.plot_pareto_front(seen).data)
    knobs = ["chip.dram_gb_per_s", "chip.lanes"]
    figure = plots.plot_slice(seen, params=knobs, target=lambda t: t.values[1], target_name="s")
    assert {trace.yaxis for trace in figure.data} == {"y", "y2"}


def test_a_database_keeps_it(study: Study, seen: optuna.Study, tmp_path: Path) -> None:
    storage, few = f"sqlite:///{tmp_path / 'studies.db'}", study.trials()[:4]
    to_optuna(study.problem, few, storage, "search")
    kept = optuna.load_study(study_name="search", storage=storage)
    for there, here in zip(kept.trials, seen.trials[:4], strict=True):
        assert there.params == here.params
        assert there.values == here.values
        assert there.constraints == here.constraints
        assert there.user_attrs == here.user_attrs
    with pytest.raises(CosearchError, match="has a study 'search'"):
        study.to_optuna(storage, "search")


def test_what_cannot_run_has_failed() -> None:
    wanted = problem()
    metrics = {"latency_s": [np.inf, 1.0], "energy_j": [np.inf, 1.0], "area_mm2": [9.0, 50.0]}
    columns = {name: np.array(column) for name, column in metrics.items()}
    genomes = wanted.space.sample(np.random.default_rng(0), 2)
    judged = Trials.judged(wanted, genomes, {**columns, "accuracy": np.array([np.nan, 0.5])})
    broken, fine = to_optuna(wanted, judged, None, None).trials
    assert broken.state == optuna.trial.TrialState.FAIL
    assert broken.user_attrs["area_mm2"] == 9.0
    assert fine.state == FINITE
    assert fine.values == [0.5, 1.0]
    assert fine.constraints == {"latency_s": 1.0 / 4e-7 - 1, "area_mm2": 50.0 / 42.3 - 1}


def test_kinds_of_knobs(seen: optuna.Study) -> None:
    of, kinds = optuna.distributions, seen.trials[0].distributions
    assert kinds["chip.lanes"] == of.IntDistribution(16, 128)
    assert isinstance(kinds["chip.pe_memory_mib"], of.FloatDistribution)
    assert isinstance(kinds["network.stage0.block0.operator"], of.CategoricalDistribution)
