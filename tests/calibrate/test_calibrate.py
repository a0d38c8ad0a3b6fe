"""A handful of measurements: chosen, kept, fitted, checked on others, written and read back."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.calibrate.few_samples import Phone, seconds_of

from cosearch.calibrate.agreement import agreement
from cosearch.calibrate.calibrate import Job, calibrate, samples_file
from cosearch.calibrate.calibrated_space import CalibratedSpace
from cosearch.calibrate.check import check
from cosearch.calibrate.choosing import choose_networks
from cosearch.calibrate.fitting import Fitted, fit
from cosearch.calibrate.space_fingerprint import space_fingerprint
from cosearch.calibrate.starting import modelled, starting_models
from cosearch.cost.learned.calibration import Calibration, read_calibration
from cosearch.cost.models import Device, find_device
from cosearch.errors import CosearchError
from cosearch.families import fbnet_family, mobilenet_v2_family
from cosearch.hardware import find_device_file
from cosearch.measure import Settings
from cosearch.problem import Problem

FAMILY = mobilenet_v2_family(image=(3, 96, 96))
DEVICE = find_device("x86-avx2")


def job(**changes: Any) -> Job:
    asked: dict[str, Any] = {"samples": 12, "held_out": 8, "models": ("x86-avx2",)}
    return Job(FAMILY, "fake", Settings(), **{**asked, **changes})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calibrated")


@pytest.fixture(scope="module")
def made(folder: Path) -> tuple[Calibration, Fitted]:
    return calibrate(job(), folder / "c.json", take=Phone())


@pytest.fixture(scope="module")
def space(made: tuple[Calibration, Fitted], folder: Path) -> CalibratedSpace:
    return CalibratedSpace.of(read_calibration(folder / "c.json"), FAMILY)


def genomes(count: int, seed: int = 99) -> np.ndarray:
    return FAMILY.space.sample(np.random.default_rng(seed), count)


# ---- what is learned


def test_a_dozen_networks_are_enough(made: tuple[Calibration, Fitted]) -> None:
    """The device is nothing like the model: depthwise is 20 times slower, and each call counts."""
    _, fitted = made
    assert fitted.held_out is not None
    assert fitted.macs is not None
    assert fitted.held_out.mape < 0.025 < fitted.macs.mape
    assert fitted.held_out.kendall > 0.9 > fitted.macs.kendall
    assert fitted.left_out.mape < 0.05
    assert fitted.held_out.coverage is not None
    assert fitted.held_out.coverage >= 0.75


def test_it_holds_for_networks_nobody_measured(space: CalibratedSpace) -> None:
    drawn = genomes(60)
    true_s = np.array([seconds_of(FAMILY.network(genome).layers) for genome in drawn])
    seconds, spread = space.predict(drawn)
    assert agreement(seconds, true_s).mape < 0.025
    assert (np.abs(np.log(true_s / seconds)) < 3 * spread).mean() > 0.9
    assert 0.005 < np.median(spread) < 0.08


def test_the_errors_in_the_file_are_of_what_the_file_predicts(
    made: tuple[Calibration, Fitted], space: CalibratedSpace
) -> None:
    calibration, _ = made
    chosen = choose_networks(FAMILY, DEVICE, 12, 8)
    taken = [Phone()(FAMILY.network(g), "fake", Settings()).median_s for g in chosen.held_out]
    found = check(*_predicted(space, chosen.held_out, np.array(taken)))
    assert json.loads(json.dumps(found.to_dict()))["mape"] == pytest.approx(
        calibration.errors["held_out"]["mape"], rel=1e-6
    )
    assert found.coverage == calibration.errors["held_out"]["coverage"]


def _predicted(space: CalibratedSpace, drawn: np.ndarray, taken: np.ndarray) -> Any:
    seconds, spread = space.predict(drawn)
    return seconds, taken, spread


def test_what_is_held_out_does_not_touch_the_fit() -> None:
    chosen = choose_networks(FAMILY, DEVICE, 10, 8)
    samples, held_out = FAMILY.decode(chosen.samples), FAMILY.decode(chosen.held_out)
    taken = np.array([seconds_of(FAMILY.network(g).layers) for g in chosen.samples])
    one = fit([DEVICE], samples, taken, held_out, np.ones(8))
    two = fit([DEVICE], samples, taken, held_out, np.arange(1.0, 9.0))
    assert (one.correction.weights == two.correction.weights).all()
    none = fit([DEVICE], samples, taken, held_out[:0], np.ones(0))
    assert none.held_out is None
    assert none.checks["held_out"] is None


def test_the_time_of_a_call_is_learned() -> None:
    """Where calls take most of the time, the start with the longest launches suits best."""
    chosen = choose_networks(FAMILY, DEVICE, 12, 0)
    layers = FAMILY.decode(chosen.samples)
    launches = {}
    for call_s in (1e-7, 1e-3):
        taken = [seconds_of(FAMILY.network(g).layers, call_s) for g in chosen.samples]
        starts = starting_models(["x86-avx2"], "fp32")
        best = fit(starts, layers, np.array(taken), layers[:0], np.ones(0)).device.file
        launches[call_s] = best.model_dump()["launch_us"]
    assert launches[1e-7] < launches[1e-3]


# ---- which networks


def test_the_choice_is_by_seed_and_none_is_in_both() -> None:
    one, again = (choose_networks(FAMILY, DEVICE, 12, 8, seed=3) for _ in range(2))
    assert (one.samples == again.samples).all()
    assert (one.held_out == again.held_out).all()
    other = choose_networks(FAMILY, DEVICE, 12, 8, seed=4)
    assert not (one.samples == other.samples).all()
    many = choose_networks(FAMILY, DEVICE, 60, 60)  # so many that some would meet by chance
    rows = FAMILY.decode(np.concatenate([many.samples, many.held_out])).table(np.int64)
    assert len(np.unique(rows.reshape(120, -1), axis=0)) == 120


def test_more_samples_keep_those_there_are() -> None:
    few, many = (choose_networks(FAMILY, DEVICE, count, 8) for count in (6, 12))
    assert (many.samples[:6] == few.samples).all()
    assert (many.held_out == few.held_out).all()


def test_the_samples_differ_more_than_random_ones() -> None:
    """Of the pool's operators they run more than as many that were held out."""
    chosen = choose_networks(FAMILY, DEVICE, 10, 10)
    both = modelled(DEVICE, FAMILY.decode(np.concatenate([chosen.samples, chosen.held_out])))
    ran = [int((part.seconds > 0).any(0).sum()) for part in (both[:10], both[10:])]
    assert ran[0] > ran[1]


