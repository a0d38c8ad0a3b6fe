"""Directions, limits, rewards; fixed workloads; limits known beforehand."""

from dataclasses import replace

import numpy as np
import pytest

from cosearch.cost import EdgeModel
from cosearch.errors import CosearchError
from cosearch.families import ApolloChipFamily, MobileFamily, NahasChipFamily
from cosearch.hardware import find_chip
from cosearch.networks import Network
from cosearch.problem import Goal, Limit, Problem, Workloads
from cosearch.problem.workloads import geometric_mean
from cosearch.zoo import find_network

METRICS = {
    "accuracy": np.array([0.9, 0.8, np.nan]),
    "latency_s": np.array([1.0, 3.0, np.inf]),
    "energy_j": np.array([1.0, 1.0, np.inf]),
    "area_mm2": np.array([10.0, 15.0, 5.0]),
}
SMALL = "mobilenet-v2-0.35@64"
OTHER = "mobilenet-v1-0.25@128"


class Free:
    price = "nothing"

    def __call__(self, genomes: np.ndarray) -> np.ndarray:
        return genomes[:, 0] / 10


def problem(*limits: Limit, **changes: object) -> Problem:
    family = MobileFamily.for_images(1, 8, 10)
    goals = (Goal("accuracy", maximise=True), Goal("energy_j"))
    joint = Problem(family, NahasChipFamily(), EdgeModel(), None, goals=goals, limits=limits)
    return replace(joint, **changes)  # type: ignore[arg-type]


def workloads(*names: str) -> Workloads:
    return Workloads(tuple(find_network(name) for name in names))


def fixed(*names: str, **changes: object) -> Problem:
    chips = ApolloChipFamily()
    goals, limits = (Goal("latency_s"),), (Limit("area_mm2", 6.8),)
    given = Problem(workloads(*names), chips, EdgeModel(), None, goals=goals, limits=limits)
    return replace(given, **changes)  # type: ignore[arg-type]


def test_goals_are_minimised_in_their_order() -> None:
    assert problem().losses(METRICS).tolist() == [[-0.9, 1.0], [-0.8, 1.0], [np.inf, np.inf]]


def test_violations_add_relative_excess() -> None:
    limited = problem(Limit("latency_s", 2.0), Limit("area_mm2", 10.0))
    assert limited.violations(METRICS).tolist() == [0.0, 0.5 + 0.5, np.inf]
    assert limited.violations(METRICS, among=("area_mm2",)).tolist() == [0.0, 0.5, np.inf]


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


def test_bad_goals() -> None:
    with pytest.raises(CosearchError, match="unknown goal 'speed'"):
        Goal("speed")
    with pytest.raises(CosearchError, match="no goal"):
        problem(goals=())
    with pytest.raises(CosearchError, match="limit on area_mm2: given twice"):
        problem(Limit("area_mm2", 1.0), Limit("area_mm2", 2.0))


def test_joint_space_is_the_product() -> None:
    joint = problem()
    assert joint.space.size == joint.networks.space.size * 50_000  # type: ignore[union-attr]


# ---- fixed workloads


def test_one_workload_has_the_models_own_figures() -> None:
    given = fixed(SMALL)
    assert given.space.size == ApolloChipFamily().space.size
    genomes = given.space.sample(np.random.default_rng(0), 40)
    cost = EdgeModel()(find_network(SMALL).layers, given.decode_chips(genomes)[:, None]).sum(-1)
    metrics = given.evaluate(genomes)
    for name in ("latency_s", "energy_j", "area_mm2"):
        assert np.array_equal(metrics[name], getattr(cost, name)), name
    assert np.isnan(metrics["accuracy"]).all()
    assert given.network_part(genomes).shape == (40, 0)


def test_several_workloads_count_by_their_geometric_mean() -> None:
    """Which orders chips as the geometric mean of speed-ups over any reference."""
    both, a, b = fixed(SMALL, OTHER), fixed(SMALL), fixed(OTHER)
    genomes = both.space.sample(np.random.default_rng(0), 60)
    one, two, met = a.evaluate(genomes), b.evaluate(genomes), both.evaluate(genomes)
    for name in ("latency_s", "energy_j"):
        assert met[name] == pytest.approx(np.sqrt(one[name] * two[name]))
    for reference in (3, 17):
        gains = [each["latency_s"][reference] / each["latency_s"] for each in (one, two)]
        by_gain = np.argsort(-np.sqrt(gains[0] * gains[1]))
        assert np.array_equal(by_gain, np.argsort(met["latency_s"]))


def test_a_chip_that_cannot_run_one_workload_has_no_mean() -> None:
    figures = [np.array([1.0, np.inf, 4.0]), np.array([4.0, 1.0, 4.0])]
    assert geometric_mean(figures) == pytest.approx([2.0, np.inf, 4.0])


