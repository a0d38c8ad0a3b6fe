"""A study keeps the area limit while it searches, unless told not to."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.study.problems import fixed

from cosearch.errors import CosearchError
from cosearch.families import MobileFamily
from cosearch.hardware import find_chip
from cosearch.problem import Goal, Limit, Problem
from cosearch.study import Study


@pytest.mark.parametrize("name", ["random", "genetic", "mbo"])
def test_no_trial_is_beyond_a_known_limit(name: str, tmp_path: Path) -> None:
    problem = fixed(area=8.0)
    trials = Study(tmp_path / "known", problem, name, batch=16).run(48)
    assert trials.feasible.all()
    blind = Study(tmp_path / "blind", problem, "random", batch=16, known_limits=False).run(48)
    assert not blind.feasible.all()


def test_it_is_part_of_the_study(tmp_path: Path) -> None:
    study = Study(tmp_path, fixed(), "random")
    study.run(8)
    with pytest.raises(CosearchError, match="known_limits differ"):
        replace(study, known_limits=False).run(8)


def test_a_fixed_chip_knows_none(tmp_path: Path) -> None:
    """The same trials with and without: its area is no knob of this search."""
    networks, chip = MobileFamily.for_images(1, 8, 10), find_chip("nahas-baseline").columns()
    problem = Problem(
        networks,
        chip,
        fixed().cost_model,
        None,
        goals=(Goal("latency_s"),),
        limits=(Limit("area_mm2", 1.0),),
    )
    runs = [Study(tmp_path / str(k), problem, known_limits=k).run(64) for k in (True, False)]
    assert np.array_equal(runs[0].genomes, runs[1].genomes)


def test_a_reward_is_told_and_the_truth_recorded(tmp_path: Path) -> None:
    """A soft reward lets latency pay for area; the best within the limit is still the best."""
    told = []

    class Spied(Problem):
        def told(self, metrics):
            told.append(super().told(metrics))
            return told[-1]

    plain = fixed(area=8.0, reward="soft")
    problem = Spied(**{name: getattr(plain, name) for name in plain.__dataclass_fields__})
    trials = Study(tmp_path, problem, "genetic").run(64)
    assert not trials.feasible.all()  # nothing is kept from it
    assert trials.feasible[trials.best()]
    assert np.array_equal(trials.losses[:, 0], trials.metrics["latency_s"])
    losses = np.concatenate([losses for losses, _ in told])[:, 0]
    area, latency = trials.metrics["area_mm2"], trials.metrics["latency_s"]
    assert losses == pytest.approx(-((area / 8.0) ** -0.07) / latency)
