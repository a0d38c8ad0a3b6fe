"""Networks visited several times: what others do to the machine passes by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.calibrate.test_lut import FAMILY, REFERENCE_S, Device

from cosearch.calibrate.journal import Journal
from cosearch.errors import CosearchError
from cosearch.families.distinct import blocks_of
from cosearch.measure import Measurement, Settings
from cosearch.measure.reference import reference_network
from cosearch.measure.statistics import summarise
from cosearch.networks import Network

NETWORKS = {block.key: block.network for block in blocks_of(FAMILY).blocks}
SETTINGS = Settings(max_noise=0.05)


class SharedMachine(Device):
    """As `Device`, but others slow stretches of its time down, the reference alike or not."""

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
        rounds = tuple(
            tuple(quiet.median_s * self.burst * self.rng.uniform(1, 1.02, 10)) for _ in range(3)
        )
        arrays = [np.array(samples) for samples in rounds]
        found = summarise(arrays, [np.full(3, REFERENCE_S)] * 3, None)
        return Measurement(
            **{**vars(quiet), "statistics": found, "rounds_s": rounds},
        )


def truth(key: str) -> float:
    return 1e-5 + NETWORKS[key].macs * 1e-9


def errors(found: dict, visits: int) -> np.ndarray:
    assert all(len(each.taken) >= visits for each in found.values())
    return np.array([each.latency_s / truth(key) - 1 for key, each in found.items()])


@pytest.mark.parametrize("seed", range(3))
def test_bursts_pass_by(tmp_path: Path, seed: int) -> None:
    once, often = (
        Journal(tmp_path / f"{n}.jsonl", "fake", SETTINGS, take=SharedMachine(seed), visits=n)
        for n in (1, 5)
    )
    assert np.abs(errors(once.measure_all(NETWORKS, accept_noise=True), 1)).max() > 0.15
    assert np.abs(errors(often.measure_all(NETWORKS, accept_noise=True), 5)).max() < 0.03


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


def test_the_second_fastest_says_how_sure_it_is(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl", "fake", SETTINGS, take=SharedMachine(4), visits=3)
    for each in journal.measure_all(NETWORKS, accept_noise=True).values():
        fastest = sorted(min(map(np.median, taken.rounds_s)) for taken in each.taken)
        assert (each.latency_s, each.low_s, each.high_s) == (fastest[0], fastest[0], fastest[1])
        assert each.noise == pytest.approx(fastest[1] / fastest[0] - 1)
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
    with pytest.raises(CosearchError, match=r"the two fastest of 4 visits to .* differ by"):
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
