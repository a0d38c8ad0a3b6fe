"""What is said of a search beside the optimum."""

from typing import Any

import numpy as np
import pytest
from tests.study.problems import fixed

from cosearch.errors import CosearchError
from cosearch.recipes.apollo.found import Found
from cosearch.recipes.apollo.settings import ApolloSettings
from cosearch.study import Trials

PROBLEM = fixed(area=10.0)


def trials(latency: list[float], area: list[float]) -> Trials:
    """Designs numbered from 0 in their first knobs, with these figures."""
    n = len(latency)
    genomes = np.zeros((n, len(PROBLEM.space)), dtype=np.int64)
    genomes[:, :2] = np.stack(np.divmod(np.arange(n), 5), axis=1)
    metrics = {
        "accuracy": np.full(n, np.nan),
        "latency_s": np.array(latency),
        "energy_j": np.ones(n),
        "area_mm2": np.array(area),
    }
    return Trials.judged(PROBLEM, genomes, metrics)


def found(known: Trials, optimum: float | None = 1.0) -> Found:
    mine = trials([0.5, 3.0, 1.05, 1.2, 1.005], [11.0, 9.0, 10.0, 9.0, 9.0])
    best = None if optimum is None else trials([optimum], [10.0])
    return Found(PROBLEM, mine, known, best, None)


NONE = trials([], [])


def test_a_design_beyond_the_area_is_no_best() -> None:
    best, trial = found(NONE).best
    assert trial == 4
    assert best.metrics["latency_s"].tolist() == [1.005]
    assert found(NONE).regret == pytest.approx(0.005)
    assert found(NONE, None).regret is None


def test_trials_are_counted_until_one_is_near_enough() -> None:
    assert found(NONE).trials_to(2.5) == 2
    assert found(NONE).trials_to(0.051) == 3
    assert found(NONE).trials_to(0.01) == 5
    assert found(NONE).trials_to(0.0) is None


def test_what_another_search_had_tried_is_no_trial_of_this_one() -> None:
    best, trial = found(trials([1.0, 0.1], [10.0, 20.0])).best
    assert trial is None
    assert best.metrics["latency_s"].tolist() == [1.0]
    assert found(trials([1.005], [1.0])).best[1] == 4  # of equals, the one found here
    assert found(trials([1.0], [1.0])).trials_to(0.0) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"workload": ()}, "no workload"),
        ({"trials": 0}, "trials = 0: at least 1"),
        ({"batch": 0}, "batch = 0: at least 1"),
        ({"optimizer": "exact", "warm_start": "x"}, "no warm start"),
        ({"area_mm2": -1.0}, "positive"),
        ({"optimizer": "exakt"}, "did you mean 'exact'"),
    ],
)
def test_settings(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        ApolloSettings(**{"workload": ["a"], **changes}).validate()


def test_settings_survive_a_manifest() -> None:
    settings = ApolloSettings(workload=["a", "b"], area_mm2=4.8, warm_start="x")
    assert ApolloSettings.from_dict(settings.to_dict()) == settings
