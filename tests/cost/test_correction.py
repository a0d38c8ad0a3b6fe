"""Corrections of a cost model by measurements, on machines whose secrets the tests know."""

import numpy as np
import pytest

from cosearch.cost.learned.boosted_correction import boost
from cosearch.cost.learned.correction import Correction, correct, correct_best
from cosearch.cost.learned.correction_choice import choose
from cosearch.cost.learned.correction_kernel import EXPECTED, NOISE, Baseline, Kernel
from cosearch.cost.learned.operator_times import OperatorTimes, operator_times
from cosearch.cost.models import find_device
from cosearch.errors import CosearchError
from cosearch.families import MobileFamily
from cosearch.networks import Kind


@pytest.fixture(scope="module")
def networks() -> OperatorTimes:
    family = MobileFamily.for_images(1, 8, 10)
    layers = family.decode(family.space.sample(np.random.default_rng(0), 300))
    return operator_times(layers, find_device("t4")(layers).latency_s)


@pytest.fixture(scope="module")
def truth(networks: OperatorTimes) -> np.ndarray:
    """A machine 3 times as slow as modelled, at grouped convolutions 9 times."""
    slow = np.where(networks.classes == len(Kind), 9.0, 3.0)
    return networks.seconds @ slow


def error(correction: Correction, networks: OperatorTimes, truth: np.ndarray) -> float:
    return float(np.abs(np.log(correction.predict(networks)[0] / truth)).mean())


# ---- operators


def test_times_add_up(networks: OperatorTimes) -> None:
    family = MobileFamily.for_images(1, 8, 10)
    layers = family.decode(family.space.sample(np.random.default_rng(0), 300))
    cost = find_device("t4")(layers).latency_s
    assert networks.total_s == pytest.approx(cost.sum(1), rel=1e-12)
    depthwise = (layers.groups > 1) & (layers.kind == Kind.MAC) & (layers.repeat > 0)
    ours = networks.seconds[:, networks.classes == len(Kind)].sum(1)
    assert ours == pytest.approx((cost * depthwise).sum(1), rel=1e-12)


def test_operators_are_told_apart_by_class_and_size(networks: OperatorTimes) -> None:
    table = np.column_stack([networks.classes, networks.sizes])
    assert len(np.unique(table, axis=0)) == len(table)
    assert 50 < len(table) < 500
    assert (networks.sizes[networks.classes == len(Kind), 0] >= 3).all()  # 8 channels and more
    assert set(networks.classes) == {Kind.MAC, Kind.POOL, Kind.ELEMENTWISE, len(Kind)}


# ---- corrections


def test_a_few_measurements_find_the_slow_operators(networks, truth) -> None:
    picked = choose(networks, 12)
    rest = np.setdiff1d(np.arange(300), picked)
    found = correct(networks[picked], truth[picked])
    uncorrected = np.log(truth / networks.total_s)
    assert error(found, networks[rest], truth[rest]) < 0.01
    assert np.abs(uncorrected - np.median(uncorrected))[rest].mean() > 0.02


def test_noise_is_found_and_deviations_are_honest(networks, truth) -> None:
    rng = np.random.default_rng(1)
    measured = truth * np.exp(0.05 * rng.standard_normal(300))
    found = correct(networks[:100], measured[:100])
    assert found.noise == pytest.approx(0.05, rel=0.25)
    seconds, deviation = found.predict(networks[100:])
    off = np.abs(np.log(seconds / measured[100:])) / deviation
    assert 0.85 < (off < 2).mean() <= 1
    assert error(found, networks[100:], truth[100:]) < 0.02


def test_a_floor_is_found(networks, truth) -> None:
    floor = float(np.median(truth))
    measured = np.maximum(truth, floor)
    found = correct(networks[:60], measured[:60])
    assert found.kernel.baseline.floor_s == pytest.approx(floor, rel=0.1)
    assert error(found, networks[60:], measured[60:]) < 0.02


def test_the_model_of_the_machine_is_chosen_among_others(networks, truth) -> None:
    other = OperatorTimes(networks.seconds**0.2, networks.classes, networks.sizes)
    best, found = correct_best([other[:20], networks[:20]], truth[:20])
    assert best == 1
    assert found.surprise == correct(networks[:20], truth[:20]).surprise


