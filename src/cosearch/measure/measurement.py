"""`Measurement`: what was measured, on what, how, and every sample; with a hash over all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from cosearch.errors import CosearchError
from cosearch.files import read_json, write_json
from cosearch.hashed import HASH, hashed, unhashed
from cosearch.measure.settings import Settings
from cosearch.measure.statistics import Statistics

FORMAT: Final = "cosearch-measurement-1"


@dataclass(frozen=True)
class Measurement:
    """Latency of one model on one device. Seconds are for the whole batch."""

    model: str  # its name
    model_sha256: str  # of the network as data, or of the file
    runtime: str
    versions: Mapping[str, str]  # of what decides the figure
    device: Mapping[str, Any]
    harness: Mapping[str, str | None]
    time: str  # when it began, UTC
    settings: Settings
    statistics: Statistics
    rounds_s: tuple[tuple[float, ...], ...]  # every sample, a round each
    reference_rounds_s: tuple[tuple[float, ...], ...]
    too_noisy: bool = False  # kept all the same, because that was asked for

    @property
    def median_s(self) -> float:
        """Shorthand for the figure most want."""
        return self.statistics.median_s

    @property
    def low_s(self) -> float:
        """Lower end of its 95 % interval."""
        return self.statistics.low_s

    @property
    def high_s(self) -> float:
        """Upper end of its 95 % interval."""
        return self.statistics.high_s

    @property
    def sha256(self) -> str:
        """Of the record's canonical JSON."""
        return str(self.to_dict()[HASH])

    def to_dict(self) -> dict[str, Any]:
        """Plain data with its hash; `from_dict` reverses it."""
        return hashed(FORMAT, {**asdict(self), "settings": self.settings.to_dict()})

    @classmethod
    def from_dict(cls, data: Any, origin: str = "measurement") -> Measurement:
        """Rebuild from `to_dict`; refuses another format, and a record changed since."""
        fields = unhashed(data, FORMAT, origin)
        try:
            return cls._built(fields)
        except (KeyError, TypeError) as error:
            raise CosearchError(f"{origin}: malformed: {error!r}") from error

    @classmethod
    def _built(cls, fields: dict[str, Any]) -> Measurement:
        found = cls(**fields)
        return replace(
            found,
            settings=Settings.from_dict(fields["settings"]),
            statistics=Statistics(**fields["statistics"]),
            rounds_s=_tuples(fields["rounds_s"]),
            reference_rounds_s=_tuples(fields["reference_rounds_s"]),
        )


def write_measurement(path: Path, measurement: Measurement) -> None:
    """As indented JSON."""
    write_json(path, measurement.to_dict())


def read_measurement(path: Path) -> Measurement:
    """Read and verified."""
    return Measurement.from_dict(read_json(path), str(path))


def _tuples(rounds: list[list[float]]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(samples) for samples in rounds)