@pytest.mark.parametrize(
    ("samples", "held_out", "said"),
    [
        (4, 20, "4 samples: at least 5 are needed to fit"),
        (20, 3, "3 networks held out: needs 0, or at least 5"),
    ],
)
def test_too_few(samples: int, held_out: int, said: str) -> None:
    with pytest.raises(CosearchError, match=said):
        choose_networks(FAMILY, DEVICE, samples, held_out)


def test_a_space_without_that_many_networks() -> None:
    small = SimpleNamespace(name="two", decode=FAMILY.decode)
    two = genomes(2)
    small.space = SimpleNamespace(sample=lambda rng, count: two[rng.integers(0, 2, count)])
    with pytest.raises(CosearchError, match="space two: 2 different networks found, 5 samples"):
        choose_networks(small, DEVICE, 5, 0)


def test_a_model_that_cannot_run_them() -> None:
    class Never:
        file = SimpleNamespace(name="abacus")

        def __call__(self, layers: Any) -> Any:
            latency_s = np.ones(layers.shape)
            latency_s[1, 0] = np.inf
            return SimpleNamespace(latency_s=latency_s)

    with pytest.raises(CosearchError, match="abacus: by its model 1 of 3 networks cannot run"):
        modelled(Never(), FAMILY.decode(genomes(3)))  # type: ignore[arg-type]


def test_starts_have_the_file_launch_time_first() -> None:
    starts = starting_models([], "int8")
    names = {each.file.name: each.file.model_dump()["launch_us"] for each in reversed(starts)}
    assert names == {"x86-avx2-int8": 2.0, "x86-avx512-int8": 2.0}
    assert len(starts) == 8


# ---- kept


def test_a_device_that_goes_away_is_waited_for(tmp_path: Path, folder: Path, made: Any) -> None:
    out, first, second = tmp_path / "c.json", Phone(lives=7), Phone()
    with pytest.raises(CosearchError, match=r"7 of 20 are measured and kept in .*c\.samples\.js"):
        calibrate(job(), out, take=first)
    assert not out.exists()
    resumed, _ = calibrate(job(), out, take=second)
    assert len(first.asked) - 1 + len(second.asked) == 20
    assert resumed.correction == made[0].correction


def test_more_samples_cost_only_those(tmp_path: Path) -> None:
    out, more = tmp_path / "c.json", Phone()
    calibrate(job(samples=6, held_out=5), out, take=Phone())
    calibrate(job(samples=8, held_out=5), out, take=more)
    assert len(more.asked) == 2
    assert len(read_calibration(out).samples) == 8
    assert len(samples_file(out).read_text().splitlines()) == 1 + 13


@pytest.mark.parametrize("change", ["versions", "settings", "fingerprint"])
def test_measurements_of_something_else_are_not_mixed(tmp_path: Path, change: str) -> None:
    with pytest.raises(CosearchError, match="3 of 20"):
        calibrate(job(), tmp_path / "c.json", take=Phone(lives=3))
    family = mobilenet_v2_family(image=(3, 64, 64)) if change == "fingerprint" else FAMILY
    settings = Settings(threads=2) if change == "settings" else Settings()
    other = Job(family, "fake", settings, 12, 8, ("x86-avx2",))
    phone = Phone(version="2" if change == "versions" else "1")
    with pytest.raises(CosearchError, match=f"was measured with {change} .*, now it is"):
        calibrate(other, tmp_path / "c.json", take=phone)
    assert not phone.asked


