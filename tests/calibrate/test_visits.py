"""Networks visited several times: what others do to the machine passes by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.calibrate.test_lut import FAMILY, REFERENCE_S, Device

from cosearch.calibrate.journal import Journal
from cosearch.calibrate.level import Level
from cosearch.errors import CosearchError
from cosearch.families.distinct import blocks_of
from cosearch.measure import Measurement, Settings
from cosearch.measure.reference import reference_network
from cosearch.measure.statistics import summarise
from cosearch.networks import Network

NETWORKS = {block.key: block.network for block in blocks_of(FAMILY).blocks}
SETTINGS = Settings(max_noise=0.05)


SENSITIVITY = 0.5  # networks follow the reference half as much


class SharedMachine(Device):
    """As `Device`, but others slow stretches of its time down, the reference more than networks."""

    def __init__(self, seed: int, *, steady: bool = False) -> None:
        super().__init__()
        self.rng, self.steady = np.random.default_rng(seed), steady
        self.burst, self.left = 1.0, 0

    def __call__(
        self, network: Network, on: str, settings: Settings, *, accept_noise: bool = False
    ) -> Measurement:
        quiet = super().__call__(network, on, settings, accept_noise=accept_noise)
        if network.name == reference_network().name:
            return quiet
        if self.left == 0:
            self.burst = 1.0 if self.steady or self.rng.random() < 0.5 else self.rng.uniform(1.2, 3)
            self.left = int(self.rng.integers(1, 9))
        self.left -= 1
        slow = self.burst**SENSITIVITY
        rounds = [quiet.median_s * slow * self.rng.uniform(0.99, 1.01, 10) for _ in range(3)]
        beside = [REFERENCE_S * self.burst * self.rng.uniform(0.99, 1.01, 10) for _ in range(3)]
        return Measurement(
            **{
                **vars(quiet),
                "statistics": summarise(rounds, beside, settings.reference_s),
                "rounds_s": tuple(map(tuple, rounds)),
                "reference_rounds_s": tuple(map(tuple, beside)),
            },
        )


def truth(key: str) -> float:
    return 1e-5 + NETWORKS[key].macs * 1e-9


def errors(found: dict, visits: int) -> np.ndarray:
    assert all(len(each.taken) >= visits for each in found.values())
    return np.array([each.latency_s / truth(key) - 1 for key, each in found.items()])


@pytest.mark.parametrize("seed", range(3))
def test_bursts_are_levelled_out(tmp_path: Path, seed: int) -> None:
    once, often = (
        Journal(tmp_path / f"{n}.jsonl", "fake", SETTINGS, take=SharedMachine(seed), visits=n)
        for n in (1, 3)
    )
    # scaled in proportion to a reference that suffers more, what was held up looks too fast
    assert np.abs(errors(once.measure_all(NETWORKS, accept_noise=True), 1)).max() > 0.15
    found = often.measure_all(NETWORKS, accept_noise=True)
    assert np.abs(errors(found, 3)).max() < 0.02
    (level,) = {each.level for each in found.values()}
    assert level is not None
    assert level.sensitivity == pytest.approx(SENSITIVITY, abs=0.02)


def test_a_machine_of_one_pace_needs_no_level(tmp_path: Path) -> None:
    device = SharedMachine(0, steady=True)
    found = Journal(tmp_path / "j.jsonl", "fake", SETTINGS, take=device, visits=2).measure_all(
        NETWORKS
    )
    assert np.abs(errors(found, 2)).max() < 0.01


def test_a_few_wild_rounds_do_not_set_the_level() -> None:
    device, pairs = SharedMachine(5), []
    for network in NETWORKS.values():
        taken = [device(network, "fake", SETTINGS) for _ in range(4)]
        wild = tuple(tuple(s * 20 for s in samples) for samples in taken[0].rounds_s)
        first = taken[0] if len(pairs) % 4 else Measurement(**{**vars(taken[0]), "rounds_s": wild})
        pairs.append((first, *taken[1:]))
    assert Level.of(pairs, REFERENCE_S).sensitivity == pytest.approx(SENSITIVITY, abs=0.1)


def test_all_are_visited_before_any_again(tmp_path: Path) -> None:
    device = SharedMachine(0, steady=True)
    Journal(tmp_path / "j.jsonl", "fake", SETTINGS, take=device, visits=3).measure_all(NETWORKS)
    names = [network.name for network in NETWORKS.values()]
    assert device.asked == names * 3


def test_a_stopped_journal_goes_on_with_the_visit(tmp_path: Path) -> None:
    path, first = tmp_path / "j.jsonl", SharedMachine(0, steady=True)
    first.lives = len(NETWORKS) + 4
    with pytest.raises(CosearchError, match=r"^4 of 17 are measured"):
        Journal(path, "fake", SETTINGS, take=first, visits=2).measure_all(NETWORKS)
    second = SharedMachine(1, steady=True)
    found = Journal(path, "fake", SETTINGS, take=second, visits=2).measure_all(NETWORKS)
    names = [network.name for network in NETWORKS.values()]
    assert second.asked == names[4:]
    assert {len(each.taken) for each in found.values()} == {2}


def test_the_figure_is_the_median_at_one_level_with_its_interval(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl", "fake", SETTINGS, take=SharedMachine(4), visits=3)
    for each in journal.measure_all(NETWORKS, accept_noise=True).values():
        assert each.level is not None
        medians = [
            np.median(samples) * (REFERENCE_S / np.median(beside)) ** each.level.sensitivity
            for taken in each.taken
            for samples, beside in zip(taken.rounds_s, taken.reference_rounds_s, strict=True)
        ]
        assert each.latency_s == pytest.approx(np.median(medians))
        assert min(medians) * 0.99 <= each.low_s <= each.latency_s <= each.high_s
        assert each.noise == pytest.approx((each.high_s - each.low_s) / 2 / each.latency_s)
        assert each.too_noisy == (each.noise > SETTINGS.max_noise)


def test_what_is_in_doubt_is_visited_more_often_then_refused(tmp_path: Path) -> None:
    class Never(SharedMachine):
        """No two visits to the first network are alike."""

        def __call__(self, network: Network, *arguments: object, **named: bool) -> Measurement:
            taken = super().__call__(network, *arguments, **named)  # type: ignore[arg-type]
            if network.name != next(iter(NETWORKS.values())).name:
                return taken
            slow = 2.0 ** -len(self.asked)
            rounds = tuple(tuple(s * slow for s in samples) for samples in taken.rounds_s)
            return Measurement(**{**vars(taken), "rounds_s": rounds})

    device = Never(0, steady=True)
    journal = Journal(tmp_path / "j.jsonl", "fake", SETTINGS, take=device, visits=2)
    with pytest.raises(CosearchError, match=r"noise .* after 4 visits to stem"):
        journal.measure_all(NETWORKS)
    first = next(iter(NETWORKS.values())).name
    assert device.asked.count(first) == 2 + 2
    assert len(device.asked) == 2 * len(NETWORKS) + 2


def test_a_journal_of_other_visits_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    device = SharedMachine(0, steady=True)
    Journal(path, "fake", SETTINGS, take=device, visits=2).measure_all(NETWORKS)
    with pytest.raises(CosearchError, match="with visits 2, now it is 3"):
        Journal(path, "fake", SETTINGS, take=device, visits=3).measure_all(NETWORKS)