def test_the_manifest_knows_workloads_by_name_and_layers() -> None:
    told = fixed(SMALL, OTHER).describe()["workloads"]
    assert list(told) == [SMALL, OTHER]
    renamed = replace(find_network(OTHER), name=SMALL)
    assert Workloads((renamed,)).describe()[SMALL] == told[OTHER] != told[SMALL]
    assert problem().describe()["workloads"] is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"chips": find_chip("nahas-baseline").columns()}, "nothing is left to search"),
        ({"goals": (Goal("accuracy", maximise=True),)}, "no accuracy to search for"),
        ({"accuracy": Free()}, "no accuracy to search for"),
    ],
)
def test_workloads_that_make_no_sense(changes: dict[str, object], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        fixed(SMALL, **changes)


def test_no_workload_the_same_twice_or_an_empty_one() -> None:
    with pytest.raises(CosearchError, match="no workload"):
        Workloads(())
    with pytest.raises(CosearchError, match=f"workload {SMALL}: given twice"):
        workloads(SMALL, SMALL)
    empty = Network("still", find_network(SMALL).nodes[:1])
    with pytest.raises(CosearchError, match="still: has nothing to compute"):
        Workloads((empty,))


# ---- limits known before an evaluation


def test_the_excess_is_the_violation_of_the_area() -> None:
    for given in (fixed(SMALL), problem(Limit("area_mm2", 20.0))):
        genomes = given.space.sample(np.random.default_rng(1), 300)
        metrics = given.model(genomes)
        runs = np.isfinite(metrics["latency_s"])
        assert given.excess is not None
        excess = given.excess(genomes)
        assert np.array_equal(excess[runs], given.violations(metrics)[runs])
        assert 0 < (excess == 0).sum() < 300


def test_other_limits_are_not_known_beforehand() -> None:
    both = problem(Limit("area_mm2", 20.0), Limit("latency_s", 1e-9), Limit("energy_j", 1e-9))
    genomes = both.space.sample(np.random.default_rng(1), 50)
    assert both.excess is not None
    assert (both.excess(genomes) == 0).any()


def test_where_nothing_is_known_beforehand() -> None:
    class Silent:
        name = "silent"

        def __call__(self, layers, chips):
            return EdgeModel()(layers, chips)

    area = Limit("area_mm2", 20.0)
    assert problem(Limit("latency_s", 1.0)).excess is None
    assert problem(area, chips=find_chip("nahas-baseline").columns()).excess is None
    assert problem(area, cost_model=Silent()).excess is None
    assert problem(area, reward="soft").excess is None
    assert problem(area, reward="hard").excess is not None


# ---- rewards

LIMITED = (Limit("latency_s", 2.0), Limit("area_mm2", 10.0))
ACCURACY = (Goal("accuracy", maximise=True),)


def told(reward: str, *limits: Limit, **changes: object) -> list[float]:
    """Rewards of the first two designs; the third cannot run."""
    losses, violations = problem(*(limits or LIMITED), reward=reward, **changes).told(METRICS)
    assert losses.shape == (3, 1)
    assert violations[:2].tolist() == [0, 0]
    assert (losses[2, 0], violations[2]) == ((0, 0) if reward == "zero" else (np.inf, np.inf))
    return list(-losses[:2, 0])


def test_lexicographic_tells_losses_and_violations() -> None:
    given = problem(*LIMITED)
    losses, violations = given.told(METRICS)
    assert np.array_equal(losses, given.losses(METRICS))
    assert violations.tolist() == [0.0, 1.0, np.inf]


def test_rewards_as_published() -> None:
    """By hand, of accuracy 0.9 and 0.8, latency 1 and 3 of 2, area 10 and 15 of 10."""
    w = -0.07
    soft = [0.9 * 0.5**w, 0.8 * 1.5**w * 1.5**w]
    assert told("soft") == pytest.approx(soft)
    assert told("soft")[0] > 0.9  # faster than asked for is worth something
    assert told("hard") == pytest.approx([0.9, 0.8 / 1.5 / 1.5])
    assert told("hard", exponent=-0.5) == pytest.approx([0.9, 0.8 / 1.5])
    assert told("absolute") == pytest.approx([0.9 - 0.1 * 0.5, 0.8 - 0.1 * 0.5 - 0.1 * 0.5])
    assert told("zero") == [0.9, 0.0]
    assert told("zero", Limit("latency_s", 2.0), Limit("area_mm2", 20.0)) == [0.9, 0.0]


def test_mnasnet_pays_twice_the_latency_with_five_percent() -> None:
    """Why w = -0.07: doubling the latency should gain about 5 % of accuracy (section 3)."""
    twice = {**METRICS, "latency_s": np.array([1.0, 2.0, np.inf])}
    equal = {**twice, "accuracy": np.array([0.5, 0.5 * 1.05, np.nan])}
    losses, _ = problem(Limit("latency_s", 1.0), reward="soft").told(equal)
    assert losses[0, 0] == pytest.approx(losses[1, 0], rel=0.005)


def test_quality_of_what_is_minimised_is_its_reciprocal() -> None:
    slow = told("hard", Limit("area_mm2", 10.0), goals=(Goal("latency_s"),))
    assert slow == pytest.approx([1.0, 1 / 3 / 1.5])
    assert told("zero", goals=(Goal("energy_j"),)) == [1.0, 0.0]


def test_what_is_recorded_does_not_depend_on_the_reward() -> None:
    for reward in ("soft", "hard", "absolute", "zero"):
        given = problem(*LIMITED, reward=reward)
        assert given.violations(METRICS).tolist() == [0.0, 1.0, np.inf]
        assert given.losses(METRICS).shape == (3, 2)


def test_what_runs_over_a_limit_is_never_better_by_hard_and_zero() -> None:
    """Whatever the second goal: only the first is in the reward."""
    for reward in ("hard", "zero"):
        values = told(reward)
        assert values[0] > values[1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reward": "sofd"}, "unknown reward 'sofd': .*did you mean 'soft'"),
        ({"reward": "soft", "limits": ()}, "against limits: none is given"),
        ({"reward": "absolute", "goals": (Goal("latency_s"),)}, "must be a share"),
        ({"reward": "soft", "goals": (Goal("area_mm2", maximise=True),)}, "cannot be maximised"),
        ({"exponent": -1.0}, "reward 'lexicographic' has none"),
        ({"reward": "zero", "exponent": -1.0}, "reward 'zero' has none"),
        ({"reward": "soft", "exponent": 0.07}, "below 0"),
        ({"reward": "soft", "exponent": np.nan}, "below 0"),
    ],
)
def test_rewards_that_make_no_sense(changes: dict[str, object], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        problem(*LIMITED, **changes)