# ---- the file


def test_the_file_says_what_it_is_of(made: tuple[Calibration, Fitted], folder: Path) -> None:
    calibration, _ = made
    assert read_calibration(folder / "c.json").to_dict() == calibration.to_dict()
    assert calibration.manifest["versions"] == {"fake": "1"}
    assert calibration.manifest["device"] == {"cpu": "abacus"}
    assert calibration.fingerprint == space_fingerprint(FAMILY)
    rows = samples_file(folder / "c.json").read_text().splitlines()[1:]
    hashes = [json.loads(row)["measurement"]["sha256"] for row in rows]
    assert [each["sha256"] for each in calibration.samples] == hashes[:12]


def test_another_space_is_refused_with_both_fingerprints(made: Any) -> None:
    for other in (mobilenet_v2_family(), fbnet_family()):
        both = f"fingerprint {space_fingerprint(FAMILY)}; .* fingerprint {space_fingerprint(other)}"
        with pytest.raises(CosearchError, match=both):
            CalibratedSpace.of(made[0], other)


def test_a_file_that_was_changed_is_refused(folder: Path, made: Any, tmp_path: Path) -> None:
    path, data = tmp_path / "c.json", made[0].to_dict()
    path.write_text(json.dumps(data | {"space": "other"}))
    with pytest.raises(CosearchError, match=r"c\.json: sha256 is .* changed after it was made"):
        read_calibration(path)
    with pytest.raises(CosearchError, match="changed after it was made"):
        find_device(str(path))
    path.write_text(json.dumps({"format": "cosearch-lookup-1"}))
    with pytest.raises(CosearchError, match="'cosearch-lookup-1', needed is 'cosearch-calib"):
        read_calibration(path)


# ---- where a device is asked for


def test_it_is_a_device(folder: Path, space: CalibratedSpace, made: Any) -> None:
    device = find_device(str(folder / "c.json"))
    drawn = genomes(5)
    cost = device(FAMILY.decode(drawn))
    np.testing.assert_allclose(cost.latency_s.sum(-1), space.latency_s(drawn))
    assert (cost.latency_s.max(-1) < cost.latency_s.sum(-1)).all()
    assert device.file.name == f"x86-avx2 calibrated on fake fp32 ({made[0].sha256[:12]})"
    assert device.spread(FAMILY.network(drawn[0]).layers) == pytest.approx(
        space.predict(drawn[:1])[1][0]
    )
    assert Device(find_device_file("x86-avx2")).spread(FAMILY.network(drawn[0]).layers) is None


def test_a_search_can_ask_it(folder: Path, space: CalibratedSpace) -> None:
    device = find_device(str(folder / "c.json"))
    problem = Problem(FAMILY, device.file.columns(), device.model, None)
    drawn = genomes(4)
    np.testing.assert_allclose(problem.model(drawn)["latency_s"], space.latency_s(drawn))
    assert problem.describe()["cost_model"] == device.file.name


def test_other_chips_are_refused(space: CalibratedSpace) -> None:
    other = find_device("a100").file.columns()[None]
    with pytest.raises(CosearchError, match="measured on one device, not on other chips"):
        space.model(FAMILY.decode(genomes(1)), other)


def test_a_batch_is_its_rows_and_padding_is_nothing(space: CalibratedSpace) -> None:
    drawn = genomes(300)
    seconds, spread = space.predict(drawn)
    for i in (0, 255, 256, 299):
        alone = space.predict(drawn[i : i + 1])
        np.testing.assert_allclose([seconds[i], spread[i]], np.ravel(alone), rtol=1e-6)
    of_networks = space.predict_networks([FAMILY.network(genome) for genome in drawn[:3]])
    np.testing.assert_allclose(of_networks, (seconds[:3], spread[:3]), rtol=1e-6)


# ---- figures


def test_a_check_by_hand() -> None:
    measured = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    predicted = measured * np.array([1.1, 0.9, 1.0, 1.0, 1.3])
    found = check(predicted, measured, np.full(5, 0.06))
    assert found.mape == pytest.approx(0.1)
    assert found.bias == pytest.approx(0.06)
    assert found.kendall == 1.0
    assert found.coverage == 0.8  # 0.26 is more than 1.96 x 0.06
    low, high = found.intervals["mape"]
    assert 0.0 < low < 0.1 < high < 0.24
    assert found == check(predicted, measured, np.full(5, 0.06))


def test_what_is_all_the_same_has_no_ranks() -> None:
    plain = check(np.ones(5), np.full(5, 2.0)).to_dict()
    assert plain["kendall"] is None
    assert plain["intervals"]["spearman"] == [None, None]
    assert plain["intervals"]["mape"] == [0.5, 0.5]


def test_a_fingerprint_sees_images() -> None:
    sizes = {space_fingerprint(mobilenet_v2_family(image=(3, n, n))) for n in (96, 128)}
    assert len(sizes) == 2
    assert space_fingerprint(mobilenet_v2_family(image=(3, 96, 96))) in sizes
