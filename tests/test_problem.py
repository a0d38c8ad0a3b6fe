"""Directions and limits."""

import numpy as np
import pytest

from cosearch.cost import EdgeModel
from cosearch.errors import CosearchError
from cosearch.families import MobileFamily, NahasChipFamily
from cosearch.problem import Goal, Limit, Problem

METRICS = {
    "accuracy": np.array([0.9, 0.8, np.nan]),
    "latency_s": np.array([1.0, 3.0, np.inf]),
    "energy_j": np.array([1.0, 1.0, np.inf]),
    "area_mm2": np.array([10.0, 15.0, 5.0]),
}


def problem(*limits: Limit) -> Problem:
    family = MobileFamily.for_images(1, 8, 10)
    goals = (Goal("accuracy", maximise=True), Goal("energy_j"))
    return Problem(family, NahasChipFamily(), EdgeModel(), None, goals=goals, limits=limits)


def test_goals_are_minimised_in_their_order() -> None:
    assert problem().losses(METRICS).tolist() == [[-0.9, 1.0], [-0.8, 1.0], [np.inf, np.inf]]


def test_violations_add_relative_excess() -> None:
    limited = problem(Limit("latency_s", 2.0), Limit("area_mm2", 10.0))
    assert limited.violations(METRICS).tolist() == [0.0, 0.5 + 0.5, np.inf]


def test_a_limit_met_exactly_is_met() -> None:
    assert problem(Limit("latency_s", 1.0)).violations(METRICS)[0] == 0.0


@pytest.mark.parametrize(
    ("metric", "bound", "message"),
    [
        ("speed", 1.0, "unknown limit 'speed'"),
        ("latency_s", 0.0, "positive"),
        ("energy_j", np.nan, "positive"),
    ],
)
def test_bad_limits(metric: str, bound: float, message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        Limit(metric, bound)


def test_joint_space_is_the_product() -> None:
    joint = problem()
    assert joint.space.size == joint.networks.space.size * 50_000
