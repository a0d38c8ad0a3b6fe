"""`Journal`: many networks measured one by one, each kept as soon as it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

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
    machine that is slower an hour later does not make what it measures then look slower.
    """

    path: Path
    on: str
    settings: Settings
    subject: Mapping[str, Any] = field(default_factory=dict)  # further facts that must agree
    take: Measure = measure

    def measure_all(
        self,
        networks: Mapping[str, Network],
        *,
        accept_noise: bool = False,
        progress: Progress = silent,
    ) -> dict[str, Measurement]:
        """Measurements by the keys of `networks`: those in the file, and the rest measured now.

        What is too noisy is tried again after the others. Raises `CosearchError` that says how
        many are safe where the device goes away or stays too noisy: call again to go on.
        """
        settings, found = self._open()
        missing = [key for key in networks if key not in found]
        for attempt in range(1, PASSES + 1):
            keep = accept_noise and attempt == PASSES
            noisy: dict[str, CosearchError] = {}
            for key in missing:
                progress("measure", len(found), len(networks), networks[key].name)
                try:
                    found[key] = self._record(key, networks[key], settings, accept_noise=keep)
                except NoisyMachineError as error:
                    noisy[key] = error
                except CosearchError as error:
                    raise self._stopped(len(found), len(networks), error) from error
            missing = list(noisy)
        progress("measure", len(found), len(networks))
        if noisy:
            raise self._stopped(len(found), len(networks), next(iter(noisy.values())))
        return {key: found[key] for key in networks}

    @property
    def _records(self) -> Records:
        return Records(self.path)

    def _record(
        self, key: str, network: Network, settings: Settings, *, accept_noise: bool
    ) -> Measurement:
        taken = self.take(network, self.on, settings, accept_noise=accept_noise)
        self._records.append([{"key": key, "measurement": taken.to_dict()}])
        return taken

    def _open(self) -> tuple[Settings, dict[str, Measurement]]:
        """Settings with the reference's time, and what is there already."""
        first = self.take(reference_network(), self.on, self.settings, accept_noise=True)
        rows = self._records.load()
        if not rows:
            reference_s = self.settings.reference_s or first.statistics.reference_s
            self._records.append([{**self._facts(first), "reference_s": reference_s}])
            return replace(self.settings, reference_s=reference_s), {}
        header, *taken = rows
        self._check(header, self._facts(first))
        found = {
            row["key"]: Measurement.from_dict(row["measurement"], str(self.path)) for row in taken
        }
        return replace(self.settings, reference_s=header["reference_s"]), found

    def _facts(self, taken: Measurement) -> dict[str, Any]:
        """What all measurements of a file share."""
        return {
            **self.subject,
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

    def _stopped(self, done: int, total: int, error: CosearchError) -> CosearchError:
        return type(error)(
            f"{done} of {total} are measured and kept in {self.path}; run it again to go on. "
            f"It stopped because: {error}"
        )


def steady(device: Mapping[str, Any]) -> dict[str, Any]:
    """What does not change from one measurement to the next."""
    return {name: value for name, value in device.items() if name != "clock_hz"}