def test_predictions_are_those_of_the_gaussian_process(networks, truth) -> None:
    """Mean and variance once more, from the textbook's formulas."""
    found = correct(networks[:15], truth[:15])
    kernel, tail = found.kernel, networks[200:210]
    inner = kernel(networks[:15], networks[:15]) + found.noise**2 * np.eye(15)
    across = kernel(tail, networks[:15])
    residual = np.log(truth[:15] / kernel.baseline.seconds(networks[:15]))
    mean = across @ np.linalg.solve(inner, residual)
    spread = np.diag(kernel(tail, tail) - across @ np.linalg.solve(inner, across.T))
    seconds, deviation = found.predict(tail)
    assert seconds == pytest.approx(kernel.baseline.seconds(tail) * np.exp(mean), rel=1e-6)
    assert deviation == pytest.approx(np.sqrt(spread + found.noise**2), rel=1e-3)


def test_left_out_errors_are_of_fits_without_each(networks, truth) -> None:
    measured = truth[:10] * np.exp(0.1 * np.random.default_rng(0).standard_normal(10))
    found = correct(networks[:10], measured)
    kernel, kept = found.kernel, np.arange(1, 10)
    residual = np.log(measured / kernel.baseline.seconds(networks[:10]))
    inner = kernel(networks[kept], networks[kept]) + found.noise**2 * np.eye(9)
    expected = kernel(networks[:1], networks[kept]) @ np.linalg.solve(inner, residual[kept])
    assert found.left_out_errors[0] == pytest.approx(residual[0] - expected[0], rel=1e-4)


def test_trees_learn_what_operators_do_not_say(networks, truth) -> None:
    marked = np.random.default_rng(2).integers(0, 2, (300, 1))
    measured = truth * np.where(marked[:, 0] == 1, 1.2, 1.0)
    found = correct(networks[:200], measured[:200])
    trees = boost(found, marked[:200].astype(float))
    seconds = trees.predict(networks[200:], marked[200:].astype(float))
    assert np.abs(np.log(seconds / measured[200:])).mean() < 0.02
    assert error(found, networks[200:], measured[200:]) > 0.05


@pytest.mark.parametrize("bad", [[1.0], [1.0, np.nan], [1.0, 0.0], [1.0, 2.0, 3.0]])
def test_bad_measurements_are_refused(networks, bad) -> None:
    with pytest.raises(CosearchError, match="measure"):
        correct(networks[: min(2, len(bad))], np.array(bad))


# ---- the kernel and the choice


def test_the_kernel_is_a_covariance(networks) -> None:
    kernel = Kernel(Baseline(2.0, 1e-4), np.square(EXPECTED))
    square = kernel(networks[:80], networks[:80])
    assert np.allclose(square, square.T)
    assert np.linalg.eigvalsh(square).min() > -1e-9
    assert kernel.variance(networks[:80]) == pytest.approx(np.diag(square))


def test_a_floor_hides_the_device(networks) -> None:
    shares = Baseline(1.0, 0.0).shares(networks)
    assert shares.sum(1) == pytest.approx(np.ones(300))
    high = Baseline(1.0, 10 * networks.total_s.max())
    assert high.seconds(networks) == pytest.approx(np.full(300, high.floor_s), rel=1e-6)
    assert high.shares(networks).max() < 1e-6


def test_the_choice_leaves_less_doubt_than_chance(networks) -> None:
    networks = networks[:120]
    square = Kernel(Baseline(1.0, 0.0), np.square(EXPECTED))(networks, networks)

    def doubt(picked: np.ndarray) -> float:
        inner = square[np.ix_(picked, picked)] + NOISE**2 * np.eye(len(picked))
        across = square[:, picked]
        return float(np.trace(square - across @ np.linalg.inv(inner) @ across.T))

    picked = choose(networks, 10)
    assert len(set(picked)) == 10
    random = [np.random.default_rng(i).choice(120, 10, replace=False) for i in range(20)]
    assert doubt(picked) < min(map(doubt, random))
    alone = [doubt(np.array([i])) for i in range(120)]
    assert picked[0] == int(np.argmin(alone))
