"""What a measurement is asked to do; all of it is written into the record."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

from cosearch.errors import CosearchError

PRECISIONS: Final = ("fp32", "int8")


@dataclass(frozen=True)
class Settings:
    """How one network is run and timed.

    A round times the reference workload, then the network, then the reference again; each at least
    `repeats` times and `round_s` seconds long. There are `rounds` rounds, and up to `max_rounds`
    while the noise is above `max_noise`.
    """

    precision: str = "fp32"
    batch: int = 1
    threads: int = 1
    device: str = "cpu"  # "cuda" where the runtime knows it
    cores: tuple[int, ...] = ()  # pinned to these; none: wherever the system puts it
    warm_up: int = 5  # runs before the first round
    rounds: int = 3
    max_rounds: int = 9
    repeats: int = 10
    round_s: float = 0.005
    max_noise: float = 0.1  # half of the 95 % interval, over the median
    reference_s: float | None = None  # scale latencies to a machine whose reference takes this
    shape: tuple[int, ...] = ()  # of a file's inputs, batch left out, where it leaves them open

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise CosearchError(
                f"precision {self.precision!r}: allowed are {', '.join(PRECISIONS)}"
            )
        for name in ("batch", "threads", "rounds", "repeats"):
            _at_least(name, getattr(self, name), 1)
        _at_least("max_rounds", self.max_rounds, self.rounds)
        for name in ("warm_up", "round_s"):
            _at_least(name, getattr(self, name), 0)
        for core in self.cores:
            _at_least("cores", core, 0)
        if not 0 < self.max_noise < math.inf:
            raise CosearchError(f"max_noise {self.max_noise}: needs a positive number")
        if self.reference_s is not None and not 0 < self.reference_s < math.inf:
            raise CosearchError(f"reference_s {self.reference_s}: needs a positive number")
        for size in self.shape:
            _at_least("shape", size, 1)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `from_dict` reverses it. No shape unless one was asked for, as of old."""
        plain = {**asdict(self), "cores": list(self.cores), "shape": list(self.shape)}
        return plain if self.shape else {key: plain[key] for key in plain if key != "shape"}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Settings:
        """Rebuild from `to_dict`."""
        tuples = {name: tuple(data.get(name, ())) for name in ("cores", "shape")}
        return cls(**{**data, **tuples})


def _at_least(name: str, value: float, least: float) -> None:
    if not least <= value < math.inf:
        raise CosearchError(f"{name} {value}: at least {least:g} is needed")
