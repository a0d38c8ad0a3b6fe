"""`Journal`: many networks measured one by one, each kept as soon as it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from cosearch.calibrate.level import Level
from cosearch.calibrate.visits import Visits
from cosearch.errors import CosearchError
from cosearch.measure import Measurement, NoisyMachineError, Settings, measure
from cosearch.measure.reference import reference_network
from cosearch.networks import Network
from cosearch.progress import Progress, silent
from cosearch.study.records import Records

PASSES: Final = 3  # over what was too noisy
Measure = Callable[..., Measurement]  # as `measure.measure`


@dataclass(frozen=True)
class Journal:
    """An append-only file of measurements on one device, with one set of settings.

    Its first line says what was measured with; a file of anything else is refused, not mixed.
    Latencies are scaled to the time that the reference workload took at the beginning, so that a
    machine that is slower an hour later does not make what it measures then look slower; with
    several `visits` by as much as these follow the reference (`Level`), else in proportion.
    """

    path: Path
    on: str
    settings: Settings
    subject: Mapping[str, Any] = field(default_factory=dict)  # further facts that must agree
    take: Measure = measure
    visits: int = 1

    def measure_all(
        self,
        networks: Mapping[str, Network],
        *,
        accept_noise: bool = False,
        progress: Progress = silent,
    ) -> dict[str, Visits]:
        """Visits by the keys of `networks`: those in the file, and the rest made now.

        All networks are visited once before any is visited again. What is too noisy is visited
        again after the others. Raises `CosearchError` that says how many are safe where the device
        goes away or stays too noisy: call again to go on.
        """
        settings, found = self._opened
        work = _Work(networks, found, accept_noise, progress, settings)
        for visit in range(self.visits):
            keys = [key for key in networks if len(found.get(key, ())) <= visit]
            self._pass(work, keys, last=False)
        more = max(self.visits, PASSES - 1)
        for left in reversed(range(more)):
            self._pass(work, self._noisy(work), last=not left)
        progress("measure", len(networks), len(networks))
        if (doubtful := self._noisy(work)) and not accept_noise:
            raise self._stopped(work, NoisyMachineError(self._doubt(work, doubtful[0])))
        return self._visits(work)

    def _pass(self, work: _Work, keys: list[str], *, last: bool) -> None:
        """One visit to each of `keys`; where there are several visits, none is refused."""
        keep = self.visits > 1 or (work.accept_noise and last)
        for number, key in enumerate(keys):
            network = work.networks[key]
            work.progress(
                "measure", len(work.networks) - len(keys) + number, len(work.networks), network.name
            )
            try:
                taken = self._record(key, network, work.settings, accept_noise=keep)
            except NoisyMachineError as error:
                work.refused[key] = str(error)
                continue
            except CosearchError as error:
                raise self._stopped(work, error) from error
            work.found.setdefault(key, []).append(taken)
            work.refused.pop(key, None)

    def _noisy(self, work: _Work) -> list[str]:
        """Keys whose latency is not to be trusted yet."""
        if self.visits == 1:
            return list(work.refused)
        return [key for key, each in self._visits(work).items() if each.too_noisy]

    def _visits(self, work: _Work) -> dict[str, Visits]:
        """What is known of each network; several visits are brought to one level."""
        taken = {key: tuple(work.found[key]) for key in work.networks}
        if self.visits == 1:
            return {key: Visits(each) for key, each in taken.items()}
        assert work.settings.reference_s is not None
        level = Level.of(taken.values(), work.settings.reference_s)
        return {key: Visits(each, level) for key, each in taken.items()}

    def _doubt(self, work: _Work, key: str) -> str:
        if key in work.refused:
            return work.refused[key]
        visits = self._visits(work)[key]
        return (
            f"the machine was too noisy: noise {visits.noise:.1%} after {len(visits.taken)} visits "
            f"to {work.networks[key].name}, allowed is {self.settings.max_noise:.1%}; try again "
            "when it is quiet, or accept it"
        )

    @property
    def _records(self) -> Records:
        return Records(self.path)

    def _record(
        self, key: str, network: Network, settings: Settings, *, accept_noise: bool
    ) -> Measurement:
        taken = self.take(network, self.on, settings, accept_noise=accept_noise)
        self._records.append([{"key": key, "measurement": taken.to_dict()}])
        return taken

    @cached_property
    def _opened(self) -> tuple[Settings, dict[str, list[Measurement]]]:
        """Settings with the reference's time, and what is there already.

        Read and checked once: a search asks hundreds of times, and nobody else writes the file.
        """
        first = self.take(reference_network(), self.on, self.settings, accept_noise=True)
        rows = self._records.load()
        if not rows:
            reference_s = self.settings.reference_s or first.statistics.reference_s
            self._records.append([{**self._facts(first), "reference_s": reference_s}])
            return replace(self.settings, reference_s=reference_s), {}
        header, *taken = rows
        self._check(header, self._facts(first))
        found: dict[str, list[Measurement]] = {}
        for row in taken:
            measurement = Measurement.from_dict(row["measurement"], str(self.path))
            found.setdefault(row["key"], []).append(measurement)
        return replace(self.settings, reference_s=header["reference_s"]), found

    def _facts(self, taken: Measurement) -> dict[str, Any]:
        """What all measurements of a file share."""
        return {
            **self.subject,
            **({"visits": self.visits} if self.visits > 1 else {}),
            "on": self.on,
            "versions": dict(taken.versions),
            "device": steady(taken.device),
            "settings": self.settings.to_dict(),
        }

    def _check(self, header: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        for name, value in wanted.items():
            if header.get(name) != value:
                raise CosearchError(
                    f"{self.path} was measured with {name} {header.get(name)}, now it is {value}: "
                    "finish it as it was begun, or choose another file"
                )

    def _stopped(self, work: _Work, error: CosearchError) -> CosearchError:
        done = sum(len(taken) >= self.visits for taken in work.found.values())
        return type(error)(
            f"{done} of {len(work.networks)} are measured and kept in {self.path}; run it again "
            f"to go on. It stopped because: {error}"
        )


@dataclass
class _Work:
    """What one call is asked for, and how far it is."""

    networks: Mapping[str, Network]
    found: dict[str, list[Measurement]]
    accept_noise: bool
    progress: Progress
    settings: Settings  # with the reference's time
    refused: dict[str, str] = field(default_factory=dict)  # key -> why


def steady(device: Mapping[str, Any]) -> dict[str, Any]:
    """What does not change from one measurement to the next."""
    return {name: value for name, value in device.items() if name != "clock_hz"}
